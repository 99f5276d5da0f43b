//! Durations, cadences and hours as people write them.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use chrono::{NaiveTime, Weekday};
use serde::{Deserialize, Serialize};

use super::error::Wrong;
use super::value::{FromValue, Item, parsed};

/// The longest interval, in seconds: a year.
const LONGEST: u64 = 366 * 24 * 3600;

/// A length of time of at least one second, such as `30m` or `1h 30m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Interval {
    seconds: u64,
}

impl Interval {
    /// An interval of whole minutes; none is nothing.
    pub const fn minutes(minutes: std::num::NonZeroU16) -> Self {
        Self { seconds: minutes.get() as u64 * 60 }
    }

    /// Its length.
    pub fn length(self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    /// Its length in whole seconds.
    pub fn seconds(self) -> u64 {
        self.seconds
    }
}

/// Why a text is not an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadInterval {
    /// Not numbers with units.
    #[error("each number needs its unit s, m, h or d, as in 90s, 1h 30m or 2d")]
    Form,
    /// Nothing, or more than a year.
    #[error("it must be at least one second and at most 366 days")]
    Range,
}

impl FromStr for Interval {
    type Err = BadInterval;

    fn from_str(text: &str) -> Result<Self, BadInterval> {
        let mut seconds: u64 = 0;
        for part in text.split_whitespace() {
            let split = part.find(|letter: char| !letter.is_ascii_digit()).ok_or(BadInterval::Form)?;
            let (number, unit) = part.split_at(split);
            let number: u64 = number.parse().map_err(|_| BadInterval::Form)?;
            let unit = match unit {
                "s" => 1,
                "m" => 60,
                "h" => 3600,
                "d" => 24 * 3600,
                _ => return Err(BadInterval::Form),
            };
            let part = number.checked_mul(unit).ok_or(BadInterval::Range)?;
            seconds = seconds.checked_add(part).ok_or(BadInterval::Range)?;
        }
        match seconds {
            0 if text.trim().is_empty() => Err(BadInterval::Form),
            1..=LONGEST => Ok(Self { seconds }),
            _ => Err(BadInterval::Range),
        }
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.seconds;
        let mut before = "";
        for (unit, name) in [(24 * 3600, "d"), (3600, "h"), (60, "m"), (1, "s")] {
            if rest >= unit {
                write!(out, "{before}{}{name}", rest / unit)?;
                rest %= unit;
                before = " ";
            }
        }
        Ok(())
    }
}

impl TryFrom<String> for Interval {
    type Error = BadInterval;

    fn try_from(text: String) -> Result<Self, BadInterval> {
        text.parse()
    }
}

impl From<Interval> for String {
    fn from(interval: Interval) -> Self {
        interval.to_string()
    }
}

impl FromValue for Interval {
    const KIND: &'static str = "a duration such as \"30m\"";

    fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
        parsed(item, Self::KIND, str::parse)
    }
}

/// How often an audience hears from us while an incident lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cadence {
    /// At least this often, and on every change that the reader notices.
    Every(Interval),
    /// Only on a change that the reader notices.
    OnChange,
    /// Not at all by itself; a person may still send.
    Never,
}

impl FromStr for Cadence {
    type Err = BadInterval;

    fn from_str(text: &str) -> Result<Self, BadInterval> {
        match text {
            "on change" => Ok(Self::OnChange),
            "never" => Ok(Self::Never),
            _ => text.parse().map(Self::Every),
        }
    }
}

impl FromValue for Cadence {
    const KIND: &'static str = "a duration such as \"30m\", \"on change\" or \"never\"";

    fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
        parsed(item, Self::KIND, str::parse)
    }
}

/// Hours of some days of the week, in the organisation's time zone. An end before the start is on the next day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    first: Weekday,
    last: Weekday,
    from: NaiveTime,
    until: NaiveTime,
}

impl Hours {
    /// Whether the hours hold at this day and time; the start is inside, the end is not.
    pub fn contains(&self, day: Weekday, time: NaiveTime) -> bool {
        if self.from < self.until {
            return self.has(day) && self.from <= time && time < self.until;
        }
        (self.has(day) && time >= self.from) || (self.has(day.pred()) && time < self.until)
    }

    fn has(&self, day: Weekday) -> bool {
        day.days_since(self.first) <= self.last.days_since(self.first)
    }
}

/// The text is not a time of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it needs a start and an end in hours and minutes, and days only as Mon to Sun before them")]
pub struct BadHours;

impl FromStr for Hours {
    type Err = BadHours;

    fn from_str(text: &str) -> Result<Self, BadHours> {
        let (days, times) = match text.split_once(' ') {
            Some((days, times)) => (days, times),
            None => ("Mon-Sun", text),
        };
        let (first, last) = days.split_once('-').unwrap_or((days, days));
        let (from, until) = times.split_once('-').ok_or(BadHours)?;
        Ok(Self { first: day(first)?, last: day(last)?, from: time(from)?, until: time(until)? })
    }
}

fn day(text: &str) -> Result<Weekday, BadHours> {
    text.parse().map_err(|_| BadHours)
}

fn time(text: &str) -> Result<NaiveTime, BadHours> {
    NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| BadHours)
}

impl FromValue for Hours {
    const KIND: &'static str = "hours such as \"22:00-06:00\" or \"Mon-Fri 08:00-18:00\"";

    fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
        parsed(item, Self::KIND, str::parse)
    }
}

/// A day, such as the one on which a fact was last confirmed.
impl FromValue for chrono::NaiveDate {
    const KIND: &'static str = "a date such as 2026-09-01";

    fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
        let text = match item.value.as_datetime() {
            Some(date) => date.to_string(),
            None => item.quoted(Self::KIND)?.to_owned(),
        };
        Self::parse_from_str(&text, "%Y-%m-%d").map_err(|_| item.unfit(Self::KIND))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn interval(text: &str, expected: Result<u64, BadInterval>) {
        assert_eq!(text.parse::<Interval>().map(Interval::seconds), expected, "{text:?}");
    }

    #[test]
    fn intervals_and_what_is_none() {
        interval("90s", Ok(90));
        interval("30m", Ok(1800));
        interval("1h 30m", Ok(5400));
        interval("2d", Ok(172_800));
        interval("", Err(BadInterval::Form));
        interval("30", Err(BadInterval::Form));
        interval("m", Err(BadInterval::Form));
        interval("30 m", Err(BadInterval::Form));
        interval("-5m", Err(BadInterval::Form));
        interval("5w", Err(BadInterval::Form));
        interval("0s", Err(BadInterval::Range));
        interval("367d", Err(BadInterval::Range));
        interval("99999999999999999999s", Err(BadInterval::Form));
        interval("18446744073709551615d", Err(BadInterval::Range));
    }

    #[track_caller]
    fn within(hours: &str, day: Weekday, clock: &str, expected: bool) {
        let hours: Hours = hours.parse().expect("hours");
        assert_eq!(hours.contains(day, time(clock).expect("a time")), expected, "{day} {clock}");
    }

    #[test]
    fn hours_hold_over_midnight_and_over_the_week() {
        use Weekday::{Fri, Mon, Sat, Sun, Tue};
        within("Mon-Fri 08:00-18:00", Mon, "08:00", true);
        within("Mon-Fri 08:00-18:00", Fri, "18:00", false);
        within("Mon-Fri 08:00-18:00", Sat, "12:00", false);
        within("22:00-06:00", Tue, "05:59", true);
        within("22:00-06:00", Tue, "06:00", false);
        within("22:00-06:00", Tue, "22:00", true);
        within("Fri 22:00-06:00", Sat, "05:00", true);
        within("Fri 22:00-06:00", Fri, "05:00", false);
        within("Sat-Mon 09:00-10:00", Sun, "09:30", true);
        within("Sat-Mon 09:00-10:00", Tue, "09:30", false);
        within("00:00-00:00", Sun, "12:00", true);
    }

    #[test]
    fn what_is_no_hours_is_refused() {
        for text in ["", "22:00", "25:00-06:00", "Mon-Fri", "Mon-Xyz 08:00-09:00", "Mon 08:00 - 09:00"] {
            assert_eq!(text.parse::<Hours>(), Err(BadHours), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn an_interval_reads_what_it_writes(seconds in 1..=LONGEST) {
            let interval = Interval { seconds };
            prop_assert_eq!(interval.to_string().parse(), Ok(interval));
        }
    }
}
