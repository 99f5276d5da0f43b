//! The store: what was promised is there.
//!
//! 1. The desk builds one [`Commit`]: events, items for the outbox, due times, keys of what was already done.
//! 2. [`Store::commit`] makes it durable and whole, or refuses it whole; only then is anybody told "recorded".
//! 3. Everything else reads.
//!
//! The verbs are the domain's. No iterator, no handle of a transaction and no type of a database is seen here,
//! and no call assumes that it is alone: versions are checked at each commit. A call may be dropped while it
//! runs; it has then happened wholly or not at all, and the same [`DedupeKey`] tells which.

pub mod backup;
mod ballast;
mod chain;
mod committer;
pub mod disk;
mod failpoint;
mod follow;
pub mod history;
pub mod journal;
mod keys;
mod line;
pub mod memory;
mod open;
mod opened;
mod queue;
mod replay;
mod row;
pub mod salvage;
mod schedule;
mod seal;
mod segment;
mod series;
mod shared;
mod sled;
mod stat;
mod state;

#[cfg(test)]
mod tests;
pub mod vault;
mod verify;
mod writer;

use std::path::Path;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use watchpost_texts::say;

use crate::cause::Cause;
use crate::clock::UtcMs;
use crate::ids::{AudienceName, GuildId, IncidentId, PersonId, Seq, ServiceName};
use crate::incident::event::{NewEvent, Recorded};
use crate::incident::{Phase, Severity};
use crate::outbox::{Item, ItemKey, Kept, Progress};

pub use journal::{JournalStore, Options};
pub use memory::MemoryStore;
pub use opened::{ModelFound, Opened};
pub use schedule::{Made, Schedule};
pub use shared::{Condition, Health};
pub use sled::ModelError;
pub use stat::{Stat, stat};

/// All or nothing.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Commit {
    /// When.
    pub recorded_at: UtcMs,
    /// The version of each incident that the decision was made on; 0 for one that must not exist yet.
    /// Refused with [`StoreError::Conflict`] where another commit came first.
    pub expect: Vec<(IncidentId, u64)>,
    /// What happened, in order.
    pub events: Vec<NewEvent>,
    /// How each touched incident looks in lists afterwards.
    pub heads: Vec<Head>,
    /// What is to be said. Left alone where the key is already there; supersedes what is undelivered in its slot.
    pub enqueue: Vec<Item>,
    /// What became of items.
    pub settle: Vec<(ItemKey, Progress)>,
    /// Due times: set, or cancelled.
    pub timers: Vec<(TimerKey, Option<UtcMs>)>,
    /// What this commit is the effect of. Refused with [`StoreError::Duplicate`] where one is already there.
    pub dedupe: Vec<(DedupeKey, UtcMs)>,
}

/// What a commit was given.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Committed {
    /// The events as they stand in the store.
    pub events: Vec<Recorded>,
}

/// A thing that was already done: an interaction, a webhook's delivery. Kept until the moment beside it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DedupeKey(pub String);

/// A due time. One of each; setting it again moves it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimerKey {
    /// The next word to an audience.
    Update(IncidentId, AudienceName),
    /// Nobody has it yet: call the next one.
    Escalation(IncidentId),
    /// The next round of a proof.
    Proof(IncidentId),
    /// The draft of what is due soon is shown.
    Reminder(IncidentId),
    /// The morning text for what was posted silently.
    Digest(IncidentId, AudienceName),
    /// The questions after an incident, or the page before its meeting.
    Review(IncidentId),
    /// What was like this incident is to be shown.
    Similar(IncidentId),
    /// A reminder of a follow-up of this incident.
    FollowUps(IncidentId),
    /// The list of people to call, because no update reached them.
    Telephone(IncidentId),
    /// Anything else, by its fixed name.
    Other(String),
}

/// How an incident looks in lists, without reading its events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Head {
    /// Number.
    pub id: IncidentId,
    /// Whose.
    pub guild: GuildId,
    /// One line.
    pub title: String,
    /// The service, where one is known.
    pub service: Option<ServiceName>,
    /// How bad.
    pub severity: Severity,
    /// Where the procedure is.
    pub phase: Phase,
    /// The likely or confirmed cause.
    pub cause: Option<Cause>,
    /// A rehearsal.
    pub drill: bool,
    /// When it was declared.
    pub declared_at: UtcMs,
    /// When it was resolved.
    pub resolved_at: Option<UtcMs>,
    /// Number of its events.
    pub version: u64,
}

/// What a look through everything that is stored says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Verified {
    /// Commits that were read.
    pub commits: u64,
    /// Events that were read.
    pub events: u64,
    /// Head of the hash chain, in hex.
    pub head: String,
    /// What is wrong, a sentence each; empty where all is well.
    pub faults: Vec<String>,
}

/// Why something could not be stored or read. Each is a sentence with what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Another commit came first; decide again on what is there now.
    #[error("{}", say!("{incident} has changed meanwhile (version {found}, not {expected})"))]
    Conflict {
        /// Which incident.
        incident: IncidentId,
        /// The version of the commit.
        expected: u64,
        /// The version in the store.
        found: u64,
    },
    /// Already done.
    #[error("{}", say!("already done ({})", _0.0))]
    Duplicate(DedupeKey),
    /// No room.
    #[error("{}", say!("not stored: the disk is full ({0}). Free some space; nothing needs to be restarted", _0))]
    Full(String),
    /// Not writable.
    #[error(
        "{}", say!("not stored: {0} cannot be written. Check its owner and whether the file system is mounted read-only", _0))]
    ReadOnly(String),
    /// Another process has it.
    #[error("{}", say!("another Watchpost is using {0}. Stop that one first, or give this one a folder of its own", _0))]
    InUse(String),
    /// Written by a newer version.
    #[error(
        "{}", say!("{folder} was written by a newer Watchpost (format {found}; this one reads up to {known}). Install that version again"))]
    Newer {
        /// The folder.
        folder: String,
        /// The format found.
        found: u32,
        /// The newest format that this version reads.
        known: u32,
    },
    /// Something is not as it was written.
    #[error("{}", say!("the stored data is damaged: {0}. Run `watchpost db verify`, then restore the newest backup", _0))]
    Damaged(String),
    /// Anything else.
    #[error("{}", say!("the store does not answer: {0}", _0))]
    Unavailable(String),
}

impl StoreError {
    /// The reason alone, to go on with after "because" or a colon.
    pub fn reason(&self) -> String {
        match self {
            StoreError::Full(detail) => say!("the disk is full ({detail})"),
            StoreError::ReadOnly(path) => {
                say!("{path} cannot be written (its owner, or the file system is mounted read-only)")
            }
            other => other.to_string(),
        }
    }
}

/// Where everything is kept.
#[async_trait]
pub trait Store: Send + Sync {
    /// Stores all of it, durably, or none of it.
    async fn commit(&self, commit: Commit) -> Result<Committed, StoreError>;

    /// Takes up to `max` items that are due, updates first, oldest first, and marks them claimed, durably.
    /// An item comes back at most once until it is settled, and no second one for its place. Each is given with its
    /// progress as it was before: one that is uncertain must be looked for before it is brought again. While nothing
    /// can be stored, items are claimed in memory, so that people go on being told.
    async fn claim_due(&self, now: UtcMs, max: usize) -> Result<Vec<Kept>, StoreError>;

    /// Due times that have come, earliest first. They stay until a commit moves or cancels them.
    async fn timers_due(&self, now: UtcMs, max: usize) -> Result<Vec<(TimerKey, UtcMs)>, StoreError>;

    /// The earliest moment at which an item or a timer is due.
    async fn next_due(&self) -> Result<Option<UtcMs>, StoreError>;

    /// The number that the next incident gets. Two askers may be given the same one: the commit decides.
    async fn next_incident(&self) -> Result<IncidentId, StoreError>;

    /// All incidents, newest first.
    async fn heads(&self) -> Result<Vec<Head>, StoreError>;

    /// The events of one incident after `after` (0: from the first), at most `max`.
    async fn events(&self, incident: IncidentId, after: u64, max: usize)
    -> Result<Vec<Recorded>, StoreError>;

    /// What was said, or is to be said, for one incident.
    async fn items(&self, incident: IncidentId) -> Result<Vec<Kept>, StoreError>;

    /// Whether this was already done.
    async fn is_done(&self, key: &DedupeKey) -> Result<bool, StoreError>;

    /// Reads everything and compares it.
    async fn verify(&self) -> Result<Verified, StoreError>;

    /// Writes a copy of everything, as of one commit, into an empty folder.
    async fn backup(&self, to: &Path) -> Result<Verified, StoreError>;

    /// Destroys the key of a person; what was sealed under it can never be read again.
    async fn forget(&self, person: PersonId, at: UtcMs) -> Result<(), StoreError>;

    /// Whether storing works: to look at, and to wait for a change. What is kept in memory only always works.
    fn condition(&self) -> watch::Receiver<Condition> {
        watch::channel(Condition::default()).1
    }

    /// Head of the hash chain over events, in hex: what an export names, so that a change of the files shows.
    async fn chain_head(&self) -> Result<String, StoreError> {
        Ok(self.verify().await?.head)
    }

    /// The last event's place in the order.
    async fn last_seq(&self) -> Result<Seq, StoreError>;
}
