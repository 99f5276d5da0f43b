//! Quiet hours: in the organisation's zone, so that they begin and end with the clocks on the wall.

use chrono::{Datelike as _, Timelike as _};
use chrono_tz::Tz;

use crate::clock::UtcMs;
use crate::config::Hours;

const MINUTE_MS: i64 = 60_000;
/// Hours that hold longer than this hold always, and are no quiet hours.
const LONGEST_MINUTES: i64 = 3 * 24 * 60;

/// When the quiet hours end in which this moment lies; none where it lies in none.
///
/// The wall clock is asked minute by minute, so that an hour that is skipped or shown twice is neither lost nor counted
/// twice.
pub fn quiet_until(hours: &[Hours], zone: Tz, at: UtcMs) -> Option<UtcMs> {
    let quiet = |at: UtcMs| {
        let local = at.to_utc().with_timezone(&zone);
        let time = local.time().with_second(0).unwrap_or_default().with_nanosecond(0).unwrap_or_default();
        hours.iter().any(|hours| hours.contains(local.weekday(), time))
    };
    if !quiet(at) {
        return None;
    }
    let first = at.0.div_euclid(MINUTE_MS) + 1;
    (first..first + LONGEST_MINUTES).map(|minute| UtcMs(minute * MINUTE_MS)).find(|minute| !quiet(*minute))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{NaiveDate, TimeZone as _};

    #[track_caller]
    fn ends(hours: &str, zone: Tz, at: &str, expected: Option<&str>) {
        let parse =
            |text: &str| UtcMs::from(text.parse::<chrono::DateTime<chrono::Utc>>().expect("a moment"));
        let hours: Vec<Hours> = vec![hours.parse().expect("hours")];
        assert_eq!(quiet_until(&hours, zone, parse(at)), expected.map(parse), "{at}");
    }

    #[test]
    fn quiet_hours_end_with_the_clock_on_the_wall() {
        use chrono_tz::{Australia::Lord_Howe, Europe::Berlin};
        ends("22:00-06:30", Berlin, "2026-11-24T01:27:10Z", Some("2026-11-24T05:30:00Z"));
        ends("22:00-06:30", Berlin, "2026-11-24T05:30:00Z", None);
        ends("22:00-06:30", Berlin, "2026-11-24T12:00:00Z", None);
        // The night in which the clocks are set back has one hour more, the other one less.
        ends("22:00-06:30", Berlin, "2026-10-24T20:00:00Z", Some("2026-10-25T05:30:00Z"));
        ends("22:00-06:30", Berlin, "2026-03-28T21:00:00Z", Some("2026-03-29T04:30:00Z"));
        // Hours that end within the hour that is skipped: at the first minute after it.
        ends("22:00-02:30", Berlin, "2026-03-28T23:00:00Z", Some("2026-03-29T01:00:00Z"));
        // Half an hour of summer time.
        ends("22:00-06:30", Lord_Howe, "2026-04-04T12:00:00Z", Some("2026-04-04T20:00:00Z"));
        // For ever is not quiet: there would never be a morning.
        ends("00:00-00:00", Berlin, "2026-11-24T12:00:00Z", None);
    }

    #[test]
    fn every_minute_of_a_year_has_a_morning_within_a_day() {
        let zone = chrono_tz::Europe::Berlin;
        let hours: Vec<Hours> = vec!["22:00-06:30".parse().expect("hours")];
        let start = zone.from_local_datetime(&NaiveDate::from_ymd_opt(2026, 1, 1).unwrap().into()).unwrap();
        let start = UtcMs::from(start.to_utc());
        for quarter in (0..366 * 96).step_by(7) {
            let at = UtcMs(start.0 + quarter * 15 * MINUTE_MS);
            if let Some(end) = quiet_until(&hours, zone, at) {
                assert!(end > at && end.since(at).as_secs() <= 10 * 3_600, "{at} to {end}");
                assert_eq!(quiet_until(&hours, zone, end), None);
            }
        }
    }
}
