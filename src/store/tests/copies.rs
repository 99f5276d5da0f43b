//! Backups, restoring, and what is left of somebody who was forgotten.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::invariants::Witness;
use super::samples::{START, at, item, note, noting, person, saying, scratch};
use crate::ids::{IncidentId, PersonId};
use crate::outbox::{Message, Place};
use crate::person::Actor;
use crate::store::vault::Passphrase;
use crate::store::{Commit, JournalStore, Options, Schedule, Store, StoreError, backup, stat, vault};

const SMALL: Options = Options { rotate_bytes: 4096, ballast_bytes: 0 };

const CANARY: &str = "ana-canary";
const CANARY_ID: u64 = 7_777_777_777;

fn open(folder: &Path) -> JournalStore {
    JournalStore::open(folder, SMALL, START).expect("a store")
}

/// Remarks by somebody and messages to them.
async fn fill(store: &JournalStore, commits: u64) -> Witness {
    let mut witness = Witness::default();
    for version in 0..commits {
        let hers = Commit {
            events: vec![note(1, Actor::Person(person(CANARY_ID, CANARY)), "hers")],
            ..noting(1, version, "")
        };
        witness.saw(&store.commit(hers).await.expect("stored"));
        let mut message = item(&format!("k{version}"), &format!("k{version}"), 1, START);
        message.place = Place::Direct(PersonId(CANARY_ID));
        message.message = Message::text(format!("{CANARY} has it"));
        store.commit(saying(vec![message])).await.expect("stored");
    }
    witness
}

fn files_below(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files_below(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// Files that hold one of these texts.
fn holding(folder: &Path, texts: &[&str]) -> Vec<String> {
    let holds = |path: &Path| {
        let bytes = fs::read(path).expect("bytes");
        texts.iter().any(|text| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
    };
    let found = files_below(folder).into_iter().filter(|path| holds(path));
    found.map(|path| path.display().to_string()).collect()
}

#[tokio::test]
async fn a_copy_opens_elsewhere_with_the_same_head() {
    let (folder, copy, elsewhere) = (scratch(), scratch(), scratch());
    let store = open(folder.path());
    let witness = fill(&store, 30).await;
    let made = store.backup(copy.path()).await.expect("copied");
    assert_eq!(made.faults, Vec::<String>::new());
    assert_eq!((made.events, made.commits), (30, 60));
    store.commit(noting(2, 0, "after the copy")).await.expect("stored");
    assert_eq!(store.verify().await.expect("read").events, 31);
    let (opened, restored) = backup::restore(copy.path(), elsewhere.path(), START).expect("restored");
    assert_eq!(restored.head, made.head);
    assert_eq!(opened.last_seq.0, 30);
    let serving = open(elsewhere.path());
    assert_eq!(serving.head(), made.head);
    assert_eq!(witness.judge(&serving).await, Vec::<String>::new());
    serving.commit(noting(2, 0, "goes on")).await.expect("stored");
}

#[tokio::test]
async fn a_running_store_is_copied_from_outside() {
    let (folder, copy) = (scratch(), scratch());
    let store = open(folder.path());
    let witness = fill(&store, 10).await;
    backup::backup_folder(folder.path(), copy.path()).expect("copied");
    assert_eq!(witness.judge(&open(copy.path())).await, Vec::<String>::new());
    let seen = stat(folder.path()).expect("seen");
    assert_eq!((seen.last_seq.0, seen.incidents, seen.open_items, seen.people), (10, 1, 10, 1));
    assert_eq!(seen.head, store.head());
    assert!(seen.files > 1 && seen.journal_bytes > 4096 && seen.model_bytes > 0, "{seen:?}");
}

#[tokio::test]
async fn a_copy_needs_an_empty_folder_and_a_damaged_one_is_not_restored() {
    let (folder, copy, elsewhere) = (scratch(), scratch(), scratch());
    let store = open(folder.path());
    fill(&store, 10).await;
    let refused = store.backup(folder.path()).await.expect_err("refused");
    assert!(refused.to_string().contains("is not empty"), "{refused}");
    store.backup(copy.path()).await.expect("copied");
    let file = copy.path().join("journal/00000001.journal");
    let mut bytes = fs::read(&file).expect("bytes");
    bytes[700] ^= 1;
    fs::write(&file, bytes).expect("written");
    let refused = backup::restore(copy.path(), elsewhere.path(), START).expect_err("refused");
    assert!(matches!(refused, StoreError::Damaged(_)), "{refused}");
    assert_eq!(files_below(elsewhere.path()).len(), 0);
}

#[tokio::test]
async fn sled_is_thrown_away_and_filled_anew() {
    let folder = scratch();
    let store = open(folder.path());
    let witness = fill(&store, 5).await;
    let running = backup::rebuild(folder.path(), START).expect_err("refused");
    assert!(matches!(running, StoreError::InUse(_)), "{running}");
    drop(store);
    let opened = backup::rebuild(folder.path(), START).expect("filled");
    assert!(opened.summary().contains("filled anew with 10 commits"), "{}", opened.summary());
    assert_eq!(witness.judge(&open(folder.path())).await, Vec::<String>::new());
}

#[test]
fn a_sealed_copy_opens_only_whole_and_with_its_passphrase() {
    let (folder, out) = (scratch(), scratch());
    fs::create_dir(folder.path().join("below")).expect("a folder");
    for (name, length) in [("empty", 0), ("below/small", 10), ("below/one piece", 65_536), ("large", 200_000)]
    {
        let bytes: Vec<u8> = (0..length).map(|n: u32| n.to_le_bytes()[0]).collect();
        fs::write(folder.path().join(name), bytes).expect("written");
    }
    let right = Passphrase::quick("correct horse");
    let sealed = out.path().join("copy.sealed");
    vault::seal_folder(folder.path(), &right, &sealed).expect("sealed");
    let opened = out.path().join("opened");
    vault::open_sealed(&sealed, &right, &opened).expect("opened");
    for path in files_below(folder.path()) {
        let name = path.strip_prefix(folder.path()).expect("below");
        assert_eq!(fs::read(opened.join(name)).expect("bytes"), fs::read(&path).expect("bytes"));
    }
    let whole = fs::read(&sealed).expect("bytes");
    let wrong = |name: &str, bytes: &[u8], passphrase: &Passphrase| {
        fs::write(&sealed, bytes).expect("written");
        let to = out.path().join("not opened");
        let refused = vault::open_sealed(&sealed, passphrase, &to).expect_err(name);
        assert!(matches!(refused, StoreError::Damaged(_)), "{name}: {refused}");
        assert!(!to.exists(), "{name}");
    };
    wrong("another passphrase", &whole, &Passphrase::quick("wrong horse"));
    wrong("cut at a piece", &whole[..40 + 65_552], &right);
    wrong("cut", &whole[..whole.len() - 1], &right);
    for at in [0, 30, 45, whole.len() / 2, whole.len() - 1] {
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        wrong("flipped", &flipped, &right);
    }
}

#[tokio::test]
async fn copies_are_made_when_they_are_due_and_thinned_out() {
    let (folder, copies) = (scratch(), scratch());
    let store = open(folder.path());
    fill(&store, 2).await;
    let mut schedule = Schedule {
        folder: copies.path().join("backups"),
        every: Duration::from_secs(3600),
        keep: 2,
        passphrase: None,
    };
    for (seconds, made) in [(0, true), (3599, false), (3600, true), (7200, true)] {
        let run = schedule.run(&store, at(seconds)).await.expect("no fault");
        assert_eq!(run.is_some(), made, "after {seconds} s");
    }
    schedule.passphrase = Some(Passphrase::quick("correct horse"));
    let made = schedule.run(&store, at(10_800)).await.expect("no fault").expect("made");
    assert_eq!(schedule.newest(), Ok(Some(at(10_800))));
    let mut names: Vec<String> = fs::read_dir(&schedule.folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(names, ["watchpost-2026-11-23T02-00-00Z", "watchpost-2026-11-23T03-00-00Z.sealed"]);
    let opened = copies.path().join("opened");
    vault::open_sealed(&made.path, schedule.passphrase.as_ref().expect("one"), &opened).expect("opened");
    assert_eq!(backup::verify_folder(&opened).expect("read"), made.verified);
}

#[tokio::test]
async fn nothing_is_left_of_somebody_who_was_forgotten() {
    let (folder, copy) = (scratch(), scratch());
    let store = open(folder.path());
    fill(&store, 20).await;
    let id = CANARY_ID.to_string();
    let beforehand = holding(folder.path(), &[CANARY, &id]);
    assert_eq!(beforehand, [folder.path().join("keys").display().to_string()], "sealed everywhere else");
    let head = store.head();
    store.forget(PersonId(CANARY_ID), at(1)).await.expect("forgotten");
    assert_eq!(holding(folder.path(), &[CANARY, &id]), Vec::<String>::new());
    assert_eq!(store.head(), head);
    assert_eq!(store.verify().await.expect("read").faults, Vec::<String>::new());
    store.backup(copy.path()).await.expect("copied");
    assert_eq!(holding(copy.path(), &[CANARY, &id]), Vec::<String>::new());
    // What is still to be said to them is said; what was said is gone.
    let events = store.events(IncidentId(1), 0, 99).await.expect("events");
    let exported = serde_json::to_string(&events).expect("json");
    assert!(!exported.contains(CANARY) && !exported.contains(&id));
    let copied = open(copy.path());
    assert_eq!(copied.events(IncidentId(1), 0, 99).await.expect("events"), events);
}

/// The keys as they were before cannot open what is said after, and what was said before is under a key that is gone.
#[tokio::test]
async fn older_keys_do_not_open_the_outbox_of_today() {
    let folder = scratch();
    let store = open(folder.path());
    fill(&store, 1).await;
    let keys = fs::read(folder.path().join("keys")).expect("keys");
    store.forget(PersonId(CANARY_ID), at(1)).await.expect("forgotten");
    drop(store);
    fs::write(folder.path().join("keys"), keys).expect("written");
    let refused = JournalStore::open(folder.path(), SMALL, START).err().expect("refused");
    assert!(matches!(refused, StoreError::Damaged(_)), "{refused}");
}
