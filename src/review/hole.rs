//! Holes in the record: stretches in which nothing is recorded that anybody did or found out.
//!
//! What Watchpost says by itself on a timer, and that it arrived, does not fill a hole: the question is what happened then.

use std::time::Duration;

use super::Story;
use crate::clock::UtcMs;
use crate::desk::is_housekeeping;
use crate::incident::Severity;
use crate::incident::call::CallEvent;
use crate::incident::event::{Event, Origin, Recorded};
use crate::incident::milestone::Milestone;

/// A stretch without a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hole {
    /// The last thing before it.
    pub from: UtcMs,
    /// The first thing after it.
    pub to: UtcMs,
}

/// From how long on a silence is a hole: the worse it is, the shorter.
pub fn shortest(severity: Severity) -> Duration {
    let minutes = match severity {
        Severity::Sev1 | Severity::Sev2 => 30,
        Severity::Sev3 => 60,
        Severity::Sev4 => 240,
    };
    Duration::from_secs(minutes * 60)
}

/// The holes between the moment of detection and the end; until `now` while it goes on.
pub fn holes(story: &Story<'_>) -> Vec<Hole> {
    let milestones = &story.incident.milestones;
    let Some(from) = milestones.at(Milestone::Detected) else { return Vec::new() };
    let last = story.events.last().map_or(from, |recorded| recorded.recorded_at);
    let to = milestones.at(Milestone::Resolved).unwrap_or(last);
    let moved = |recorded: &Recorded| {
        let moved = story.incident.amended.get(&recorded.version).and_then(|amended| amended.at);
        moved.unwrap_or(recorded.new.happened_at)
    };
    let mut moments: Vec<UtcMs> =
        story.events.iter().filter(|recorded| counts(recorded)).map(moved).collect();
    moments.extend([from, to]);
    moments.retain(|at| (from..=to).contains(at));
    moments.sort();
    let shortest = shortest(story.incident.severity);
    let long = |pair: &&[UtcMs]| pair[1].since(pair[0]) >= shortest;
    moments.windows(2).filter(long).map(|pair| Hole { from: pair[0], to: pair[1] }).collect()
}

/// Whether an event says what somebody did or found out.
fn counts(recorded: &Recorded) -> bool {
    let new = &recorded.new;
    match &new.event {
        event if is_housekeeping(event) => false,
        Event::UpdateDelivered { .. } | Event::UpdateUndelivered { .. } => false,
        Event::UpdateIssued { .. } => new.origin != Origin::Timer,
        Event::Call(CallEvent::Answered { .. }) => true,
        Event::Call(_) => false,
        Event::Amended(_) | Event::FollowUp(_) | Event::Review(_) => false,
        _ => true,
    }
}
