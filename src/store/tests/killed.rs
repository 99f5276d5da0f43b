//! Processes that are killed while they write: at each named step, and at any moment.
//!
//! The test runs itself as a child process ([`writes_until_it_is_killed`]), reads from its output what was
//! acknowledged, kills it, opens the folder and compares.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use super::invariants::Witness;
use super::samples::{START, at, item, note, noting, person, saying, scratch};
use crate::ids::{IncidentId, PersonId};
use crate::incident::event::Event;
use crate::person::Actor;
use crate::store::failpoint::Step;
use crate::store::{Commit, JournalStore, Options, Store};

const FOLDER: &str = "WATCHPOST_TEST_FOLDER";
const WRITERS: &str = "WATCHPOST_TEST_WRITERS";
const STEP: &str = "WATCHPOST_TEST_STEP";

const OPTIONS: Options = Options { rotate_bytes: 100_000, ballast_bytes: 4096 };

/// In the child: ends the process at the step that the parent chose, the Nth time that it is passed.
pub(in crate::store) fn pass(step: Step) {
    static CHOSEN: OnceLock<Option<(String, u32)>> = OnceLock::new();
    static PASSED: AtomicU32 = AtomicU32::new(0);
    let chosen = CHOSEN.get_or_init(|| {
        let chosen = std::env::var(STEP).ok()?;
        let (name, times) = chosen.split_once(':')?;
        Some((name.to_owned(), times.parse().ok()?))
    });
    if let Some((name, times)) = chosen
        && *name == format!("{step:?}")
        && PASSED.fetch_add(1, Ordering::SeqCst) + 1 == *times
    {
        // Nothing is flushed and nothing dropped, as with SIGKILL.
        std::process::abort();
    }
}

/// The text of an event, which the parent can tell from its place.
fn text(incident: u64, version: u64) -> String {
    format!("event {version} of {incident}, {}", "x".repeat(100))
}

/// The child. As a test of its own it does nothing.
#[test]
fn writes_until_it_is_killed() {
    let Ok(folder) = std::env::var(FOLDER) else {
        return;
    };
    let writers: u64 = std::env::var(WRITERS).ok().and_then(|count| count.parse().ok()).unwrap_or(4);
    let store = JournalStore::open(Path::new(&folder), OPTIONS, START).expect("opens");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().expect("a runtime");
    runtime.block_on(async {
        let write = (1..=writers).map(|incident| keep_writing(&store, incident));
        futures::future::join_all(write).await;
    });
}

async fn keep_writing(store: &JournalStore, incident: u64) {
    let mut version = store.events(IncidentId(incident), 0, usize::MAX).await.expect("events").len() as u64;
    for round in 0.. {
        let by = Actor::Person(person(incident * 1000 + round / 8 % 7, "somebody"));
        // Two events a commit, so that a torn one would leave an odd number.
        let pair = Commit {
            events: vec![
                note(incident, by.clone(), &text(incident, version + 1)),
                note(incident, by, &text(incident, version + 2)),
            ],
            ..noting(incident, version, "")
        };
        store.commit(pair).await.expect("stored");
        version += 2;
        let mut told = String::new();
        let _ = writeln!(told, "ok {incident} {version}");
        std::io::stdout().write_all(told.as_bytes()).expect("the parent listens");
        if round % 5 == 4 {
            let key = format!("{incident}/{version}");
            store.commit(saying(vec![item(&key, &key, incident, START)])).await.expect("stored");
            store.claim_due(at(1), 1).await.expect("claimed");
        }
        if incident == 1 && round % 40 == 39 {
            store.forget(PersonId(1000 + round / 40 % 7), at(1)).await.expect("forgotten");
        }
    }
}

pub fn start(folder: &Path, writers: u64, step: Option<&str>) -> Child {
    let mut command = Command::new(std::env::current_exe().expect("this test"));
    command
        .args(["--exact", "store::tests::killed::writes_until_it_is_killed", "--nocapture"])
        .env(FOLDER, folder)
        .env(WRITERS, writers.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    if let Some(step) = step {
        command.env(STEP, step);
    }
    command.spawn().expect("a child")
}

/// Reads what the child says until it ends. After so many acknowledged commits `end` is called, which ends it.
///
/// Returns the number of commits; `acked` gets the last acknowledged version of each incident.
pub fn acknowledged(
    child: &mut Child,
    moment: Option<u64>,
    end: &mut dyn FnMut(&mut Child),
    acked: &mut BTreeMap<u64, u64>,
) -> u64 {
    let out = BufReader::new(child.stdout.take().expect("its output"));
    let mut commits = 0;
    for line in out.lines().map_while(Result::ok) {
        let mut words = line.split(' ');
        if let (Some("ok"), Some(incident), Some(version)) = (words.next(), words.next(), words.next())
            && let (Ok(incident), Ok(version)) = (incident.parse(), version.parse())
        {
            acked.insert(incident, version);
            commits += 1;
            if moment == Some(commits) {
                end(child);
            }
        }
    }
    commits
}

/// SIGKILL.
fn kill(child: &mut Child) {
    child.kill().expect("killed");
}

/// Opens what is left and lets the one judge compare it. Returns the number of acknowledged events that are missing.
pub fn lost(folder: &Path, writers: u64, acked: &BTreeMap<u64, u64>) -> u64 {
    let store = JournalStore::open(folder, OPTIONS, START).expect("opens by itself");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let mut witness = Witness::default();
    for incident in 1..=writers {
        witness.heard(incident, acked.get(&incident).copied().unwrap_or(0), 2);
    }
    let (losses, wrong): (Vec<String>, Vec<String>) =
        runtime.block_on(witness.judge(&store)).into_iter().partition(|said| said.contains(" lost "));
    assert_eq!(wrong, Vec::<String>::new());
    let mut lost = 0;
    for incident in 1..=writers {
        let events = runtime.block_on(store.events(IncidentId(incident), 0, usize::MAX)).expect("events");
        for event in &events {
            let Event::Logged { text: found, .. } = &event.new.event else {
                panic!("{event:?}");
            };
            assert_eq!(*found, text(incident, event.version), "nothing is torn or swapped");
        }
        let promised = acked.get(&incident).copied().unwrap_or(0);
        lost += promised.saturating_sub(events.len() as u64);
    }
    assert_eq!(lost == 0, losses.is_empty(), "{losses:?}");
    lost
}

#[test]
fn a_kill_at_each_step_loses_nothing() {
    let steps = [
        (Step::Sealed, [1, 20]),
        (Step::KeysSaved, [1, 20]),
        (Step::Written, [1, 20]),
        (Step::Synced, [1, 20]),
        (Step::Published, [1, 20]),
        (Step::Answered, [1, 20]),
        (Step::Followed, [1, 20]),
        (Step::FileBegun, [1, 2]),
        (Step::ForgettingWritten, [1, 2]),
        (Step::KeyRemoved, [1, 2]),
    ];
    for (step, times) in steps {
        let folder = scratch();
        let mut acked = BTreeMap::new();
        for time in times {
            let mut child = start(folder.path(), 4, Some(&format!("{step:?}:{time}")));
            acknowledged(&mut child, None, &mut kill, &mut acked);
            assert!(!child.wait().expect("it ends").success(), "{step:?} {time}: it was killed");
            assert_eq!(lost(folder.path(), 4, &acked), 0, "{step:?} {time}");
        }
    }
}

/// Kills at many moments. Returns the number of acknowledged commits and of lost events.
fn kill_at_random(kills: u64, writers: u64, most: u64, folder: &Path) -> (u64, u64) {
    let mut acked = BTreeMap::new();
    let (mut commits, mut missing) = (0, 0);
    for round in 0..kills {
        let mut child = start(folder, writers, None);
        // Another moment each time, within a group as likely as between two.
        let moment = 1 + round * 7919 % most;
        commits += acknowledged(&mut child, Some(moment), &mut kill, &mut acked);
        assert!(!child.wait().expect("it ends").success());
        missing += lost(folder, writers, &acked);
    }
    (commits, missing)
}

#[test]
fn kills_at_random_moments_lose_nothing() {
    let folder = scratch();
    let (commits, missing) = kill_at_random(6, 16, 300, folder.path());
    assert!(commits > 0);
    assert_eq!(missing, 0);
}

/// The long run: `cargo test --release -p watchpost --lib -- --ignored two_hundred_kills --nocapture`.
#[test]
#[ignore = "takes some minutes"]
fn two_hundred_kills_with_64_writers_lose_nothing() {
    let (mut commits, mut missing) = (0, 0);
    // A new folder now and then: each kill is followed by reading all of it.
    for _ in 0..10 {
        let folder = scratch();
        let (more, lost) = kill_at_random(20, 64, 1100, folder.path());
        commits += more;
        missing += lost;
    }
    let _ = writeln!(std::io::stdout(), "200 kills, {commits} acknowledged commits, {missing} events lost");
    assert_eq!(missing, 0);
    assert!(commits >= 100_000, "{commits} commits");
}
