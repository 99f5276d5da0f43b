//! The end of the journal: the one place at which it grows.
//!
//! 1. A group is appended in one write and synced once.
//! 2. After any error nothing is known of what was written since the last sync. The file is opened anew, cut back to
//!    what was promised, and synced; only then is anything written again.
//! 3. A full disk gives up the ballast and tries once more.
//! 4. When a file is long enough, the next one is made whole with its snapshot, and the old one is closed for ever.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::StoreError;
use super::ballast::Ballast;
use super::chain::Chain;
use super::disk::{self, Appender, Disk};
use super::failpoint::{self, Step};
use super::keys::Keyring;
use super::line::{self, Group, Header, Ledger, LineNumber, LineOut, Snapshot, Stored};
use super::segment::{self, Contents};
use super::series;
use super::state::State;
use crate::clock::UtcMs;

/// Where the journal ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tip {
    /// Number of the newest file.
    pub file: u64,
    /// Its bytes that count.
    pub length: u64,
    /// Number of the last group.
    pub group: u64,
    /// Number of the last line.
    pub last: LineNumber,
    /// Head of the hash chain.
    pub chain: Chain,
    /// Keys that were given and destroyed.
    pub ledger: Ledger,
}

impl Tip {
    /// Where a file ends; without the keys, which take a replay to know.
    pub fn of(contents: &Contents) -> Self {
        Tip {
            file: contents.header.file,
            length: contents.length,
            group: contents.group,
            last: contents.last,
            chain: contents.chain,
            ledger: Ledger::default(),
        }
    }
}

/// Writes the journal.
pub(super) struct Writer {
    disk: Arc<dyn Disk>,
    data: PathBuf,
    installation: String,
    rotate_at: u64,
    /// Length of the newest file when it was made.
    first_length: u64,
    tip: Tip,
    /// `None` after an error: to be opened anew.
    file: Option<Box<dyn Appender>>,
    /// A next file that may or may not be there: to be removed before the old one grows again, or the next start
    /// would go on from a snapshot that is too old.
    leftover: Option<PathBuf>,
    formers: Vec<Former>,
    ballast: Ballast,
}

/// A file before the newest, until it is closed.
struct Former {
    path: PathBuf,
    length: u64,
    closing: Vec<u8>,
}

impl Writer {
    /// Goes on where a file ended.
    pub fn resume(
        disk: Arc<dyn Disk>,
        data: &Path,
        contents: &Contents,
        ledger: Ledger,
        (rotate_at, ballast): (u64, u64),
    ) -> Self {
        let tip = Tip { ledger, ..Tip::of(contents) };
        Writer {
            ballast: Ballast::new(Arc::clone(&disk), data, ballast),
            disk,
            data: data.to_owned(),
            installation: contents.header.installation.clone(),
            rotate_at,
            first_length: 0,
            tip,
            file: None,
            leftover: None,
            formers: Vec::new(),
        }
    }

    /// Where the journal ends.
    pub fn tip(&self) -> &Tip {
        &self.tip
    }

    /// Which installation this is.
    pub fn installation(&self) -> &str {
        &self.installation
    }

    /// The disk that it writes to.
    pub fn disk(&self) -> &dyn Disk {
        self.disk.as_ref()
    }

    /// What is given up when the disk is full.
    pub fn ballast(&self) -> &Ballast {
        &self.ballast
    }

    /// Appends a group of commits, durably. After an error none of it is there.
    pub fn append(&mut self, commits: &[Stored]) -> Result<(), StoreError> {
        let lines: Vec<LineOut<'_>> = commits.iter().map(LineOut::Commit).collect();
        let chain = commits.iter().rev().find_map(|stored| stored.events.last());
        let chain = chain.map_or(self.tip.chain, |link| link.chain);
        self.append_lines(&lines, chain)?;
        for stored in commits {
            self.tip.ledger.apply(stored);
        }
        Ok(())
    }

    /// Marks an orderly stop.
    pub fn stop(&mut self) -> Result<(), StoreError> {
        self.append_lines(&[LineOut::Stopped], self.tip.chain)
    }

    fn append_lines(&mut self, lines: &[LineOut<'_>], chain: Chain) -> Result<(), StoreError> {
        let bytes = self.group_bytes(lines, chain).map_err(unwritable)?;
        self.with_ballast(|writer| writer.write(&bytes))?;
        self.tip.length += bytes.len() as u64;
        self.tip.group += 1;
        self.tip.last += lines.len() as u64;
        self.tip.chain = chain;
        Ok(())
    }

    fn group_bytes(&self, lines: &[LineOut<'_>], chain: Chain) -> serde_json::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(lines.len() * 512);
        let mut number = self.tip.last;
        for written in lines {
            number += 1;
            line::write_line(&mut bytes, number, written)?;
        }
        let group = Group { number: self.tip.group + 1, lines: lines.len() as u64, chain };
        line::write_line(&mut bytes, number, &LineOut::Group(group))?;
        Ok(bytes)
    }

    /// Does it; where the disk is full, once more on the ballast's room.
    fn with_ballast(&mut self, act: impl Fn(&mut Self) -> Result<(), StoreError>) -> Result<(), StoreError> {
        match act(self) {
            Err(StoreError::Full(_)) if self.ballast.give_up() => act(self),
            done => done,
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let path = series::path_of(&self.data, self.tip.file);
        self.open_file(&path)?;
        self.close_formers();
        let Some(file) = self.file.as_mut() else {
            return Err(StoreError::Unavailable(format!("{} is not open", path.display())));
        };
        let written = file.append(bytes).and_then(|()| {
            failpoint::pass(Step::Written);
            file.sync()
        });
        match written {
            Ok(()) => {
                failpoint::pass(Step::Synced);
                Ok(())
            }
            Err(error) => {
                // Never tried again on this handle: after a failed sync the kernel forgets what it did not write.
                self.file = None;
                // Best effort, so that what was refused does not come back at the next start.
                let _ = self.open_file(&path);
                Err(disk::refused(&path, &error))
            }
        }
    }

    /// Opens the newest file, cut back to what was promised.
    fn open_file(&mut self, path: &Path) -> Result<(), StoreError> {
        if self.file.is_some() {
            return Ok(());
        }
        self.remove_leftover()?;
        let opened = self.disk.append_to(path).and_then(|mut file| {
            file.cut(self.tip.length)?;
            file.sync()?;
            Ok(file)
        });
        self.file = Some(opened.map_err(|error| disk::refused(path, &error))?);
        Ok(())
    }

    fn remove_leftover(&mut self) -> Result<(), StoreError> {
        let Some(path) = &self.leftover else {
            return Ok(());
        };
        let removed = match self.disk.remove(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => self.disk.sync_folder(&self.data.join(series::FOLDER)),
        };
        removed.map_err(|error| disk::refused(path, &error))?;
        self.leftover = None;
        Ok(())
    }

    /// Whether the newest file is long enough.
    pub fn is_long(&self) -> bool {
        // A large snapshot alone is no reason to make another.
        self.tip.length >= self.rotate_at.max(self.first_length * 4)
    }

    /// Goes on in a new file.
    pub fn rotate(&mut self, state: &State, keys: &Keyring, at: UtcMs) -> Result<(), StoreError> {
        let snapshot = snapshot_of(state, keys, &self.tip)?;
        let header = Header { installation: self.installation.clone(), file: self.tip.file + 1, at };
        // The number between is that of the line that closes the old file.
        let base = self.tip.last + 1;
        let bytes = segment::first_bytes(&header, base, self.tip.group + 1, snapshot).map_err(unwritable)?;
        let former = self.former()?;
        self.begin_file(&series::path_of(&self.data, header.file), &bytes)?;
        failpoint::pass(Step::FileBegun);
        self.formers.push(former);
        self.first_length = bytes.len() as u64;
        self.tip.file = header.file;
        self.tip.length = self.first_length;
        self.tip.group += 1;
        self.tip.last = base;
        self.file = None;
        self.close_formers();
        Ok(())
    }

    fn begin_file(&mut self, path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
        let made = self.with_ballast(|writer| {
            disk::replace(writer.disk.as_ref(), path, bytes).map_err(|error| disk::refused(path, &error))
        });
        if made.is_err() {
            self.leftover = Some(path.to_owned());
            self.file = None;
        } else {
            // What an earlier attempt had left under this name is replaced: it is the journal now, not to be removed.
            self.leftover = None;
        }
        made
    }

    fn former(&self) -> Result<Former, StoreError> {
        let next = self.tip.file + 1;
        let closing = self.group_bytes(&[LineOut::Closed { next }], self.tip.chain);
        Ok(Former {
            path: series::path_of(&self.data, self.tip.file),
            length: self.tip.length,
            closing: closing.map_err(unwritable)?,
        })
    }

    /// Marks earlier files as closed, where that was not done yet. The next one is there, so that it cannot be done
    /// now is no loss; it is tried again with the next group.
    fn close_formers(&mut self) {
        let disk = Arc::clone(&self.disk);
        self.formers.retain(|former| match former.close(disk.as_ref()) {
            Ok(()) => false,
            Err(error) => {
                tracing::warn!(%error, "a journal file could not be marked as closed yet");
                true
            }
        });
    }
}

impl Former {
    fn close(&self, disk: &dyn Disk) -> std::io::Result<()> {
        let mut file = disk.append_to(&self.path)?;
        file.cut(self.length)?;
        file.append(&self.closing)?;
        file.sync()
    }
}

/// What a file starts with.
pub(super) fn snapshot_of(state: &State, keys: &Keyring, tip: &Tip) -> Result<Snapshot, StoreError> {
    let plain = serde_json::to_vec(state).map_err(unwritable)?;
    Ok(Snapshot {
        state: keys.seal(keys.passing(), &plain)?,
        chain: tip.chain,
        ledger: Ledger { last: keys.last(), forgotten: tip.ledger.forgotten.clone() },
    })
}

fn unwritable(error: serde_json::Error) -> StoreError {
    StoreError::Unavailable(format!("it cannot be written as JSON: {error}"))
}
