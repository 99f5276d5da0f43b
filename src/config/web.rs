//! `[web]`: the status page, health and metrics.

use std::net::SocketAddr;

use super::error::Wrong;
use super::key::{AnyKey, Key, Section};
use super::read::Table;
use super::value::{FromValue, Item, parsed};

static LISTEN: Key<SocketAddr> = Key::new(
    "listen",
    "The address and port of the status page, health and metrics. Without it none of them is served.",
)
.example("\"127.0.0.1:8080\"")
.on_restart();
static PUBLIC_URL: Key<PublicUrl> =
    Key::new("public_url", "The address under which people reach the status page; updates name it.")
        .example("\"https://status.example.org/\"")
        .on_restart();

const KEYS: &[&dyn AnyKey] = &[&LISTEN, &PUBLIC_URL];

pub(super) const SECTION: Section =
    Section { heading: "web", meaning: "The status page, health and metrics.", keys: KEYS };

/// The status page, health and metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Web {
    /// Where they are served; `None`: nowhere.
    pub listen: Option<SocketAddr>,
    /// Where people reach the status page.
    pub public_url: Option<PublicUrl>,
}

/// An address that people can follow: https, or http on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether an address is https with a host, or http to this machine.
pub(super) fn is_safe_url(text: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(text) else {
        return false;
    };
    let host = url.host_str().unwrap_or_default();
    match url.scheme() {
        "https" => !host.is_empty(),
        "http" => super::discord::is_loopback(host),
        _ => false,
    }
}

impl FromValue for PublicUrl {
    const KIND: &'static str = "an address that begins with https://";

    fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
        parsed(item, Self::KIND, |text| {
            let safe = is_safe_url(text).then(|| Self(text.to_owned()));
            safe.ok_or("plain http is taken for 127.0.0.1 and [::1] only")
        })
    }
}

pub(super) fn read(root: &Table<'_>) -> Option<Web> {
    let table = root.section("web", KEYS, &[]);
    let (listen, public_url) = (table.optional(&LISTEN), table.optional(&PUBLIC_URL));
    Some(Web { listen: listen?, public_url: public_url? })
}
