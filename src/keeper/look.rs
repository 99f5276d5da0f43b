//! How the store is, at a glance.

use std::path::PathBuf;

use super::Keeper;
pub use super::retention::Archived;
use crate::book::erasure::Erasures;
use crate::clock::UtcMs;
use crate::config::Retention;
use crate::store::history::HistoryFound;
use crate::store::{Condition, Stat, StoreError, Verified, stat};

/// How the store is.
#[derive(Debug, Clone)]
pub struct Look {
    /// Whether storing works.
    pub condition: Condition,
    /// Where the data lies; none: in memory only.
    pub data: Option<PathBuf>,
    /// How much there is; none where that cannot be read, or nothing is on disk.
    pub stat: Option<Stat>,
    /// Head of the hash chain.
    pub head: String,
    /// Copies; none where none are made by themselves.
    pub copies: Option<Copies>,
    /// When everything was read through last, since the start.
    pub verified: Option<(UtcMs, Result<Verified, StoreError>)>,
    /// How the check history was found.
    pub history: HistoryFound,
    /// How long each kind of record is kept; none: all is gone with the process.
    pub retention: Option<Retention>,
    /// What became of the last archiving, since the start.
    pub archived: Option<Archived>,
    /// People who were forgotten.
    pub erasures: Erasures,
}

/// The copies of everything.
#[derive(Debug, Clone)]
pub struct Copies {
    /// Where they lie.
    pub folder: PathBuf,
    /// Whether they are sealed under a passphrase.
    pub sealed: bool,
    /// How many are kept.
    pub keep: usize,
    /// When the newest was made.
    pub newest: Option<UtcMs>,
    /// When the next one is due.
    pub next: Option<UtcMs>,
    /// When and why the last attempt failed.
    pub failed: Option<(UtcMs, StoreError)>,
}

impl Keeper {
    /// How the store is. Reads the newest journal file.
    pub async fn look(&self) -> Look {
        let store = self.desk.store();
        let data = self.data.clone();
        let stat = match data.clone() {
            Some(data) => tokio::task::spawn_blocking(move || stat(&data).ok()).await.ok().flatten(),
            None => None,
        };
        let known = self.known();
        let copies = self.schedule.as_ref().map(|schedule| Copies {
            folder: schedule.folder.clone(),
            sealed: schedule.passphrase.is_some(),
            keep: schedule.keep,
            newest: schedule.newest().ok().flatten(),
            next: known.next,
            failed: known.failed,
        });
        // Let go of before anything is awaited.
        let condition = store.condition().borrow().clone();
        Look {
            condition,
            data,
            stat,
            head: store.chain_head().await.unwrap_or_default(),
            copies,
            verified: known.verified,
            history: self.history_found.clone(),
            retention: self.retention.clone(),
            archived: known.archived,
            erasures: self.desk.book().erasures.clone(),
        }
    }
}
