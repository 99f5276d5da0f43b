//! Copies of everything: journal files and keys. sled is filled anew from them.
//!
//! 1. A copy ends with a whole group: what is promised at that moment is in it, and nothing half.
//! 2. It is read from its first line to its last before it counts.
//! 3. Restoring copies it into an empty folder and opens that, and the head of the hash chain must be the same.

use std::fs;
use std::path::Path;

use super::disk::{self, RealDisk};
use super::journal::{JournalStore, Options};
use super::keys::Keyring;
use super::open;
use super::segment;
use super::series;
use super::verify::{self, Unfinished};
use super::writer::Tip;
use super::{Opened, StoreError, Verified};
use crate::clock::UtcMs;

/// Copies as of `tip` into an empty folder, and reads the copy.
///
/// # Errors
/// [`StoreError::Unavailable`] where the folder is not empty; [`StoreError::Damaged`] where the copy is not whole.
pub(super) fn copy(from: &Path, tip: &Tip, keys: &[u8], to: &Path) -> Result<Verified, StoreError> {
    make_empty(to)?;
    let journal = to.join(series::FOLDER);
    fs::create_dir_all(&journal).map_err(|error| disk::refused(&journal, &error))?;
    for file in 1..=tip.file {
        let source = series::path_of(from, file);
        let mut bytes = fs::read(&source).map_err(|error| disk::refused(&source, &error))?;
        if file == tip.file {
            bytes.truncate(usize::try_from(tip.length).unwrap_or(usize::MAX));
        }
        put(&series::path_of(to, file), &bytes)?;
    }
    // Last: a copy without keys was not finished.
    put(&to.join(Keyring::FILE), keys)?;
    whole(to)
}

/// Copies a folder that another process may be writing to.
///
/// The journal only grows, so what is read of it is a beginning; keys are read after it, and are only ever added to.
/// Where somebody was forgotten in between, the copy cannot be opened, and is made once more.
///
/// # Errors
/// As [`copy`].
pub fn backup_folder(from: &Path, to: &Path) -> Result<Verified, StoreError> {
    make_empty(to)?;
    match copy_beginning(from, to) {
        Err(StoreError::Damaged(_)) => {
            clear(to)?;
            copy_beginning(from, to)
        }
        done => done,
    }
}

fn copy_beginning(from: &Path, to: &Path) -> Result<Verified, StoreError> {
    let newest = series::list(from)?
        .last()
        .copied()
        .ok_or_else(|| StoreError::Unavailable(format!("there is no journal in {}", from.display())))?;
    let path = series::path_of(from, newest);
    let bytes = disk::read_if_there(&path)?.unwrap_or_default();
    let contents = segment::read(&path, &bytes, &mut segment::Nobody)?;
    let tip = Tip::of(&contents);
    let keys = from.join(Keyring::FILE);
    let keys = fs::read(&keys).map_err(|error| disk::refused(&keys, &error))?;
    let verified = copy(from, &tip, &keys, to)?;
    open::read_end(to)?;
    Ok(verified)
}

/// Copies a copy into an empty folder and opens that.
///
/// # Errors
/// As [`copy`]; [`StoreError::Damaged`] where what was opened is not what was copied.
pub fn restore(from: &Path, to: &Path, now: UtcMs) -> Result<(Opened, Verified), StoreError> {
    let before = verify_folder(from)?;
    if let Some(fault) = before.faults.first() {
        return Err(StoreError::Damaged(fault.clone()));
    }
    let copied = backup_folder(from, to)?;
    let store = JournalStore::open(to, Options::default(), now)?;
    let head = store.head();
    if head != before.head || copied.head != before.head {
        return Err(StoreError::Damaged(format!("the copy ends at {head}, not at {}", before.head)));
    }
    Ok((store.opened().clone(), copied))
}

/// Reads everything in a folder and compares it. A process may be writing to it.
///
/// # Errors
/// Where the folder cannot be read. What is wrong in it stands in the answer.
pub fn verify_folder(folder: &Path) -> Result<Verified, StoreError> {
    let found = fs::metadata(folder.join(series::FOLDER));
    found.map_err(|error| disk::refused(&folder.join(series::FOLDER), &error))?;
    let end = if open::is_in_use(folder) { Unfinished::IsBeingWritten } else { Unfinished::IsTold };
    verify::verify(folder, None, end)
}

/// Throws sled away and fills it anew from the journal.
///
/// # Errors
/// As [`JournalStore::open`].
pub fn rebuild(folder: &Path, now: UtcMs) -> Result<Opened, StoreError> {
    // Opened first: that takes the lock, so that it is not taken from under a running process.
    drop(JournalStore::open(folder, Options::default(), now)?);
    super::sled::remove(folder).map_err(|error| StoreError::Unavailable(error.to_string()))?;
    Ok(JournalStore::open(folder, Options::default(), now)?.opened().clone())
}

fn whole(folder: &Path) -> Result<Verified, StoreError> {
    let verified = verify::verify(folder, None, Unfinished::IsTold)?;
    match verified.faults.first() {
        None => Ok(verified),
        Some(fault) => Err(StoreError::Damaged(fault.clone())),
    }
}

fn put(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    disk::replace(&RealDisk, path, bytes).map_err(|error| disk::refused(path, &error))
}

/// Makes a folder, or says that there is something in it.
pub(super) fn make_empty(folder: &Path) -> Result<(), StoreError> {
    fs::create_dir_all(folder).map_err(|error| disk::refused(folder, &error))?;
    let mut entries = fs::read_dir(folder).map_err(|error| disk::refused(folder, &error))?;
    match entries.next() {
        None => Ok(()),
        Some(_) => Err(StoreError::Unavailable(format!(
            "{} is not empty; a copy needs an empty folder",
            folder.display()
        ))),
    }
}

fn clear(folder: &Path) -> Result<(), StoreError> {
    fs::remove_dir_all(folder).map_err(|error| disk::refused(folder, &error))?;
    make_empty(folder)
}
