//! `[call]`: when responders are woken, and how long one waits for them.

use super::error::Wrong;
use super::key::{AnyKey, Key, Section};
use super::read::Table;
use super::time::Interval;

static WAIT: Key<Interval> =
    Key::new("wait", "How long one way is waited for before the next one, or the next person, is tried.")
        .default("\"2m\"");
static ROUNDS: Key<u16> =
    Key::new("rounds", "How often all are rung before it is given up, loudly.").default("3");
static SEVERITY: Key<u16> = Key::new(
    "severity",
    "Incidents of SEV1 to this one call somebody by themselves while nobody leads them.",
)
.default("2");

const KEYS: &[&dyn AnyKey] = &[&WAIT, &ROUNDS, &SEVERITY];

pub(super) const SECTION: Section = Section {
    heading: "call",
    meaning: "When responders are woken, and how long one waits for them.",
    keys: KEYS,
};

/// When responders are woken, and how long one waits for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallPlan {
    /// From one ring to the next.
    pub wait: Interval,
    /// How often all are rung.
    pub rounds: u16,
    /// The least bad severity, 1 to 4, that calls by itself.
    pub severity: u16,
}

pub(super) fn read(root: &Table<'_>) -> Option<CallPlan> {
    let table = root.section("call", KEYS, &[]);
    let (wait, rounds) = (table.required(&WAIT), table.required(&ROUNDS));
    let severity = table.required(&SEVERITY)?;
    let rounds = rounds?;
    if !(1..=20).contains(&rounds) {
        let wrong = Wrong::new(format!("{rounds} rounds make no sense"), "Write a number from 1 to 20.");
        table.problem(ROUNDS.name, wrong);
        return None;
    }
    if !(1..=4).contains(&severity) {
        table.problem(SEVERITY.name, Wrong::new("severities go from 1 to 4", "Write 1, 2, 3 or 4."));
        return None;
    }
    Some(CallPlan { wait: wait?, rounds, severity })
}
