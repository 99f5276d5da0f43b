//! `[store]`: where the journal and the database lie.

use std::path::PathBuf;

use super::environment::VariableName;
use super::error::Wrong;
use super::key::{AnyKey, Key, Section};
use super::read::Table;
use super::retention::{self, Retention};
use super::secret::Secret;
use super::time::Interval;

static FOLDER: Key<PathBuf> =
    Key::new("folder", "The folder of journal and database, on a disk of this machine.")
        .default("\"data\"")
        .on_restart();
static BALLAST_MIB: Key<u16> = Key::new(
    "ballast_mib",
    "Size in MiB of a file that is given up when the disk is full, so that work can go on.",
)
.default("64")
.on_restart();

static BACKUP_FOLDER: Key<PathBuf> = Key::new(
    "backup_folder",
    "Where copies of everything are put by themselves; without it, backups in the data folder. Best on another disk.",
)
.example("\"/srv/backup/watchpost\"")
.on_restart();
static BACKUP_EVERY: Key<Interval> =
    Key::new("backup_every", "How old the newest copy may be before the next one is made.")
        .default("\"1d\"")
        .on_restart();
static BACKUP_KEEP: Key<u16> =
    Key::new("backup_keep", "How many copies are kept; the oldest go. 0: none is made by itself.")
        .default("7")
        .on_restart();
static PASSPHRASE_ENV: Key<VariableName> = Key::new(
    "backup_passphrase_env",
    "The environment variable that holds the passphrase under which copies are sealed. Without one they can be read.",
)
.example("\"WATCHPOST_BACKUP_PASSPHRASE\"")
.on_restart();
static PASSPHRASE_FILE: Key<PathBuf> = Key::new(
    "backup_passphrase_file",
    "A file that holds the passphrase of the copies, in place of the variable.",
)
.example("\"backup.passphrase\"")
.on_restart();

const KEYS: &[&dyn AnyKey] =
    &[&FOLDER, &BALLAST_MIB, &BACKUP_FOLDER, &BACKUP_EVERY, &BACKUP_KEEP, &PASSPHRASE_ENV, &PASSPHRASE_FILE];

/// More often than this, copies would be all that the disk does.
const SHORTEST: std::time::Duration = std::time::Duration::from_secs(60);

pub(super) const SECTION: Section =
    Section { heading: "store", meaning: "Where Watchpost keeps what it was told.", keys: KEYS };

/// Where the journal and the database lie, and the copies of them.
#[derive(Debug, Clone)]
pub struct Store {
    /// The folder of journal and database.
    pub folder: PathBuf,
    /// Size in MiB of the file that is given up when the disk is full; 0: none.
    pub ballast_mib: u16,
    /// Where copies are put.
    pub backup_folder: PathBuf,
    /// How old the newest copy may be.
    pub backup_every: Interval,
    /// How many copies are kept; 0: none is made by itself.
    pub backup_keep: u16,
    /// What copies are sealed under.
    pub backup_passphrase: Option<Secret>,
    /// How long each kind of record is kept.
    pub retention: Retention,
}

pub(super) fn read(root: &Table<'_>) -> Option<Store> {
    let retention = retention::read(root);
    let table = root.section("store", KEYS, &[]);
    let (folder, ballast_mib) = (table.required(&FOLDER), table.required(&BALLAST_MIB));
    let (backup_folder, backup_every) = (table.optional(&BACKUP_FOLDER), table.required(&BACKUP_EVERY));
    let (backup_keep, passphrase) =
        (table.required(&BACKUP_KEEP), table.secret(&PASSPHRASE_ENV, &PASSPHRASE_FILE));
    if backup_every.is_some_and(|every| every.length() < SHORTEST) {
        table.problem(
            BACKUP_EVERY.name,
            Wrong::new("a copy would be made all the time", "Write at least \"1m\", such as \"1d\"."),
        );
        return None;
    }
    let folder = folder?;
    Some(Store {
        backup_folder: backup_folder?.unwrap_or_else(|| folder.join("backups")),
        folder,
        ballast_mib: ballast_mib?,
        backup_every: backup_every?,
        backup_keep: backup_keep?,
        backup_passphrase: passphrase?,
        retention: retention?,
    })
}
