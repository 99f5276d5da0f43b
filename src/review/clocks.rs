//! The clocks of an incident, each by its full name, computed from its milestones and never from "last modified".

use std::time::Duration;

use watchpost_texts::{say, to_say};

use crate::clock::UtcMs;
use crate::incident::milestone::{Milestone, Milestones};

/// A clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// Its full name, with both its moments.
    pub name: &'static str,
    /// Where it begins.
    pub from: Milestone,
    /// Where it ends.
    pub to: Milestone,
    /// How long.
    pub length: Length,
}

/// How long a clock ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// So long.
    Took(Duration),
    /// Its end came so long before its beginning: a cause may be known before anybody has taken it.
    Before(Duration),
    /// One of its two moments is not recorded.
    NotRecorded,
}

/// Every clock: its name, from, to.
const CLOCKS: [(&str, Milestone, Milestone); 9] = [
    (to_say!("time to detect (impact start to detected)"), Milestone::ImpactStart, Milestone::Detected),
    (to_say!("time to acknowledge (detected to acknowledged)"), Milestone::Detected, Milestone::Acknowledged),
    (
        to_say!("time to first word (detected to first update delivered)"),
        Milestone::Detected,
        Milestone::FirstTold,
    ),
    (
        to_say!("time to identify (acknowledged to identified)"),
        Milestone::Acknowledged,
        Milestone::Identified,
    ),
    (to_say!("time to mitigate (impact start to mitigated)"), Milestone::ImpactStart, Milestone::Mitigated),
    (to_say!("identified to mitigated"), Milestone::Identified, Milestone::Mitigated),
    (to_say!("time to repair (acknowledged to verified)"), Milestone::Acknowledged, Milestone::Verified),
    (to_say!("time to recovery (impact start to verified)"), Milestone::ImpactStart, Milestone::Verified),
    (to_say!("time to close (impact start to resolved)"), Milestone::ImpactStart, Milestone::Resolved),
];

/// All clocks.
pub fn all(milestones: &Milestones) -> Vec<Clock> {
    let length = |from, to| between(milestones.at(from), milestones.at(to));
    CLOCKS.into_iter().map(|(name, from, to)| Clock { name, from, to, length: length(from, to) }).collect()
}

/// From one moment to another.
pub fn between(from: Option<UtcMs>, to: Option<UtcMs>) -> Length {
    match (from, to) {
        (Some(from), Some(to)) if to >= from => Length::Took(to.since(from)),
        (Some(from), Some(to)) => Length::Before(from.since(to)),
        _ => Length::NotRecorded,
    }
}

impl Length {
    /// In words.
    pub fn spoken(self) -> String {
        match self {
            Length::Took(length) => spoken(length),
            Length::Before(length) => say!("{} before", spoken(length)),
            Length::NotRecorded => say!("not recorded").to_owned(),
        }
    }
}

/// A length of time as people say it: `2 h 50 min`, `45 s`.
pub fn spoken(length: Duration) -> String {
    let seconds = length.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => say!("{} min", seconds / 60),
        3_600..172_800 => say!("{} h {:02} min", seconds / 3_600, seconds / 60 % 60),
        _ => format!("{} d {:02} h", seconds / 86_400, seconds / 3_600 % 24),
    }
}
