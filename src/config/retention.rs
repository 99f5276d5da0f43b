//! `[retention]`: how long each kind of record is kept, and where closed incidents are archived.

use std::path::PathBuf;
use std::time::Duration;

use super::error::Wrong;
use super::key::{AnyKey, Key, Section};
use super::read::Table;

static SAMPLES: Key<u16> =
    Key::new("samples_days", "How many days every answer of every check is kept.").default("14").on_restart();
static HOURS: Key<u16> = Key::new("hours_days", "How many days it is kept what an hour of checks came to.")
    .default("400")
    .on_restart();
static DAYS: Key<u16> = Key::new("days_days", "How many days it is kept what a day of checks came to.")
    .default("3653")
    .on_restart();
static REPORTERS: Key<u16> = Key::new(
    "reporters_days",
    "So many days after the last incident that they reported, who only reports is forgotten: name and words. 0: never.",
)
.default("0")
.on_restart();
static ARCHIVE_AFTER: Key<u16> = Key::new(
    "archive_after_days",
    "So many days after its end an incident is written into the archive, as HTML to read and JSON to read back.",
)
.default("30")
.on_restart();
static ARCHIVE: Key<PathBuf> = Key::new(
    "archive_folder",
    "Where closed incidents are archived; without it none is. Nothing is taken out of the journal for it.",
)
.example("\"/srv/archive/watchpost\"")
.on_restart();

const KEYS: &[&dyn AnyKey] = &[&SAMPLES, &HOURS, &DAYS, &REPORTERS, &ARCHIVE_AFTER, &ARCHIVE];

pub(super) const SECTION: Section = Section {
    heading: "retention",
    meaning: "How long each kind of record is kept. What happened in an incident is never deleted; whom it concerned can be forgotten.",
    keys: KEYS,
};

/// How long each kind of record is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    /// Every answer of every check.
    pub samples: Duration,
    /// What an hour came to.
    pub hours: Duration,
    /// What a day came to.
    pub days: Duration,
    /// Names and words of people who only reported, after their last incident; none: for ever.
    pub reporters: Option<Duration>,
    /// From the end of an incident to its archiving.
    pub archive_after: Duration,
    /// Where it goes; none: nowhere.
    pub archive: Option<PathBuf>,
}

pub(super) fn read(root: &Table<'_>) -> Option<Retention> {
    let table = root.section("retention", KEYS, &[]);
    let (samples, hours, days) = (table.required(&SAMPLES), table.required(&HOURS), table.required(&DAYS));
    let (reporters, after) = (table.required(&REPORTERS), table.required(&ARCHIVE_AFTER));
    let archive = table.optional(&ARCHIVE);
    let length = |days: u16| Duration::from_secs(u64::from(days) * 86_400);
    let (samples, hours, days) = (samples?, hours?, days?);
    if samples == 0 || samples > hours || hours > days {
        let reason = "what is coarser must be kept as long as what is finer, and each at least a day";
        table.problem(SAMPLES.name, Wrong::new(reason, "Write samples_days ≤ hours_days ≤ days_days."));
        return None;
    }
    Some(Retention {
        samples: length(samples),
        hours: length(hours),
        days: length(days),
        reporters: reporters.map(|days| (days > 0).then(|| length(days)))?,
        archive_after: length(after?),
        archive: archive?,
    })
}
