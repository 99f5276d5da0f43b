//! What the checks measured, in a database of its own that may be lost without harm.
//!
//! 1. [`History::record`] keeps a sample in memory, in the hour that it belongs to.
//! 2. [`History::save`], called every minute or so, writes each open hour as one packed row, and beside it what the
//!    hour and its day come to.
//! 3. [`History::thin_out`] drops what is older than `[retention]` says: samples after 14 days, hours after 400, days
//!    after ten years.
//!
//! A history that cannot be opened or written is no reason to stop: it is begun anew, or does without.

mod kept;
mod packed;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

pub use packed::{Sample, Summary};

use super::shared::lock;
use super::sled::{ModelError, caught, close_row, open_patiently, open_row};
use crate::check::Verdict;
use crate::clock::UtcMs;

/// Folder within the data folder.
const FOLDER: &str = "history";

/// Bytes of memory that sled may use for it.
const CACHE_BYTES: u64 = 8 * 1024 * 1024;

/// Checks that are kept at most: each new name costs room for years.
pub const CHECKS_MOST: usize = 5_000;

/// Samples that one hour of one check keeps: one every five seconds.
const SAMPLES_MOST: usize = 720;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// How long each form is kept where nobody says otherwise.
const KEEP: Kept = [
    (Form::Samples, Duration::from_secs(14 * 86_400)),
    (Form::Hour, Duration::from_secs(400 * 86_400)),
    (Form::Day, Duration::from_secs(3_653 * 86_400)),
];

/// How long each form is kept.
type Kept = [(Form, Duration); 3];

/// What a row holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// The samples of an hour.
    Samples,
    /// What an hour comes to.
    Hour,
    /// What a day comes to.
    Day,
}

/// The history.
pub struct History {
    db: Option<::sled::Db>,
    open: Mutex<BTreeMap<(String, i64), Vec<Sample>>>,
    keep: Kept,
}

/// What became of the history at start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HistoryFound {
    /// It is there, or a new one was begun.
    Ready,
    /// What was there cannot be read; a new one was begun.
    BegunAnew {
        /// Why.
        why: String,
    },
    /// It does without: samples are kept for two hours in memory.
    Without {
        /// Why.
        why: String,
    },
}

impl History {
    /// Opens it, begins a new one, or does without. Blocks.
    pub fn open(data: &Path) -> (Self, HistoryFound) {
        let (db, found) = match open_db(data) {
            Ok(db) => (Some(db), HistoryFound::Ready),
            Err(first) => match begin_anew(data) {
                Ok(db) => (Some(db), HistoryFound::BegunAnew { why: first.to_string() }),
                Err(second) => (None, HistoryFound::Without { why: second.to_string() }),
            },
        };
        let open = Mutex::default();
        (History { db, open, keep: KEEP }, found)
    }

    /// The same, with other lengths of time: for samples, hours and days.
    #[must_use]
    pub fn keeping(mut self, samples: Duration, hours: Duration, days: Duration) -> Self {
        self.keep = [(Form::Samples, samples), (Form::Hour, hours), (Form::Day, days)];
        self
    }

    /// One that keeps two hours in memory and writes nothing.
    pub fn in_memory() -> Self {
        History { db: None, open: Mutex::default(), keep: KEEP }
    }

    /// Keeps a sample. Reads and writes no disk, but for the first of an hour after a restart.
    pub fn record(&self, check: &str, sample: Sample) {
        let hour = start_of(sample.at, HOUR);
        let mut open = lock(&self.open);
        let key = (check.to_owned(), hour.0);
        if !open.contains_key(&key) {
            let names = open.keys().filter(|(_, at)| *at == hour.0).count();
            if names >= CHECKS_MOST {
                return;
            }
            open.insert(key.clone(), self.stored_samples(check, hour));
        }
        if let Some(samples) = open.get_mut(&key).filter(|samples| samples.len() < SAMPLES_MOST) {
            samples.push(sample);
        }
    }

    /// Writes the open hours, and lets go of those that are over. Blocks.
    ///
    /// # Errors
    /// In words for the log; the samples stay in memory for two hours and are written the next time.
    pub fn save(&self, now: UtcMs) -> Result<(), ModelError> {
        let open = lock(&self.open).clone();
        let saved = self.write(&open);
        let written = saved.is_ok() && self.db.is_some();
        let oldest = start_of(now, HOUR).0 - if written { 0 } else { 2 * HOUR };
        lock(&self.open).retain(|(_, hour), _| *hour >= oldest);
        saved
    }

    fn write(&self, open: &BTreeMap<(String, i64), Vec<Sample>>) -> Result<(), ModelError> {
        let Some(db) = &self.db else {
            return Ok(());
        };
        let mut days: BTreeMap<(&str, i64), ()> = BTreeMap::new();
        let mut batch = ::sled::Batch::default();
        for ((check, hour), samples) in open {
            let at = UtcMs(*hour);
            batch.insert(key(Form::Samples, check, at), close_row(&packed::pack(samples, at)));
            batch.insert(key(Form::Hour, check, at), close_row(&Summary::of(samples).pack()));
            days.insert((check, start_of(at, DAY).0), ());
        }
        caught("write", || db.apply_batch(batch))?;
        for (check, day) in days.into_keys() {
            let day = UtcMs(day);
            let samples = self.samples(check, day, UtcMs(day.0 + DAY));
            let row = close_row(&Summary::of(&samples).pack());
            caught("write", || db.insert(key(Form::Day, check, day), row))?;
        }
        Ok(())
    }

    /// The samples from one moment to before another, oldest first.
    pub fn samples(&self, check: &str, from: UtcMs, to: UtcMs) -> Vec<Sample> {
        let open = lock(&self.open);
        let mut found: BTreeMap<i64, Vec<Sample>> = self
            .rows(Form::Samples, check, start_of(from, HOUR), to)
            .into_iter()
            .map(|(hour, row)| (hour.0, packed::unpack(&row, hour)))
            .collect();
        // What is in memory is what is stored and more.
        for ((name, hour), samples) in open.iter().filter(|((name, _), _)| name == check) {
            debug_assert_eq!(name, check);
            found.insert(*hour, samples.clone());
        }
        let mut samples: Vec<Sample> = found.into_values().flatten().collect();
        samples.retain(|sample| sample.at >= from && sample.at < to);
        samples
    }

    /// What each hour came to, oldest first; hours without a sample are left out.
    pub fn hours(&self, check: &str, from: UtcMs, to: UtcMs) -> Vec<(UtcMs, Summary)> {
        self.summaries(Form::Hour, check, start_of(from, HOUR), to)
    }

    /// What each day (UTC) came to, oldest first.
    pub fn days(&self, check: &str, from: UtcMs, to: UtcMs) -> Vec<(UtcMs, Summary)> {
        self.summaries(Form::Day, check, start_of(from, DAY), to)
    }

    fn summaries(&self, form: Form, check: &str, from: UtcMs, to: UtcMs) -> Vec<(UtcMs, Summary)> {
        let rows = self.rows(form, check, from, to);
        rows.into_iter().filter_map(|(at, row)| Some((at, Summary::unpack(&row)?))).collect()
    }

    fn stored_samples(&self, check: &str, hour: UtcMs) -> Vec<Sample> {
        let rows = self.rows(Form::Samples, check, hour, UtcMs(hour.0 + 1));
        rows.first().map_or_else(Vec::new, |(_, row)| packed::unpack(row, hour))
    }

    /// Rows that are whole; what is damaged is left out.
    fn rows(&self, form: Form, check: &str, from: UtcMs, to: UtcMs) -> Vec<(UtcMs, Vec<u8>)> {
        let Some(db) = &self.db else {
            return Vec::new();
        };
        let (first, last) = (key(form, check, from), key(form, check, to));
        let read = caught("read", || {
            let mut found = Vec::new();
            for entry in db.range(first..last) {
                let (key, row) = entry?;
                if let (Some(at), Some(row)) = (moment_of(&key), open_row(&row)) {
                    found.push((at, row.to_vec()));
                }
            }
            Ok(found)
        });
        read.unwrap_or_else(|error| {
            tracing::warn!(%error, "the check history cannot be read");
            Vec::new()
        })
    }

    /// Drops what is older than each form is kept. Returns the number of rows. Blocks.
    ///
    /// # Errors
    /// In words for the log; it goes on the next time.
    pub fn thin_out(&self, now: UtcMs) -> Result<usize, ModelError> {
        let Some(db) = &self.db else {
            return Ok(0);
        };
        let mut dropped = 0;
        for (form, keep) in self.keep {
            dropped += caught("thin out", || drop_before(db, form, now - keep))?;
        }
        Ok(dropped)
    }
}

fn drop_before(db: &::sled::Db, form: Form, oldest: UtcMs) -> ::sled::Result<usize> {
    let mut old = Vec::new();
    for key in db.scan_prefix([letter(form)]).keys() {
        let key = key?;
        if moment_of(&key).is_some_and(|at| at < oldest) {
            old.push(key);
        }
    }
    for key in &old {
        db.remove(key)?;
    }
    Ok(old.len())
}

fn open_db(data: &Path) -> Result<::sled::Db, ModelError> {
    let config =
        ::sled::Config::new().path(data.join(FOLDER)).cache_capacity(CACHE_BYTES).flush_every_ms(Some(500));
    open_patiently("open the check history", &config)
}

fn begin_anew(data: &Path) -> Result<::sled::Db, ModelError> {
    super::sled::remove_folder(&data.join(FOLDER))?;
    open_db(data)
}

fn letter(form: Form) -> u8 {
    match form {
        Form::Samples => b's',
        Form::Hour => b'h',
        Form::Day => b'd',
    }
}

/// Form, name, a zero byte that no name has, and the moment so that keys sort by it.
fn key(form: Form, check: &str, at: UtcMs) -> Vec<u8> {
    let mut key = vec![letter(form)];
    key.extend(check.bytes().filter(|byte| *byte != 0));
    key.push(0);
    key.extend_from_slice(&at.0.max(0).to_be_bytes());
    key
}

fn moment_of(key: &[u8]) -> Option<UtcMs> {
    key.last_chunk::<8>().map(|moment| UtcMs(i64::from_be_bytes(*moment)))
}

fn start_of(at: UtcMs, length: i64) -> UtcMs {
    UtcMs(at.0 - at.0.rem_euclid(length))
}

impl Sample {
    /// A sample of a check.
    pub fn new(at: UtcMs, verdict: Verdict, latency: Option<Duration>) -> Self {
        Sample { at, verdict, latency }
    }
}
