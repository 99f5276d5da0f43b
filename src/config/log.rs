//! `[log]`: how the log is written.

use super::error::Wrong;
use super::key::{AnyKey, Key, Section};
use super::read::Table;
use super::value::{FromValue, Item, choice};

static FORMAT: Key<Format> =
    Key::new("format", "\"pretty\" for people, \"json\" for machines: one object a line.")
        .default("\"pretty\"")
        .on_restart();
static FILTER: Key<String> = Key::new(
    "filter",
    "What is logged, as level or module=level. The variable WATCHPOST_LOG goes before it.",
)
.default("\"info,serenity=warn,poise=warn\"")
.on_restart();

const KEYS: &[&dyn AnyKey] = &[&FORMAT, &FILTER];

pub(super) const SECTION: Section =
    Section { heading: "log", meaning: "How the log is written.", keys: KEYS };

/// How the log is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// For people or machines.
    pub format: Format,
    /// What is logged, in the words of tracing's `EnvFilter`.
    pub filter: String,
}

/// The form of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Pretty,
    /// One JSON object a line.
    Json,
}

impl FromValue for Format {
    const KIND: &'static str = "\"pretty\" or \"json\"";

    fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
        choice(item, Self::KIND, &[("pretty", Self::Pretty), ("json", Self::Json)])
    }
}

pub(super) fn read(root: &Table<'_>) -> Option<Log> {
    let table = root.section("log", KEYS, &[]);
    let (format, filter) = (table.required(&FORMAT), table.overridden(&FILTER, "WATCHPOST_LOG"));
    Some(Log { format: format?, filter: filter? })
}
