//! A disk on which the Nth operation goes wrong.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::store::disk::{Appender, Disk, RealDisk};

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The operation fails and does nothing. `true`: and so does each one after it, until the disk is mended.
    Refused(i32, Lasting),
    /// Half of the bytes are written, then it fails.
    HalfWritten,
    /// A sync fails, and what was written since the last one is gone, as after a write error in the kernel.
    SyncLost,
}

/// How long a fault lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasting {
    /// One operation.
    Once,
    /// Until [`FaultyDisk::mend`].
    UntilMended,
}

/// `EIO`: the device failed.
pub const EIO: i32 = 5;
/// `ENOSPC`: no space left on device.
pub const ENOSPC: i32 = 28;
/// `EROFS`: read-only file system.
pub const EROFS: i32 = 30;
/// `EDQUOT`: quota exceeded.
pub const EDQUOT: i32 = 122;

/// The disk. Operations are counted from 1.
pub struct FaultyDisk {
    at: u64,
    fault: Fault,
    done: AtomicU64,
    hit: AtomicBool,
    mended: AtomicBool,
}

impl FaultyDisk {
    /// Goes wrong at operation number `at`.
    pub fn new(at: u64, fault: Fault) -> Arc<Self> {
        Arc::new(FaultyDisk {
            at,
            fault,
            done: AtomicU64::new(0),
            hit: AtomicBool::new(false),
            mended: AtomicBool::new(false),
        })
    }

    /// Whether anything went wrong so far.
    pub fn was_hit(&self) -> bool {
        self.hit.load(Ordering::SeqCst)
    }

    /// From now on everything works.
    pub fn mend(&self) {
        self.mended.store(true, Ordering::SeqCst);
    }

    /// Counts an operation; says what goes wrong with it.
    fn step(&self) -> Option<Fault> {
        let number = self.done.fetch_add(1, Ordering::SeqCst) + 1;
        let lasting = matches!(self.fault, Fault::Refused(_, Lasting::UntilMended)) && number > self.at;
        let hit = (number == self.at || lasting) && !self.mended.load(Ordering::SeqCst);
        self.hit.fetch_or(hit, Ordering::SeqCst);
        hit.then_some(self.fault)
    }

    fn plain(&self) -> io::Result<()> {
        match self.step() {
            None => Ok(()),
            Some(fault) => Err(error_of(fault)),
        }
    }
}

fn error_of(fault: Fault) -> io::Error {
    match fault {
        Fault::Refused(code, _) => io::Error::from_raw_os_error(code),
        Fault::HalfWritten => io::Error::from_raw_os_error(ENOSPC),
        Fault::SyncLost => io::Error::from_raw_os_error(EIO),
    }
}

/// Shares the disk with the file that counts on it.
pub struct Shared(pub Arc<FaultyDisk>);

impl Disk for Shared {
    fn append_to(&self, path: &Path) -> io::Result<Box<dyn Appender>> {
        self.0.plain()?;
        let file = OpenOptions::new().append(true).create(true).open(path)?;
        let synced = file.metadata()?.len();
        let disk = Arc::clone(&self.0);
        Ok(Box::new(FaultyFile { disk, file, synced }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.0.plain()?;
        RealDisk.rename(from, to)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.0.plain()?;
        RealDisk.sync_folder(folder)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.0.plain()?;
        RealDisk.remove(path)
    }
}

struct FaultyFile {
    disk: Arc<FaultyDisk>,
    file: File,
    synced: u64,
}

impl Appender for FaultyFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self.disk.step() {
            None => self.file.write_all(bytes),
            Some(Fault::HalfWritten) => {
                self.file.write_all(&bytes[..bytes.len() / 2])?;
                Err(error_of(Fault::HalfWritten))
            }
            Some(fault) => Err(error_of(fault)),
        }
    }

    fn sync(&mut self) -> io::Result<()> {
        match self.disk.step() {
            None => {
                self.synced = self.file.metadata()?.len();
                self.file.sync_data()
            }
            Some(fault) => {
                if fault == Fault::SyncLost {
                    self.file.set_len(self.synced)?;
                }
                Err(error_of(fault))
            }
        }
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.disk.plain()?;
        self.file.set_len(length)
    }
}
