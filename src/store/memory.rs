//! The store of the simulator: everything in memory, nothing on a disk, the same rules.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use serde_json::{Value, json};

use super::chain::Chain;
use super::state::State;
use super::{Commit, Committed, DedupeKey, Head, Store, StoreError, TimerKey, Verified};
use crate::clock::UtcMs;
use crate::ids::{IncidentId, PersonId, Seq};
use crate::incident::event::Recorded;
use crate::outbox::Kept;

/// A store that is gone with its process.
#[derive(Debug, Default)]
pub struct MemoryStore {
    inside: Mutex<Inside>,
}

#[derive(Debug, Default)]
struct Inside {
    state: State,
    commits: u64,
    events: BTreeMap<(IncidentId, u64), Recorded>,
}

impl MemoryStore {
    /// An empty one.
    pub fn new() -> Self {
        MemoryStore::default()
    }

    /// The same content as after a restart: what was being delivered is uncertain.
    #[must_use]
    pub fn restarted(self) -> Self {
        self.inside().state.doubt_claimed();
        self
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        // Nothing panics while it is held; if something did, the state is still whole: it is changed in one place.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        let mut inside = self.inside();
        let prepared = inside.state.check(commit)?;
        inside.state.apply(&prepared.change);
        inside.commits += 1;
        for recorded in &prepared.events {
            inside.events.insert((recorded.new.incident, recorded.version), recorded.clone());
        }
        Ok(Committed { events: prepared.events })
    }

    async fn claim_due(&self, now: UtcMs, max: usize) -> Result<Vec<Kept>, StoreError> {
        let mut inside = self.inside();
        Ok(inside.state.claim(now, max).map_or_else(Vec::new, |(items, change)| {
            inside.state.apply(&change);
            items
        }))
    }

    async fn timers_due(&self, now: UtcMs, max: usize) -> Result<Vec<(TimerKey, UtcMs)>, StoreError> {
        Ok(self.inside().state.timers_due(now, max))
    }

    async fn next_due(&self) -> Result<Option<UtcMs>, StoreError> {
        Ok(self.inside().state.next_due())
    }

    async fn next_incident(&self) -> Result<IncidentId, StoreError> {
        Ok(self.inside().state.next_incident())
    }

    async fn heads(&self) -> Result<Vec<Head>, StoreError> {
        Ok(self.inside().state.heads())
    }

    async fn events(
        &self,
        incident: IncidentId,
        after: u64,
        max: usize,
    ) -> Result<Vec<Recorded>, StoreError> {
        let first = (incident, after.saturating_add(1));
        let last = (incident, u64::MAX);
        let inside = self.inside();
        let found = inside.events.range(first..=last).take(max);
        Ok(found.map(|(_, recorded)| recorded.clone()).collect())
    }

    async fn items(&self, incident: IncidentId) -> Result<Vec<Kept>, StoreError> {
        Ok(self.inside().state.items(incident))
    }

    async fn is_done(&self, key: &DedupeKey) -> Result<bool, StoreError> {
        Ok(self.inside().state.is_done(key))
    }

    async fn verify(&self) -> Result<Verified, StoreError> {
        let inside = self.inside();
        let mut in_order: Vec<&Recorded> = inside.events.values().collect();
        in_order.sort_unstable_by_key(|recorded| recorded.seq);
        let mut chain = Chain::default();
        for recorded in &in_order {
            chain = chain.next(&serde_json::to_string(recorded).map_err(unreadable)?);
        }
        Ok(Verified {
            commits: inside.commits,
            events: in_order.len() as u64,
            head: chain.to_string(),
            faults: Vec::new(),
        })
    }

    async fn backup(&self, _to: &Path) -> Result<Verified, StoreError> {
        Err(StoreError::Unavailable(
            "what is kept in memory only has no copy; give Watchpost a data folder".to_owned(),
        ))
    }

    async fn forget(&self, person: PersonId, _at: UtcMs) -> Result<(), StoreError> {
        let mut inside = self.inside();
        inside.state.drop_settled();
        for recorded in inside.events.values_mut() {
            let mut value = serde_json::to_value(&*recorded).map_err(unreadable)?;
            if strike_out(&mut value, &person.to_string()) {
                *recorded = serde_json::from_value(value).map_err(unreadable)?;
            }
        }
        Ok(())
    }

    async fn last_seq(&self) -> Result<Seq, StoreError> {
        Ok(self.inside().state.last_seq())
    }
}

fn unreadable(error: serde_json::Error) -> StoreError {
    StoreError::Damaged(format!("an event cannot be read: {error}"))
}

/// Replaces everything personal of one person. Says whether there was anything.
fn strike_out(value: &mut Value, person: &str) -> bool {
    let is_theirs =
        value.get("$personal").and_then(|personal| personal.get("of")).is_some_and(|of| of == person);
    if is_theirs {
        *value = json!({ "$forgotten": true });
        return true;
    }
    let mut found = false;
    match value {
        Value::Array(list) => list.iter_mut().for_each(|inner| found |= strike_out(inner, person)),
        Value::Object(map) => map.values_mut().for_each(|inner| found |= strike_out(inner, person)),
        _ => {}
    }
    found
}
