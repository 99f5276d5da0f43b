//! The history of every update: planned and actual time, lateness, proof, failures.

use std::time::Duration;

use super::{Telling, round};
use crate::clock::UtcMs;
use crate::ids::{AudienceName, DestinationName};
use crate::incident::event::{Event, UpdateKind};
use crate::incident::reach::ReachEvent;
use crate::person::Actor;

/// One update, and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Issued {
    /// Whom it was for.
    pub audience: AudienceName,
    /// Its number.
    pub number: u32,
    /// What sort.
    pub kind: UpdateKind,
    /// Who sent it.
    pub by: Actor,
    /// When it was due.
    pub planned: UtcMs,
    /// When it was put into the outbox.
    pub at: UtcMs,
    /// How many before it were due and not said.
    pub missed: u32,
    /// Whether it was posted silently.
    pub silent: bool,
    /// Its text for phones.
    pub short: String,
    /// Where it arrived.
    pub arrivals: Vec<Arrival>,
    /// Where it will not.
    pub failures: Vec<Failure>,
    /// Where a newer one took its place.
    pub superseded: Vec<DestinationName>,
    /// Where it was not brought, because that needs what was broken.
    pub suspended: Vec<DestinationName>,
    /// Fallback destinations that it was brought to.
    pub instead: Vec<DestinationName>,
}

/// An arrival, with its proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// Where.
    pub destination: DestinationName,
    /// When.
    pub at: UtcMs,
    /// What proves it.
    pub proof: String,
}

/// A failure for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Where.
    pub destination: DestinationName,
    /// When that was known.
    pub at: UtcMs,
    /// Why.
    pub why: String,
}

impl Issued {
    /// How much later than planned it was on its way.
    pub fn lateness(&self) -> Duration {
        self.at.since(self.planned)
    }

    /// Whether this destination is settled.
    pub fn is_settled(&self, destination: &DestinationName) -> bool {
        self.arrivals.iter().any(|arrival| arrival.destination == *destination)
            || self.failures.iter().any(|failure| failure.destination == *destination)
            || self.superseded.contains(destination)
            || self.suspended.contains(destination)
    }
}

pub(super) fn find<'u>(
    updates: &'u mut [Issued],
    audience: &AudienceName,
    number: u32,
) -> Option<&'u mut Issued> {
    updates.iter_mut().rev().find(|issued| issued.audience == *audience && issued.number == number)
}

impl Telling {
    /// What happens around reaching people belongs to the history of the update.
    pub(in crate::incident) fn apply_reach(&mut self, event: &ReachEvent) {
        match event {
            ReachEvent::Suspended { audience, number, destination, .. } => {
                if let Some(issued) = find(&mut self.updates, audience, *number) {
                    issued.suspended.push(destination.clone());
                }
            }
            ReachEvent::Resumed { audience, number, destination } => {
                if let Some(issued) = find(&mut self.updates, audience, *number) {
                    issued.suspended.retain(|suspended| suspended != destination);
                }
            }
            ReachEvent::TookOver { audience, number, destinations, .. } => {
                if let Some(issued) = find(&mut self.updates, audience, *number) {
                    issued.instead.extend(destinations.iter().cloned());
                }
            }
            ReachEvent::GaveBack { .. } | ReachEvent::Listed { .. } | ReachEvent::Reached { .. } => {}
        }
    }
}

pub(super) fn apply(telling: &mut Telling, event: &Event, by: &Actor, at: UtcMs) {
    match event {
        Event::UpdateIssued { audience, number, kind, planned, missed, wording, .. } => {
            telling.moved.remove(audience);
            round(telling, *kind, by, at);
            match wording.quiet_until {
                Some(end) => drop(telling.digests.insert(audience.clone(), end)),
                // Posted aloud: what was posted silently before is old, or in this digest.
                None => drop(telling.digests.remove(audience)),
            }
            match kind {
                UpdateKind::Works => {
                    telling.works_since = telling.works_since.or(wording.works_since).or(Some(at));
                }
                UpdateKind::Setback => telling.works_since = None,
                _ => {}
            }
            telling.updates.push(Issued {
                audience: audience.clone(),
                number: *number,
                kind: *kind,
                by: by.clone(),
                planned: *planned,
                at,
                missed: *missed,
                silent: wording.quiet_until.is_some(),
                short: wording.short.clone(),
                arrivals: Vec::new(),
                failures: Vec::new(),
                superseded: Vec::new(),
                suspended: Vec::new(),
                instead: Vec::new(),
            });
        }
        Event::UpdateDelivered { audience, number, destination, proof } => {
            if let Some(issued) = find(&mut telling.updates, audience, *number) {
                // It was under way when the newer one was written, and arrived after all.
                issued.superseded.retain(|superseded| superseded != destination);
                issued.arrivals.push(Arrival { destination: destination.clone(), at, proof: proof.clone() });
            }
        }
        Event::UpdateUndelivered { audience, number, destination, why } => {
            if let Some(issued) = find(&mut telling.updates, audience, *number) {
                issued.failures.push(Failure { destination: destination.clone(), at, why: why.clone() });
            }
        }
        _ => {}
    }
}
