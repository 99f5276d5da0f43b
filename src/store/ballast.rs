//! A file that is only there to be given up: when the disk is full, its room is what everything continues on.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::disk::Disk;

/// Bytes that are written at once.
const PIECE: usize = 64 * 1024;

/// The file.
pub(super) struct Ballast {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    bytes: u64,
}

impl Ballast {
    /// Of so many bytes; 0 for none.
    pub fn new(disk: Arc<dyn Disk>, data: &Path, bytes: u64) -> Self {
        Ballast { disk, path: data.join("ballast"), bytes }
    }

    /// Whether it is there, or none is wanted.
    pub fn is_whole(&self) -> bool {
        self.bytes == 0 || std::fs::metadata(&self.path).is_ok_and(|found| found.len() == self.bytes)
    }

    /// Gives its room back. Says whether there was any.
    pub fn give_up(&self) -> bool {
        self.bytes > 0 && self.disk.remove(&self.path).is_ok()
    }

    /// Takes room again. Where there is too little, nothing is left behind.
    pub fn take(&self) -> bool {
        if self.is_whole() {
            return true;
        }
        let taken = self.fill();
        if taken.is_err() {
            self.give_up();
        }
        taken.is_ok()
    }

    fn fill(&self) -> io::Result<()> {
        let mut file = self.disk.append_to(&self.path)?;
        file.cut(0)?;
        // Written, not only reserved in name: a sparse file would give nothing back.
        let piece = vec![0x77; PIECE];
        let mut left = self.bytes;
        while left > 0 {
            let now = left.min(PIECE as u64);
            file.append(&piece[..usize::try_from(now).unwrap_or(PIECE)])?;
            left -= now;
        }
        file.sync()
    }
}
