//! `[monitor]`: how often services are checked, and what follows from a confirmed change.

use super::error::Wrong;
use super::key::{AnyKey, Key, Section};
use super::read::Table;
use super::time::Interval;
use super::value::{FromValue, Item, choice};
use crate::report::{KEPT, Threshold};

static FAST: Key<Interval> =
    Key::new("fast", "How often the quick questions are asked: DNS, greetings, TLS.").default("\"1m\"");
static FUNCTIONAL: Key<Interval> =
    Key::new("functional", "How often logins and a mail from end to end are tried.").default("\"5m\"");
static HYGIENE: Key<Interval> =
    Key::new("hygiene", "How often policies, certificates and blocklists are looked at.").default("\"6h\"");
static HIT_POINTS: Key<u16> = Key::new(
    "hit_points",
    "How much evidence confirms a change: a clear failure takes 2 points, a doubtful one 1, a good answer gives 1 back.",
)
.default("4");
static REPORTS: Key<u16> =
    Key::new("reports", "So many people who report trouble, where nothing is open, propose an incident.")
        .default("5");
static REPORTS_WITHIN: Key<Interval> =
    Key::new("reports_within", "In how short a time they must report.").default("\"1h\"");
static DECLARE: Key<Declare> =
    Key::new("declare", "\"propose\" an incident with buttons, or \"declare\" it at once.")
        .default("\"propose\"");

const KEYS: &[&dyn AnyKey] =
    &[&FAST, &FUNCTIONAL, &HYGIENE, &HIT_POINTS, &REPORTS, &REPORTS_WITHIN, &DECLARE];

pub(super) const SECTION: Section = Section {
    heading: "monitor",
    meaning: "How often services are checked, and what follows from a confirmed change.",
    keys: KEYS,
};

/// How often services are checked, and what follows from a confirmed change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Monitor {
    /// How often each set of checks runs, unless a service says otherwise.
    pub schedule: Schedule,
    /// How much evidence confirms a change.
    pub hit_points: u16,
    /// How many people who report in how short a time propose an incident.
    pub threshold: Threshold,
    /// What follows from a confirmed outage.
    pub declare: Declare,
}

/// How often each set of checks runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    /// DNS, greetings, TLS.
    pub fast: Interval,
    /// Logins and a mail from end to end.
    pub functional: Interval,
    /// Policies, certificates, blocklists.
    pub hygiene: Interval,
}

/// What follows from a confirmed outage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Declare {
    /// A proposal with buttons; a person declares.
    Propose,
    /// The incident is declared at once.
    Declare,
}

impl FromValue for Declare {
    const KIND: &'static str = "\"propose\" or \"declare\"";

    fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
        choice(item, Self::KIND, &[("propose", Self::Propose), ("declare", Self::Declare)])
    }
}

pub(super) fn read(root: &Table<'_>) -> Option<Monitor> {
    let table = root.section("monitor", KEYS, &[]);
    let (fast, functional) = (table.required(&FAST), table.required(&FUNCTIONAL));
    let (hygiene, declare) = (table.required(&HYGIENE), table.required(&DECLARE));
    let hit_points = table.required(&HIT_POINTS)?;
    if hit_points == 0 {
        table.problem(HIT_POINTS.name, Wrong::new("0 would confirm everything", "Write at least 1."));
        return None;
    }
    let threshold = threshold(&table)?;
    let schedule = Schedule { fast: fast?, functional: functional?, hygiene: hygiene? };
    Some(Monitor { schedule, hit_points, threshold, declare: declare? })
}

fn threshold(table: &Table<'_>) -> Option<Threshold> {
    let (people, within) = (table.required(&REPORTS)?, table.required(&REPORTS_WITHIN)?.length());
    if people == 0 {
        let mend = "Write at least 1; 5 is what status pages use.";
        table.problem(REPORTS.name, Wrong::new("0 would propose an incident all the time", mend));
        return None;
    }
    if within > KEPT {
        let mend = "Write at most \"24h\".";
        table.problem(REPORTS_WITHIN.name, Wrong::new("reports wait for a day at most", mend));
        return None;
    }
    Some(Threshold { people: people.into(), within })
}
