//! `[procedure]`: an own checklist and first aid in place of the shipped ones.

use std::path::PathBuf;
use std::sync::Arc;

use super::error::Wrong;
use super::key::{AnyKey, Key, Section};
use super::read::Table;
use super::secret::bounded_file;
use crate::sop::Procedure;

static FILE: Key<PathBuf> = Key::new(
    "file",
    "A file with an own checklist and first aid, in the form of `sop/procedure.toml`. Without it: that one.",
)
.example("\"procedure.toml\"");

const KEYS: &[&dyn AnyKey] = &[&FILE];

pub(super) const SECTION: Section = Section {
    heading: "procedure",
    meaning: "What is looked at when mail is broken, and what helps at once. Read again at SIGHUP.",
    keys: KEYS,
};

pub(super) fn read(root: &Table<'_>) -> Option<Arc<Procedure>> {
    let table = root.section("procedure", KEYS, &[]);
    let Some(path) = table.optional(&FILE)? else { return Some(Arc::default()) };
    let read =
        bounded_file(&path).and_then(|text| Procedure::parse(&text).map_err(|fault| fault.to_string()));
    read.map(Arc::new)
        .map_err(|reason| {
            let reason = format!("{} is no procedure: {reason}", path.display());
            table.problem(FILE.name, Wrong::new(reason, "Begin with a copy of sop/procedure.toml."));
        })
        .ok()
}
