//! `[[alternative]]`: what people can use while mail is broken.

use chrono::NaiveDate;

use super::error::Wrong;
use super::key::{AnyKey, Key, Section};
use super::names::AudienceName;
use super::read::Table;
use super::value::{FromValue, Item, choice};

static TEXT: Key<String> = Key::new("text", "What to use instead, as updates say it.")
    .example("\"Urgent matters: telephone 030 1234, answered day and night.\"")
    .needed();
static OWNER: Key<String> =
    Key::new("owner", "Who knows whether it still holds.").example("\"Switchboard\"").needed();
static CONFIRMED: Key<NaiveDate> = Key::new(
    "confirmed",
    "The day on which the owner last tried it and said that it works. Half a year later it is named no more.",
)
.example("2026-09-01")
.needed();
static NEEDS: Key<Vec<Needs>> = Key::new(
    "needs",
    "What must work for it: \"read\", \"receive\", \"send\", \"internal\". It is named only while the probes of these are green.",
)
.default("[]")
.example("[\"read\"]");
static AUDIENCES: Key<Vec<AudienceName>> = Key::new("audiences", "Who is told of it. Without it: everybody.")
    .default("[]")
    .example("[\"partners\"]");

const KEYS: &[&dyn AnyKey] = &[&TEXT, &OWNER, &CONFIRMED, &NEEDS, &AUDIENCES];

pub(super) const SECTION: Section = Section {
    heading: "[alternative]",
    meaning: "What people can use while mail is broken; the first one that holds is named in every update.",
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
    /// What must work for it.
    pub needs: Vec<Needs>,
    /// Who is told of it; nobody named: everybody.
    pub audiences: Vec<AudienceName>,
}

/// A part of the mail service that an alternative needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Needs {
    /// Logging in and reading.
    Read,
    /// Mail from outside.
    Receive,
    /// Mail to outside.
    Send,
    /// Mail among the people of the domain.
    Internal,
}

impl FromValue for Needs {
    const KIND: &'static str = "\"read\", \"receive\", \"send\" or \"internal\"";

    fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
        let words = [
            ("read", Self::Read),
            ("receive", Self::Receive),
            ("send", Self::Send),
            ("internal", Self::Internal),
        ];
        choice(item, Self::KIND, &words)
    }
}

pub(super) fn read(root: &Table<'_>) -> Vec<Alternative> {
    root.list("alternative", KEYS).iter().filter_map(read_one).collect()
}

fn read_one(table: &Table<'_>) -> Option<Alternative> {
    let (text, owner, confirmed) =
        (table.required(&TEXT), table.required(&OWNER), table.required(&CONFIRMED));
    let (needs, audiences) = (table.required(&NEEDS), table.required(&AUDIENCES));
    Some(Alternative {
        text: text?,
        owner: owner?,
        confirmed: confirmed?,
        needs: needs?,
        audiences: audiences?,
    })
}
