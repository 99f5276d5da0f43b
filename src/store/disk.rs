//! The few things that the journal does to a disk, so that tests can let each of them fail.
//!
//! Every change of a file that matters goes through [`Disk`]. [`replace`] is the only way in which a whole file
//! comes into being: written beside its place, synced, renamed, and the folder synced.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use super::StoreError;

/// What is done to files.
pub trait Disk: Send + Sync {
    /// Opens a file to write at its end; makes it where it is not there.
    fn append_to(&self, path: &Path) -> io::Result<Box<dyn Appender>>;
    /// Gives a file another name, in place of what has that name.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Makes the names in a folder durable.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
}

/// A file that is written at its end.
pub trait Appender: Send {
    /// Writes all of it. After an error, any part of it may have been written.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Makes what was written durable. After an error, nothing is known of what was written since the last time.
    fn sync(&mut self) -> io::Result<()>;
    /// Cuts the file.
    fn cut(&mut self, length: u64) -> io::Result<()>;
}

/// The machine's own.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn append_to(&self, path: &Path) -> io::Result<Box<dyn Appender>> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Ok(Box::new(options.open(path)?))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }
}

impl Appender for File {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }
}

/// Puts a whole file in its place: afterwards either all of it is there, durably, or what was there before.
///
/// # Errors
/// Those of the disk; the file beside its place is removed then.
pub(super) fn replace(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    let done = write_beside(disk, &beside, bytes).and_then(|()| disk.rename(&beside, path));
    if done.is_err() {
        // It is written anew the next time; that it stays costs only its room.
        let _ = disk.remove(&beside);
    }
    done?;
    disk.sync_folder(path.parent().unwrap_or(Path::new(".")))
}

fn write_beside(disk: &dyn Disk, beside: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = disk.append_to(beside)?;
    // What an earlier process left there.
    file.cut(0)?;
    file.append(bytes)?;
    file.sync()
}

/// Says in the store's words what a disk answered.
pub(super) fn refused(path: &Path, error: &io::Error) -> StoreError {
    let shown = path.display();
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            StoreError::Full(format!("{shown}: {error}"))
        }
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            StoreError::ReadOnly(shown.to_string())
        }
        _ => StoreError::Unavailable(format!("{shown}: {error}")),
    }
}

/// Reads a file; `None` where there is none.
pub(super) fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(refused(path, &error)),
    }
}
