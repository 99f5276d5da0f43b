//! Files that are not as they were left.

use std::fs;
use std::path::{Path, PathBuf};

use super::invariants::Witness;
use super::samples::{START, at, copy_folder, noting, person, scratch};
use crate::ids::{IncidentId, PersonId};
use crate::person::Actor;
use crate::store::salvage::salvage;
use crate::store::{Commit, JournalStore, ModelFound, Options, Store, StoreError};

const SMALL: Options = Options { rotate_bytes: 4096, ballast_bytes: 0 };

pub(super) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime")
}

pub(super) fn open(folder: &Path) -> Result<JournalStore, StoreError> {
    JournalStore::open(folder, SMALL, START)
}

/// A folder with several journal files, as after an orderly stop, and what was acknowledged.
pub(super) fn filled(commits: u64) -> (tempfile::TempDir, Witness) {
    let folder = scratch();
    let witness = add(folder.path(), commits, Witness::default());
    (folder, witness)
}

pub(super) fn add(folder: &Path, commits: u64, mut witness: Witness) -> Witness {
    let store = open(folder).expect("a store");
    runtime().block_on(async {
        let before = store.events(IncidentId(1), 0, 9999).await.expect("events").len() as u64;
        for version in before..before + commits {
            let made = store.commit(noting(1, version, "something to remember")).await;
            witness.saw(&made.expect("stored"));
        }
    });
    witness
}

fn judged(folder: &Path, witness: &Witness) -> JournalStore {
    let store = open(folder).expect("opens");
    let wrong = runtime().block_on(witness.judge(&store));
    assert_eq!(wrong, Vec::<String>::new());
    store
}

pub(super) fn journal(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder.join("journal")).expect("the folder");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

/// The sentence that opening answers with.
#[track_caller]
fn damaged(folder: &Path) -> String {
    match open(folder) {
        Err(StoreError::Damaged(what)) => what,
        Err(other) => panic!("{other}"),
        Ok(store) => panic!("opened: {}", store.opened().summary()),
    }
}

#[test]
fn a_torn_end_is_cut_and_said() {
    let (folder, witness) = filled(3);
    let newest = journal(folder.path()).pop().expect("a file");
    let whole = fs::read(&newest).expect("bytes");
    for torn in [&b"57 0000"[..], b"x", b"57 00000000 {}\n58 00000000 {}\n", &[0; 4096]] {
        fs::write(&newest, [&whole[..], torn].concat()).expect("written");
        let store = judged(folder.path(), &witness);
        assert_eq!(store.opened().cut, torn.len() as u64);
        assert!(store.opened().summary().contains("unfinished write"), "{}", store.opened().summary());
        drop(store);
        fs::write(&newest, &whole).expect("written");
    }
}

#[test]
fn a_power_cut_loses_any_pages_of_the_last_group_and_nothing_else() {
    let (folder, witness) = filled(2);
    let newest = journal(folder.path()).pop().expect("a file");
    let before = fs::read(&newest).expect("bytes").len();
    // A group that nobody was promised: written, and never synced. What a process that is killed leaves is copied.
    add(folder.path(), 1, Witness::default());
    let after = fs::read(&newest).expect("bytes");
    let end =
        before + after[before..].windows(9).position(|bytes| bytes == b"\"stopped\"").expect("the mark");
    let group = after[..end].iter().rposition(|byte| *byte == b'\n').expect("a line") + 1;
    for lost in (before..group).step_by(13) {
        let cut = fs::remove_dir_all(folder.path().join("model"));
        cut.expect("sled may be gone as well");
        let mut bytes = after[..group].to_vec();
        for page in bytes[before..].iter_mut().skip(lost - before).take(64) {
            *page = 0;
        }
        fs::write(&newest, bytes).expect("written");
        drop(judged(folder.path(), &witness));
    }
}

#[test]
fn a_flip_before_a_later_group_is_damage_and_names_the_line() {
    let (folder, _) = filled(3);
    let newest = journal(folder.path()).pop().expect("a file");
    let mut bytes = fs::read(&newest).expect("bytes");
    let line = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(4).expect("lines").0 + 30;
    bytes[line] ^= 4;
    fs::write(&newest, bytes).expect("written");
    let what = damaged(folder.path());
    assert!(what.contains("line 6") && what.contains("sequence 3"), "{what}");
    assert!(what.contains("00000001.journal"), "{what}");
}

#[test]
fn what_was_promised_is_missed_even_at_the_very_end() {
    let (folder, _) = filled(3);
    let newest = journal(folder.path()).pop().expect("a file");
    let bytes = fs::read(&newest).expect("bytes");
    let text = String::from_utf8(bytes).expect("text");
    // Everything of the last two groups and the mark of the stop.
    let kept: Vec<&str> = text.split_inclusive('\n').take(5).collect();
    fs::write(&newest, kept.concat()).expect("written");
    let what = damaged(folder.path());
    assert!(what.contains("sequence 4 had been stored"), "{what}");
}

#[test]
fn a_missing_a_second_and_a_foreign_file_are_said() {
    type Harm = fn(&[PathBuf]);
    let cases: [(&str, Harm, &str); 5] = [
        ("middle", |files| fs::remove_file(&files[1]).expect("removed"), "00000002.journal is missing"),
        ("newest", |files| fs::remove_file(files.last().expect("a file")).expect("removed"), "is missing"),
        (
            "twice",
            |files| {
                fs::copy(&files[1], files[1].with_file_name("00000002 (copy).journal")).expect("copied");
            },
            "two files of one sequence",
        ),
        (
            "swapped",
            |files| {
                fs::copy(&files[0], files.last().expect("a file")).expect("copied");
            },
            "holds what file 1 should",
        ),
        ("empty", |files| fs::write(files.last().expect("a file"), b"").expect("written"), "line 1"),
    ];
    for (name, harm, expected) in cases {
        let (folder, _) = filled(40);
        let files = journal(folder.path());
        assert!(files.len() > 3, "{} files", files.len());
        harm(&files);
        let what = damaged(folder.path());
        assert!(what.contains(expected), "{name}: {what}");
    }
}

#[test]
fn damage_in_an_old_file_is_found_by_verify_and_stops_nothing_else() {
    let (folder, _) = filled(40);
    let files = journal(folder.path());
    let mut bytes = fs::read(&files[0]).expect("bytes");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&files[0], bytes).expect("written");
    let store = open(folder.path()).expect("old files are not read at start");
    let verified = runtime().block_on(store.verify()).expect("read");
    assert!(verified.faults[0].contains("00000001.journal, line"), "{:?}", verified.faults);
    runtime().block_on(store.commit(noting(2, 0, "goes on"))).expect("stored");
}

#[test]
fn what_can_be_read_of_a_damaged_folder_is_carried_over() {
    let (folder, _) = filled(40);
    let files = journal(folder.path());
    fs::remove_file(&files[1]).expect("removed");
    let mut bytes = fs::read(&files[0]).expect("bytes");
    let line = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(4).expect("lines").0 + 30;
    bytes[line] ^= 4;
    fs::write(&files[0], bytes).expect("written");
    let to = scratch();
    let saved = salvage(folder.path(), to.path(), START).expect("carried over");
    let gone = 40 - saved.events;
    assert!(gone > 1 && gone < 20, "{saved:?}");
    assert_eq!(saved.missing.len(), 2, "{saved:?}");
    assert!(saved.missing[0].starts_with("sequences 3 to 3"), "{saved:?}");
    let store = open(to.path()).expect("opens");
    let events = runtime().block_on(store.events(IncidentId(1), 0, 99)).expect("events");
    assert_eq!(events.len() as u64, saved.events);
    assert_eq!(runtime().block_on(store.verify()).expect("read").faults, Vec::<String>::new());
    runtime().block_on(store.commit(noting(1, saved.events, "goes on"))).expect("stored");
}

#[test]
fn everything_is_there_without_a_journal_only_the_journal_is_not() {
    let (folder, _) = filled(3);
    fs::remove_dir_all(folder.path().join("journal")).expect("removed");
    assert!(damaged(folder.path()).contains("the journal is missing"));
}

#[test]
fn sled_is_filled_anew_when_it_is_gone_damaged_older_or_foreign() {
    let (folder, witness) = filled(30);
    let older = scratch();
    copy_folder(&folder.path().join("model"), &older.path().join("model"));
    let witness = add(folder.path(), 30, witness);
    let (foreign, _) = filled(5);
    let model = folder.path().join("model");
    let harms: [(&str, &dyn Fn()); 5] = [
        ("deleted", &|| fs::remove_dir_all(&model).expect("removed")),
        ("truncated", &|| {
            let file = fs::OpenOptions::new().write(true).open(model.join("db")).expect("a file");
            file.set_len(1000).expect("cut");
        }),
        ("overwritten", &|| {
            fs::write(model.join("db"), vec![7; 5000]).expect("written");
        }),
        ("older", &|| {
            fs::remove_dir_all(&model).expect("removed");
            copy_folder(&older.path().join("model"), &model);
        }),
        ("foreign", &|| {
            fs::remove_dir_all(&model).expect("removed");
            copy_folder(&foreign.path().join("model"), &model);
        }),
    ];
    for (name, harm) in harms {
        harm();
        let store = judged(folder.path(), &witness);
        let found = &store.opened().model;
        assert!(!matches!(found, ModelFound::Current | ModelFound::Missing { .. }), "{name}: {found:?}");
        assert!(store.reads_from_model(), "{name}");
    }
}

#[test]
fn older_keys_are_not_taken() {
    let (folder, _) = filled(1);
    let keys = folder.path().join("keys");
    let older = fs::read(&keys).expect("keys");
    let store = open(folder.path()).expect("a store");
    let hers = Commit {
        events: vec![super::samples::note(2, Actor::Person(person(7, "ana")), "hers")],
        ..noting(2, 0, "")
    };
    runtime().block_on(store.commit(hers)).expect("stored");
    drop(store);
    let newer = fs::read(&keys).expect("keys");
    for at in 0..newer.len() {
        let mut flipped = newer.clone();
        flipped[at] ^= 2;
        fs::write(&keys, flipped).expect("written");
        assert!(damaged(folder.path()).contains("keys is not as it was written"), "byte {at}");
    }
    fs::write(&keys, older).expect("written");
    assert!(damaged(folder.path()).contains("keys is older than the journal"));
    fs::remove_file(&keys).expect("removed");
    assert!(damaged(folder.path()).contains("keys is missing"));
}

#[test]
fn who_was_forgotten_does_not_come_back_with_older_keys() {
    let folder = scratch();
    let store = open(folder.path()).expect("a store");
    let hers = Commit {
        events: vec![super::samples::note(1, Actor::Person(person(7, "ana-canary")), "hers")],
        ..noting(1, 0, "")
    };
    runtime().block_on(store.commit(hers)).expect("stored");
    let keys = folder.path().join("keys");
    let older = fs::read(&keys).expect("keys");
    runtime().block_on(store.forget(PersonId(7), at(1))).expect("forgotten");
    drop(store);
    fs::write(&keys, older).expect("written");
    // The passing key of now is missing from it: said, not taken.
    assert!(damaged(folder.path()).contains("missing"));
}

#[test]
fn a_newer_format_is_refused_politely() {
    let (folder, _) = filled(1);
    let file = journal(folder.path()).pop().expect("a file");
    let text = fs::read_to_string(&file).expect("text");
    fs::write(&file, text.replacen("watchpost-journal 1 ", "watchpost-journal 2 ", 1)).expect("written");
    let refused = open(folder.path()).err().expect("refused");
    assert!(matches!(refused, StoreError::Newer { found: 2, known: 1, .. }), "{refused}");
    assert!(refused.to_string().contains("Install that version again"), "{refused}");
}

#[test]
fn a_second_store_on_the_same_folder_is_refused() {
    let (folder, witness) = filled(1);
    let first = open(folder.path()).expect("a store");
    let refused = open(folder.path()).err().expect("refused");
    assert_eq!(refused, StoreError::InUse(folder.path().display().to_string()));
    drop(first);
    judged(folder.path(), &witness);
}
