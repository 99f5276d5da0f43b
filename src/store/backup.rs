//! A copy of everything: journal files and keys. sled is filled anew from them.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::disk::{self, RealDisk};
use super::keys::Keyring;
use super::segment;
use super::verify;
use super::writer::Tip;
use super::{StoreError, Verified};

/// Copies as of `tip` into an empty folder, and reads the copy.
///
/// # Errors
/// [`StoreError::Unavailable`] where the folder is not empty; [`StoreError::Damaged`] where the copy is not whole.
pub(super) fn copy(from: &Path, tip: &Tip, keys: &[u8], to: &Path) -> Result<Verified, StoreError> {
    make_empty(to)?;
    let journal = to.join(segment::FOLDER);
    fs::create_dir_all(&journal).map_err(|error| disk::refused(&journal, &error))?;
    for file in 1..=tip.file {
        let source = segment::path_of(from, file);
        let mut bytes = fs::read(&source).map_err(|error| disk::refused(&source, &error))?;
        if file == tip.file {
            bytes.truncate(usize::try_from(tip.length).unwrap_or(usize::MAX));
        }
        put(&segment::path_of(to, file), &bytes)?;
    }
    // Last: a copy without keys was not finished.
    put(&to.join(Keyring::FILE), keys)?;
    let verified = verify::verify(to, None)?;
    match verified.faults.first() {
        None => Ok(verified),
        Some(fault) => Err(StoreError::Damaged(fault.clone())),
    }
}

fn put(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    disk::replace(&RealDisk, path, bytes).map_err(|error| disk::refused(path, &error))
}

fn make_empty(folder: &Path) -> Result<(), StoreError> {
    fs::create_dir_all(folder).map_err(|error| disk::refused(folder, &error))?;
    let mut entries = fs::read_dir(folder).map_err(|error| disk::refused(folder, &error))?;
    match entries.next() {
        None => Ok(()),
        Some(Err(error)) if error.kind() != ErrorKind::NotFound => Err(disk::refused(folder, &error)),
        Some(_) => Err(StoreError::Unavailable(format!(
            "{} is not empty; a copy needs an empty folder",
            folder.display()
        ))),
    }
}
