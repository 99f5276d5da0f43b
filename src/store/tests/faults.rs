//! Each operation of the disk fails once, one after the other, until a run passes without a fault.

use std::path::Path;
use std::sync::Arc;

use super::faulty::{EDQUOT, EIO, ENOSPC, EROFS, Fault, FaultyDisk, Lasting, Shared};
use super::invariants::Witness;
use super::samples::{START, at, item, note, noting, person, saying, scratch};
use crate::ids::{IncidentId, PersonId};
use crate::person::{Actor, FORGOTTEN};
use crate::store::{Commit, Health, JournalStore, Options, Store, StoreError};

/// Small enough that the script begins several files.
const SMALL: Options = Options { rotate_bytes: 2500, ballast_bytes: 4096 };

/// More operations than the script ever needs.
const OPERATIONS_MOST: u64 = 2_000;

fn open(disk: &Arc<FaultyDisk>, folder: &Path) -> Result<JournalStore, StoreError> {
    JournalStore::open_on(Arc::new(Shared(Arc::clone(disk))), folder, SMALL, START)
}

/// What the script did and was told.
#[derive(Default)]
struct Told {
    witness: Witness,
    asked_to_forget: bool,
    forgotten: bool,
    refusals: Vec<StoreError>,
}

impl Told {
    async fn try_commit(&mut self, store: &JournalStore, commit: Commit) {
        match store.commit(commit).await {
            Ok(made) => self.witness.saw(&made),
            Err(refused) => self.refusals.push(refused),
        }
    }
}

async fn version(store: &JournalStore) -> u64 {
    store.events(IncidentId(1), 0, 999).await.map_or(0, |events| events.len() as u64)
}

/// A little of everything that writes.
async fn script(store: &JournalStore) -> Told {
    let mut told = Told::default();
    for round in 0..3 {
        let ana = Actor::Person(person(7, "ana"));
        let other = Actor::Person(person(20 + round, "somebody"));
        let remarks = Commit {
            events: vec![note(1, ana, "one"), note(1, other, "two")],
            ..noting(1, version(store).await, "")
        };
        told.try_commit(store, remarks).await;
        told.try_commit(store, saying(vec![item(&format!("k{round}"), "slot", round, START)])).await;
        if let Err(refused) = store.claim_due(at(1), 1).await {
            told.refusals.push(refused);
        }
    }
    told.asked_to_forget = true;
    match store.forget(PersonId(7), at(9)).await {
        Ok(()) => told.forgotten = true,
        Err(refused) => told.refusals.push(refused),
    }
    told.try_commit(store, noting(2, 0, "afterwards")).await;
    told
}

async fn check_afterwards(told: &Told, store: &JournalStore, n: u64) {
    let mut wrong = told.witness.judge(store).await;
    if told.asked_to_forget {
        // The witness remembers her by name; that she is gone, or will be at the next start, is right.
        wrong.retain(|sentence| !sentence.contains("is another one"));
    }
    if told.forgotten {
        let events = store.events(IncidentId(1), 0, 999).await.expect("events");
        let known = events.iter().filter_map(|event| event.new.actor.person());
        assert!(known.clone().all(|person| person.name != "ana"), "operation {n}");
        assert!(known.clone().count() == 0 || known.clone().any(|person| person.name == FORGOTTEN));
    }
    assert_eq!(wrong, Vec::<String>::new(), "operation {n}");
}

/// The loop. Returns how many operations there were.
async fn every_operation_fails_once(fault: Fault) -> u64 {
    for n in 1..OPERATIONS_MOST {
        let folder = scratch();
        let disk = FaultyDisk::new(n, fault);
        let told = match open(&disk, folder.path()) {
            Ok(store) => {
                let told = script(&store).await;
                disk.mend();
                // Begins a file before anything else is written: one that a fault has left must not come between.
                let copy = scratch();
                let copied = store.backup(&copy.path().join("copy")).await;
                assert!(copied.is_ok(), "operation {n}: {copied:?}");
                let more =
                    noting(3, store.events(IncidentId(3), 0, 9).await.expect("read").len() as u64, "more");
                assert!(store.commit(more).await.is_ok(), "operation {n}: no restart is needed");
                check_afterwards(&told, &store, n).await;
                told
            }
            Err(refused) => {
                assert!(disk.was_hit(), "operation {n}: {refused}");
                Told::default()
            }
        };
        let again = JournalStore::open(folder.path(), SMALL, START);
        let again = again.unwrap_or_else(|error| panic!("operation {n}: {error}"));
        check_afterwards(&told, &again, n).await;
        if !disk.was_hit() {
            assert_eq!(told.refusals, Vec::new(), "without a fault nothing is refused");
            assert!(told.forgotten);
            return n;
        }
    }
    panic!("the script never ran without a fault");
}

#[tokio::test]
async fn the_device_fails_once() {
    every_operation_fails_once(Fault::Refused(EIO, Lasting::Once)).await;
}

#[tokio::test]
async fn the_disk_is_full_until_there_is_room() {
    every_operation_fails_once(Fault::Refused(ENOSPC, Lasting::UntilMended)).await;
}

#[tokio::test]
async fn half_a_write_arrives() {
    every_operation_fails_once(Fault::HalfWritten).await;
}

#[tokio::test]
async fn a_failed_sync_loses_what_was_written() {
    every_operation_fails_once(Fault::SyncLost).await;
}

/// What is said when the disk answers with an error from some moment on, for good.
#[track_caller]
fn is_said(code: i32, refused: &StoreError) {
    let right = match code {
        ENOSPC | EDQUOT => matches!(refused, StoreError::Full(_)),
        EROFS => matches!(refused, StoreError::ReadOnly(_)),
        _ => matches!(refused, StoreError::Unavailable(_)),
    };
    assert!(right, "{code}: {refused}");
}

#[tokio::test]
async fn a_refusal_is_said_in_words_and_shown() {
    for code in [EIO, ENOSPC, EROFS, EDQUOT] {
        let folder = scratch();
        let store = JournalStore::open(folder.path(), SMALL, START).expect("made");
        store.commit(saying(vec![item("waits", "slot", 1, START)])).await.expect("stored");
        drop(store);
        let disk = FaultyDisk::new(1, Fault::Refused(code, Lasting::UntilMended));
        let store =
            open(&disk, folder.path()).expect("what is there can be read from a disk that takes nothing");
        let refused = store.commit(noting(1, 0, "x")).await.expect_err("not stored");
        is_said(code, &refused);
        assert_eq!(store.health(), Health::NotStoring(refused));
        assert_eq!(store.last_seq().await.expect("a number").0, 0);
        assert_eq!(store.claim_due(START, 9).await.expect("from memory").len(), 1, "people go on being told");
        assert_eq!(store.claim_due(START, 9).await, Ok(Vec::new()), "once");
        disk.mend();
        store.commit(noting(1, 0, "x")).await.expect("stored without a restart");
        assert!(!matches!(store.health(), Health::NotStoring(_)));
        drop(store);
        // The claim from memory was stored with what came after it.
        let again = JournalStore::open(folder.path(), SMALL, START).expect("opens");
        assert_eq!(again.opened().doubted, 1);
    }
}

#[tokio::test]
async fn that_storing_works_again_is_noticed_without_being_asked() {
    let folder = scratch();
    let disk = FaultyDisk::new(1, Fault::Refused(ENOSPC, Lasting::UntilMended));
    drop(JournalStore::open(folder.path(), SMALL, START).expect("made"));
    let store = open(&disk, folder.path()).expect("opens");
    store.commit(noting(1, 0, "x")).await.expect_err("not stored");
    disk.mend();
    while matches!(store.health(), Health::NotStoring(_)) {
        tokio::task::yield_now().await;
    }
    drop(store);
    let again = JournalStore::open(folder.path(), SMALL, START).expect("opens");
    assert_eq!(again.opened().cut, 0);
    assert_eq!(again.verify().await.expect("read").faults, Vec::<String>::new());
}
