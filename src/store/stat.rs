//! How much there is, without reading all of it.

use std::fs;
use std::path::Path;

use super::StoreError;
use super::disk;
use super::keys::Keyring;
use super::open;
use super::series;
use super::sled;
use crate::ids::Seq;

/// How much there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stat {
    /// Number of journal files.
    pub files: u64,
    /// Their bytes.
    pub journal_bytes: u64,
    /// Bytes of sled.
    pub model_bytes: u64,
    /// The last event.
    pub last_seq: Seq,
    /// Number of incidents.
    pub incidents: usize,
    /// Items of the outbox that are not settled.
    pub open_items: usize,
    /// Number of people who have a key.
    pub people: usize,
    /// Head of the hash chain, in hex.
    pub head: String,
}

/// Looks at a folder. A process may be writing to it.
///
/// # Errors
/// As [`JournalStore::open`](super::JournalStore::open), without the lock.
pub fn stat(folder: &Path) -> Result<Stat, StoreError> {
    let (contents, replayed) = open::read_end(folder)?;
    let keys = Keyring::load(folder)?;
    Ok(Stat {
        files: contents.header.file,
        journal_bytes: bytes_in(&folder.join(series::FOLDER))?,
        model_bytes: bytes_in(&folder.join(sled::FOLDER))?,
        last_seq: replayed.state.last_seq(),
        incidents: replayed.state.incidents(),
        open_items: replayed.state.open_items(),
        people: keys.map_or(0, |keys| keys.people()),
        head: contents.chain.to_string(),
    })
}

fn bytes_in(folder: &Path) -> Result<u64, StoreError> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        found => found.map_err(|error| disk::refused(folder, &error))?,
    };
    let mut bytes = 0;
    for entry in entries {
        // What goes while it is looked at is not counted.
        if let Ok(found) = entry.and_then(|entry| entry.metadata())
            && found.is_file()
        {
            bytes += found.len();
        }
    }
    Ok(bytes)
}
