//! Backups by themselves: one whenever the newest is old enough, and no more than are wanted.
//!
//! 1. Whoever watches the time calls [`Schedule::run`] now and then; it does nothing while the newest copy is young.
//! 2. A copy has the moment in its name, so that what is there tells what is due, also after a restart.
//! 3. Only a copy that was read through counts; older ones are removed after that.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{NaiveDateTime, SecondsFormat};

use super::{Store, StoreError, Verified, disk, vault};
use crate::clock::UtcMs;

/// What the name of a copy begins with.
const PREFIX: &str = "watchpost-";
/// What the name of a sealed one ends with.
const SEALED: &str = ".sealed";
/// The moment in a name; no colons, which some file systems refuse.
const MOMENT: &str = "%Y-%m-%dT%H-%M-%SZ";

/// When, where and how many.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// Where the copies go.
    pub folder: PathBuf,
    /// How old the newest may be.
    pub every: Duration,
    /// How many are kept.
    pub keep: usize,
    /// Sealed under this, where it is given.
    pub passphrase: Option<vault::Passphrase>,
}

/// A copy that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The copy.
    pub path: PathBuf,
    /// What is in it.
    pub verified: Verified,
}

impl Schedule {
    /// When the newest copy was made.
    ///
    /// # Errors
    /// Where the folder cannot be read.
    pub fn newest(&self) -> Result<Option<UtcMs>, StoreError> {
        Ok(self.copies()?.last().map(|(at, _)| *at))
    }

    /// Makes a copy if the newest is old enough.
    ///
    /// # Errors
    /// Those of [`Store::backup`]; the copies that are there are left alone then.
    pub async fn run(&self, store: &dyn Store, now: UtcMs) -> Result<Option<Made>, StoreError> {
        let newest = self.newest()?;
        if newest.is_some_and(|newest| now < newest + self.every) {
            return Ok(None);
        }
        let made = self.make(store, now).await?;
        self.thin_out()?;
        Ok(Some(made))
    }

    /// Makes a copy, however young the newest is.
    ///
    /// # Errors
    /// As [`Schedule::run`].
    pub async fn run_now(&self, store: &dyn Store, now: UtcMs) -> Result<Made, StoreError> {
        // Names tell seconds: a second copy within one is called after the next.
        let newest = self.newest()?;
        let at = newest.map_or(now, |newest| now.max(newest + Duration::from_secs(1)));
        let made = self.make(store, at).await?;
        self.thin_out()?;
        Ok(made)
    }

    async fn make(&self, store: &dyn Store, now: UtcMs) -> Result<Made, StoreError> {
        let name = format!("{PREFIX}{}", now.to_utc().format(MOMENT));
        let path = self.folder.join(&name);
        // Under another name until it is whole: an unfinished one must not look like a copy.
        let beside = self.folder.join(format!(".{name}.unfinished"));
        remove(&beside)?;
        let copied = store.backup(&beside).await;
        let finished = match (copied, &self.passphrase) {
            (Err(error), _) => Err(error),
            (Ok(verified), None) => rename(&beside, &path).map(|()| (path, verified)),
            (Ok(verified), Some(passphrase)) => {
                let sealed = self.folder.join(format!("{name}{SEALED}"));
                let (from, to, passphrase) = (beside.clone(), sealed.clone(), passphrase.clone());
                tokio::task::spawn_blocking(move || vault::seal_folder(&from, &passphrase, &to))
                    .await
                    .map_err(|error| StoreError::Unavailable(error.to_string()))
                    .flatten()
                    .map(|()| (sealed, verified))
            }
        };
        // Gone already where it was renamed.
        remove(&beside)?;
        finished.map(|(path, verified)| Made { path, verified })
    }

    /// The copies that are there, oldest first.
    fn copies(&self) -> Result<Vec<(UtcMs, PathBuf)>, StoreError> {
        let refused = |error: std::io::Error| disk::refused(&self.folder, &error);
        fs::create_dir_all(&self.folder).map_err(refused)?;
        let mut copies = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(refused)? {
            let path = entry.map_err(refused)?.path();
            if let Some(at) = moment_of(&path) {
                copies.push((at, path));
            }
        }
        copies.sort();
        Ok(copies)
    }

    fn thin_out(&self) -> Result<(), StoreError> {
        let copies = self.copies()?;
        let surplus = copies.len().saturating_sub(self.keep.max(1));
        copies.iter().take(surplus).try_for_each(|(_, path)| remove(path))
    }
}

fn moment_of(path: &Path) -> Option<UtcMs> {
    let name = path.file_name()?.to_str()?.strip_prefix(PREFIX)?;
    let moment = name.strip_suffix(SEALED).unwrap_or(name);
    let parsed = NaiveDateTime::parse_from_str(moment, MOMENT).ok()?;
    // Only names that we would have written ourselves.
    let same = parsed.and_utc().to_rfc3339_opts(SecondsFormat::Secs, true).replace(':', "-") == moment;
    same.then(|| parsed.and_utc().into())
}

fn rename(from: &Path, to: &Path) -> Result<(), StoreError> {
    fs::rename(from, to).map_err(|error| disk::refused(to, &error))
}

fn remove(path: &Path) -> Result<(), StoreError> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(disk::refused(path, &error)),
        _ => Ok(()),
    }
}
