//! When it will be over: every estimate is kept, so that slips can be counted and a withdrawn one is told.

use super::{Eta, Incident};
use crate::clock::UtcMs;

/// An estimate, and when it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    /// When it was given.
    pub at: UtcMs,
    /// What it said.
    pub eta: Eta,
}

impl Eta {
    /// The latest moment that it names.
    pub fn latest(self) -> Option<UtcMs> {
        match self {
            Eta::Unknown => None,
            Eta::At(at) | Eta::Between(_, at) => Some(at),
        }
    }
}

impl Incident {
    /// Another estimate; the earlier ones are kept.
    pub(super) fn note_estimate(&mut self, at: UtcMs, eta: Eta) {
        self.estimates.push(Estimate { at, eta });
        self.eta = eta;
    }

    /// How often the end moved to a later time, or an estimate was given up.
    pub fn slips(&self) -> usize {
        let pairs = self.estimates.windows(2);
        pairs.filter(|pair| slipped(pair[0].eta, pair[1].eta)).count()
    }

    /// The estimate that was given up last, where none has come since.
    pub fn withdrawn(&self) -> Option<Eta> {
        match (self.eta, self.estimates.as_slice()) {
            (Eta::Unknown, [.., before, last]) if last.eta == Eta::Unknown => {
                Some(before.eta).filter(|before| *before != Eta::Unknown)
            }
            _ => None,
        }
    }
}

fn slipped(before: Eta, after: Eta) -> bool {
    match (before.latest(), after.latest()) {
        (Some(before), Some(after)) => after > before,
        (Some(_), None) => true,
        (None, _) => false,
    }
}
