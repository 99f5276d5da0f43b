//! `[[contact]]`: who outside can help, with the number that they will ask for.

use super::key::{AnyKey, Key, Section};
use super::read::Table;

static NAME: Key<String> = Key::new("name", "Who it is.").example("\"Example Hosting, support\"").needed();
static HELPS_WITH: Key<String> =
    Key::new("helps_with", "What they can do.").example("\"network, power, hands at the machine\"").needed();
static TELEPHONE: Key<String> = Key::new("telephone", "Their number.").example("\"+49 30 5678\"").needed();
static CONTRACT: Key<String> =
    Key::new("contract", "The contract or customer number that they ask for.").example("\"C-4711\"");

const KEYS: &[&dyn AnyKey] = &[&NAME, &HELPS_WITH, &TELEPHONE, &CONTRACT];

pub(super) const SECTION: Section = Section {
    heading: "[contact]",
    meaning: "Who outside can help: vendor, registrar, network provider. Shown to responders only.",
    keys: KEYS,
};

/// Who outside can help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Who it is.
    pub name: String,
    /// What they can do.
    pub helps_with: String,
    /// Their number.
    pub telephone: String,
    /// The contract or customer number that they ask for.
    pub contract: Option<String>,
}

pub(super) fn read(root: &Table<'_>) -> Vec<Contact> {
    root.list("contact", KEYS).iter().filter_map(read_one).collect()
}

fn read_one(table: &Table<'_>) -> Option<Contact> {
    let (name, helps_with) = (table.required(&NAME), table.required(&HELPS_WITH));
    let (telephone, contract) = (table.required(&TELEPHONE), table.optional(&CONTRACT));
    Some(Contact { name: name?, helps_with: helps_with?, telephone: telephone?, contract: contract? })
}
