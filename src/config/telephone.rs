//! `[[telephone]]`: who is called by telephone when an update could not be brought to them.

use super::error::Wrong;
use super::key::{AnyKey, Key, Section};
use super::names::{AudienceName, DestinationName};
use super::read::Table;

static NAME: Key<String> =
    Key::new("name", "Who it is, as the caller asks for them.").example("\"Reception, house 2\"").needed();
static NUMBER: Key<String> = Key::new("number", "Their number.").example("\"+49 30 9012\"").needed();
static AUDIENCES: Key<Vec<AudienceName>> =
    Key::new("audiences", "Whose updates they are told.").example("[\"partners\"]").needed();
static DESTINATIONS: Key<Vec<DestinationName>> = Key::new(
    "destinations",
    "Where they read: they are called when an update did not arrive there. Without it: when it arrived nowhere.",
)
.default("[]")
.example("[\"partners-mail\"]");

const KEYS: &[&dyn AnyKey] = &[&NAME, &NUMBER, &AUDIENCES, &DESTINATIONS];

pub(super) const SECTION: Section = Section {
    heading: "[telephone]",
    meaning: "Who is called by telephone when an update could not be brought to them. Shown to responders only, in the hours of \
              calls under [update].",
    keys: KEYS,
};

/// Who is called when an update could not be brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telephone {
    /// Who it is.
    pub name: String,
    /// Their number.
    pub number: String,
    /// Whose updates they are told.
    pub audiences: Vec<AudienceName>,
    /// Where they read; none named: wherever their audience does.
    pub destinations: Vec<DestinationName>,
}

pub(super) fn read(root: &Table<'_>) -> Vec<Telephone> {
    root.list("telephone", KEYS).iter().filter_map(read_one).collect()
}

fn read_one(table: &Table<'_>) -> Option<Telephone> {
    let (name, number) = (table.required(&NAME), table.required(&NUMBER));
    let (audiences, destinations) = (table.required(&AUDIENCES), table.required(&DESTINATIONS));
    let (name, number) = (name?, number?);
    if !number.chars().any(|letter| letter.is_ascii_digit()) {
        let mend = "Write it as it is dialled, such as \"+49 30 9012\".";
        table.problem("number", Wrong::new(format!("{number:?} is no telephone number"), mend));
        return None;
    }
    Some(Telephone { name, number, audiences: audiences?, destinations: destinations? })
}
