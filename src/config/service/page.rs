//! `[[service.<name>.web]]`: pages that must answer.

use crate::config::error::Wrong;
use crate::config::key::{AnyKey, Key, Section};
use crate::config::read::Table;
use crate::service::WebPage;

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

fn page(table: &Table<'_>) -> Option<WebPage> {
    let (name, url) = (table.required(&NAME), table.required(&URL));
    let (status, text) = (table.required(&STATUS), table.optional(&TEXT));
    let url = url?;
    if !url.starts_with("https://") || reqwest::Url::parse(&url).is_err() {
        table.problem(
            URL.name,
            Wrong::new("this is not an https address", "Write it whole, beginning with https://."),
        );
        return None;
    }
    Some(WebPage { name: name?, url, status: status?, text: text? })
}
