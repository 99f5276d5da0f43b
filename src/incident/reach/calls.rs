//! Who is to be called: nobody was reached by what was written for them.

use std::time::Duration;

use chrono::{Datelike as _, Timelike as _};
use chrono_tz::Tz;

use super::{Listed, ReachEvent};
use crate::clock::UtcMs;
use crate::config::{Hours, Telephone};
use crate::ids::{AudienceName, DestinationName};
use crate::incident::Incident;
use crate::incident::event::UpdateKind;
use crate::incident::telling::Issued;
use crate::person::Actor;
use crate::policy::Policy;

/// What is still on its way after this is not waited for any longer.
const PATIENCE: Duration = Duration::from_secs(30 * 60);
const MINUTE_MS: i64 = 60_000;
/// The hours in which people may be called come again within a week, and a day for summer time.
const LONGEST_MINUTES: i64 = 8 * 24 * 60;

/// Somebody on the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToCall {
    /// Who.
    pub who: Listed,
    /// Who called them, and when.
    pub reached: Option<(Actor, UtcMs)>,
}

/// When the list is to be shown next; none where everybody was reached.
pub fn due(incident: &Incident, policy: &Policy) -> Option<UtcMs> {
    owed(incident, policy).into_iter().map(|(at, _)| at).min()
}

/// The event that shows who is owed a call by now.
pub(super) fn listed(incident: &Incident, policy: &Policy, now: UtcMs) -> Option<ReachEvent> {
    let people: Vec<Listed> =
        owed(incident, policy).into_iter().filter(|(at, _)| *at <= now).map(|(_, who)| who).collect();
    (!people.is_empty()).then_some(ReachEvent::Listed { people })
}

/// Who is owed a call that was not listed yet, and from when on.
fn owed(incident: &Incident, policy: &Policy) -> Vec<(UtcMs, Listed)> {
    if !super::is_told(incident) {
        return Vec::new();
    }
    let each = policy.reach.telephones.iter().flat_map(|telephone| {
        let one = |audience: &AudienceName| one(incident, telephone, audience, policy);
        telephone.audiences.iter().filter_map(one).collect::<Vec<_>>()
    });
    each.collect()
}

fn one(
    incident: &Incident,
    telephone: &Telephone,
    audience: &AudienceName,
    policy: &Policy,
) -> Option<(UtcMs, Listed)> {
    let texts = || incident.telling.updates.iter().rev().filter(|issued| issued.audience == *audience);
    let last = texts().next()?;
    let own = |issued: &Issued| -> Vec<DestinationName> {
        if !telephone.destinations.is_empty() {
            return telephone.destinations.clone();
        }
        let usual = policy.audience(audience).into_iter().flat_map(|audience| &audience.destinations);
        usual.map(|target| target.name.clone()).chain(issued.instead.iter().cloned()).collect()
    };
    let unread: Vec<&Issued> = texts().take_while(|issued| !arrived(issued, &own(issued))).collect();
    let first = unread.last()?;
    if own(last).is_empty() || is_listed(incident, telephone, last) {
        return None;
    }
    let hopeless = unread.iter().any(|issued| own(issued).iter().all(|name| will_not(issued, name)));
    let since = if hopeless { last.at } else { first.at + PATIENCE };
    let who = Listed { name: telephone.name.clone(), audience: audience.clone(), number: last.number };
    Some((within(&policy.reach.hours, policy.zone, since), who))
}

fn arrived(issued: &Issued, own: &[DestinationName]) -> bool {
    issued.arrivals.iter().any(|arrival| own.contains(&arrival.destination))
}

fn will_not(issued: &Issued, destination: &DestinationName) -> bool {
    issued.suspended.contains(destination)
        || issued.failures.iter().any(|failure| failure.destination == *destination)
}

/// Who is on the list stays there until called. Once called, only the end and a correction are worth another call.
fn is_listed(incident: &Incident, telephone: &Telephone, last: &Issued) -> bool {
    let listed = incident
        .reach
        .calls
        .iter()
        .rev()
        .find(|to_call| to_call.who.name == telephone.name && to_call.who.audience == last.audience);
    let worth = matches!(last.kind, UpdateKind::Resolution | UpdateKind::Correction);
    listed.is_some_and(|listed| listed.reached.is_none() || !worth || last.number <= listed.who.number)
}

/// The first moment from `at` on that lies in the hours; minute by minute, as quiet hours are asked.
fn within(hours: &[Hours], zone: Tz, at: UtcMs) -> UtcMs {
    let may = |at: UtcMs| {
        let local = at.to_utc().with_timezone(&zone);
        let time = local.time().with_second(0).unwrap_or_default().with_nanosecond(0).unwrap_or_default();
        hours.is_empty() || hours.iter().any(|hours| hours.contains(local.weekday(), time))
    };
    if may(at) {
        return at;
    }
    let first = at.0.div_euclid(MINUTE_MS) + 1;
    let mut minutes = (first..first + LONGEST_MINUTES).map(|minute| UtcMs(minute * MINUTE_MS));
    minutes.find(|minute| may(*minute)).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_morning_comes_by_the_clock_on_the_wall() {
        let zone = chrono_tz::Europe::Berlin;
        let at = |text: &str| UtcMs::from(text.parse::<chrono::DateTime<chrono::Utc>>().expect("a moment"));
        let hours = |text: &str| vec![text.parse::<Hours>().expect("hours")];
        for (said, now, expected) in [
            ("07:30-20:00", "2026-11-24T02:10:05Z", "2026-11-24T06:30:00Z"),
            ("07:30-20:00", "2026-11-24T12:00:00Z", "2026-11-24T12:00:00Z"),
            // The last Sunday of March: the morning comes an hour earlier by the sun.
            ("07:30-20:00", "2026-03-29T00:30:00Z", "2026-03-29T05:30:00Z"),
            ("Mon-Fri 08:00-17:00", "2026-11-27T20:00:00Z", "2026-11-30T07:00:00Z"),
        ] {
            assert_eq!(within(&hours(said), zone, at(now)), at(expected), "{said} {now}");
        }
        assert_eq!(within(&[], zone, UtcMs(7)), UtcMs(7), "no hours: always");
    }
}
