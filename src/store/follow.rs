//! How sled follows the journal.
//!
//! 1. It says how far it is: a line and the head of the hash chain there.
//! 2. Where that is in the newest file, it is given the commits after it.
//! 3. Where it is anywhere else, empty or foreign, it is thrown away and filled from all files.
//! 4. Where it is ahead, the journal lost what had been promised: that is damage.

use std::fs;
use std::path::Path;

use super::StoreError;
use super::chain::Chain;
use super::line::{LineNumber, Snapshot, Stored};
use super::opened::ModelFound;
use super::segment::{self, Contents, Visitor};
use super::series;
use super::sled::{self, Applied, Model};
use super::writer::Tip;

/// Commits that sled is given at once while it is filled.
const FILL_AT_ONCE: usize = 512;

/// Opens sled and brings it to where the journal is.
///
/// # Errors
/// [`StoreError::Damaged`] where it holds more than the journal. That it cannot be had is no error.
pub(super) fn open_model(
    folder: &Path,
    tip: &Tip,
    newest: &Contents,
) -> Result<(Option<Model>, ModelFound), StoreError> {
    let installation = newest.header.installation.as_str();
    let was_there = sled::is_there(folder);
    let why = match Model::open(folder) {
        Ok(model) => match compare(model.applied().as_ref(), tip, newest) {
            Standing::Current => return Ok((Some(model), ModelFound::Current)),
            Standing::Behind => match follow(folder, &model, tip, installation, tip.file) {
                // Behind by nothing but the mark of a stop.
                Ok(0) => return Ok((Some(model), ModelFound::Current)),
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
    let path = series::path_of(folder, tip.file);
    StoreError::Damaged(format!(
        "{} ends at sequence {}, but sequence {line} had been stored: its end was lost, or it was replaced by an older one",
        path.display(),
        tip.last
    ))
}

/// Lets sled follow the journal from where it is, which must not be before the file `from`. Returns the number of
/// commits, or why it cannot.
pub(super) fn follow(
    folder: &Path,
    model: &Model,
    tip: &Tip,
    installation: &str,
    from: u64,
) -> Result<u64, String> {
    let applied = model.applied().ok_or("it does not say how far it is")?;
    if applied.installation != installation {
        return Err("it did not belong to this journal".to_owned());
    }
    let mut feeder = Feeder::new(model, applied);
    for file in from..=tip.file {
        feed_file(folder, tip, file, &mut feeder)?;
    }
    feeder.finish(tip, installation)
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
    let path = series::path_of(folder, file);
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
