//! What is read from: sled, filled from the journal.
//!
//! sled 0.34.7 may lose what it acknowledged, panic on damage and open a damaged file as if it were empty, so nothing
//! rests on it: every row carries its own sum, every call is caught, and whatever is wrong is answered by reading the
//! journal and filling sled anew.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::chain::Chain;
use super::line::{LineNumber, Stored};
use crate::ids::IncidentId;

/// Folder within the data folder.
pub(super) const FOLDER: &str = "model";

/// Bytes of memory that sled may use; its own default is 1 GiB.
const CACHE_BYTES: u64 = 64 * 1024 * 1024;

/// How often a lock is waited for, and how long each time.
const LOCK_ATTEMPTS: u32 = 200;
const LOCK_PAUSE: Duration = Duration::from_millis(10);

/// First byte of a row: the form of the rest.
const ROW_FORM: u8 = 1;

/// Key of the row that says how far the journal was followed.
const APPLIED: &[u8] = b"m:applied";

/// How far the journal was followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Applied {
    /// Of which installation.
    pub installation: String,
    /// The last line.
    pub line: LineNumber,
    /// Head of the hash chain there.
    pub chain: Chain,
}

/// sled, or the reason why it is not there.
pub(super) struct Model {
    db: ::sled::Db,
}

/// Why sled did not do it, in words for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ModelError(String);

impl Model {
    /// Opens or makes it.
    pub fn open(data: &Path) -> Result<Self, ModelError> {
        let path = data.join(FOLDER);
        // Its background flush also collects garbage, and is the only true fsync that sled does.
        let config = ::sled::Config::new().path(path).cache_capacity(CACHE_BYTES).flush_every_ms(Some(500));
        open_patiently("open", &config).map(|db| Model { db })
    }

    /// How far the journal was followed; `None` in a new one, or where that cannot be read.
    pub fn applied(&self) -> Option<Applied> {
        let row = caught("read", || self.db.get(APPLIED)).ok()??;
        serde_json::from_slice(open_row(&row)?).ok()
    }

    /// Follows the journal by some commits, all or none.
    pub fn apply(&self, commits: &[(LineNumber, Stored)], applied: &Applied) -> Result<(), ModelError> {
        let mut batch = ::sled::Batch::default();
        for link in commits.iter().flat_map(|(_, stored)| &stored.events) {
            if let Some((incident, version)) = link.place() {
                batch.insert(event_key(incident, version), close_row(link.text().as_bytes()));
            }
        }
        batch.insert(APPLIED, close_row(&json(applied)?));
        caught("write", || self.db.apply_batch(batch))
    }

    /// The events of an incident after `after`, as sealed JSON. Ends early where a row is missing or wrong.
    pub fn events(&self, incident: IncidentId, after: u64, max: usize) -> Result<Vec<Vec<u8>>, ModelError> {
        let first = event_key(incident, after.saturating_add(1));
        let last = event_key(incident, u64::MAX);
        caught("read", || {
            let mut found = Vec::new();
            for (entry, version) in self.db.range(first..=last).take(max).zip(after + 1..) {
                let (key, row) = entry?;
                match open_row(&row) {
                    Some(json) if key == event_key(incident, version) => found.push(json.to_vec()),
                    _ => break,
                }
            }
            Ok(found)
        })
    }

    /// Brings everything to the disk, as far as sled does that.
    pub fn flush(&self) -> Result<(), ModelError> {
        caught("flush", || self.db.flush()).map(|_| ())
    }
}

/// Removes it, so that the next one is filled from nothing.
pub(super) fn remove(data: &Path) -> Result<(), ModelError> {
    remove_folder(&data.join(FOLDER))
}

/// Removes a folder, if it is there.
pub(super) fn remove_folder(folder: &Path) -> Result<(), ModelError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(ModelError(error.to_string())),
        _ => Ok(()),
    }
}

/// Whether there is one.
pub(super) fn is_there(data: &Path) -> bool {
    path_of_file(data).exists()
}

fn path_of_file(data: &Path) -> PathBuf {
    data.join(FOLDER).join("db")
}

fn event_key(incident: IncidentId, version: u64) -> Vec<u8> {
    let mut key = b"e:".to_vec();
    key.extend_from_slice(&incident.0.to_be_bytes());
    key.extend_from_slice(&version.to_be_bytes());
    key
}

fn json<T: Serialize>(value: &T) -> Result<Vec<u8>, ModelError> {
    serde_json::to_vec(value).map_err(|error| ModelError(error.to_string()))
}

pub(super) fn close_row(json: &[u8]) -> Vec<u8> {
    let mut row = vec![ROW_FORM];
    row.extend_from_slice(&crc32c::crc32c(json).to_be_bytes());
    row.extend_from_slice(json);
    row
}

pub(super) fn open_row(row: &[u8]) -> Option<&[u8]> {
    let (form, rest) = row.split_first()?;
    let (sum, json) = rest.split_first_chunk::<4>()?;
    let right = *form == ROW_FORM && u32::from_be_bytes(*sum) == crc32c::crc32c(json);
    right.then_some(json)
}

/// Opens a database. Threads of one that was just closed may hold its lock for a moment longer; nobody else does,
/// because the data folder is ours.
pub(super) fn open_patiently(what: &str, config: &::sled::Config) -> Result<::sled::Db, ModelError> {
    for _ in 0..LOCK_ATTEMPTS {
        match caught(what, || config.open()) {
            Err(ModelError(why)) if why.contains("could not acquire lock") => std::thread::sleep(LOCK_PAUSE),
            done => return done,
        }
    }
    caught(what, || config.open())
}

/// sled panics on some damage; a caught panic is an answer like any other.
pub(super) fn caught<T>(what: &str, call: impl FnOnce() -> ::sled::Result<T>) -> Result<T, ModelError> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(ModelError(format!("cannot {what}: {error}"))),
        Err(_) => Err(ModelError(format!("cannot {what}: the files are damaged"))),
    }
}
