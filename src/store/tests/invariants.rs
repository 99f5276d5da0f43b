//! What must hold of a store whatever happened to it: the one judge of the conformance suite, the property tests and
//! the tests that kill processes.
//!
//! 1. Nothing that was acknowledged is lost: every [`Recorded`] that was handed out is there, as it was handed out.
//! 2. Nothing is torn: a commit's events are there all or none.
//! 3. Order is kept: sequence and version rise together.
//! 4. No version is skipped.

use std::collections::BTreeMap;

use crate::ids::IncidentId;
use crate::incident::event::Recorded;
use crate::store::{Committed, Store};

/// Remembers what was acknowledged.
#[derive(Debug, Default, Clone)]
pub struct Witness {
    acknowledged: BTreeMap<IncidentId, Vec<Recorded>>,
    commits: usize,
}

impl Witness {
    /// A commit was acknowledged.
    pub fn saw(&mut self, committed: &Committed) {
        self.commits += 1;
        for event in &committed.events {
            self.acknowledged.entry(event.new.incident).or_default().push(event.clone());
        }
    }

    /// Number of acknowledged commits.
    pub fn commits(&self) -> usize {
        self.commits
    }

    /// Compares the store with what was acknowledged. Returns what is wrong, a sentence each.
    pub async fn judge(&self, store: &dyn Store) -> Vec<String> {
        let mut wrong = Vec::new();
        for (incident, acknowledged) in &self.acknowledged {
            match store.events(*incident, 0, usize::MAX).await {
                Ok(found) => {
                    wrong.extend(steps(*incident, &found));
                    wrong.extend(losses(acknowledged, &found));
                }
                Err(error) => wrong.push(format!("{incident} cannot be read: {error}")),
            }
        }
        match store.verify().await {
            Ok(verified) => wrong.extend(verified.faults),
            Err(error) => wrong.push(format!("it cannot be verified: {error}")),
        }
        wrong
    }
}

/// Versions without a gap, sequences rising.
fn steps(incident: IncidentId, found: &[Recorded]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (index, event) in found.iter().enumerate() {
        if event.version != index as u64 + 1 {
            wrong.push(format!("{incident} has version {} at place {}", event.version, index + 1));
        }
    }
    for pair in found.windows(2).filter(|pair| pair[1].seq <= pair[0].seq) {
        wrong.push(format!("{incident} has {:?} after {:?}", pair[1].seq, pair[0].seq));
    }
    wrong
}

fn losses(acknowledged: &[Recorded], found: &[Recorded]) -> Vec<String> {
    let by_version: BTreeMap<u64, &Recorded> = found.iter().map(|event| (event.version, event)).collect();
    let told = |event: &Recorded| match by_version.get(&event.version) {
        None => Some(format!("{} lost version {}", event.new.incident, event.version)),
        Some(stored) if *stored != event => {
            Some(format!("{} version {} is another one", event.new.incident, event.version))
        }
        Some(_) => None,
    };
    acknowledged.iter().filter_map(told).collect()
}
