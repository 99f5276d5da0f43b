//! What can still be read of a damaged folder, carried over into a new one.
//!
//! 1. Every line whose sum is right is taken, in order, whatever stands between; what is missing is told by number.
//! 2. Its events are written into a new store as they were: same incident, same moments, same people. Versions and
//!    sequences count anew, and a new hash chain begins.
//! 3. Due times and what was already done go with them. Messages that waited to be delivered do not: whether they
//!    were is no longer known, and the due times bring the next word.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

use tokio::sync::oneshot;

use super::backup::make_empty;
use super::disk;
use super::journal::{JournalStore, Options};
use super::keys::Keyring;
use super::line::{self, Line, LineNumber, Stored};
use super::row;
use super::segment;
use super::series;
use super::{Commit, Committed, StoreError};
use crate::clock::UtcMs;
use crate::ids::IncidentId;
use crate::incident::event::Recorded;

/// Commits that are on their way at once.
const ON_THE_WAY_MOST: usize = 256;

/// What was carried over, and what was not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Salvaged {
    /// Events that are in the new folder.
    pub events: u64,
    /// Incidents that they belong to.
    pub incidents: usize,
    /// What is missing, a sentence each.
    pub missing: Vec<String>,
}

/// Carries over what can be read. Blocks; not to be called from async code.
///
/// # Errors
/// Where the old folder cannot be listed or the new one cannot be written.
pub fn salvage(from: &Path, to: &Path, now: UtcMs) -> Result<Salvaged, StoreError> {
    make_empty(to)?;
    let mut carrier = Carrier {
        store: JournalStore::open(to, Options::default(), now)?,
        keys: None,
        last: 0,
        versions: BTreeMap::new(),
        on_the_way: VecDeque::new(),
        done: Salvaged::default(),
    };
    match Keyring::load(from) {
        Ok(Some(keys)) => carrier.keys = Some(keys),
        Ok(None) => carrier.miss("the keys: everything personal reads as forgotten".to_owned()),
        Err(error) => carrier.miss(format!("the keys ({error}): everything personal reads as forgotten")),
    }
    for path in files(from)? {
        match fs::read(&path) {
            Ok(bytes) => carrier.carry_file(&path, &bytes)?,
            Err(error) => carrier.miss(format!("{}: {error}", path.display())),
        }
    }
    carrier.finish()
}

/// Everything that looks like a journal file, in order.
fn files(data: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let folder = data.join(series::FOLDER);
    let entries = fs::read_dir(&folder).map_err(|error| disk::refused(&folder, &error))?;
    let paths = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let mut files: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|ending| ending == "journal")).collect();
    files.sort();
    Ok(files)
}

struct Carrier {
    store: JournalStore,
    keys: Option<Keyring>,
    last: LineNumber,
    versions: BTreeMap<IncidentId, u64>,
    on_the_way: VecDeque<oneshot::Receiver<Result<Committed, StoreError>>>,
    done: Salvaged,
}

impl Carrier {
    fn miss(&mut self, what: String) {
        self.done.missing.push(what);
    }

    fn carry_file(&mut self, path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
        for (row, _) in segment::rows(bytes) {
            let Some((number, read)) = line::read_line::<Line>(row) else {
                continue;
            };
            // The end of a group has the number of the line before it, which may be the one that is missing; a
            // snapshot has that of the mark that closed the file before.
            if matches!(read, Line::Group(_)) || number <= self.last {
                continue;
            }
            if number > self.last + 1 {
                let (first, last) = (self.last + 1, number - 1);
                self.miss(format!("sequences {first} to {last}, before or in {}", path.display()));
            }
            self.last = number;
            if let Line::Commit(stored) = read {
                self.carry(number, *stored)?;
            }
        }
        Ok(())
    }

    fn carry(&mut self, number: LineNumber, stored: Stored) -> Result<(), StoreError> {
        let mut commit = Commit {
            recorded_at: stored.change.at,
            heads: stored.change.heads,
            timers: stored.change.timers,
            dedupe: stored.change.dedupe,
            ..Commit::default()
        };
        for link in stored.events {
            match self.opened(link.text().as_bytes().to_vec()) {
                Some(recorded) => {
                    *self.versions.entry(recorded.new.incident).or_default() += 1;
                    commit.events.push(recorded.new);
                }
                None => self.miss(format!("an event of sequence {number}, which cannot be read")),
            }
        }
        for head in &mut commit.heads {
            head.version = self.versions.get(&head.id).copied().unwrap_or(0);
        }
        self.done.events += commit.events.len() as u64;
        self.on_the_way.push_back(self.store.send(commit)?);
        while self.on_the_way.len() > ON_THE_WAY_MOST {
            self.await_one()?;
        }
        Ok(())
    }

    fn opened(&self, json: Vec<u8>) -> Option<Recorded> {
        let nothing = Keyring::empty();
        row::read(json, self.keys.as_ref().unwrap_or(&nothing)).ok()
    }

    fn await_one(&mut self) -> Result<(), StoreError> {
        let stopped = || StoreError::Unavailable("it has been stopped".to_owned());
        match self.on_the_way.pop_front().map(oneshot::Receiver::blocking_recv) {
            None => Ok(()),
            // Done before: the same key was carried over already.
            Some(Ok(Ok(_) | Err(StoreError::Duplicate(_)))) => Ok(()),
            Some(Ok(Err(error))) => Err(error),
            Some(Err(_)) => Err(stopped()),
        }
    }

    fn finish(mut self) -> Result<Salvaged, StoreError> {
        while !self.on_the_way.is_empty() {
            self.await_one()?;
        }
        self.done.incidents = self.versions.len();
        Ok(self.done)
    }
}
