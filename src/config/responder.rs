//! `[responder.<name>]`: somebody who answers for the service, and how they are woken.

use super::error::Wrong;
use super::key::{AnyKey, Key, Section};
use super::names::{DestinationName, PersonId, ResponderName};
use super::read::Table;
use super::time::Hours;
use super::value::{FromValue, Item, parsed};

static DISCORD: Key<PersonId> =
    Key::new("discord", "Their id in Discord.").example("1020304050607080908").needed();
static DUTY: Key<Vec<Hours>> = Key::new("duty", "When they may be woken.")
    .default("[\"00:00-00:00\"]")
    .example("[\"Mon-Fri 08:00-18:00\"]");
static ROUTES: Key<Vec<Call>> = Key::new(
    "routes",
    "How they are woken, one after the other: \"mention\", \"dm\", or the name of a destination.",
)
.default("[\"mention\", \"dm\"]");
static UID: Key<u32> = Key::new(
    "uid",
    "Their user number on this host (`id -u`): who has it is this person in `watchpost ctl`.",
)
.example("1001");

const KEYS: &[&dyn AnyKey] = &[&DISCORD, &DUTY, &ROUTES, &UID];

pub(super) const SECTION: Section = Section {
    heading: "responder.<name>",
    meaning: "Somebody who answers for the service. They are woken in the order of the file.",
    keys: KEYS,
};

/// Somebody who answers for the service.
#[derive(Debug, Clone)]
pub struct Responder {
    /// Their name.
    pub name: ResponderName,
    /// Their id in Discord.
    pub discord: PersonId,
    /// When they may be woken.
    pub duty: Vec<Hours>,
    /// How they are woken, one after the other.
    pub routes: Vec<Call>,
    /// Their user number on the host, for `watchpost ctl`.
    pub uid: Option<u32>,
}

/// One way to wake somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// A mention in the operations channel.
    Mention,
    /// A direct message.
    DirectMessage,
    /// A message through a destination, such as an ntfy topic of their own.
    Destination(DestinationName),
}

impl FromValue for Call {
    const KIND: &'static str = "\"mention\", \"dm\" or the name of a destination";

    fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
        parsed(item, Self::KIND, |text| match text {
            "mention" => Ok(Self::Mention),
            "dm" => Ok(Self::DirectMessage),
            name => DestinationName::parse(name).map(Self::Destination),
        })
    }
}

pub(super) fn read(root: &Table<'_>) -> Vec<Responder> {
    let responders = root.open("responder");
    responders.names().iter().filter_map(|name| read_one(&responders, name)).collect()
}

fn read_one(responders: &Table<'_>, name: &str) -> Option<Responder> {
    let table = responders.section(name, KEYS, &[]);
    let parsed = table.parsed_name(ResponderName::parse(name));
    let (discord, duty, routes) = (table.required(&DISCORD), table.required(&DUTY), table.required(&ROUTES));
    let uid = table.optional(&UID);
    Some(Responder { name: parsed?, discord: discord?, duty: duty?, routes: routes?, uid: uid? })
}
