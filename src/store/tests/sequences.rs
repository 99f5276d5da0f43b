//! Random sequences of operations, with restarts, on the store on disk and the one in memory: both answer the same.

use proptest::prelude::*;

use super::invariants::Witness;
use super::samples::{START, at, head, item, note, noting, person, scratch};
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
    Note { incident: u64, by: u64, events: usize, stale: bool },
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
    /// The process ends and begins again.
    Restart,
}

fn operations() -> impl Strategy<Value = Vec<Operation>> {
    let one = prop_oneof![
        6 => (1..4u64, 0..4u64, 1..4usize, prop::bool::weighted(0.2))
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
    ];
    prop::collection::vec(one, 1..40)
}

const SMALL: Options = Options { rotate_bytes: 3000, ballast_bytes: 0 };

/// Both stores.
struct Pair {
    folder: tempfile::TempDir,
    on_disk: JournalStore,
    in_memory: MemoryStore,
    witness: Witness,
}

impl Pair {
    fn new() -> Self {
        let folder = scratch();
        Pair {
            on_disk: JournalStore::open(folder.path(), SMALL, START).expect("a store"),
            in_memory: MemoryStore::new(),
            witness: Witness::default(),
            folder,
        }
    }

    fn restart(self) -> Self {
        let Pair { folder, on_disk, in_memory, witness } = self;
        drop(on_disk);
        Pair {
            on_disk: JournalStore::open(folder.path(), SMALL, START).expect("the same store"),
            in_memory: in_memory.restarted(),
            witness,
            folder,
        }
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

    async fn perform(mut self, operation: Operation) -> Self {
        match operation {
            Operation::Restart => return self.restart(),
            Operation::Note { incident, by, events, stale } => self.note(incident, by, events, stale).await,
            Operation::Say { key, slot, place, due } => {
                let item = item(&format!("k{key}"), &format!("s{slot}"), place, at(due));
                self.commit(Commit { enqueue: vec![item], ..empty(at(0)) }).await;
            }
            Operation::Deliver { now, most, outcome } => self.deliver(now, most, outcome).await,
            Operation::Time { incident, due } => {
                let key = TimerKey::Update(IncidentId(incident), AudienceName::from("users"));
                self.commit(Commit { timers: vec![(key, due.map(at))], ..empty(at(0)) }).await;
            }
            Operation::Once { key, now } => {
                let done = (DedupeKey(format!("d{key}")), at(now + 30));
                self.commit(Commit { dedupe: vec![done], ..empty(at(now)) }).await;
            }
            Operation::Forget { person } => {
                self.witness.saw_forgetting();
                let forgotten =
                    self.both(async |store: &dyn Store| store.forget(PersonId(person), at(0)).await).await;
                assert_eq!(forgotten, Ok(()));
            }
        }
        self
    }

    async fn commit(&mut self, commit: Commit) {
        // A refusal is an answer too; that both refuse alike is what is looked at.
        if let Ok(made) = self.both(async |store: &dyn Store| store.commit(commit.clone()).await).await {
            self.witness.saw(&made);
        }
    }

    async fn note(&mut self, incident: u64, by: u64, events: usize, stale: bool) {
        let there =
            self.on_disk.events(IncidentId(incident), 0, usize::MAX).await.expect("events").len() as u64;
        let expected = there + u64::from(stale);
        let actor =
            if by == 0 { Actor::Watchpost } else { Actor::Person(person(by, &format!("person {by}"))) };
        let text = format!("after {there}");
        let head = Head { version: there + events as u64, ..head(incident, &text) };
        let commit = Commit {
            events: vec![note(incident, actor, &text); events],
            heads: vec![head],
            ..noting(incident, expected, "")
        };
        self.commit(commit).await;
    }

    async fn deliver(&mut self, now: i64, most: usize, outcome: u8) {
        let claimed: Vec<Kept> =
            self.both(async |store: &dyn Store| store.claim_due(at(now), most).await).await.expect("claimed");
        let Some(progress) = progress(outcome, now) else {
            return;
        };
        let settle: Vec<(ItemKey, Progress)> =
            claimed.into_iter().map(|kept| (kept.item.key, progress.clone())).collect();
        self.commit(Commit { settle, ..empty(at(now)) }).await;
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
#[test]
fn the_store_on_disk_and_the_one_in_memory_answer_alike() {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(40);
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) };
    proptest!(config, |(operations in operations())| {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let mut pair = Pair::new();
            for operation in operations {
                pair = pair.perform(operation).await;
                pair.compare().await;
            }
            let pair = pair.restart();
            pair.compare().await;
            assert_eq!(pair.witness.judge(&pair.on_disk).await, Vec::<String>::new());
            assert_eq!(pair.witness.judge(&pair.in_memory).await, Vec::<String>::new());
        });
    });
}
