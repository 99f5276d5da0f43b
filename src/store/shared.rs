//! What the committer and the readers share, and what the one is asked by the others.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use tokio::sync::{OwnedSemaphorePermit, oneshot, watch};

use super::keys::Keyring;
use super::sled::Model;
use super::state::State;
use super::writer::Tip;
use super::{Commit, Committed, StoreError};
use crate::clock::UtcMs;
use crate::ids::{IncidentId, PersonId};
use crate::outbox::Kept;

/// What the committer and the readers share.
pub(super) struct Shared {
    /// The data folder.
    pub folder: PathBuf,
    /// What is on disk, as the readers see it.
    pub state: RwLock<State>,
    /// The keys of personal values.
    pub keys: RwLock<Keyring>,
    /// sled; `None` while it is out of order.
    pub model: RwLock<Option<Model>>,
    /// Events that are on disk and not in sled yet, as sealed JSON.
    pub ahead: Mutex<BTreeMap<(IncidentId, u64), Vec<u8>>>,
    /// Where the journal ends.
    pub tip: RwLock<Tip>,
    /// Whether storing works.
    pub condition: watch::Sender<Condition>,
}

/// Whether storing works, and since when it is as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Condition {
    /// Whether it works.
    pub health: Health,
    /// Since when, by the clock of the request at which it showed. Nothing to go by where it never changed.
    pub since: UtcMs,
    /// The process before this one ended without warning: what it showed past the outbox may still stand there.
    pub cut_short: bool,
}

/// Whether storing works.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Health {
    /// It does.
    #[default]
    Storing,
    /// It does, on the room that was kept for a full disk.
    OnBallast,
    /// It does not: the answer to the last attempt.
    NotStoring(StoreError),
}

/// Where an answer goes.
pub(super) type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// What the committer is asked.
pub(super) enum Ask {
    /// Store this.
    Commit(Box<Commit>, Reply<Committed>),
    /// Claim what is due.
    Claim(UtcMs, usize, Reply<Vec<Kept>>),
    /// Destroy a person's key.
    Forget(PersonId, UtcMs, Reply<()>),
    /// Begin a new file, so that all before it are whole; answer with where that is, and the keys as of then.
    Settle(Reply<(Tip, Vec<u8>)>),
    /// End in order.
    Stop,
}

/// A request with its place in the bounded queue.
pub(super) struct Asked {
    /// What is asked.
    pub ask: Ask,
    /// Given back when the request is answered.
    pub permit: Option<OwnedSemaphorePermit>,
}

/// Nothing panics while one of these locks is held; if something did, what they guard is changed in one step.
pub(super) fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

/// As [`read`], to change it.
pub(super) fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

/// As [`read`], for one at a time.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
