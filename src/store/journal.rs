//! The store on disk: what is promised rests on a plain file.
//!
//! 1. [`JournalStore::open`] reads the folder and starts the committer, a thread of its own ([`committer`](super::committer)).
//! 2. Each call that writes is put into its queue and awaits the answer. A call that is dropped after that is carried
//!    out all the same.
//! 3. Calls that need no disk are answered from memory; events are read on threads that may block.
//!
//! The journal comes first because sled 0.34.7 does not keep what it acknowledges: on Linux its `flush()` is
//! `sync_file_range`, no fsync, and a simulated power cut left 3 of 6 databases unreadable.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, RwLock};
use std::thread::JoinHandle;

use async_trait::async_trait;
use tokio::sync::{Semaphore, oneshot, watch};

use super::backup;
use super::committer::Committer;
use super::disk::{Disk, RealDisk};
use super::line::Link;
use super::open::{self, Found};
use super::opened::Opened;
use super::row;
use super::shared::{Ask, Asked, Condition, Health, Reply, Shared, lock, read};
use super::verify::{self, Unfinished};
use super::{Commit, Committed, DedupeKey, Head, Store, StoreError, TimerKey, Verified};
use crate::clock::UtcMs;
use crate::ids::{IncidentId, PersonId, Seq};
use crate::incident::event::Recorded;
use crate::outbox::Kept;

/// Requests that may wait; the next ones wait outside.
const QUEUE_MOST: usize = 1024;

/// From so many events on, reading them is shared between two threads.
const MANY: usize = 1_000;

/// Sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Bytes after which the journal goes on in a new file.
    pub rotate_bytes: u64,
    /// Bytes that are kept for a full disk; 0 for none.
    pub ballast_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        Options { rotate_bytes: 8 * 1024 * 1024, ballast_bytes: 16 * 1024 * 1024 }
    }
}

/// The store on disk.
pub struct JournalStore {
    shared: Arc<Shared>,
    queue: Mutex<Option<Sender<Asked>>>,
    room: Arc<Semaphore>,
    thread: Mutex<Option<JoinHandle<()>>>,
    opened: Opened,
    /// Held for as long as the store is open.
    _lock: File,
}

impl JournalStore {
    /// Opens the folder, or makes it. Blocks while it reads; nothing async runs yet at that moment.
    ///
    /// # Errors
    /// Each variant of [`StoreError`] but `Conflict` and `Duplicate`, in words that name the file.
    pub fn open(folder: &Path, options: Options, now: UtcMs) -> Result<Self, StoreError> {
        Self::open_on(Arc::new(RealDisk), folder, options, now)
    }

    /// As [`JournalStore::open`], on another disk.
    ///
    /// # Errors
    /// As there.
    pub fn open_on(
        disk: Arc<dyn Disk>,
        folder: &Path,
        options: Options,
        now: UtcMs,
    ) -> Result<Self, StoreError> {
        let Found { lock, keys, state, writer, model, opened } = open::open(disk, folder, &options, now)?;
        let cut_short = !opened.created && !opened.stopped_in_order;
        let shared = Arc::new(Shared {
            folder: folder.to_owned(),
            state: RwLock::new(state.clone()),
            keys: RwLock::new(keys),
            model: RwLock::new(model),
            ahead: Mutex::default(),
            tip: RwLock::new(writer.tip().clone()),
            condition: watch::Sender::new(Condition { cut_short, ..Condition::default() }),
        });
        let (queue, asked) = channel();
        let mut committer = Committer::new(Arc::clone(&shared), asked, writer, state, now);
        // A forgetting that was written down and cut short is finished before anything is read.
        if let Err(error) = committer.finish_forgetting() {
            tracing::warn!(%error, "a key that was given up is still in its file; tried again every second");
        }
        let thread = std::thread::Builder::new()
            .name("watchpost-store".to_owned())
            .spawn(move || committer.run())
            .map_err(|error| StoreError::Unavailable(format!("no thread could be started: {error}")))?;
        Ok(JournalStore {
            shared,
            queue: Mutex::new(Some(queue)),
            room: Arc::new(Semaphore::new(QUEUE_MOST)),
            thread: Mutex::new(Some(thread)),
            opened,
            _lock: lock,
        })
    }

    /// What was found at start and what was done.
    pub fn opened(&self) -> &Opened {
        &self.opened
    }

    /// Whether storing works.
    pub fn health(&self) -> Health {
        self.shared.condition.borrow().health.clone()
    }

    /// Whether events are read from sled; if not, from the journal, which is slower.
    pub fn reads_from_model(&self) -> bool {
        read(&self.shared.model).is_some()
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        &self.shared.folder
    }

    /// Head of the hash chain.
    pub(super) fn head(&self) -> String {
        read(&self.shared.tip).chain.to_string()
    }

    /// Puts a commit into the queue without waiting for room or for the answer.
    pub(super) fn send(
        &self,
        commit: Commit,
    ) -> Result<oneshot::Receiver<Result<Committed, StoreError>>, StoreError> {
        let (reply, answer) = oneshot::channel();
        let asked = Asked { ask: Ask::Commit(Box::new(commit), reply), permit: None };
        match lock(&self.queue).as_ref().map(|queue| queue.send(asked)) {
            Some(Ok(())) => Ok(answer),
            _ => Err(StoreError::Unavailable("it has been stopped".to_owned())),
        }
    }

    async fn ask<T>(&self, make: impl FnOnce(Reply<T>) -> Ask) -> Result<T, StoreError> {
        let stopped = || StoreError::Unavailable("it has been stopped".to_owned());
        let permit = Arc::clone(&self.room).acquire_owned().await.map_err(|_| stopped())?;
        let (reply, answer) = oneshot::channel();
        let asked = Asked { ask: make(reply), permit: Some(permit) };
        let sent = lock(&self.queue).as_ref().map(|queue| queue.send(asked));
        match sent {
            Some(Ok(())) => answer.await.map_err(|_| stopped())?,
            _ => Err(stopped()),
        }
    }

    /// Runs what reads files on a thread that may block.
    async fn reading<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Shared) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let shared = Arc::clone(&self.shared);
        tokio::task::spawn_blocking(move || work(&shared))
            .await
            .map_err(|error| StoreError::Unavailable(format!("reading was broken off: {error}")))?
    }
}

impl Drop for JournalStore {
    fn drop(&mut self) {
        let stop = Asked { ask: Ask::Stop, permit: None };
        if let Some(queue) = lock(&self.queue).take() {
            // Where the thread has ended already there is nothing to stop.
            let _ = queue.send(stop);
        }
        if let Some(thread) = lock(&self.thread).take()
            && thread.join().is_err()
        {
            tracing::error!("the store's thread ended with a panic; what was promised is on disk");
        }
    }
}

#[async_trait]
impl Store for JournalStore {
    async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        self.ask(|reply| Ask::Commit(Box::new(commit), reply)).await
    }

    async fn claim_due(&self, now: UtcMs, max: usize) -> Result<Vec<Kept>, StoreError> {
        self.ask(|reply| Ask::Claim(now, max, reply)).await
    }

    async fn timers_due(&self, now: UtcMs, max: usize) -> Result<Vec<(TimerKey, UtcMs)>, StoreError> {
        Ok(read(&self.shared.state).timers_due(now, max))
    }

    async fn next_due(&self) -> Result<Option<UtcMs>, StoreError> {
        Ok(read(&self.shared.state).next_due())
    }

    async fn next_incident(&self) -> Result<IncidentId, StoreError> {
        Ok(read(&self.shared.state).next_incident())
    }

    async fn heads(&self) -> Result<Vec<Head>, StoreError> {
        Ok(read(&self.shared.state).heads())
    }

    async fn events(
        &self,
        incident: IncidentId,
        after: u64,
        max: usize,
    ) -> Result<Vec<Recorded>, StoreError> {
        self.reading(move |shared| events(shared, incident, after, max)).await
    }

    async fn items(&self, incident: IncidentId) -> Result<Vec<Kept>, StoreError> {
        Ok(read(&self.shared.state).items(incident))
    }

    async fn is_done(&self, key: &DedupeKey) -> Result<bool, StoreError> {
        Ok(read(&self.shared.state).is_done(key))
    }

    async fn verify(&self) -> Result<Verified, StoreError> {
        self.reading(|shared| {
            let tip = read(&shared.tip).clone();
            verify::verify(&shared.folder, Some(&tip), Unfinished::IsBeingWritten)
        })
        .await
    }

    async fn backup(&self, to: &Path) -> Result<Verified, StoreError> {
        let (tip, keys) = self.ask(Ask::Settle).await?;
        let to: PathBuf = to.to_owned();
        self.reading(move |shared| backup::copy(&shared.folder, &tip, &keys, &to)).await
    }

    async fn forget(&self, person: PersonId, at: UtcMs) -> Result<(), StoreError> {
        self.ask(|reply| Ask::Forget(person, at, reply)).await
    }

    async fn chain_head(&self) -> Result<String, StoreError> {
        Ok(self.head())
    }

    fn condition(&self) -> watch::Receiver<Condition> {
        self.shared.condition.subscribe()
    }

    async fn last_seq(&self) -> Result<Seq, StoreError> {
        Ok(read(&self.shared.state).last_seq())
    }
}

/// The events of an incident: from sled and what it has not followed yet, or else from the journal.
fn events(
    shared: &Shared,
    incident: IncidentId,
    after: u64,
    max: usize,
) -> Result<Vec<Recorded>, StoreError> {
    let there = read(&shared.state).version(incident);
    let wanted = there.saturating_sub(after).min(max as u64);
    if wanted == 0 {
        return Ok(Vec::new());
    }
    let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
    let quick = quick_events(shared, incident, after, wanted);
    if let Ok(events) = quick
        && events.len() == wanted
        && events.iter().zip(after + 1..).all(|(event, version)| event.version == version)
    {
        return Ok(events);
    }
    tracing::warn!(%incident, "the read model is not whole; the journal is read");
    let tip = read(&shared.tip).clone();
    let links = verify::events_of(&shared.folder, &tip, incident, after, wanted)?;
    let json = |link: Link| link.text().as_bytes().to_vec();
    unsealed(links.into_iter().map(json).collect(), shared)
}

/// From sled and what it has not followed yet; many of them on two threads, because a person waits for a long timeline.
fn quick_events(
    shared: &Shared,
    incident: IncidentId,
    after: u64,
    wanted: usize,
) -> Result<Vec<Recorded>, StoreError> {
    if wanted < MANY {
        return unsealed(sealed_events(shared, incident, after, wanted), shared);
    }
    let half = wanted / 2;
    let read = |after: u64, wanted| unsealed(sealed_events(shared, incident, after, wanted), shared);
    std::thread::scope(|scope| {
        let second = scope.spawn(move || read(after + half as u64, wanted - half));
        let mut events = read(after, half)?;
        let second =
            second.join().map_err(|_| StoreError::Unavailable("reading was broken off".to_owned()))?;
        events.extend(second?);
        Ok(events)
    })
}

/// From sled and what it has not followed yet, as it is stored.
fn sealed_events(shared: &Shared, incident: IncidentId, after: u64, wanted: usize) -> Vec<Vec<u8>> {
    // Looked at before sled: what leaves this list in between is in sled by then.
    let first = (incident, after.saturating_add(1));
    let ahead: Vec<(u64, Vec<u8>)> = lock(&shared.ahead)
        .range(first..=(incident, u64::MAX))
        .map(|((_, version), event)| (*version, event.clone()))
        .collect();
    let model = read(&shared.model);
    let Some(model) = model.as_ref() else {
        return Vec::new();
    };
    let mut events = model.events(incident, after, wanted).unwrap_or_default();
    for (version, event) in ahead {
        if events.len() < wanted && version == after + events.len() as u64 + 1 {
            events.push(event);
        }
    }
    events
}

/// Opens and reads events.
fn unsealed(events: Vec<Vec<u8>>, shared: &Shared) -> Result<Vec<Recorded>, StoreError> {
    let keys = &*read(&shared.keys);
    events.into_iter().map(|json| row::read(json, keys)).collect()
}
