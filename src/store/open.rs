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
use super::journal::Options;
use super::keys::Keyring;
use super::line::{Header, Ledger, LineNumber, Snapshot, Stored};
use super::opened::{ModelFound, Opened};
use super::replay::Replayed;
use super::segment::{self, Contents, End, Visitor};
use super::sled::{self, Applied, Model};
use super::state::State;
use super::writer::{self, Tip, Writer};
use crate::clock::UtcMs;

/// Commits that sled is given at once while it is filled.
const FILL_AT_ONCE: usize = 512;

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
    let files = segment::list(folder)?;
    let created = files.is_empty();
    if created {
        create(disk.as_ref(), folder, now)?;
    }
    let newest = files.last().copied().unwrap_or(1);
    let (contents, replayed) = read_newest(folder, newest)?;
    let mut opened = Opened { created, file: newest, commits: replayed.commits, ..Opened::default() };
    opened.note_end(contents.end);
    opened.closed_late = newest > 1 && close_late(disk.as_ref(), folder, newest - 1, contents.base)?;
    let Replayed { keys, mut state, ledger, .. } = replayed;
    check_keys(folder, &keys, &ledger)?;
    opened.doubted = state.doubt_claimed();
    let sizes = (options.rotate_bytes, options.ballast_bytes);
    let writer = Writer::resume(disk, folder, &contents, ledger, sizes);
    let (model, found) = open_model(folder, writer.tip(), &contents)?;
    opened.model = found;
    opened.ballast = writer.ballast().take();
    opened.last_seq = state.last_seq();
    opened.incidents = state.incidents();
    opened.open_items = state.open_items();
    Ok(Found { lock, keys, state, writer, model, opened })
}

fn make_folders(folder: &Path) -> Result<(), StoreError> {
    let journal = folder.join(segment::FOLDER);
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

/// Makes the first file. A folder that holds data already is no place for it.
fn create(disk: &dyn Disk, folder: &Path, now: UtcMs) -> Result<(), StoreError> {
    if sled::is_there(folder) {
        let missing = segment::path_of(folder, 1);
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
    let path = segment::path_of(folder, 1);
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
            segment::path_of(folder, 1).display()
        ))),
    }
}

fn read_newest(folder: &Path, file: u64) -> Result<(Contents, Replayed), StoreError> {
    let keys = Keyring::load(folder)?.ok_or_else(|| {
        let path = folder.join(Keyring::FILE);
        StoreError::Damaged(format!("{} is missing; without it nothing personal can be read", path.display()))
    })?;
    let path = segment::path_of(folder, file);
    let bytes = disk::read_if_there(&path)?.unwrap_or_default();
    let mut replayed = Replayed::new(keys);
    let contents = segment::read(&path, &bytes, &mut replayed)?;
    if contents.header.file != file {
        let holds = contents.header.file;
        return Err(StoreError::Damaged(format!("{} holds what file {holds} should", path.display())));
    }
    if contents.end == End::Closed {
        let next = segment::path_of(folder, file + 1);
        return Err(StoreError::Damaged(format!("{} is missing", next.display())));
    }
    Ok((contents, replayed))
}

/// Reads the end of a journal, as a start would.
pub(super) fn read_end(folder: &Path) -> Result<(Contents, Replayed), StoreError> {
    let newest = segment::list(folder)?.last().copied();
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
    let path = segment::path_of(folder, file);
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

fn open_model(
    folder: &Path,
    tip: &Tip,
    newest: &Contents,
) -> Result<(Option<Model>, ModelFound), StoreError> {
    let installation = newest.header.installation.as_str();
    let was_there = sled::is_there(folder);
    let why = match Model::open(folder) {
        Ok(model) => match compare(model.applied().as_ref(), tip, newest) {
            Standing::Current => return Ok((Some(model), ModelFound::Current)),
            Standing::Behind => match follow(folder, &model, tip, installation) {
                Ok(commits) => return Ok((Some(model), ModelFound::Followed { commits })),
                Err(why) => why,
            },
            Standing::Ahead(line) => return Err(lost_end(folder, tip, line)),
            Standing::Foreign => "it did not belong to this journal".to_owned(),
            Standing::Empty if was_there => "it was empty".to_owned(),
            Standing::Empty => "it was not there".to_owned(),
        },
        Err(error) => error.to_string(),
    };
    Ok(match fill(folder, tip, installation) {
        Ok((model, commits)) => {
            // A first start fills it with nothing: not worth a word.
            let found = if commits == 0 && !was_there {
                ModelFound::Current
            } else {
                ModelFound::Filled { commits, why }
            };
            (Some(model), found)
        }
        Err(error) => (None, ModelFound::Missing { why: error }),
    })
}

/// How far sled is, compared with the journal.
enum Standing {
    Current,
    Behind,
    /// It holds this line, which the journal does not.
    Ahead(LineNumber),
    Foreign,
    Empty,
}

fn compare(applied: Option<&Applied>, tip: &Tip, newest: &Contents) -> Standing {
    match applied {
        None => Standing::Empty,
        Some(applied) if applied.installation != newest.header.installation => Standing::Foreign,
        Some(applied) if applied.line > tip.last => Standing::Ahead(applied.line),
        Some(applied) if applied.line == tip.last && applied.chain == tip.chain => Standing::Current,
        // Marks of a stop or of a new file have numbers and no commits; the chain tells.
        Some(applied) if applied.line >= newest.base => Standing::Behind,
        Some(applied) if applied.chain == newest.snapshot.chain => Standing::Behind,
        Some(_) => Standing::Foreign,
    }
}

fn lost_end(folder: &Path, tip: &Tip, line: LineNumber) -> StoreError {
    let path = segment::path_of(folder, tip.file);
    StoreError::Damaged(format!(
        "{} ends at sequence {}, but sequence {line} had been stored: its end was lost, or it was replaced by an older one",
        path.display(),
        tip.last
    ))
}

/// Lets sled follow the newest file from where it is. Returns the number of commits, or why it cannot.
fn follow(folder: &Path, model: &Model, tip: &Tip, installation: &str) -> Result<u64, String> {
    let applied = model.applied().ok_or("it does not say how far it is")?;
    let mut feeder = Feeder::new(model, applied);
    feed_file(folder, tip, tip.file, &mut feeder)?;
    feeder.finish(tip, installation)
}

/// As [`follow`], while the store is open: `true` when sled is where the journal is.
pub(super) fn follow_newest(folder: &Path, model: &Model, tip: &Tip, installation: &str) -> bool {
    let known = model.applied().is_some_and(|applied| applied.installation == installation);
    known && follow(folder, model, tip, installation).is_ok()
}

/// Fills a new sled from all files.
pub(super) fn fill(folder: &Path, tip: &Tip, installation: &str) -> Result<(Model, u64), String> {
    sled::remove(folder).map_err(|error| error.to_string())?;
    let model = Model::open(folder).map_err(|error| error.to_string())?;
    let nothing = Applied { installation: installation.to_owned(), line: 0, chain: Chain::default() };
    let mut feeder = Feeder::new(&model, nothing);
    for file in 1..=tip.file {
        feed_file(folder, tip, file, &mut feeder)?;
    }
    let commits = feeder.finish(tip, installation)?;
    Ok((model, commits))
}

fn feed_file(folder: &Path, tip: &Tip, file: u64, feeder: &mut Feeder<'_>) -> Result<(), String> {
    let path = segment::path_of(folder, file);
    let mut bytes = fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    if file == tip.file {
        bytes.truncate(usize::try_from(tip.length).unwrap_or(usize::MAX));
    }
    segment::read(&path, &bytes, feeder).map(|_| ()).map_err(|error| error.to_string())
}

/// Gives commits to sled, many at once.
struct Feeder<'m> {
    model: &'m Model,
    applied: Applied,
    /// Head of the chain in the journal at the line that sled is at.
    there: Chain,
    waiting: Vec<(LineNumber, Stored)>,
    commits: u64,
}

impl<'m> Feeder<'m> {
    fn new(model: &'m Model, applied: Applied) -> Self {
        Feeder { model, there: applied.chain, applied, waiting: Vec::new(), commits: 0 }
    }

    fn push_out(&mut self) -> Result<(), StoreError> {
        if let Some((line, _)) = self.waiting.last() {
            self.applied.line = *line;
            self.model
                .apply(&self.waiting, &self.applied)
                .map_err(|error| StoreError::Unavailable(error.to_string()))?;
            self.waiting.clear();
        }
        Ok(())
    }

    fn finish(mut self, tip: &Tip, installation: &str) -> Result<u64, String> {
        self.push_out().map_err(|error| error.to_string())?;
        if self.applied.chain != tip.chain || self.there != tip.chain {
            return Err("its events are not those of the journal".to_owned());
        }
        let applied = Applied { installation: installation.to_owned(), line: tip.last, chain: tip.chain };
        self.model.apply(&[], &applied).map_err(|error| error.to_string())?;
        Ok(self.commits)
    }
}

impl Visitor for Feeder<'_> {
    fn snapshot(&mut self, snapshot: &Snapshot, base: LineNumber) -> Result<(), StoreError> {
        if self.applied.line >= base {
            self.there = snapshot.chain;
        } else if self.applied.chain != snapshot.chain {
            return Err(StoreError::Damaged("events before this file are missing".to_owned()));
        }
        Ok(())
    }

    fn commit(&mut self, number: LineNumber, stored: Stored) -> Result<(), StoreError> {
        let chain = stored.events.last().map(|link| link.chain);
        if number <= self.applied.line {
            self.there = chain.unwrap_or(self.there);
            return Ok(());
        }
        if self.there != self.applied.chain {
            return Err(StoreError::Damaged("its events are not those of the journal".to_owned()));
        }
        self.applied.chain = chain.unwrap_or(self.applied.chain);
        self.there = self.applied.chain;
        self.commits += 1;
        self.waiting.push((number, stored));
        if self.waiting.len() >= FILL_AT_ONCE {
            self.push_out()?;
        }
        Ok(())
    }
}
