//! The moments that people type: `14:05`, `20 minutes ago`, `in 1 h`, `yesterday 23:50`, `2026-11-22 23:50`.
//!
//! Times of day are read in the organisation's zone and as the latest that has come, or, for an expected end, as the
//! next one. An hour that the clocks show twice is refused with both readings, one that they skip is refused too.

use chrono::{DateTime, Days, LocalResult, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeZone};
use chrono_tz::Tz;
use std::time::Duration;
use watchpost_texts::say;

use crate::clock::UtcMs;
use crate::incident::Eta;
use crate::refusal::Refusal;

/// Longer ago, or further ahead, is a slip of the finger.
const FARTHEST: Duration = Duration::from_secs(60 * 24 * 3_600);

/// What nobody plans for.
const LONGEST: Duration = Duration::from_secs(2 * 366 * 24 * 3_600);

/// A moment that has come.
///
/// # Errors
/// [`Refusal::WrongTime`] says what is wrong with it.
pub fn past(text: &str, now: UtcMs, zone: Tz) -> Result<UtcMs, Refusal> {
    let text = text.trim().to_lowercase();
    if text == "now" {
        return Ok(now);
    }
    if let Some(ago) = text.strip_suffix("ago") {
        return near(now - length(ago)?, now);
    }
    let today = now.to_utc().with_timezone(&zone).date_naive();
    let (day, time) = day_and_time(&text, today)?;
    let moment = in_zone(day.and_time(time), zone)?;
    // Just after midnight "23:50" means yesterday.
    if moment > now && day == today && !text.contains(' ') {
        return in_zone(before(day).and_time(time), zone);
    }
    if moment > now { Err(wrong(say!("lies in the future"))) } else { near(moment, now) }
}

/// When it will be over: `unknown`, `15:30`, `in 20 minutes`, `15:00-16:00`.
///
/// # Errors
/// [`Refusal::WrongTime`] says what is wrong with it.
pub fn eta(text: &str, now: UtcMs, zone: Tz) -> Result<Eta, Refusal> {
    let text = text.trim().to_lowercase();
    if matches!(text.as_str(), "unknown" | "?" | "-") {
        return Ok(Eta::Unknown);
    }
    let range = text.split_once(" to ").or_else(|| text.split_once('–')).or_else(|| clock_range(&text));
    let Some((from, to)) = range else { return Ok(Eta::At(ahead(&text, now, zone)?)) };
    let from = ahead(from, now, zone)?;
    let to = ahead(to, from, zone)?;
    if from < to { Ok(Eta::Between(from, to)) } else { Err(wrong(say!("ends before it begins"))) }
}

/// `15:00-16:00`, but not `2026-11-22 15:00`.
fn clock_range(text: &str) -> Option<(&str, &str)> {
    text.split_once('-').filter(|(from, to)| from.contains(':') && to.contains(':'))
}

/// A day to come, at noon; or a length of time from now. At most two years ahead.
///
/// # Errors
/// [`Refusal::WrongTime`] says what is wrong with it.
pub fn day(text: &str, now: UtcMs, zone: Tz) -> Result<UtcMs, Refusal> {
    let text = text.trim().to_lowercase();
    let moment = match text.strip_prefix("in ").unwrap_or(&text).parse::<NaiveDate>() {
        Ok(day) => in_zone(day.and_time(NaiveTime::from_hms_opt(12, 0, 0).unwrap_or_default()), zone)?,
        Err(_) => now + length(text.strip_prefix("in ").unwrap_or(&text))?,
    };
    match moment {
        past if past < now => Err(wrong(say!("is over already"))),
        far if far.since(now) > LONGEST => Err(wrong(say!("is more than two years away"))),
        moment => Ok(moment),
    }
}

/// A stretch of the past: `2026`, `2026-11`, `2026-11-24`, or `30 days ago` for the time from then to now. Its beginning and
/// its end.
///
/// # Errors
/// [`Refusal::WrongTime`] says what is wrong with it.
pub fn stretch(text: &str, now: UtcMs, zone: Tz) -> Result<(UtcMs, UtcMs), Refusal> {
    let text = text.trim().to_lowercase();
    if let Some(ago) = text.strip_suffix("ago") {
        return Ok((now - length(ago)?, now));
    }
    let wrong_day = || {
        Refusal::WrongTime(
            say!("is none that I read; write 2026, 2026-11, 2026-11-24 or 30 days ago").to_owned(),
        )
    };
    let parts: Result<Vec<u32>, _> = text.split('-').map(str::parse).collect();
    let parts = parts.map_err(|_| wrong_day())?;
    let (year, month, day) = match parts.as_slice() {
        [year] => (*year, None, None),
        [year, month] => (*year, Some(*month), None),
        [year, month, day] => (*year, Some(*month), Some(*day)),
        _ => return Err(wrong_day()),
    };
    let year = i32::try_from(year).ok().filter(|year| (1970..=9_000).contains(year)).ok_or_else(wrong_day)?;
    let first = NaiveDate::from_ymd_opt(year, month.unwrap_or(1), day.unwrap_or(1)).ok_or_else(wrong_day)?;
    let after = match (month, day) {
        (None, _) => first.checked_add_months(Months::new(12)),
        (Some(_), None) => first.checked_add_months(Months::new(1)),
        (Some(_), Some(_)) => first.checked_add_days(Days::new(1)),
    };
    let begins = |day: NaiveDate| {
        let midnight = zone.from_local_datetime(&day.and_time(NaiveTime::MIN));
        midnight.earliest().map(|at| UtcMs::from(at.to_utc())).ok_or_else(wrong_day)
    };
    Ok((begins(first)?, begins(after.ok_or_else(wrong_day)?)? - Duration::from_millis(1)))
}

/// A moment to come.
///
/// # Errors
/// [`Refusal::WrongTime`] says what is wrong with it.
pub fn ahead(text: &str, now: UtcMs, zone: Tz) -> Result<UtcMs, Refusal> {
    let text = text.trim();
    if let Some(length_text) = text.strip_prefix("in ") {
        return near(now + length(length_text)?, now);
    }
    if let Ok(length) = length(text) {
        return near(now + length, now);
    }
    let today = now.to_utc().with_timezone(&zone).date_naive();
    let (day, time) = day_and_time(text, today)?;
    let moment = in_zone(day.and_time(time), zone)?;
    // Late in the evening "01:30" means tomorrow.
    if moment < now && day == today && !text.contains(' ') {
        return in_zone(day.checked_add_days(Days::new(1)).unwrap_or(day).and_time(time), zone);
    }
    if moment < now { Err(wrong(say!("is over already"))) } else { near(moment, now) }
}

/// `20 minutes`, `1 h 30 min`, `90s`.
fn length(text: &str) -> Result<Duration, Refusal> {
    let mut seconds: u64 = 0;
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(unreadable());
    }
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit()).ok_or_else(unreadable)?;
        let number: u64 = rest[..digits].parse().map_err(|_| unreadable())?;
        let unit_text = rest[digits..].trim_start();
        let end = unit_text.find(|letter: char| !letter.is_alphabetic()).unwrap_or(unit_text.len());
        let unit = match &unit_text[..end] {
            "s" | "sec" | "second" | "seconds" => 1,
            "m" | "min" | "mins" | "minute" | "minutes" => 60,
            "h" | "hour" | "hours" => 3_600,
            "d" | "day" | "days" => 86_400,
            "w" | "week" | "weeks" => 604_800,
            _ => return Err(unreadable()),
        };
        seconds =
            number.checked_mul(unit).and_then(|part| seconds.checked_add(part)).ok_or_else(unreadable)?;
        rest = unit_text[end..].trim_start();
    }
    Ok(Duration::from_secs(seconds))
}

fn day_and_time(text: &str, today: NaiveDate) -> Result<(NaiveDate, NaiveTime), Refusal> {
    let (day, time) = text.split_once(' ').map_or((today, text), |(day, time)| match day {
        "today" => (today, time),
        "yesterday" => (before(today), time),
        "tomorrow" => (today.checked_add_days(Days::new(1)).unwrap_or(today), time),
        written => (written.parse().unwrap_or(NaiveDate::MIN), time),
    });
    let time = time.trim().trim_end_matches('h').replace('.', ":");
    match NaiveTime::parse_from_str(&time, "%H:%M") {
        Ok(time) if day != NaiveDate::MIN => Ok((day, time)),
        _ => Err(unreadable()),
    }
}

fn before(day: NaiveDate) -> NaiveDate {
    day.checked_sub_days(Days::new(1)).unwrap_or(day)
}

fn in_zone(local: NaiveDateTime, zone: Tz) -> Result<UtcMs, Refusal> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(moment) => Ok(moment.to_utc().into()),
        LocalResult::Ambiguous(first, second) => Err(wrong(&say!(
            "comes twice that night, as {} and as {}; say how long ago it was instead",
            in_utc(first),
            in_utc(second)
        ))),
        LocalResult::None => Err(wrong(say!("does not exist that night: the clocks were put forward"))),
    }
}

fn in_utc(moment: DateTime<Tz>) -> String {
    moment.to_utc().format("%H:%M UTC").to_string()
}

fn near(moment: UtcMs, now: UtcMs) -> Result<UtcMs, Refusal> {
    let far = moment.since(now).max(now.since(moment)) > FARTHEST;
    if far { Err(wrong(say!("is more than 60 days away"))) } else { Ok(moment) }
}

fn unreadable() -> Refusal {
    wrong(say!("cannot be read"))
}

fn wrong(what: &str) -> Refusal {
    Refusal::WrongTime(what.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Utc;
    use chrono_tz::Europe::Berlin;
    use proptest::prelude::*;

    /// 2026-11-23 00:20 in Berlin.
    fn now() -> UtcMs {
        utc("2026-11-22T23:20:00Z")
    }

    fn utc(text: &str) -> UtcMs {
        text.parse::<DateTime<Utc>>().expect("a moment").into()
    }

    #[track_caller]
    fn check_past(text: &str, expected: Result<&str, &str>) {
        match (past(text, now(), Berlin), expected) {
            (Ok(moment), Ok(expected)) => assert_eq!(moment, utc(expected), "{text}"),
            (Err(refusal), Err(part)) => assert!(refusal.to_string().contains(part), "{text}: {refusal}"),
            (got, _) => panic!("{text}: {got:?}"),
        }
    }

    #[test]
    fn what_has_happened() {
        check_past("now", Ok("2026-11-22T23:20:00Z"));
        check_past("20 minutes ago", Ok("2026-11-22T23:00:00Z"));
        check_past("1h 30min ago", Ok("2026-11-22T21:50:00Z"));
        check_past("00:05", Ok("2026-11-22T23:05:00Z"));
        check_past("23:50", Ok("2026-11-22T22:50:00Z"));
        check_past("yesterday 23.50", Ok("2026-11-22T22:50:00Z"));
        check_past("2026-11-20 08:00", Ok("2026-11-20T07:00:00Z"));
        check_past("today 14:05", Err("future"));
        check_past("tomorrow 08:00", Err("future"));
        check_past("90 days ago", Err("60 days"));
        for text in [
            "",
            "soon",
            "25:00",
            "5 ago",
            "ago",
            "minutes ago",
            "99999999999999999999 h ago",
            "2026-13-01 08:00",
        ] {
            check_past(text, Err("cannot be read"));
        }
    }

    #[test]
    fn an_hour_that_comes_twice_or_never_is_refused_with_both_readings() {
        let after_change = utc("2026-10-25T08:00:00Z");
        let twice = past("02:30", after_change, Berlin).expect_err("twice").to_string();
        assert!(twice.contains("00:30 UTC") && twice.contains("01:30 UTC"), "{twice}");
        let never = past("02:30", utc("2026-03-29T08:00:00Z"), Berlin).expect_err("never").to_string();
        assert!(never.contains("does not exist"), "{never}");
    }

    #[test]
    fn when_it_will_be_over() {
        let at = |text: &str| Ok(Eta::At(utc(text)));
        let said = |text| eta(text, now(), Berlin);
        assert_eq!(said("unknown"), Ok(Eta::Unknown));
        assert_eq!(said("01:30"), at("2026-11-23T00:30:00Z"));
        assert_eq!(said("00:10"), at("2026-11-23T23:10:00Z"));
        assert_eq!(said("in 20 minutes"), at("2026-11-22T23:40:00Z"));
        assert_eq!(said("2h"), at("2026-11-23T01:20:00Z"));
        let range = Eta::Between(utc("2026-11-23T00:00:00Z"), utc("2026-11-23T01:00:00Z"));
        for text in ["01:00-02:00", "01:00 to 02:00", "01:00–02:00"] {
            assert_eq!(said(text), Ok(range), "{text}");
        }
        assert!(said("yesterday 08:00").is_err());
        assert!(said("soon").is_err());
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_read_or_refused(text in "\\PC{0,30}|[0-9: hmago-]{0,16}") {
            if let Ok(moment) = past(&text, now(), Berlin) {
                prop_assert!(moment <= now());
            }
            let _ = eta(&text, now(), Berlin);
        }
    }

    #[test]
    fn a_stretch_is_a_year_a_month_a_day_or_until_now() {
        let moment = |text: &str| UtcMs::from(DateTime::parse_from_rfc3339(text).expect("a time").to_utc());
        let now = moment("2026-11-24T10:00:00Z");
        for (typed, from, until) in [
            ("2026", "2025-12-31T23:00:00Z", "2026-12-31T22:59:59.999Z"),
            ("2026-11", "2026-10-31T23:00:00Z", "2026-11-30T22:59:59.999Z"),
            ("2026-03-29", "2026-03-28T23:00:00Z", "2026-03-29T21:59:59.999Z"),
            ("30 days ago", "2026-10-25T10:00:00Z", "2026-11-24T10:00:00Z"),
        ] {
            let found = stretch(typed, now, Tz::Europe__Berlin);
            assert_eq!(found, Ok((moment(from), moment(until))), "{typed}");
        }
        for wrong in ["", "soon", "2026-13", "2026-02-30", "1-2-3-4", "99999"] {
            assert!(stretch(wrong, now, Tz::Europe__Berlin).is_err(), "{wrong}");
        }
    }
}
