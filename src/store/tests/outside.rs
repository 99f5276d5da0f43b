//! What the machine does to the store: full disks, folders that cannot be written, other processes, older formats.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::invariants::Witness;
use super::samples::{START, at, head, item, note, noting, once, person, saying, scratch};
use crate::ids::{IncidentId, PersonId};
use crate::outbox::Progress;
use crate::person::{Actor, FORGOTTEN};
use crate::store::{
    Commit, DedupeKey, Health, JournalStore, ModelFound, Options, Store, StoreError, TimerKey,
};

/// A small disk of its own; gone when dropped.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// `None` where this process may not mount.
    fn mount(options: &str) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", options, "tmpfs"])
            .arg(folder.path())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success());
        if !mounted {
            let _ = writeln!(std::io::stderr(), "skipped: this process may not mount a file system");
        }
        mounted.then(|| SmallDisk(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

pub(super) const ON_SMALL_DISK: Options = Options { rotate_bytes: 200_000, ballast_bytes: 100_000 };

pub(super) async fn fill_until_refused(
    store: &JournalStore,
    witness: &mut Witness,
    incident: u64,
) -> (StoreError, bool) {
    let mut lived_on_ballast = false;
    for version in 0.. {
        match store.commit(noting(incident, version, &"x".repeat(2000))).await {
            Ok(made) => witness.saw(&made),
            Err(refused) => return (refused, lived_on_ballast),
        }
        lived_on_ballast |= store.health() == Health::OnBallast;
    }
    unreachable!("the disk is small")
}

#[tokio::test]
async fn a_full_disk_is_lived_through() {
    let Some(disk) = SmallDisk::mount("size=8m") else {
        return;
    };
    let data = disk.path().join("data");
    let filler = disk.path().join("filler");
    let store = JournalStore::open(&data, ON_SMALL_DISK, START).expect("a store");
    fs::write(&filler, vec![1; 5 << 20]).expect("written");
    let mut witness = Witness::default();
    let (refused, lived_on_ballast) = fill_until_refused(&store, &mut witness, 1).await;
    assert!(matches!(refused, StoreError::Full(_)), "{refused}");
    assert!(refused.to_string().starts_with("not stored: the disk is full ("), "{refused}");
    assert!(lived_on_ballast);
    assert_eq!(store.health(), Health::NotStoring(refused));
    assert_eq!(witness.judge(&store).await, Vec::<String>::new());
    drop(store);

    let store = JournalStore::open(&data, ON_SMALL_DISK, START).expect("opens on a full disk");
    assert_eq!(witness.judge(&store).await, Vec::<String>::new());
    let (refused, _) = fill_until_refused(&store, &mut witness, 2).await;
    assert!(matches!(refused, StoreError::Full(_)), "{refused}");

    fs::remove_file(&filler).expect("removed");
    witness.saw(&store.commit(noting(3, 0, "room again")).await.expect("stored without a restart"));
    assert_ne!(store.health(), Health::NotStoring(refused));
    assert_eq!(witness.judge(&store).await, Vec::<String>::new());
    while !store.reads_from_model() {
        tokio::task::yield_now().await;
    }
    witness.saw(&store.commit(noting(4, 0, "sled is back")).await.expect("stored"));
    assert_eq!(witness.judge(&store).await, Vec::<String>::new());
    drop(store);
    let store = JournalStore::open(&data, ON_SMALL_DISK, START).expect("opens");
    assert!(matches!(store.opened().model, ModelFound::Current), "{}", store.opened().summary());
}

#[test]
fn a_folder_that_cannot_be_written_is_said() {
    let Some(disk) = SmallDisk::mount("size=4m") else {
        return;
    };
    drop(JournalStore::open(disk.path(), ON_SMALL_DISK, START).expect("a store"));
    let remount = Command::new("mount").args(["-o", "remount,ro"]).arg(disk.path()).status();
    assert!(remount.expect("mount runs").success());
    let refused = JournalStore::open(disk.path(), ON_SMALL_DISK, START).err().expect("refused");
    assert!(matches!(refused, StoreError::ReadOnly(_)), "{refused}");
    assert!(refused.to_string().contains("mounted read-only"), "{refused}");
}

const FOLDER: &str = "WATCHPOST_TEST_OPEN";

/// The child: opens, says what came of it, and waits until its input ends. As a test of its own it does nothing.
#[test]
fn opens_and_waits() {
    let Ok(folder) = std::env::var(FOLDER) else {
        return;
    };
    let opened = JournalStore::open(Path::new(&folder), ON_SMALL_DISK, START);
    let said = match &opened {
        Ok(_) => "said open".to_owned(),
        Err(refused) => format!("said {refused}"),
    };
    let mut out = std::io::stdout();
    writeln!(out, "\n{said}").and_then(|()| out.flush()).expect("the parent listens");
    let _ = std::io::stdin().read_line(&mut String::new());
}

fn open_in_child(folder: &Path) -> (Child, String) {
    let mut child = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "store::tests::outside::opens_and_waits", "--nocapture"])
        .env(FOLDER, folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a child");
    let out = BufReader::new(child.stdout.take().expect("its output"));
    let said =
        out.lines().map_while(Result::ok).find_map(|line| line.strip_prefix("said ").map(str::to_owned));
    (child, said.expect("it said something"))
}

#[test]
fn of_eight_processes_one_serves_and_its_place_is_taken_when_it_dies() {
    let folder = scratch();
    let race: Vec<std::thread::JoinHandle<(Child, String)>> = (0..8)
        .map(|_| {
            let folder = folder.path().to_owned();
            std::thread::spawn(move || open_in_child(&folder))
        })
        .collect();
    let mut winners = Vec::new();
    for racer in race {
        let (mut child, said) = racer.join().expect("a child");
        if said == "open" {
            winners.push(child);
        } else {
            assert!(said.starts_with("another Watchpost is using"), "{said}");
            child.kill().and_then(|()| child.wait().map(drop)).expect("ended");
        }
    }
    assert_eq!(winners.len(), 1);
    let mut winner = winners.remove(0);
    winner.kill().and_then(|()| winner.wait().map(drop)).expect("killed");
    let (mut next, said) = open_in_child(folder.path());
    assert_eq!(said, "open");
    next.kill().and_then(|()| next.wait().map(drop)).expect("ended");
}

fn fixture(version: u32) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/store-v{version}"))
}

const FIXTURE: Options = Options { rotate_bytes: 2_500, ballast_bytes: 0 };

/// A little of everything. Run once for each format, and its result kept for ever:
/// `WATCHPOST_TEST_FIXTURE=FOLDER cargo test -p watchpost --lib -- --ignored writes_a_folder`.
#[tokio::test]
#[ignore = "only when the format changes"]
async fn writes_a_folder_of_this_format() {
    let folder = PathBuf::from(std::env::var("WATCHPOST_TEST_FIXTURE").expect("where to"));
    let store = JournalStore::open(&folder, FIXTURE, START).expect("a store");
    let declared = Commit {
        heads: vec![head(1, "Nobody receives mail")],
        events: vec![
            note(1, Actor::Person(person(7, "Ana")), "The queue grows"),
            note(1, Actor::Person(person(8, "Ben")), "Disk of mail1 is full"),
        ],
        ..noting(1, 0, "")
    };
    store.commit(declared).await.expect("stored");
    store.forget(PersonId(8), at(1)).await.expect("forgotten");
    for version in 2..6 {
        store.commit(noting(1, version, "a remark by Watchpost")).await.expect("stored");
    }
    store
        .commit(saying(vec![item("sent", "a", 1, START), item("waits", "b", 2, at(60))]))
        .await
        .expect("stored");
    store.claim_due(at(1), 1).await.expect("claimed");
    let timers = Commit {
        timers: vec![(TimerKey::Proof(IncidentId(1)), Some(at(300)))],
        ..once("interaction 5", at(9_000_000))
    };
    store.commit(timers).await.expect("stored");
}

#[tokio::test]
async fn a_folder_of_format_1_is_read() {
    let copy = scratch();
    fs::create_dir(copy.path().join("journal")).expect("a folder");
    for name in ["keys", "journal/00000001.journal", "journal/00000002.journal", "journal/00000003.journal"] {
        fs::copy(fixture(1).join(name), copy.path().join(name)).expect("copied");
    }
    let store = JournalStore::open(copy.path(), FIXTURE, START).expect("opens");
    let verified = store.verify().await.expect("read");
    assert_eq!(verified.faults, Vec::<String>::new());
    assert_eq!((verified.events, verified.commits), (6, 9));
    let events = store.events(IncidentId(1), 0, 9).await.expect("events");
    let names: Vec<String> = events.iter().map(|event| event.new.actor.to_string()).collect();
    assert_eq!(names[..3], ["Ana", FORGOTTEN, "Watchpost"]);
    assert_eq!(store.heads().await.expect("heads"), [head(1, "Nobody receives mail")]);
    let items = store.items(IncidentId(1)).await.expect("items");
    assert!(matches!(items[0].progress, Progress::Uncertain { .. }));
    assert_eq!(items[1].progress, Progress::Due);
    assert_eq!(store.next_due().await, Ok(Some(at(3))));
    assert_eq!(store.timers_due(at(300), 1).await.expect("timers").len(), 1);
    assert_eq!(store.is_done(&DedupeKey("interaction 5".to_owned())).await, Ok(true));
}

/// The process is stopped by a signal, an hour passes, and it goes on: it never lost its place to another one, and what
/// came due meanwhile comes due once.
#[test]
fn a_process_that_is_stopped_for_an_hour_goes_on() {
    let folder = scratch();
    let clock = folder.path().join("clock");
    fs::write(&clock, "0").expect("written");
    let data = folder.path().join("data");
    let mut child = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "store::tests::outside::writes_by_the_clock_that_it_reads", "--nocapture"])
        .env(FOLDER, &data)
        .env(CLOCK, &clock)
        .stdout(Stdio::piped())
        .spawn()
        .expect("a child");
    let mut out = BufReader::new(child.stdout.take().expect("its output"))
        .lines()
        .map_while(Result::ok)
        .filter_map(|line| line.strip_prefix("said ").map(str::to_owned));
    let mut witness = Witness::default();
    let mut hear = |times: usize| {
        let mut due = 0;
        for said in out.by_ref().take(times) {
            let mut numbers = said.split(' ').map(|number| number.parse::<u64>().expect("a number"));
            let (Some(version), Some(more)) = (numbers.next(), numbers.next()) else { panic!("{said}") };
            witness.heard(1, version, 1);
            due += more;
        }
        due
    };
    assert_eq!(hear(50), 0, "nothing is due yet");
    signal(&child, "STOP");
    let refused = JournalStore::open(&data, ON_SMALL_DISK, at(1)).err().expect("its place is taken");
    assert!(matches!(refused, StoreError::InUse(_)), "{refused}");
    fs::write(&clock, "3600").expect("written");
    signal(&child, "CONT");
    // What it had said before it was stopped may still be in the pipe.
    assert_eq!(hear(5_000), 2, "the item and the due time, once each");
    child.kill().and_then(|()| child.wait().map(drop)).expect("ended");
    let store = JournalStore::open(&data, ON_SMALL_DISK, at(3_601)).expect("opens");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    assert_eq!(runtime.block_on(witness.judge(&store)), Vec::<String>::new());
    assert_eq!(runtime.block_on(store.next_due()), Ok(None), "both were carried out before the end");
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([format!("-{name}"), child.id().to_string()]).status();
    assert!(sent.expect("kill runs").success());
}

const CLOCK: &str = "WATCHPOST_TEST_CLOCK";

/// The child: writes without end, by a clock that stands in a file, and carries out what is due. As a test of its own it
/// does nothing.
#[test]
fn writes_by_the_clock_that_it_reads() {
    let (Ok(folder), Ok(clock)) = (std::env::var(FOLDER), std::env::var(CLOCK)) else {
        return;
    };
    let now = || at(fs::read_to_string(&clock).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0));
    let store = JournalStore::open(Path::new(&folder), ON_SMALL_DISK, now()).expect("opens");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let timer = TimerKey::Other("hourly".to_owned());
        let begun =
            Commit { timers: vec![(timer, Some(at(1_800)))], ..saying(vec![item("k", "s", 1, at(1_800))]) };
        store.commit(begun).await.expect("stored");
        for version in 0.. {
            let now = now();
            let timers = store.timers_due(now, 9).await.expect("timers");
            let items = store.claim_due(now, 9).await.expect("claimed");
            let due = timers.len() + items.len();
            let settle =
                items.into_iter().map(|kept| (kept.item.key, Progress::Dead { at: now, why: String::new() }));
            let commit = Commit {
                recorded_at: now,
                timers: timers.into_iter().map(|(key, _)| (key, None)).collect(),
                settle: settle.collect(),
                ..noting(1, version, "by the clock")
            };
            store.commit(commit).await.expect("stored");
            // The parent may have gone.
            let _ = writeln!(std::io::stdout(), "\nsaid {} {due}", version + 1);
        }
    });
}
