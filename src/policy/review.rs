//! What decisions about reviews need to know of the configuration: times of day, in the organisation's zone.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{Datelike, Days, NaiveDate, NaiveTime, TimeZone, Weekday};
use chrono_tz::Tz;

use crate::clock::UtcMs;
use crate::config::{self, Config, Publisher};
use crate::ids::RoleId;
use crate::incident::Severity;

/// The end of an incident and the first question are at least this far apart: people sleep first.
const REST: Duration = Duration::from_secs(2 * 3_600);

/// What holds for reviews.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReviewPolicy {
    /// Where the organisation is.
    pub zone: Tz,
    /// From when on those who took part are asked.
    pub ask_at: NaiveTime,
    /// What is proposed for the meeting.
    pub meeting_at: NaiveTime,
    /// SEV1: within so many days.
    pub sev1_days: u16,
    /// SEV2 and less: within so many working days.
    pub working_days: u16,
}

impl Default for ReviewPolicy {
    fn default() -> Self {
        let hour = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default();
        ReviewPolicy { zone: Tz::UTC, ask_at: hour(14), meeting_at: hour(10), sev1_days: 3, working_days: 5 }
    }
}

impl ReviewPolicy {
    pub(super) fn of(config: &Config) -> Self {
        let review = &config.review;
        ReviewPolicy {
            zone: config.organisation.time_zone,
            ask_at: review.ask_at.0,
            meeting_at: review.meeting_at.0,
            sev1_days: review.sev1_days,
            working_days: review.sev2_working_days,
        }
    }

    /// When those who took part are asked: the same day, where it was over in time, else the next.
    pub fn ask_after(&self, resolved: UtcMs) -> UtcMs {
        let day = resolved.to_utc().with_timezone(&self.zone).date_naive();
        let same = self.at(day, self.ask_at).filter(|at| *at >= resolved + REST);
        same.or_else(|| self.at(day + Days::new(1), self.ask_at)).unwrap_or(resolved + REST)
    }

    /// When the meeting should be, by the rule of severity; it falls on no weekend.
    pub fn meeting_for(&self, severity: Severity, resolved: UtcMs) -> UtcMs {
        let day = resolved.to_utc().with_timezone(&self.zone).date_naive();
        let day = match severity {
            // Within three days, so a weekend draws it nearer.
            Severity::Sev1 => earlier(day + Days::new(u64::from(self.sev1_days)), day),
            _ => working_days_after(day, self.working_days),
        };
        self.at(day, self.meeting_at).unwrap_or(resolved + Duration::from_secs(3 * 86_400))
    }

    /// A time of day; the first of two, and none where the clocks skip it.
    fn at(&self, day: NaiveDate, time: NaiveTime) -> Option<UtcMs> {
        self.zone.from_local_datetime(&day.and_time(time)).earliest().map(|at| UtcMs::from(at.to_utc()))
    }
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// The last working day up to `day`, after `first`; Monday where there is none.
fn earlier(day: NaiveDate, first: NaiveDate) -> NaiveDate {
    let mut found = day;
    while is_weekend(found) && found > first {
        found = found - Days::new(1);
    }
    if found > first { found } else { working_days_after(first, 1) }
}

fn working_days_after(mut day: NaiveDate, count: u16) -> NaiveDate {
    let mut left = count;
    while left > 0 {
        day = day + Days::new(1);
        if !is_weekend(day) {
            left -= 1;
        }
    }
    day
}

/// The roles that may say "reviewed".
pub(super) fn publishers(review: &config::Review, roles: &config::Roles) -> BTreeSet<RoleId> {
    let chosen: &[&Vec<RoleId>] = match review.publish {
        Publisher::Responder => &[&roles.responder, &roles.lead, &roles.admin],
        Publisher::Lead => &[&roles.lead, &roles.admin],
        Publisher::Admin => &[&roles.admin],
    };
    chosen.iter().flat_map(|roles| roles.iter().copied()).collect()
}

/// Every host and address that the configuration names.
pub(super) fn hosts(config: &Config) -> Vec<String> {
    let of_service = |watched: &config::Watched| {
        let service = &watched.service;
        let mut hosts = vec![service.domain.as_str().to_owned()];
        hosts.extend(service.endpoints.iter().map(|endpoint| endpoint.host.as_str().to_owned()));
        hosts.extend(service.incoming.fixed_hosts.iter().map(|host| host.as_str().to_owned()));
        hosts.extend(service.outbound.iter().map(ToString::to_string));
        hosts
    };
    let mut hosts: Vec<String> = config.services.iter().flat_map(of_service).collect();
    hosts.sort();
    hosts.dedup();
    hosts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> UtcMs {
        UtcMs::from(chrono::DateTime::parse_from_rfc3339(text).expect("a time").to_utc())
    }

    #[test]
    fn the_dates_follow_the_rule() {
        let policy = ReviewPolicy { zone: Tz::Europe__Berlin, ..ReviewPolicy::default() };
        for (severity, resolved, meeting) in [
            // Tuesday: within three days is Friday.
            (Severity::Sev1, "2026-11-24T04:12:00Z", "2026-11-27T09:00:00Z"),
            // Thursday: within three days is Sunday, so Friday.
            (Severity::Sev1, "2026-11-26T04:12:00Z", "2026-11-27T09:00:00Z"),
            // Friday: the next three days hold no working day but Monday.
            (Severity::Sev1, "2026-11-27T20:00:00Z", "2026-11-30T09:00:00Z"),
            // Tuesday and five working days: the next Tuesday.
            (Severity::Sev2, "2026-11-24T04:12:00Z", "2026-12-01T09:00:00Z"),
            // Saturday and five working days: the next Friday.
            (Severity::Sev2, "2026-11-28T12:00:00Z", "2026-12-04T09:00:00Z"),
        ] {
            assert_eq!(policy.meeting_for(severity, moment(resolved)), moment(meeting), "{resolved}");
        }
        for (resolved, asked) in [
            ("2026-11-24T04:12:00Z", "2026-11-24T13:00:00Z"),
            ("2026-11-24T12:30:00Z", "2026-11-25T13:00:00Z"),
        ] {
            assert_eq!(policy.ask_after(moment(resolved)), moment(asked));
        }
    }
}
