//! `[[service.<name>.web]]`: pages that must answer.

use crate::config::error::Wrong;
use crate::config::key::{AnyKey, Key, Section};
use crate::config::read::Table;
use crate::service::{HostName, WebPage};

static NAME: Key<String> = Key::new("name", "What people call it.").example("\"webmail\"").needed();
static URL: Key<String> =
    Key::new("url", "Its address, https only.").example("\"https://webmail.example.org/\"").needed();
static STATUS: Key<u16> = Key::new("status", "The status that means well.").default("200");
static TEXT: Key<String> = Key::new("text", "A text that the page must hold.").example("\"Sign in\"");

const KEYS: &[&dyn AnyKey] = &[&NAME, &URL, &STATUS, &TEXT];

pub(super) const SECTION: Section = Section {
    heading: "[service.<name>.web]",
    meaning: "A page that must answer, such as webmail.",
    keys: KEYS,
};

pub(super) fn read(service: &Table<'_>) -> Option<Vec<WebPage>> {
    let read: Vec<_> = service.list("web", KEYS).iter().map(page).collect();
    read.into_iter().collect()
}

/// An address of the web whose host has a name: one that is only an address, in whatever notation, is not asked.
pub(super) fn named(url: &str) -> Result<(), Wrong> {
    let parsed = reqwest::Url::parse(url).ok().filter(|_| url.starts_with("https://"));
    let host = parsed.as_ref().and_then(|url| url.host_str());
    let Some(host) = host else {
        return Err(Wrong::new("this is not an https address", "Write it whole, beginning with https://."));
    };
    match HostName::parse(host) {
        Ok(_) => Ok(()),
        Err(bad) => Err(Wrong::new(bad.to_string(), "Write the page's host by its name.")),
    }
}

fn page(table: &Table<'_>) -> Option<WebPage> {
    let (name, url) = (table.required(&NAME), table.required(&URL));
    let (status, text) = (table.required(&STATUS), table.optional(&TEXT));
    let url = url?;
    if let Err(wrong) = named(&url) {
        table.problem(URL.name, wrong);
        return None;
    }
    Some(WebPage { name: name?, url, status: status?, text: text? })
}
