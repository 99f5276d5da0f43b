//! `[[alternative]]`: what people can use while mail is broken.

use chrono::NaiveDate;

use super::key::{AnyKey, Key, Section};
use super::read::Table;

static TEXT: Key<String> = Key::new("text", "What to use instead, as updates say it.")
    .example("\"Urgent matters: telephone 030 1234, answered day and night.\"")
    .needed();
static OWNER: Key<String> =
    Key::new("owner", "Who knows whether it still holds.").example("\"Switchboard\"").needed();
static CONFIRMED: Key<NaiveDate> =
    Key::new("confirmed", "The day on which it was last tried.").example("2026-09-01").needed();

const KEYS: &[&dyn AnyKey] = &[&TEXT, &OWNER, &CONFIRMED];

pub(super) const SECTION: Section = Section {
    heading: "[alternative]",
    meaning: "What people can use while mail is broken; the first one is named in every update.",
    keys: KEYS,
};

/// What people can use while mail is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alternative {
    /// What to use, as updates say it.
    pub text: String,
    /// Who knows whether it still holds.
    pub owner: String,
    /// The day on which it was last tried.
    pub confirmed: NaiveDate,
}

pub(super) fn read(root: &Table<'_>) -> Vec<Alternative> {
    root.list("alternative", KEYS).iter().filter_map(read_one).collect()
}

fn read_one(table: &Table<'_>) -> Option<Alternative> {
    let (text, owner, confirmed) =
        (table.required(&TEXT), table.required(&OWNER), table.required(&CONFIRMED));
    Some(Alternative { text: text?, owner: owner?, confirmed: confirmed? })
}
