//! What the store knows without reading: the state of record that every implementation shares.
//!
//! 1. [`State::check`] compares a commit with what is there: versions, what was already done.
//! 2. It answers with the events as they will stand and one [`Change`], or refuses the whole.
//! 3. [`State::apply`] folds a change in. It cannot fail, reads no clock, and does the same at every replay.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::queue::{Order, Queue};
use super::{Commit, DedupeKey, Head, StoreError, TimerKey};
use crate::clock::UtcMs;
use crate::evidence;
use crate::ids::{IncidentId, Seq};
use crate::incident::event::Recorded;
use crate::outbox::{Item, ItemKey, Kept, Progress};

/// Everything that changes, and no event.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct State {
    last_seq: Seq,
    highest_incident: u64,
    versions: BTreeMap<IncidentId, u64>,
    heads: BTreeMap<IncidentId, Head>,
    queue: Queue,
    #[serde(with = "pairs")]
    timers: BTreeMap<TimerKey, UtcMs>,
    dedupe: Done,
}

/// What one commit or claim does to the state.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Change {
    /// When.
    pub at: UtcMs,
    /// The last event's place in the order afterwards.
    pub last_seq: Seq,
    /// The version of each touched incident afterwards.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<(IncidentId, u64)>,
    /// How each touched incident looks in lists afterwards.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub heads: Vec<Head>,
    /// What enters the outbox, and what became of what is in it.
    #[serde(default, skip_serializing_if = "Outgoing::is_empty")]
    pub outgoing: Outgoing,
    /// Items that are being brought from now on, by their place in the queue.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claimed: Vec<Order>,
    /// Due times: set, or cancelled.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub timers: Vec<(TimerKey, Option<UtcMs>)>,
    /// What is done from now on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dedupe: Vec<(DedupeKey, UtcMs)>,
}

/// The part of a change that may name people: it holds what is said to them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Outgoing {
    /// What is to be said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub enqueue: Vec<Item>,
    /// What became of items.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settle: Vec<(ItemKey, Progress)>,
}

impl Outgoing {
    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.enqueue.is_empty() && self.settle.is_empty()
    }
}

/// A commit that may be stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    /// The events as they will stand.
    pub events: Vec<Recorded>,
    /// What it does to the state.
    pub change: Change,
}

impl State {
    /// Compares a commit with what is there.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] and [`StoreError::Duplicate`]; nothing is changed then.
    pub fn check(&self, commit: Commit) -> Result<Prepared, StoreError> {
        // What was already done is told first: its commit is also why the version has changed.
        if let Some((key, _)) =
            commit.dedupe.iter().find(|(key, _)| self.dedupe.holds(key, commit.recorded_at))
        {
            return Err(StoreError::Duplicate(key.clone()));
        }
        for (incident, expected) in &commit.expect {
            let found = self.version(*incident);
            if found != *expected {
                let (incident, expected) = (*incident, *expected);
                return Err(StoreError::Conflict { incident, expected, found });
            }
        }
        Ok(self.number(commit))
    }

    fn number(&self, commit: Commit) -> Prepared {
        let mut seq = self.last_seq;
        let mut versions: BTreeMap<IncidentId, u64> = BTreeMap::new();
        let mut events = Vec::with_capacity(commit.events.len());
        for new in commit.events {
            seq.0 += 1;
            let version = versions.entry(new.incident).or_insert_with(|| self.version(new.incident));
            *version += 1;
            events.push(Recorded { seq, version: *version, recorded_at: commit.recorded_at, new });
        }
        let change = Change {
            at: commit.recorded_at,
            last_seq: seq,
            versions: versions.into_iter().collect(),
            heads: commit.heads,
            outgoing: Outgoing { enqueue: commit.enqueue, settle: commit.settle },
            claimed: Vec::new(),
            timers: commit.timers,
            dedupe: commit.dedupe,
        };
        Prepared { events, change }
    }

    /// What would be claimed now, as it is before the claim, and the change that claims it.
    pub fn claim(&self, now: UtcMs, max: usize) -> Option<(Vec<Kept>, Change)> {
        let claimed = self.queue.claimable(now, max);
        if claimed.is_empty() {
            return None;
        }
        let items = self.queue.view(&claimed);
        let change = Change { at: now, last_seq: self.last_seq, claimed, ..Change::default() };
        Some((items, change))
    }

    /// Folds a change in.
    pub fn apply(&mut self, change: &Change) {
        self.last_seq = change.last_seq;
        for (incident, version) in &change.versions {
            self.versions.insert(*incident, *version);
            if !evidence::is_file(*incident) {
                self.highest_incident = self.highest_incident.max(incident.0);
            }
        }
        for head in &change.heads {
            self.heads.insert(head.id, head.clone());
            self.highest_incident = self.highest_incident.max(head.id.0);
        }
        // Settled first: a commit that settles one item and enqueues the next of its slot means them in this order.
        for (key, progress) in &change.outgoing.settle {
            self.queue.settle(key, progress, change.at);
        }
        for item in &change.outgoing.enqueue {
            self.queue.enqueue(item, change.at);
        }
        self.queue.claim(&change.claimed, change.at);
        self.queue.prune(change.at);
        for (key, due) in &change.timers {
            match due {
                Some(due) => self.timers.insert(key.clone(), *due),
                None => self.timers.remove(key),
            };
        }
        self.dedupe.forget_before(change.at);
        for (key, until) in &change.dedupe {
            self.dedupe.insert(key.clone(), *until);
        }
    }

    /// Number of events of an incident; 0 where there is none.
    pub fn version(&self, incident: IncidentId) -> u64 {
        self.versions.get(&incident).copied().unwrap_or(0)
    }

    /// The last event's place in the order.
    pub fn last_seq(&self) -> Seq {
        self.last_seq
    }

    /// The number that the next incident gets.
    pub fn next_incident(&self) -> IncidentId {
        IncidentId(self.highest_incident + 1)
    }

    /// All incidents, newest first.
    pub fn heads(&self) -> Vec<Head> {
        self.heads.values().rev().cloned().collect()
    }

    /// Number of incidents. The book's stream, number 0, is none, and neither is that of a file.
    pub fn incidents(&self) -> usize {
        self.versions.keys().filter(|id| id.0 > 0 && !evidence::is_file(**id)).count()
    }

    /// The items of an incident, oldest first.
    pub fn items(&self, incident: IncidentId) -> Vec<Kept> {
        self.queue.of(incident)
    }

    /// Items that are not settled.
    pub fn open_items(&self) -> usize {
        self.queue.open()
    }

    /// Due times that have come, earliest first.
    pub fn timers_due(&self, now: UtcMs, max: usize) -> Vec<(TimerKey, UtcMs)> {
        let mut due: Vec<(TimerKey, UtcMs)> =
            self.timers.iter().filter(|(_, at)| **at <= now).map(|(key, at)| (key.clone(), *at)).collect();
        due.sort_by_key(|(_, at)| *at);
        due.truncate(max);
        due
    }

    /// The earliest moment at which an item or a timer is due.
    pub fn next_due(&self) -> Option<UtcMs> {
        let timer = self.timers.values().min().copied();
        self.queue.next_due().into_iter().chain(timer).min()
    }

    /// Whether this was already done.
    pub fn is_done(&self, key: &DedupeKey) -> bool {
        self.dedupe.until.contains_key(key)
    }

    /// After a restart: what was being brought may or may not have arrived. Returns how many.
    pub fn doubt_claimed(&mut self) -> usize {
        self.queue.doubt_claimed()
    }

    /// Lets go of settled items, which may name people.
    pub fn drop_settled(&mut self) {
        self.queue.drop_settled();
    }
}

/// What was already done, and until when that is remembered.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(from = "BTreeMap<DedupeKey, UtcMs>", into = "BTreeMap<DedupeKey, UtcMs>")]
struct Done {
    until: BTreeMap<DedupeKey, UtcMs>,
    by_end: BTreeSet<(UtcMs, DedupeKey)>,
}

impl Done {
    fn holds(&self, key: &DedupeKey, now: UtcMs) -> bool {
        self.until.get(key).is_some_and(|until| *until > now)
    }

    fn insert(&mut self, key: DedupeKey, until: UtcMs) {
        if let Some(before) = self.until.insert(key.clone(), until) {
            self.by_end.remove(&(before, key.clone()));
        }
        self.by_end.insert((until, key));
    }

    fn forget_before(&mut self, now: UtcMs) {
        while let Some((until, _)) = self.by_end.first()
            && *until <= now
            && let Some((_, key)) = self.by_end.pop_first()
        {
            self.until.remove(&key);
        }
    }
}

impl From<BTreeMap<DedupeKey, UtcMs>> for Done {
    fn from(until: BTreeMap<DedupeKey, UtcMs>) -> Self {
        let by_end = until.iter().map(|(key, end)| (*end, key.clone())).collect();
        Done { until, by_end }
    }
}

impl From<Done> for BTreeMap<DedupeKey, UtcMs> {
    fn from(done: Done) -> Self {
        done.until
    }
}

/// A map whose keys are no strings, as a list of pairs.
mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<K: Serialize, V: Serialize, S: Serializer>(
        map: &BTreeMap<K, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map)
    }

    pub fn deserialize<'de, K, V, D>(deserializer: D) -> Result<BTreeMap<K, V>, D::Error>
    where
        K: Deserialize<'de> + Ord,
        V: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        Vec::<(K, V)>::deserialize(deserializer).map(|list| list.into_iter().collect())
    }
}
