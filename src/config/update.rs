//! `[update]`: what Watchpost sends by itself, and what it leaves to people.

use std::path::PathBuf;

use super::error::Wrong;
use super::key::{AnyKey, Key, Section};
use super::read::Table;
use super::time::{Hours, Interval};
use super::value::{FromValue, Item, choice};

static FIRST_TEXT: Key<FirstText> = Key::new(
    "first_text",
    "\"automatic\": the first text, proven facts only, goes out by itself when it is due. \"ask\": a person sends it.",
)
.default("\"automatic\"");
static REMINDER: Key<Interval> =
    Key::new("reminder", "How long before an update is due the ready draft is shown.").default("\"5m\"");
static MINIMUM_DISTANCE: Key<Interval> = Key::new(
    "minimum_distance",
    "The least time between two updates to one audience; corrections go out at once.",
)
.default("\"10m\"");

static TEXTS: Key<PathBuf> = Key::new(
    "texts",
    "A folder with texts of your own, one file for each language, such as `en.toml`; docs/updates.md says how. They are \
     tried when Watchpost starts.",
)
.example("\"texts\"");

static CALLS: Key<Vec<Hours>> = Key::new(
    "calls",
    "When people may be called by telephone whom no update could reach; the list of [[telephone]] is shown in these hours only.",
)
.default("[\"07:30-20:00\"]");

const KEYS: &[&dyn AnyKey] = &[&FIRST_TEXT, &REMINDER, &MINIMUM_DISTANCE, &TEXTS, &CALLS];

pub(super) const SECTION: Section = Section {
    heading: "update",
    meaning: "What Watchpost sends by itself, and what it leaves to people.",
    keys: KEYS,
};

/// What Watchpost sends by itself, and what it leaves to people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// Who sends the first text.
    pub first_text: FirstText,
    /// How long before an update is due the ready draft is shown.
    pub reminder: Interval,
    /// The least time between two updates to one audience.
    pub minimum_distance: Interval,
    /// The folder with texts of the organisation's own.
    pub texts: Option<PathBuf>,
    /// When the list of people to call is shown.
    pub calls: Vec<Hours>,
}

/// Who sends the first text of an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstText {
    /// Watchpost, when it is due.
    Automatic,
    /// A person.
    Ask,
}

impl FromValue for FirstText {
    const KIND: &'static str = "\"automatic\" or \"ask\"";

    fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
        choice(item, Self::KIND, &[("automatic", Self::Automatic), ("ask", Self::Ask)])
    }
}

pub(super) fn read(root: &Table<'_>) -> Option<Update> {
    let table = root.section("update", KEYS, &[]);
    let (first_text, reminder) = (table.required(&FIRST_TEXT), table.required(&REMINDER));
    let minimum_distance = table.required(&MINIMUM_DISTANCE);
    let (texts, calls) = (table.optional(&TEXTS), table.required(&CALLS));
    Some(Update {
        first_text: first_text?,
        reminder: reminder?,
        minimum_distance: minimum_distance?,
        texts: texts?,
        calls: calls?,
    })
}
