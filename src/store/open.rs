//! From a folder to a store that serves.
//!
//! 1. The folder is locked, so that no second process writes.
//! 2. The newest journal file is read: its snapshot and the groups after it. A torn end is cut.
//! 3. The keys are compared with what the journal says of them.
//! 4. sled is opened and compared by line and chain; it follows, or is filled anew from all files.
//! 5. What was being delivered when the process ended becomes uncertain.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::StoreError;
use super::chain::Chain;
use super::disk::{self, Disk};
use super::follow;
use super::journal::Options;
use super::keys::Keyring;
use super::line::{Header, Ledger, LineNumber};
use super::opened::Opened;
use super::replay::Replayed;
use super::segment::{self, Contents, End};
use super::series;
use super::sled::{self, Model};
use super::state::State;
use super::writer::{self, Tip, Writer};
use crate::clock::UtcMs;

/// A folder, read and locked.
pub(super) struct Found {
    /// Held for as long as the store is open.
    pub lock: File,
    /// The keys of personal values.
    pub keys: Keyring,
    /// Everything that changes.
    pub state: State,
    /// The end of the journal.
    pub writer: Writer,
    /// sled, where it could be opened.
    pub model: Option<Model>,
    /// What was found and done.
    pub opened: Opened,
}

/// Opens a folder; makes it where it is not there.
pub(super) fn open(
    disk: Arc<dyn Disk>,
    folder: &Path,
    options: &Options,
    now: UtcMs,
) -> Result<Found, StoreError> {
    make_folders(folder)?;
    let lock = take_lock(folder)?;
    let files = series::list(folder)?;
    let created = files.is_empty();
    if created {
        create(disk.as_ref(), folder, now)?;
    }
    let newest = files.last().copied().unwrap_or(1);
    let (contents, replayed) = read_newest(folder, newest)?;
    let mut opened = Opened::from_end(created, &contents, replayed.commits);
    opened.closed_late = newest > 1 && close_late(disk.as_ref(), folder, newest - 1, contents.base)?;
    let Replayed { keys, mut state, ledger, .. } = replayed;
    check_keys(folder, &keys, &ledger)?;
    opened.doubted = state.doubt_claimed();
    opened.note_state(&state);
    let sizes = (options.rotate_bytes, options.ballast_bytes);
    let writer = Writer::resume(disk, folder, &contents, ledger, sizes);
    let (model, found) = follow::open_model(folder, writer.tip(), &contents)?;
    opened.model = found;
    opened.ballast = writer.ballast().take();
    Ok(Found { lock, keys, state, writer, model, opened })
}

fn make_folders(folder: &Path) -> Result<(), StoreError> {
    let journal = folder.join(series::FOLDER);
    fs::create_dir_all(&journal).map_err(|error| disk::refused(&journal, &error))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Best effort: on a file system without owners there is nothing to set.
        let _ = fs::set_permissions(folder, fs::Permissions::from_mode(0o700));
    }
    Ok(())
}

fn take_lock(folder: &Path) -> Result<File, StoreError> {
    let path = folder.join("lock");
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .map_err(|error| disk::refused(&path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse(folder.display().to_string())),
        Err(TryLockError::Error(error)) => Err(disk::refused(&path, &error)),
    }
}

/// Whether a process has the folder.
pub(super) fn is_in_use(folder: &Path) -> bool {
    let lock = File::open(folder.join("lock"));
    lock.is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
}

/// Makes the first file. A folder that holds data already is no place for it.
fn create(disk: &dyn Disk, folder: &Path, now: UtcMs) -> Result<(), StoreError> {
    if sled::is_there(folder) {
        let missing = series::path_of(folder, 1);
        return Err(StoreError::Damaged(format!(
            "the journal is missing ({}), though there is data that was read from it",
            missing.display()
        )));
    }
    let keys = first_keys(disk, folder)?;
    let tip =
        Tip { file: 0, length: 0, group: 0, last: 0, chain: Chain::default(), ledger: Ledger::default() };
    let snapshot = writer::snapshot_of(&State::default(), &keys, &tip)?;
    let header = Header { installation: super::keys::random_name()?, file: 1, at: now };
    let unwritable = |error: serde_json::Error| StoreError::Unavailable(error.to_string());
    let bytes = segment::first_bytes(&header, 1, 1, snapshot).map_err(unwritable)?;
    let path = series::path_of(folder, 1);
    disk::replace(disk, &path, &bytes).map_err(|error| disk::refused(&path, &error))?;
    disk.sync_folder(folder).map_err(|error| disk::refused(folder, &error))
}

/// New keys; those of a first start that was cut short are taken again.
fn first_keys(disk: &dyn Disk, folder: &Path) -> Result<Keyring, StoreError> {
    match Keyring::load(folder)? {
        None => {
            let mut keys = Keyring::fresh(folder)?;
            keys.save(disk)?;
            Ok(keys)
        }
        Some(keys) if keys.people() == 0 => Ok(keys),
        // Writing over them would make a journal that is only elsewhere unreadable for ever.
        Some(_) => Err(StoreError::Damaged(format!(
            "the journal is missing ({}), though its keys are there",
            series::path_of(folder, 1).display()
        ))),
    }
}

fn read_newest(folder: &Path, file: u64) -> Result<(Contents, Replayed), StoreError> {
    let keys = Keyring::load(folder)?.ok_or_else(|| {
        let path = folder.join(Keyring::FILE);
        StoreError::Damaged(format!("{} is missing; without it nothing personal can be read", path.display()))
    })?;
    let path = series::path_of(folder, file);
    let bytes = disk::read_if_there(&path)?.unwrap_or_default();
    let mut replayed = Replayed::new(keys);
    let contents = segment::read(&path, &bytes, &mut replayed)?;
    if contents.header.file != file {
        let holds = contents.header.file;
        return Err(StoreError::Damaged(format!("{} holds what file {holds} should", path.display())));
    }
    if contents.end == End::Closed {
        let next = series::path_of(folder, file + 1);
        return Err(StoreError::Damaged(format!("{} is missing", next.display())));
    }
    Ok((contents, replayed))
}

/// Reads the end of a journal, as a start would.
pub(super) fn read_end(folder: &Path) -> Result<(Contents, Replayed), StoreError> {
    let newest = series::list(folder)?.last().copied();
    let newest = newest
        .ok_or_else(|| StoreError::Unavailable(format!("there is no journal in {}", folder.display())))?;
    let (contents, replayed) = read_newest(folder, newest)?;
    check_keys(folder, &replayed.keys, &replayed.ledger)?;
    Ok((contents, replayed))
}

/// Closes the file before the newest, where the process ended between beginning the one and closing the other.
///
/// Where more is missing than the mark, nothing is touched: verify tells.
fn close_late(disk: &dyn Disk, folder: &Path, file: u64, next_base: LineNumber) -> Result<bool, StoreError> {
    let path = series::path_of(folder, file);
    let refused = |error: std::io::Error| disk::refused(&path, &error);
    if segment::ends_closed(&path).map_err(refused)? {
        return Ok(false);
    }
    let bytes = fs::read(&path).map_err(refused)?;
    let Ok(contents) = segment::read(&path, &bytes, &mut segment::Nobody) else {
        return Ok(false);
    };
    if contents.end == End::Closed || contents.last + 1 != next_base {
        return Ok(false);
    }
    let closing =
        segment::closing_bytes(&contents).map_err(|error| StoreError::Unavailable(error.to_string()))?;
    let closed = disk.append_to(&path).and_then(|mut file| {
        file.cut(contents.length)?;
        file.append(&closing)?;
        file.sync()
    });
    // A disk that takes nothing now is no reason not to serve what is there.
    Ok(closed.is_ok())
}

/// A key that was given and not destroyed must be there.
fn check_keys(folder: &Path, keys: &Keyring, ledger: &Ledger) -> Result<(), StoreError> {
    let lost = (1..=ledger.last).find(|number| !keys.has(*number) && !ledger.forgotten.contains(number));
    match lost {
        None => Ok(()),
        Some(number) => {
            let path: PathBuf = folder.join(Keyring::FILE);
            Err(StoreError::Damaged(format!(
                "{} is older than the journal: key {number} is missing",
                path.display()
            )))
        }
    }
}
