//! What the store must do fast, as figures beside a plain file in the same run.
//!
//! `cargo bench -p watchpost --bench store [FOLDER]`: durable commits a second with 1 and with 64 writers beside a
//! plain append and `sync_data`; open time and memory with 1,000,000 events; a timeline of 10,000 events.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use watchpost::clock::UtcMs;
use watchpost::ids::{IncidentId, PersonId};
use watchpost::incident::event::{EntryKind, Event, NewEvent, Origin};
use watchpost::person::{Actor, Person};
use watchpost::store::{Commit, JournalStore, Options, Store, stat};

const NOW: UtcMs = UtcMs(1_795_392_000_000);
const TIMELINE: u64 = 10_000;
const EVENTS_A_COMMIT: usize = 50;

/// Number of timelines, 100 unless this says otherwise: 1,000,000 events.
const TIMELINES: &str = "WATCHPOST_BENCH_TIMELINES";

/// Set for the second process, which only opens the folder that it names.
const OPEN_ONLY: &str = "WATCHPOST_BENCH_OPEN";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    if let Some(data) = std::env::var_os(OPEN_ONLY) {
        return open_and_read(&runtime, Path::new(&data));
    }
    let folder = std::env::args().skip(1).find(|word| !word.starts_with("--"));
    let folder = folder.map_or_else(std::env::temp_dir, PathBuf::from).join("watchpost-bench");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder)?;
    durable_commits(&runtime, &folder)?;
    many_events(&runtime, &folder)?;
    Ok(std::fs::remove_dir_all(&folder)?)
}

fn say(text: &str) {
    // The figures are what this program is for; that nobody reads them is no fault.
    let _ = writeln!(std::io::stdout(), "{text}");
}

fn event(incident: u64) -> NewEvent {
    NewEvent {
        incident: IncidentId(incident),
        happened_at: NOW,
        actor: Actor::Person(Person { id: PersonId(incident), name: "Ana".to_owned() }),
        origin: Origin::Chat,
        event: Event::Logged {
            kind: EntryKind::Finding,
            text: "The queue of mail1 holds 4,312 messages; the oldest waits since 02:14. Nothing leaves."
                .to_owned(),
        },
    }
}

fn commit(incident: u64, version: u64, events: usize) -> Commit {
    Commit {
        recorded_at: NOW,
        expect: vec![(IncidentId(incident), version)],
        events: vec![event(incident); events],
        ..Commit::default()
    }
}

/// Appends and syncs, one after the other, in turns with the store, so that both meet the same disk.
fn durable_commits(
    runtime: &tokio::runtime::Runtime,
    folder: &Path,
) -> Result<(), Box<dyn std::error::Error>> {
    let store = JournalStore::open(&folder.join("commits"), Options::default(), NOW)?;
    let mut plain = Vec::new();
    let mut one = Vec::new();
    let mut many = Vec::new();
    for turn in 0..4 {
        plain.push(plain_appends(&folder.join("plain"), 500)?);
        one.push(runtime.block_on(write(&store, 1 + turn * 1000, 1, 500))?);
        many.push(runtime.block_on(write(&store, 100 + turn * 1000, 64, 200))?);
    }
    let mean = |rates: &[f64]| rates.iter().sum::<f64>() / f64::from(u32::try_from(rates.len()).unwrap_or(1));
    let (plain, one, many) = (mean(&plain), mean(&one), mean(&many));
    say(&format!("plain append + sync_data:  {plain:8.0} /s"));
    say(&format!("1 writer:                  {one:8.0} commits/s, {:.2} of plain", one / plain));
    say(&format!("64 writers:                {many:8.0} commits/s, {:.1} times plain", many / plain));
    Ok(())
}

fn plain_appends(path: &Path, count: u32) -> std::io::Result<f64> {
    let mut file = OpenOptions::new().append(true).create(true).open(path)?;
    let record = vec![b'x'; 600];
    let started = Instant::now();
    for _ in 0..count {
        file.write_all(&record)?;
        file.sync_data()?;
    }
    Ok(rate(count, started.elapsed()))
}

async fn write(
    store: &JournalStore,
    first: u64,
    writers: u64,
    each: u64,
) -> Result<f64, Box<dyn std::error::Error>> {
    let started = Instant::now();
    let tasks = (first..first + writers).map(|incident| async move {
        for version in 0..each {
            store.commit(commit(incident, version, 1)).await?;
        }
        Ok::<(), watchpost::store::StoreError>(())
    });
    for done in futures::future::join_all(tasks).await {
        done?;
    }
    Ok(rate(u32::try_from(writers * each)?, started.elapsed()))
}

fn rate(count: u32, took: Duration) -> f64 {
    f64::from(count) / took.as_secs_f64()
}

fn many_events(runtime: &tokio::runtime::Runtime, folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let data = folder.join("million");
    let timelines = std::env::var(TIMELINES).ok().and_then(|count| count.parse().ok()).unwrap_or(100);
    let started = Instant::now();
    let store = JournalStore::open(&data, Options::default(), NOW)?;
    runtime.block_on(async {
        let fill = (1..=timelines).map(|incident| {
            let store = &store;
            async move {
                let mut version = 0;
                while version < TIMELINE {
                    store.commit(commit(incident, version, EVENTS_A_COMMIT)).await?;
                    version += EVENTS_A_COMMIT as u64;
                }
                Ok::<(), watchpost::store::StoreError>(())
            }
        });
        futures::future::join_all(fill).await.into_iter().collect::<Result<Vec<()>, _>>()
    })?;
    drop(store);
    say(&format!("{} events written: {:.1} s", timelines * TIMELINE, started.elapsed().as_secs_f64()));
    let seen = stat(&data)?;
    let mebibytes = |bytes: u64| bytes / (1024 * 1024);
    say(&format!(
        "journal {} MiB in {} files, sled {} MiB",
        mebibytes(seen.journal_bytes),
        seen.files,
        mebibytes(seen.model_bytes)
    ));
    // Another process, so that its memory is its own.
    let done = std::process::Command::new(std::env::current_exe()?).env(OPEN_ONLY, &data).status()?;
    if done.success() { Ok(()) } else { Err("the second process failed".into()) }
}

fn open_and_read(runtime: &tokio::runtime::Runtime, data: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let started = Instant::now();
    let store = JournalStore::open(data, Options::default(), NOW)?;
    say(&format!("opened in {:.0} ms: {}", millis(started.elapsed()), store.opened().summary()));
    say(&format!("memory after opening: {}", memory("VmRSS")));
    for incident in [1, 1, 2, 2, 3, 3] {
        let (started, before) = (Instant::now(), worked());
        let read = runtime.block_on(store.events(IncidentId(incident), 0, usize::MAX))?.len();
        let work = worked().saturating_sub(before);
        say(&format!(
            "timeline of {read} events: {:.0} ms, {:.0} ms of work",
            millis(started.elapsed()),
            millis(work)
        ));
    }
    say(&format!("memory at most: {}", memory("VmHWM")));
    let started = Instant::now();
    let verified = runtime.block_on(store.verify())?;
    say(&format!(
        "verified {} events in {:.1} s, {} faults",
        verified.events,
        started.elapsed().as_secs_f64(),
        verified.faults.len()
    ));
    Ok(())
}

fn millis(took: Duration) -> f64 {
    took.as_secs_f64() * 1000.0
}

/// Time that this process's threads have worked; on a busy machine less than the time that passed. Threads that ended
/// are not in it.
fn worked() -> Duration {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let nanos = tasks.filter_map(|task| {
        let account = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
        account.split(' ').next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanos.sum())
}

/// A line of the kernel's account of this process.
fn memory(name: &str) -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.map_or_else(|| "not known here".to_owned(), |rest| rest.trim_start_matches(':').trim().to_owned())
}
