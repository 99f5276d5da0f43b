//! `[proof]`: what must be seen before an incident is closed.

use super::error::Wrong;
use super::key::{AnyKey, Key, Section};
use super::read::Table;
use super::time::Interval;
use super::value::{FromValue, Item, choice};
use crate::proof::Ask;

static ROUNDS: Key<u16> = Key::new("rounds", "How many rounds in a row must be green.").default("3");
static LASTS: Key<Interval> = Key::new("lasts", "From the first green round to the last.").default("\"10m\"");
static WATCH: Key<Interval> = Key::new(
    "watch",
    "How long a closed incident is watched; the same trouble within this offers to reopen it.",
)
.default("\"24h\"");
static ASK_REPORTERS: Key<Ask> = Key::new(
    "ask_reporters",
    "\"dm\": who reported is asked by direct message whether it works now, outside the quiet hours of users. \"nobody\": nobody is.",
)
.default("\"dm\"");

const KEYS: &[&dyn AnyKey] = &[&ROUNDS, &LASTS, &WATCH, &ASK_REPORTERS];

pub(super) const SECTION: Section =
    Section { heading: "proof", meaning: "What must be seen before an incident is closed.", keys: KEYS };

/// What must be seen before an incident is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proof {
    /// How many rounds in a row must be green.
    pub rounds: u16,
    /// From the first green round to the last.
    pub lasts: Interval,
    /// How long a closed incident is watched.
    pub watch: Interval,
    /// Whether reporters are asked.
    pub ask_reporters: Ask,
}

impl FromValue for Ask {
    const KIND: &'static str = "\"dm\" or \"nobody\"";

    fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
        choice(item, Self::KIND, &[("dm", Self::Direct), ("nobody", Self::Nobody)])
    }
}

pub(super) fn read(root: &Table<'_>) -> Option<Proof> {
    let table = root.section("proof", KEYS, &[]);
    let (lasts, watch) = (table.required(&LASTS), table.required(&WATCH));
    let ask_reporters = table.required(&ASK_REPORTERS);
    let rounds = table.required(&ROUNDS)?;
    if rounds == 0 || rounds > 100 {
        let mend = "Write 1 to 100; three in ten minutes is usual.";
        table.problem(ROUNDS.name, Wrong::new("this proves nothing, or never ends", mend));
        return None;
    }
    Some(Proof { rounds, lasts: lasts?, watch: watch?, ask_reporters: ask_reporters? })
}
