//! `[review]`: when the questions come, when the meeting is, and who may say "reviewed".

use chrono::NaiveTime;

use super::error::Wrong;
use super::key::{AnyKey, Key, Section};
use super::read::Table;
use super::value::{FromValue, Item, choice, parsed};

static ASK_AT: Key<TimeOfDay> = Key::new(
    "ask_at",
    "The time of day from which those who took part are asked three questions: on the day of the end, or the next.",
)
.default("\"14:00\"");
static MEETING_AT: Key<TimeOfDay> =
    Key::new("meeting_at", "The time of day that is proposed for the review meeting.").default("\"10:00\"");
static SEV1_DAYS: Key<u16> =
    Key::new("sev1_days", "The review of a SEV1 is held within so many days.").default("3");
static SEV2_WORKING_DAYS: Key<u16> =
    Key::new("sev2_working_days", "The review of a SEV2 is held within so many working days.").default("5");
static PUBLISH: Key<Publisher> = Key::new(
    "publish",
    "Whose role may say that a review is reviewed: \"responder\", \"lead\" or \"admin\". Those who look after Watchpost may always.",
)
.default("\"lead\"");

const KEYS: &[&dyn AnyKey] = &[&ASK_AT, &MEETING_AT, &SEV1_DAYS, &SEV2_WORKING_DAYS, &PUBLISH];

pub(super) const SECTION: Section = Section {
    heading: "review",
    meaning: "When the questions after an incident come, when the meeting is, and who may say “reviewed”.",
    keys: KEYS,
};

/// What holds for reviews.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Review {
    /// From when on those who took part are asked.
    pub ask_at: TimeOfDay,
    /// What is proposed for the meeting.
    pub meeting_at: TimeOfDay,
    /// SEV1: within so many days.
    pub sev1_days: u16,
    /// SEV2: within so many working days.
    pub sev2_working_days: u16,
    /// Who may say "reviewed".
    pub publish: Publisher,
}

/// A time of day in the organisation's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeOfDay(pub NaiveTime);

/// Whose role may say "reviewed".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Publisher {
    /// Whoever works on incidents.
    Responder,
    /// Whoever leads them.
    Lead,
    /// Only those who look after Watchpost.
    Admin,
}

impl FromValue for TimeOfDay {
    const KIND: &'static str = "a time of day such as \"14:00\"";

    fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
        parsed(item, Self::KIND, |text| {
            NaiveTime::parse_from_str(text, "%H:%M").map(TimeOfDay).map_err(|_| "write hours and minutes")
        })
    }
}

impl FromValue for Publisher {
    const KIND: &'static str = "\"responder\", \"lead\" or \"admin\"";

    fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
        let known = [("responder", Self::Responder), ("lead", Self::Lead), ("admin", Self::Admin)];
        choice(item, Self::KIND, &known)
    }
}

pub(super) fn read(root: &Table<'_>) -> Option<Review> {
    let table = root.section("review", KEYS, &[]);
    let (ask_at, meeting_at) = (table.required(&ASK_AT), table.required(&MEETING_AT));
    let (sev1_days, sev2_working_days) = (table.required(&SEV1_DAYS), table.required(&SEV2_WORKING_DAYS));
    let publish = table.required(&PUBLISH);
    Some(Review {
        ask_at: ask_at?,
        meeting_at: meeting_at?,
        sev1_days: sev1_days?,
        sev2_working_days: sev2_working_days?,
        publish: publish?,
    })
}
