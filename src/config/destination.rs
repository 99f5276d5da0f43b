//! `[destination.<name>]`: one place where an update goes. Its `kind` decides which keys it has.

mod mail;

use std::path::PathBuf;

use super::alternative::Needs;
use super::environment::VariableName;
use super::error::Wrong;
use super::key::{AnyKey, Key, Section};
use super::names::{DestinationName, PlaceId};
use super::read::Table;
use super::secret::Secret;
use super::value::{FromValue, Item, choice};

pub use mail::Relay;

static KIND: Key<Kind> =
    Key::new("kind", "What it is; see the tables below.").example("\"discord\"").needed();
static CHANNEL: Key<PlaceId> = Key::new("channel", "The channel.").example("1020304050607080907").needed();
static URL_ENV: Key<VariableName> = Key::new(
    "url_env",
    "The environment variable that holds the address. An address of this kind is a secret.",
)
.example("\"WEBHOOK_URL\"");
static URL_FILE: Key<PathBuf> =
    Key::new("url_file", "A file that holds the address, in place of the variable.")
        .example("\"webhook.url\"");
static SECRET_ENV: Key<VariableName> =
    Key::new("secret_env", "The environment variable that holds the key by which posts are signed.")
        .example("\"WEBHOOK_SECRET\"");
static SECRET_FILE: Key<PathBuf> =
    Key::new("secret_file", "A file that holds the signing key, in place of the variable.")
        .example("\"webhook.key\"");
static ROUTING_KEY_ENV: Key<VariableName> = Key::new(
    "routing_key_env",
    "The environment variable that holds the integration key of the service (Events API v2).",
)
.example("\"PAGERDUTY_KEY\"");
static ROUTING_KEY_FILE: Key<PathBuf> =
    Key::new("routing_key_file", "A file that holds that key, in place of the variable.")
        .example("\"pagerduty.key\"");
static FOLDER: Key<PathBuf> =
    Key::new("folder", "The folder into which the page is written; a web server serves it from there.")
        .example("\"/srv/status\"")
        .needed();

pub(super) static NEEDS: Key<Vec<Needs>> = Key::new(
    "needs",
    "What must work of the watched mail for it to arrive: \"read\", \"receive\", \"send\", \"internal\". While a part of this is \
     down nothing is brought there, and the newest text follows when it works again.",
)
.default("[]")
.example("[\"receive\"]");

const COMMON: &[&dyn AnyKey] = &[&KIND];
const CHANNEL_KEYS: &[&dyn AnyKey] = &[&KIND, &CHANNEL];
const WEBHOOK_KEYS: &[&dyn AnyKey] = &[&KIND, &URL_ENV, &URL_FILE, &SECRET_ENV, &SECRET_FILE, &NEEDS];
const ADDRESS_KEYS: &[&dyn AnyKey] = &[&KIND, &URL_ENV, &URL_FILE, &NEEDS];
const PAGERDUTY_KEYS: &[&dyn AnyKey] = &[&KIND, &ROUTING_KEY_ENV, &ROUTING_KEY_FILE, &URL_ENV, &URL_FILE];
const FILE_KEYS: &[&dyn AnyKey] = &[&KIND, &FOLDER];

/// One row for each kind: its word, its keys, what it is.
const KINDS: [(&str, Kind, &[&dyn AnyKey], &str); 9] = [
    ("discord", Kind::Discord, CHANNEL_KEYS, "A channel of Discord."),
    (
        "announcement",
        Kind::Announcement,
        CHANNEL_KEYS,
        "An announcement channel; posts are published to its followers.",
    ),
    ("webhook", Kind::Webhook, WEBHOOK_KEYS, "Signed JSON to an address."),
    ("slack", Kind::Slack, ADDRESS_KEYS, "A webhook in Slack's form; Mattermost and others take it too."),
    ("ntfy", Kind::Ntfy, ADDRESS_KEYS, "A topic of ntfy: messages that ring on phones."),
    ("mail", Kind::Mail, mail::KEYS, "Mail through a relay that does not depend on a watched service."),
    (
        "page",
        Kind::Page,
        COMMON,
        "The status page that Watchpost serves; see [web]. It counts as told once the page is served. For audiences with the texts of users.",
    ),
    (
        "file",
        Kind::File,
        FILE_KEYS,
        "The status page as files in a folder, for any web server. For audiences with the texts of users.",
    ),
    (
        "pagerduty",
        Kind::PagerDuty,
        PAGERDUTY_KEYS,
        "A service of PagerDuty, by its Events API v2: rings responders, and is told who answered. No audience reads it.",
    ),
];

pub(super) const SECTIONS: [Section; 9] = [
    section(0, "destination.<name> with kind = \"discord\""),
    section(1, "destination.<name> with kind = \"announcement\""),
    section(2, "destination.<name> with kind = \"webhook\""),
    section(3, "destination.<name> with kind = \"slack\""),
    section(4, "destination.<name> with kind = \"ntfy\""),
    section(5, "destination.<name> with kind = \"mail\""),
    section(6, "destination.<name> with kind = \"page\""),
    section(7, "destination.<name> with kind = \"file\""),
    section(8, "destination.<name> with kind = \"pagerduty\""),
];

const fn section(index: usize, heading: &'static str) -> Section {
    let (_, _, keys, meaning) = KINDS[index];
    Section { heading, meaning, keys }
}

/// The word in the file for what a destination is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Discord,
    Announcement,
    Webhook,
    Slack,
    Ntfy,
    Mail,
    Page,
    File,
    PagerDuty,
}

/// One place where an update goes.
#[derive(Debug, Clone)]
pub struct Destination {
    /// Its name.
    pub name: DestinationName,
    /// What it is and how it is reached.
    pub route: Route,
    /// What must work of the watched mail for it to arrive.
    pub needs: Vec<Needs>,
}

/// How a destination is reached.
#[derive(Debug, Clone)]
pub enum Route {
    /// A channel of Discord.
    Discord {
        /// The channel.
        channel: PlaceId,
    },
    /// An announcement channel, whose posts are published to its followers.
    Announcement {
        /// The channel.
        channel: PlaceId,
    },
    /// Signed JSON to an address.
    Webhook {
        /// The address; a credential.
        url: Secret,
        /// The key by which posts are signed; unsigned without one.
        signing_key: Option<Secret>,
    },
    /// A webhook in Slack's form.
    Slack {
        /// The address; a credential.
        url: Secret,
    },
    /// A topic of ntfy.
    Ntfy {
        /// The address of the topic; a credential.
        url: Secret,
    },
    /// Mail through an independent relay.
    Mail(Relay),
    /// The status page that Watchpost serves.
    Page,
    /// The status page as files.
    File {
        /// The folder for the files.
        folder: PathBuf,
    },
    /// A service of PagerDuty.
    PagerDuty {
        /// The integration key of the service.
        routing_key: Secret,
        /// In place of PagerDuty's own address.
        url: Option<Secret>,
    },
}

impl FromValue for Kind {
    const KIND: &'static str = "a kind of destination";

    fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
        choice(item, <Self as FromValue>::KIND, &KINDS.map(|(word, kind, ..)| (word, kind)))
    }
}

pub(super) fn read(root: &Table<'_>) -> Vec<Destination> {
    let destinations = root.open("destination");
    destinations.names().iter().filter_map(|name| read_one(&destinations, name)).collect()
}

fn read_one(destinations: &Table<'_>, name: &str) -> Option<Destination> {
    let table = destinations.open(name);
    let parsed = table.parsed_name(DestinationName::parse(name));
    let kind = table.required(&KIND)?;
    if let Some((_, _, keys, _)) = KINDS.iter().find(|(_, row, ..)| *row == kind) {
        table.refuse_unknown(keys.iter().map(|key| key.described().name));
    }
    let takes_needs = matches!(kind, Kind::Webhook | Kind::Slack | Kind::Ntfy | Kind::Mail);
    let needs = if takes_needs { table.required(&NEEDS)? } else { Vec::new() };
    let route = match kind {
        Kind::Discord => Route::Discord { channel: table.required(&CHANNEL)? },
        Kind::Announcement => Route::Announcement { channel: table.required(&CHANNEL)? },
        Kind::Webhook => webhook(&table)?,
        Kind::Slack => Route::Slack { url: url(&table)? },
        Kind::Ntfy => Route::Ntfy { url: url(&table)? },
        Kind::Mail => Route::Mail(mail::read(&table)?),
        Kind::Page => Route::Page,
        Kind::File => Route::File { folder: table.required(&FOLDER)? },
        Kind::PagerDuty => Route::PagerDuty {
            routing_key: table.required_secret(&ROUTING_KEY_ENV, &ROUTING_KEY_FILE)?,
            url: table.secret(&URL_ENV, &URL_FILE)?,
        },
    };
    Some(Destination { name: parsed?, route, needs })
}

fn webhook(table: &Table<'_>) -> Option<Route> {
    let (url, signing_key) = (url(table), table.secret(&SECRET_ENV, &SECRET_FILE));
    Some(Route::Webhook { url: url?, signing_key: signing_key? })
}

/// The address of a webhook: https, or http to this machine. The reason never repeats it.
fn url(table: &Table<'_>) -> Option<Secret> {
    let url = table.required_secret(&URL_ENV, &URL_FILE)?;
    if super::web::is_safe_url(url.expose()) {
        return Some(url);
    }
    let reason = format!("{} does not hold an https address", url.source());
    table.problem(URL_ENV.name, Wrong::new(reason, "Put the whole address there, beginning with https://."));
    None
}
