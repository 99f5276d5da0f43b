//! `[heartbeat]`: an address elsewhere that is called again and again; when the calls stop, somebody there says so.

use std::path::PathBuf;

use super::environment::VariableName;
use super::error::Wrong;
use super::key::{AnyKey, Key, Section};
use super::read::Table;
use super::secret::Secret;
use super::time::Interval;

static URL_ENV: Key<VariableName> = Key::new(
    "url_env",
    "The environment variable that holds the address. An address of this kind is a secret.",
)
.example("\"HEARTBEAT_URL\"");
static URL_FILE: Key<PathBuf> =
    Key::new("url_file", "A file that holds the address, in place of the variable.")
        .example("\"heartbeat.url\"");
static EVERY: Key<Interval> =
    Key::new("every", "How often it is called. Let the other side wait for three of them.").default("\"1m\"");

const KEYS: &[&dyn AnyKey] = &[&URL_ENV, &URL_FILE, &EVERY];

pub(super) const SECTION: Section = Section {
    heading: "heartbeat",
    meaning: "A dead-man's switch: an address elsewhere that is called through the outbox, so that the calls stop when \
              nothing can be said any more.",
    keys: KEYS,
};

/// An address elsewhere that is called again and again.
#[derive(Debug, Clone)]
pub struct Heartbeat {
    /// The address; a credential.
    pub url: Secret,
    /// How often.
    pub every: Interval,
}

/// None where the table is not there.
pub(super) fn read(root: &Table<'_>) -> Option<Option<Heartbeat>> {
    let table = root.section("heartbeat", KEYS, &[]);
    if !table.is_given() {
        return Some(None);
    }
    let every = table.required(&EVERY);
    let url = table.required_secret(&URL_ENV, &URL_FILE)?;
    if !super::web::is_safe_url(url.expose()) {
        let reason = format!("{} does not hold an https address", url.source());
        table.problem(
            URL_ENV.name,
            Wrong::new(reason, "Put the whole address there, beginning with https://."),
        );
        return None;
    }
    Some(Some(Heartbeat { url, every: every? }))
}
