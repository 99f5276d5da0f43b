//! The time axis: from moments to points, with marks at round times of the readers' zone.

use chrono::{DateTime, Duration, Timelike};
use chrono_tz::Tz;

use crate::clock::UtcMs;

/// Distances between two marks that people read easily, in minutes.
const STEPS: [i64; 19] = [
    1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440, 2_880, 10_080, 20_160, 43_200, 86_400, 259_200,
    518_400,
];
/// More marks would run into each other.
const MOST: i64 = 8;

/// A time axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Axis {
    /// The moment at its left end.
    pub from: UtcMs,
    /// The moment at its right end; later than `from`.
    pub to: UtcMs,
    /// Its left end.
    pub left: i32,
    /// Its right end.
    pub right: i32,
    /// Where the readers are.
    pub zone: Tz,
}

/// A mark of the axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick {
    /// Where.
    pub x: i32,
    /// `14:05`.
    pub time: String,
    /// `22 Nov`, at the first mark of each day.
    pub day: Option<String>,
}

impl Axis {
    /// Where a moment stands; what is outside stands at the end.
    pub fn x(&self, at: UtcMs) -> i32 {
        let span = i128::from((self.to.0 - self.from.0).max(1));
        let wide = i128::from(self.right - self.left);
        let along = i128::from(at.0.clamp(self.from.0, self.to.0) - self.from.0);
        self.left + i32::try_from(along * wide / span).unwrap_or(0)
    }

    /// Whether a moment stands on it.
    pub fn holds(&self, at: UtcMs) -> bool {
        (self.from..=self.to).contains(&at)
    }

    /// The marks, at most eight.
    pub fn ticks(&self) -> Vec<Tick> {
        let minutes = (self.to.0 - self.from.0) / 60_000;
        let step = STEPS.into_iter().find(|step| minutes / step < MOST).unwrap_or(minutes / MOST + 1);
        let first = self.from.to_utc().with_timezone(&self.zone);
        let mut at = floor(first, step);
        let (mut ticks, mut day) = (Vec::new(), None);
        while let Some(moment) = at.filter(|moment| UtcMs::from(moment.to_utc()) <= self.to) {
            let stored = UtcMs::from(moment.to_utc());
            if stored >= self.from {
                let date = moment.date_naive();
                let new_day = day != Some(date);
                day = Some(date);
                ticks.push(Tick {
                    x: self.x(stored),
                    time: moment.format("%H:%M").to_string(),
                    day: new_day.then(|| moment.format("%-d %b").to_string()),
                });
            }
            at = moment.checked_add_signed(Duration::minutes(step));
            if ticks.len() > 20 {
                break;
            }
        }
        ticks
    }
}

/// The round moment at or before this one: from midnight, where the step fits into a day.
fn floor(moment: DateTime<Tz>, step: i64) -> Option<DateTime<Tz>> {
    let since_midnight = i64::from(moment.num_seconds_from_midnight());
    let back = if step >= 1_440 { since_midnight } else { since_midnight % (step * 60) };
    moment.checked_sub_signed(Duration::seconds(back))?.with_nanosecond(0)
}
