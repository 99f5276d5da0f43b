//! The clocks of an incident, each by its full name, computed from events and never from "last modified".

use std::time::Duration;

use crate::clock::UtcMs;
use crate::incident::event::{Event, Recorded};
use crate::incident::{Incident, Phase};

/// The moments that the clocks are computed from; none where it did not come to that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Milestones {
    /// When it began for the people who use the mail.
    pub impact_start: Option<UtcMs>,
    /// When it was noticed.
    pub detected: Option<UtcMs>,
    /// When somebody took it.
    pub acknowledged: Option<UtcMs>,
    /// When the first word went out to an audience.
    pub first_told: Option<UtcMs>,
    /// When the cause was known.
    pub identified: Option<UtcMs>,
    /// When mail was said to work again, for good.
    pub resolved: Option<UtcMs>,
}

impl Milestones {
    /// The milestones of an incident.
    pub fn of(incident: &Incident, events: &[Recorded]) -> Self {
        let first = |wanted: fn(&Event) -> bool| {
            events
                .iter()
                .find(|recorded| wanted(&recorded.new.event))
                .map(|recorded| recorded.new.happened_at)
        };
        Milestones {
            impact_start: Some(incident.began()),
            detected: first(|event| matches!(event, Event::Declared { .. })),
            acknowledged: first(|event| matches!(event, Event::Acknowledged)),
            first_told: first(|event| matches!(event, Event::UpdateDelivered { .. })),
            identified: first(|event| matches!(event, Event::PhaseChanged { to: Phase::Identified, .. })),
            resolved: incident.resolved_at,
        }
    }

    /// The clocks: full name, and how long; none where one of its two moments is missing.
    pub fn clocks(&self) -> [(&'static str, Option<Duration>); 5] {
        let between = |from: Option<UtcMs>, to: Option<UtcMs>| Some(to?.since(from?));
        [
            ("time to detect (impact start to detected)", between(self.impact_start, self.detected)),
            ("time to acknowledge (detected to acknowledged)", between(self.detected, self.acknowledged)),
            (
                "time to first word (detected to first update delivered)",
                between(self.detected, self.first_told),
            ),
            ("time to identify (acknowledged to identified)", between(self.acknowledged, self.identified)),
            ("time to recovery (impact start to resolved)", between(self.impact_start, self.resolved)),
        ]
    }
}

/// A length of time as people say it: `2 h 50 min`, `45 s`.
pub fn spoken(length: Duration) -> String {
    let seconds = length.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        _ => format!("{} h {:02} min", seconds / 3_600, seconds / 60 % 60),
    }
}
