//! Follow-ups whose date is over: once a week, grouped by who does them.
//!
//! 1. A follow-up that gets a date sets the timer to the next Monday morning.
//! 2. Then one message for each server says what is overdue; nobody is pinged, because each owner was reminded already.
//! 3. While any follow-up with a date is open, the timer is set again.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveTime, TimeZone};
use chrono_tz::Tz;
use watchpost_texts::say;

use super::Desk;
use crate::clock::UtcMs;
use crate::ids::GuildId;
use crate::incident::Incident;
use crate::incident::follow_up::FollowUp;
use crate::outbox::{Block, Item, ItemKey, Message, Place, Post, Purpose, Tone};
use crate::store::{Commit, StoreError, TimerKey};

/// Its timer.
pub(super) const TIMER: &str = "follow-ups-overdue";
/// When in the morning.
const HOUR: u32 = 9;
/// Follow-ups that one message names.
const SHOWN: usize = 20;

/// Its key.
pub(super) fn key() -> TimerKey {
    TimerKey::Other(TIMER.to_owned())
}

/// The next Monday morning after a moment.
pub(super) fn next(after: UtcMs, zone: Tz) -> Option<UtcMs> {
    let today = after.to_utc().with_timezone(&zone).date_naive();
    let ahead = 7 - u64::from(today.weekday().num_days_from_monday());
    let morning = NaiveTime::from_hms_opt(HOUR, 0, 0)?;
    let at = |days: u64| {
        let local = (today + Days::new(days)).and_time(morning);
        zone.from_local_datetime(&local).earliest().map(|at| UtcMs::from(at.to_utc()))
    };
    // On a Monday before nine it is today.
    at(ahead % 7).filter(|at| *at > after).or_else(|| at(ahead))
}

/// Whether an incident has a follow-up that may become overdue.
pub(super) fn has_dates(incident: &Incident) -> bool {
    incident.follow_ups.iter().any(|one| one.is_open() && one.said.due.is_some())
}

impl Desk {
    /// It is Monday.
    pub(super) async fn tell_overdue(&self) -> Result<(), StoreError> {
        let (now, policy) = (self.clock.now(), self.policy());
        let (mut enqueue, mut goes_on) = (Vec::new(), false);
        for (guild, place) in &policy.guilds {
            let past = self.past(*guild).await?;
            goes_on |= past.iter().any(has_dates);
            let place = Place::Channel(place.operations);
            enqueue.extend(message(&past, now).map(|message| item(*guild, place, message, now)));
        }
        let timers = vec![(key(), next(now, policy.review.zone).filter(|_| goes_on))];
        self.store.commit(Commit { recorded_at: now, enqueue, timers, ..Commit::default() }).await.map(|_| ())
    }
}

fn item(guild: GuildId, place: Place, message: Message, now: UtcMs) -> Item {
    let key = format!("overdue/{guild}/{}", now.0);
    Item {
        key: ItemKey(key),
        // Last week's, where it could not be brought, is replaced.
        slot: format!("overdue/{guild}"),
        incident: None,
        purpose: Purpose::Notice,
        place,
        post: Post::New,
        message,
        due: now,
    }
}

/// What is overdue, by owner, the oldest first; none where nothing is. What few people may see is not named here.
fn message(past: &[Incident], now: UtcMs) -> Option<Message> {
    let mut late: BTreeMap<String, Vec<(UtcMs, String)>> = BTreeMap::new();
    for incident in past.iter().filter(|incident| incident.inside.is_none()) {
        for one in &incident.follow_ups {
            let Some(due) = one.said.due.filter(|due| *due < now && one.is_open()) else { continue };
            let owner = one
                .said
                .owner
                .as_ref()
                .map_or(say!("Nobody has taken these").to_owned(), |owner| owner.name.clone());
            late.entry(owner).or_default().push((due, line(incident, one, due)));
        }
    }
    let count: usize = late.values().map(Vec::len).sum();
    if count == 0 {
        return None;
    }
    let mut left = SHOWN;
    let mut text = Vec::new();
    for (owner, mut lines) in late {
        lines.sort();
        let shown: Vec<String> = lines.into_iter().take(left).map(|(_, line)| line).collect();
        left -= shown.len();
        if !shown.is_empty() {
            text.push(format!("{owner}:\n{}", shown.join("\n")));
        }
    }
    let block = Block {
        title: say!("Overdue after incidents: {count}"),
        text: text.join("\n"),
        footer: say!(
            "Each Monday. [It is done] and [Give it up] are under each reminder, and under /review."
        )
        .to_owned(),
        tone: Tone::Warning,
        ..Block::default()
    };
    Some(Message { block: Some(block), silent: true, ..Message::default() })
}

fn line(incident: &Incident, one: &FollowUp, due: UtcMs) -> String {
    say!("• {}, number {}: {} (was due <t:{}:d>)", incident.id, one.number, one.said.text, due.seconds())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{IncidentId, PersonId};
    use crate::incident::follow_up::{Said, State};
    use crate::person::{Actor, Person};

    fn moment(text: &str) -> UtcMs {
        UtcMs::from(chrono::DateTime::parse_from_rfc3339(text).expect("a time").to_utc())
    }

    #[test]
    fn monday_morning_comes_once_a_week() {
        for (after, expected) in [
            ("2026-11-24T04:12:00Z", "2026-11-30T08:00:00Z"),
            ("2026-11-30T07:59:00Z", "2026-11-30T08:00:00Z"),
            ("2026-11-30T08:00:00Z", "2026-12-07T08:00:00Z"),
            ("2026-10-24T12:00:00Z", "2026-10-26T08:00:00Z"),
        ] {
            assert_eq!(next(moment(after), Tz::Europe__Berlin), Some(moment(expected)), "{after}");
        }
    }

    #[test]
    fn they_are_grouped_by_owner_and_what_few_may_see_is_left_out() {
        let person = |id: u64, name: &str| Person { id: PersonId(id), name: name.to_owned() };
        let one = |number, owner: Option<Person>, due: i64, state| FollowUp {
            number,
            by: Actor::Watchpost,
            said: Said { text: format!("do {number}"), owner, due: Some(UtcMs(due)), ..Said::default() },
            state,
            reminded: 0,
        };
        let mut open = Incident::unborn(IncidentId(1));
        open.follow_ups = vec![
            one(4, Some(person(1, "ana")), 50_000, State::Open),
            one(5, Some(person(1, "ana")), 10_000, State::Open),
            one(6, None, 20_000, State::Open),
            one(7, Some(person(2, "ben")), 20_000, State::Done("seen".to_owned())),
            one(8, Some(person(2, "ben")), 900_000, State::Open),
        ];
        let mut few = Incident::unborn(IncidentId(2));
        few.inside = Some(Vec::new());
        few.follow_ups = vec![one(9, Some(person(1, "ana")), 10_000, State::Open)];
        let said = message(&[open.clone(), few], UtcMs(100_000)).expect("some").block.expect("a block");
        assert_eq!(said.title, "Overdue after incidents: 3");
        assert_eq!(
            said.text,
            "Nobody has taken these:\n• INC-1, number 6: do 6 (was due <t:20:d>)\nana:\n• INC-1, number 5: do 5 (was due <t:10:d>)\n• INC-1, number 4: do 4 (was due <t:50:d>)"
        );
        assert_eq!(message(&[open], UtcMs(5_000)), None);
    }
}
