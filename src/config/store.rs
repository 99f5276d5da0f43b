//! `[store]`: where the journal and the database lie.

use std::path::PathBuf;

use super::key::{AnyKey, Key, Section};
use super::read::Table;

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

const KEYS: &[&dyn AnyKey] = &[&FOLDER, &BALLAST_MIB];

pub(super) const SECTION: Section =
    Section { heading: "store", meaning: "Where Watchpost keeps what it was told.", keys: KEYS };

/// Where the journal and the database lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    /// The folder of journal and database.
    pub folder: PathBuf,
    /// Size in MiB of the file that is given up when the disk is full; 0: none.
    pub ballast_mib: u16,
}

pub(super) fn read(root: &Table<'_>) -> Option<Store> {
    let table = root.section("store", KEYS, &[]);
    let (folder, ballast_mib) = (table.required(&FOLDER), table.required(&BALLAST_MIB));
    Some(Store { folder: folder?, ballast_mib: ballast_mib? })
}
