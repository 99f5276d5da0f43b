//! Random sequences of operations, with restarts and crashes between any two: a model that is only a few numbers says
//! what must be there; the store on disk and the one in memory must both say the same as it, and as each other.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use proptest::prelude::*;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use tokio::runtime::Runtime;

use super::invariants::Witness;
use super::samples::{START, at, copy_folder, head, item, note, noting, person, scratch};
use crate::ids::{AudienceName, IncidentId, PersonId};
use crate::outbox::{ItemKey, Kept, Progress, Proof};
use crate::person::Actor;
use crate::store::{
    Commit, DedupeKey, Head, JournalStore, MemoryStore, Options, Store, StoreError, TimerKey,
};

/// What can be done to a store.
#[derive(Debug, Clone)]
enum Operation {
    /// Remarks in an incident, by somebody; on a version that is stale now and then.
    Note { incident: u64, by: u64, events: u64, stale: bool },
    /// Something to say.
    Say { key: u8, slot: u8, place: u64, due: i64 },
    /// Claims and settles.
    Deliver { now: i64, most: usize, outcome: u8 },
    /// Due times.
    Time { incident: u64, due: Option<i64> },
    /// Something that is done once.
    Once { key: u8, now: i64 },
    /// Somebody is forgotten.
    Forget { person: u64 },
    /// The process ends in order and begins again.
    Restart,
    /// The process is killed: what the folder holds at this moment is all that is left.
    Crash,
}

/// What must be there.
#[derive(Debug, Clone, Default)]
struct Known {
    /// Events of each incident.
    versions: BTreeMap<u64, u64>,
    timers: BTreeMap<u64, i64>,
    /// Keys that something was ever done under.
    done: BTreeSet<u8>,
    /// Items that ever entered.
    said: BTreeSet<u8>,
    /// Somebody was forgotten: what was delivered by then went with them.
    forgot: bool,
}

impl Known {
    fn version(&self, incident: u64) -> u64 {
        self.versions.get(&incident).copied().unwrap_or(0)
    }
}

impl ReferenceStateMachine for Known {
    type State = Known;
    type Transition = Operation;

    fn init_state() -> BoxedStrategy<Known> {
        Just(Known::default()).boxed()
    }

    fn transitions(_: &Known) -> BoxedStrategy<Operation> {
        prop_oneof![
            6 => (1..4u64, 0..4u64, 1..4u64, prop::bool::weighted(0.2))
                .prop_map(|(incident, by, events, stale)| Operation::Note { incident, by, events, stale }),
            4 => (0..12u8, 0..4u8, 0..3u64, 0..50i64)
                .prop_map(|(key, slot, place, due)| Operation::Say { key, slot, place, due }),
            4 => (0..60i64, 0..4usize, 0..5u8)
                .prop_map(|(now, most, outcome)| Operation::Deliver { now, most, outcome }),
            2 => (1..4u64, prop::option::of(0..99i64))
                .prop_map(|(incident, due)| Operation::Time { incident, due }),
            2 => (0..5u8, 0..99i64).prop_map(|(key, now)| Operation::Once { key, now }),
            1 => (1..4u64).prop_map(|person| Operation::Forget { person }),
            2 => Just(Operation::Restart),
            1 => Just(Operation::Crash),
        ]
        .boxed()
    }

    fn apply(mut known: Known, operation: &Operation) -> Known {
        match *operation {
            Operation::Note { incident, events, stale: false, .. } => {
                *known.versions.entry(incident).or_default() += events;
            }
            Operation::Time { incident, due: Some(due) } => {
                known.timers.insert(incident, due);
            }
            Operation::Time { incident, due: None } => {
                known.timers.remove(&incident);
            }
            Operation::Once { key, .. } => {
                known.done.insert(key);
            }
            Operation::Say { key, .. } => {
                known.said.insert(key);
            }
            Operation::Forget { .. } => known.forgot = true,
            Operation::Note { stale: true, .. }
            | Operation::Deliver { .. }
            | Operation::Restart
            | Operation::Crash => {}
        }
        known
    }
}

const SMALL: Options = Options { rotate_bytes: 3000, ballast_bytes: 0 };

/// Both stores.
struct Pair {
    runtime: Rc<Runtime>,
    folder: tempfile::TempDir,
    on_disk: JournalStore,
    in_memory: MemoryStore,
    witness: Witness,
}

impl StateMachineTest for Pair {
    type SystemUnderTest = Pair;
    type Reference = Known;

    fn init_test(_: &Known) -> Pair {
        let folder = scratch();
        Pair {
            runtime: Rc::new(tokio::runtime::Builder::new_current_thread().build().expect("a runtime")),
            on_disk: JournalStore::open(folder.path(), SMALL, START).expect("a store"),
            in_memory: MemoryStore::new(),
            witness: Witness::default(),
            folder,
        }
    }

    fn apply(pair: Pair, known: &Known, operation: Operation) -> Pair {
        match operation {
            Operation::Restart => pair.restart(),
            Operation::Crash => pair.crash(),
            other => pair.perform(known, other),
        }
    }

    fn check_invariants(pair: &Pair, known: &Known) {
        pair.runtime.block_on(async {
            pair.compare().await;
            pair.compare_with(known).await;
        });
    }

    fn teardown(pair: Pair, known: Known) {
        let pair = pair.restart();
        Pair::check_invariants(&pair, &known);
        for store in [&pair.on_disk as &dyn Store, &pair.in_memory] {
            assert_eq!(pair.runtime.block_on(pair.witness.judge(store)), Vec::<String>::new());
        }
    }
}

impl Pair {
    fn restart(self) -> Pair {
        let Pair { runtime, folder, on_disk, in_memory, witness } = self;
        drop(on_disk);
        Pair {
            on_disk: JournalStore::open(folder.path(), SMALL, START).expect("the same store"),
            in_memory: in_memory.restarted(),
            witness,
            folder,
            runtime,
        }
    }

    fn crash(self) -> Pair {
        let left = scratch();
        copy_folder(self.folder.path(), left.path());
        Pair {
            on_disk: JournalStore::open(left.path(), SMALL, START).expect("what is left opens"),
            in_memory: self.in_memory.restarted(),
            folder: left,
            runtime: self.runtime,
            witness: self.witness,
        }
    }

    fn perform(mut self, known: &Known, operation: Operation) -> Pair {
        let runtime = Rc::clone(&self.runtime);
        runtime.block_on(self.carry_out(known, operation));
        self
    }

    /// Does the same to both; they must answer the same.
    async fn both<T: PartialEq + std::fmt::Debug>(
        &self,
        act: impl AsyncFn(&dyn Store) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let (one, other) = (act(&self.on_disk).await, act(&self.in_memory).await);
        assert_eq!(one, other);
        one
    }

    async fn carry_out(&mut self, known: &Known, operation: Operation) {
        match operation {
            Operation::Note { incident, by, events, stale } => {
                let there = known.version(incident) - if stale { 0 } else { events };
                let told = self.note(incident, by, events, there + u64::from(stale)).await;
                assert_eq!(told.is_err(), stale, "{told:?}");
            }
            Operation::Say { key, slot, place, due } => {
                let item = item(&format!("k{key}"), &format!("s{slot}"), place, at(due));
                self.commit(Commit { enqueue: vec![item], ..empty(at(0)) }).await.expect("stored");
            }
            Operation::Deliver { now, most, outcome } => self.deliver(now, most, outcome).await,
            Operation::Time { incident, due } => {
                let timers = vec![(timer(incident), due.map(at))];
                self.commit(Commit { timers, ..empty(at(0)) }).await.expect("stored");
            }
            Operation::Once { key, now } => {
                let done = (DedupeKey(format!("d{key}")), at(now + 30));
                // Whether it was done before and is still known is for both to say alike.
                let _ = self.commit(Commit { dedupe: vec![done], ..empty(at(now)) }).await;
            }
            Operation::Forget { person } => {
                self.witness.saw_forgetting();
                let forgotten =
                    self.both(async |store: &dyn Store| store.forget(PersonId(person), at(0)).await).await;
                assert_eq!(forgotten, Ok(()));
            }
            Operation::Restart | Operation::Crash => unreachable!("the process does these"),
        }
    }

    async fn commit(&mut self, commit: Commit) -> Result<(), StoreError> {
        let made = self.both(async |store: &dyn Store| store.commit(commit.clone()).await).await?;
        self.witness.saw(&made);
        Ok(())
    }

    async fn note(&mut self, incident: u64, by: u64, events: u64, expected: u64) -> Result<(), StoreError> {
        let actor =
            if by == 0 { Actor::Watchpost } else { Actor::Person(person(by, &format!("person {by}"))) };
        let text = format!("after {expected}");
        let head = Head { version: expected + events, ..head(incident, &text) };
        let commit = Commit {
            events: (0..events).map(|_| note(incident, actor.clone(), &text)).collect(),
            heads: vec![head],
            ..noting(incident, expected, "")
        };
        self.commit(commit).await
    }

    async fn deliver(&mut self, now: i64, most: usize, outcome: u8) {
        let claimed: Vec<Kept> =
            self.both(async |store: &dyn Store| store.claim_due(at(now), most).await).await.expect("claimed");
        let Some(progress) = progress(outcome, now) else {
            return;
        };
        let settle: Vec<(ItemKey, Progress)> =
            claimed.into_iter().map(|kept| (kept.item.key, progress.clone())).collect();
        self.commit(Commit { settle, ..empty(at(now)) }).await.expect("stored");
    }

    /// Everything that can be read is the same.
    async fn compare(&self) {
        self.both(async |store: &dyn Store| store.heads().await).await.expect("heads");
        self.both(async |store: &dyn Store| store.next_incident().await).await.expect("a number");
        self.both(async |store: &dyn Store| store.next_due().await).await.expect("a moment");
        self.both(async |store: &dyn Store| store.last_seq().await).await.expect("a number");
        self.both(async |store: &dyn Store| store.timers_due(at(50), 9).await).await.expect("timers");
        for incident in (1..4).map(IncidentId) {
            self.both(async |store: &dyn Store| store.events(incident, 0, 999).await).await.expect("events");
            self.both(async |store: &dyn Store| store.items(incident).await).await.expect("items");
        }
        for key in 0..5 {
            let key = DedupeKey(format!("d{key}"));
            self.both(async |store: &dyn Store| store.is_done(&key).await).await.expect("known");
        }
    }

    /// It is what the model says, too: both could be wrong in the same way.
    async fn compare_with(&self, known: &Known) {
        let store = &self.on_disk;
        for incident in 1..4 {
            let events = store.events(IncidentId(incident), 0, 999).await.expect("events");
            assert_eq!(events.len() as u64, known.version(incident), "events of {incident}");
        }
        assert_eq!(store.last_seq().await.expect("a number").0, known.versions.values().sum::<u64>());
        let mut due = store.timers_due(at(1_000), 99).await.expect("timers");
        due.sort();
        let mut expected: Vec<_> =
            known.timers.iter().map(|(incident, due)| (timer(*incident), at(*due))).collect();
        expected.sort();
        assert_eq!(due, expected);
        for key in (0..5).filter(|key| !known.done.contains(key)) {
            assert_eq!(store.is_done(&DedupeKey(format!("d{key}"))).await, Ok(false), "never done");
        }
        let mut keys: Vec<String> = store
            .items(IncidentId(1))
            .await
            .expect("items")
            .into_iter()
            .map(|kept| kept.item.key.0)
            .collect();
        keys.sort();
        let mut said: Vec<String> = known.said.iter().map(|key| format!("k{key}")).collect();
        said.sort();
        if known.forgot {
            said.retain(|key| keys.contains(key));
        }
        assert_eq!(keys, said, "each once");
    }
}

fn timer(incident: u64) -> TimerKey {
    TimerKey::Update(IncidentId(incident), AudienceName::from("users"))
}

/// What became of a delivery; `None`: the process ended before that was known.
fn progress(outcome: u8, now: i64) -> Option<Progress> {
    let at_now = at(now);
    let why = "because".to_owned();
    Some(match outcome {
        0 => Progress::Sent { at: at_now, proof: Proof::Answer("250 ok".to_owned()) },
        1 => Progress::Retry { at: at(now + 10), why },
        2 => Progress::Uncertain { at: at_now, why },
        3 => Progress::Dead { at: at_now, why },
        _ => return None,
    })
}

fn empty(recorded_at: crate::clock::UtcMs) -> Commit {
    Commit { recorded_at, ..Commit::default() }
}

/// More with `PROPTEST_CASES`.
fn configured() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(40);
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

prop_state_machine! {
    #![proptest_config(configured())]

    #[test]
    fn the_store_on_disk_and_the_one_in_memory_answer_alike(sequential 1..40 => Pair);
}
