//! `[organisation]`: whose bot this is.

use super::key::{AnyKey, Key, Section};
use super::read::Table;

static NAME: Key<String> = Key::new("name", "The name that updates and the status page carry.")
    .example("\"Example Ltd\"")
    .needed()
    .on_restart();
static TIME_ZONE: Key<chrono_tz::Tz> =
    Key::new("time_zone", "The zone in which typed times, quiet hours and duty hours are meant.")
        .default("\"UTC\"")
        .example("\"Europe/Berlin\"")
        .on_restart();
static LANGUAGE: Key<String> =
    Key::new("language", "The language of what Watchpost writes. English is complete.").default("\"en\"");

const KEYS: &[&dyn AnyKey] = &[&NAME, &TIME_ZONE, &LANGUAGE];

pub(super) const SECTION: Section =
    Section { heading: "organisation", meaning: "Whose Watchpost this is.", keys: KEYS };

/// Whose Watchpost this is.
#[derive(Debug, Clone)]
pub struct Organisation {
    /// The name that updates and the status page carry.
    pub name: String,
    /// The zone of typed times, quiet hours and duty hours.
    pub time_zone: chrono_tz::Tz,
    /// The language of what Watchpost writes, as an IETF tag.
    pub language: String,
}

pub(super) fn read(root: &Table<'_>) -> Option<Organisation> {
    let table = root.section("organisation", KEYS, &[]);
    let (name, time_zone, language) =
        (table.required(&NAME), table.required(&TIME_ZONE), table.required(&LANGUAGE));
    Some(Organisation { name: name?, time_zone: time_zone?, language: language? })
}
