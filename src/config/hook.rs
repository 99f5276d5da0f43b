//! `[hook.<name>]`: another monitor that may tell what it finds, at `/hooks/<name>` of `[web]`.

use std::path::PathBuf;

use super::environment::VariableName;
use super::error::Wrong;
use super::key::{AnyKey, Key, Section};
use super::names::ServiceName;
use super::read::Table;
use super::secret::Secret;
use super::value::{FromValue, Item, choice};

static KIND: Key<HookKind> = Key::new(
    "kind",
    "\"generic\": signed JSON as in Standard Webhooks. \"alertmanager\": its webhook, with the key as bearer token or a \
     signature put on by a proxy.",
)
.default("\"generic\"");
static SECRET_ENV: Key<VariableName> =
    Key::new("secret_env", "The environment variable that holds the key.").example("\"HOOK_KEY\"");
static SECRET_FILE: Key<PathBuf> =
    Key::new("secret_file", "A file that holds the key, in place of the variable.").example("\"hook.key\"");
static OLD_ENV: Key<VariableName> =
    Key::new("old_secret_env", "A second key that holds too, while keys are changed.")
        .example("\"HOOK_KEY_OLD\"");
static OLD_FILE: Key<PathBuf> =
    Key::new("old_secret_file", "A file that holds the second key.").example("\"hook-old.key\"");
static SERVICE: Key<ServiceName> =
    Key::new("service", "Of which service it speaks where a message names none. Without it: the only one.")
        .example("\"main\"");

const KEYS: &[&dyn AnyKey] = &[&KIND, &SECRET_ENV, &SECRET_FILE, &OLD_ENV, &OLD_FILE, &SERVICE];

pub(super) const SECTION: Section = Section {
    heading: "hook.<name>",
    meaning: "Another monitor that may tell what it finds, at `/hooks/<name>` of [web].",
    keys: KEYS,
};

/// Another monitor.
#[derive(Debug, Clone)]
pub struct Hook {
    /// Its name.
    pub name: String,
    /// In which form it speaks.
    pub kind: HookKind,
    /// The key, and one that holds too while keys are changed.
    pub keys: Vec<Secret>,
    /// Of which service it speaks.
    pub service: Option<ServiceName>,
}

/// In which form another monitor speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookKind {
    /// Our own.
    Generic,
    /// That of Alertmanager.
    Alertmanager,
}

impl FromValue for HookKind {
    const KIND: &'static str = "\"generic\" or \"alertmanager\"";

    fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
        choice(item, Self::KIND, &[("generic", Self::Generic), ("alertmanager", Self::Alertmanager)])
    }
}

pub(super) fn read(root: &Table<'_>) -> Vec<Hook> {
    let hooks = root.open("hook");
    hooks.names().iter().filter_map(|name| read_one(&hooks, name)).collect()
}

fn read_one(hooks: &Table<'_>, name: &str) -> Option<Hook> {
    let table = hooks.section(name, KEYS, &[]);
    let parsed = table.parsed_name(ServiceName::parse(name));
    let (kind, service) = (table.required(&KIND), table.optional(&SERVICE));
    let (key, old) = (table.required_secret(&SECRET_ENV, &SECRET_FILE), table.secret(&OLD_ENV, &OLD_FILE));
    Some(Hook {
        name: parsed?.0,
        kind: kind?,
        keys: key.into_iter().chain(old?).collect(),
        service: service?,
    })
    .filter(|hook| !hook.keys.is_empty())
}
