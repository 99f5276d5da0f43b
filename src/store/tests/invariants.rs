//! What must hold of a store whatever happened to it: the one judge of the conformance suite, the property tests and
//! the tests that kill processes.
//!
//! 1. Nothing that was acknowledged is lost: every [`Recorded`] that was handed out is there, as it was handed out.
//! 2. Nothing is torn: a commit's events are there all or none.
//! 3. Order is kept: sequence and version rise together.
//! 4. No version is skipped.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::IncidentId;
use crate::incident::event::Recorded;
use crate::store::{Committed, Store};

/// Remembers what was acknowledged.
#[derive(Debug, Default, Clone)]
pub struct Witness {
    acknowledged: BTreeMap<IncidentId, Vec<Recorded>>,
    /// The last acknowledged version, where no more than that is known: another process was told.
    told: BTreeMap<IncidentId, u64>,
    /// Events of each commit to these incidents.
    together: usize,
    /// Somebody was forgotten: who did something may read differently.
    forgotten: bool,
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

    /// Another process was told that this version is stored, by commits of `together` events.
    pub fn heard(&mut self, incident: u64, version: u64, together: usize) {
        self.commits += 1;
        self.together = together;
        self.told.insert(IncidentId(incident), version);
    }

    /// Somebody was forgotten, or may have been.
    pub fn saw_forgetting(&mut self) {
        self.forgotten = true;
    }

    /// Number of acknowledged commits.
    pub fn commits(&self) -> usize {
        self.commits
    }

    /// Compares the store with what was acknowledged. Returns what is wrong, a sentence each.
    pub async fn judge(&self, store: &dyn Store) -> Vec<String> {
        let mut wrong = Vec::new();
        let nothing = Vec::new();
        let incidents: BTreeSet<&IncidentId> = self.acknowledged.keys().chain(self.told.keys()).collect();
        for incident in incidents {
            let acknowledged = self.acknowledged.get(incident).unwrap_or(&nothing);
            match store.events(*incident, 0, usize::MAX).await {
                Ok(found) => {
                    wrong.extend(steps(*incident, &found));
                    wrong.extend(losses(acknowledged, &found, self.forgotten));
                    wrong.extend(self.missing(*incident, found.len()));
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

impl Witness {
    /// Of what another process was told.
    fn missing(&self, incident: IncidentId, found: usize) -> Vec<String> {
        let Some(told) = self.told.get(&incident) else { return Vec::new() };
        let mut wrong = Vec::new();
        if (found as u64) < *told {
            wrong.push(format!("{incident} lost versions {} to {told}", found + 1));
        }
        if !found.is_multiple_of(self.together) {
            wrong.push(format!("{incident} holds a part of a commit: {found} events"));
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

fn losses(acknowledged: &[Recorded], found: &[Recorded], forgotten: bool) -> Vec<String> {
    let by_version: BTreeMap<u64, &Recorded> = found.iter().map(|event| (event.version, event)).collect();
    let told = |event: &Recorded| match by_version.get(&event.version) {
        None => Some(format!("{} lost version {}", event.new.incident, event.version)),
        Some(stored) if !is_same(stored, event, forgotten) => {
            Some(format!("{} version {} is another one", event.new.incident, event.version))
        }
        Some(_) => None,
    };
    acknowledged.iter().filter_map(told).collect()
}

fn is_same(stored: &Recorded, told: &Recorded, forgotten: bool) -> bool {
    if !forgotten {
        return stored == told;
    }
    let mut told = told.clone();
    told.new.actor.clone_from(&stored.new.actor);
    *stored == told
}
