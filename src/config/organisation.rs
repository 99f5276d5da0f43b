//! `[organisation]`: whose bot this is.

use std::path::{Path, PathBuf};

use watchpost_texts::Catalogue;

use super::error::Wrong;
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
static CATALOGUE: Key<PathBuf> = Key::new(
    "catalogue",
    "A PO file with what Watchpost says, in that language; `watchpost texts` begins one. What it lacks is said in English.",
)
.example("\"de.po\"")
.on_restart();

/// All texts in two languages, some times over.
const LARGEST: u64 = 8 * 1024 * 1024;
/// Most flaws that are named of one file.
const MOST: usize = 10;

const KEYS: &[&dyn AnyKey] = &[&NAME, &TIME_ZONE, &LANGUAGE, &CATALOGUE];

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
    /// What Watchpost says in that language; `None`: English.
    pub catalogue: Option<Catalogue>,
}

pub(super) fn read(root: &Table<'_>) -> Option<Organisation> {
    let table = root.section("organisation", KEYS, &[]);
    let (name, time_zone, language) =
        (table.required(&NAME), table.required(&TIME_ZONE), table.required(&LANGUAGE));
    let catalogue = table.optional(&CATALOGUE)?.and_then(|path| {
        catalogue(&path)
            .map_err(|flaws| {
                flaws.into_iter().take(MOST).for_each(|wrong| table.problem(CATALOGUE.name, wrong));
            })
            .ok()
    });
    Some(Organisation { name: name?, time_zone: time_zone?, language: language?, catalogue })
}

/// Reads a catalogue with all its flaws.
fn catalogue(path: &Path) -> Result<Catalogue, Vec<Wrong>> {
    let unread = |reason: String| {
        vec![Wrong::new(
            format!("{} cannot be read: {reason}", path.display()),
            "Begin one with `watchpost texts`.",
        )]
    };
    let size = std::fs::metadata(path).map_err(|error| unread(error.to_string()))?.len();
    if size > LARGEST {
        return Err(unread(format!("it is larger than {LARGEST} bytes")));
    }
    let text = std::fs::read_to_string(path).map_err(|error| unread(error.to_string()))?;
    let wrong = |flaw| {
        Wrong::new(format!("{}: {flaw}", path.display()), "`watchpost texts FILE` lists what is wrong.")
    };
    Catalogue::read(&text).map_err(|flaws| flaws.into_iter().map(wrong).collect())
}
