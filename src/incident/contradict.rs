//! A report that contradicts what was published: "a report names a mail program; the published text says only phones".
//! It is offered as a correction, once for each contradiction, and never changes a text by itself.

use serde::{Deserialize, Serialize};

use super::Incident;
use super::decide::{Context, Decided};
use super::event::Event;
use crate::report::{Client, Report, Symptom};

/// A report says otherwise than the published text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contradiction {
    /// What the report names, as a word: "mail program".
    pub reported: String,
    /// What the published text says.
    pub published: String,
}

/// Words in a published text that name a program.
const CLIENTS: &[(Client, &[&str])] = &[
    (Client::Phone, &["phone", "mobile", "telephone"]),
    (Client::Desktop, &["mail program", "program", "laptop", "computer", "outlook", "thunderbird"]),
    (Client::Webmail, &["webmail", "browser"]),
    (Client::Device, &["device", "printer", "application"]),
];

/// What follows from a report beside the report itself.
pub(super) fn of(incident: &Incident, report: &Report, context: &Context<'_>) -> Option<Decided> {
    // Only what was published can be contradicted.
    let told = incident.told.values().any(|told| !told.text.is_empty());
    let published = incident.facts.impact.trim();
    if !told || published.is_empty() {
        return None;
    }
    let reported = client(published, report).or_else(|| direction(published, report))?;
    if incident.contradicted.contains(&reported) {
        return None;
    }
    let contradiction = Contradiction { reported, published: published.to_owned() };
    Some(Decided::now(context, Event::Contradicted(contradiction)))
}

/// A program that the text does not name, where it names others.
fn client(published: &str, report: &Report) -> Option<String> {
    let text = published.to_lowercase();
    let named = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let client = report.client?;
    let names_any = CLIENTS.iter().any(|(_, words)| named(words));
    let names_this = CLIENTS.iter().any(|(known, words)| *known == client && named(words));
    (names_any && !names_this).then(|| client.label().to_owned())
}

/// A direction that the text does not name, where it names the other only.
fn direction(published: &str, report: &Report) -> Option<String> {
    let text = published.to_lowercase();
    let sending = text.contains("send");
    let receiving = ["receiv", "arriv", "incoming"].iter().any(|word| text.contains(word));
    let contradicts = match report.symptom {
        Symptom::CannotReceive => sending && !receiving,
        Symptom::CannotSend => receiving && !sending,
        _ => false,
    };
    contradicts.then(|| report.symptom.label().to_owned())
}

/// In words.
pub fn sentence(said: &Contradiction) -> String {
    format!("A report names “{}”; the published text says: {}", said.reported, said.published)
}
