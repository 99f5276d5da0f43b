//! `[Contacts]` and `[Recent changes]`: who outside can help, and what was changed around the start.

use watchpost::book::change::{Change, WINDOW};
use watchpost::ids::IncidentId;
use watchpost::incident::Incident;
use watchpost::incident::event::EntryKind;
use watchpost::outbox::{Block, Field, Message};
use watchpost::policy::Policy;
use watchpost_texts::say;

use super::in_memory;
use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::bot::rendering::moment;

/// Changes that are shown at most.
const MOST: usize = 15;

/// `[Contacts]`.
pub async fn contacts(call: &Call, id: IncidentId) -> Result<(), Failure> {
    in_memory(call, id)?;
    call.tell(&listed(&call.mind.desk.policy())).await;
    Ok(())
}

fn listed(policy: &Policy) -> Message {
    if policy.contacts.is_empty() {
        return Message::text(say!(
            "Nobody is named. Add a `[[contact]]` to watchpost.toml for each vendor, registrar and provider, with the \
             contract number that they ask for; `watchpost contacts` prints them for the wall."
        ));
    }
    let field = |contact: &watchpost::config::Contact| {
        let contract = contact.contract.as_ref().map(|number| say!("\nContract {number}"));
        Field {
            name: contact.name.clone(),
            value: format!("{}\n{}{}", contact.telephone, contact.helps_with, contract.unwrap_or_default()),
            short: true,
        }
    };
    let block = Block {
        title: say!("Who outside can help").to_owned(),
        text: say!("Also without a network: `watchpost contacts` prints this page.").to_owned(),
        fields: policy.contacts.iter().map(field).collect(),
        ..Block::default()
    };
    Message { block: Some(block), ..Message::default() }
}

/// `[Recent changes]`.
pub async fn changes(call: &Call, id: IncidentId) -> Result<(), Failure> {
    let incident = in_memory(call, id)?;
    let lines = around(&incident, &call.mind.desk.book().changes);
    let text = match lines.as_slice() {
        [] => say!("Nothing is known that was changed in the day before. Ask the others, and enter what they say with \
               /log kind: change.")
            .to_owned(),
        lines => lines.join("\n"),
    };
    let block = Block {
        title: say!("{id}: changes from a day before the start until now"),
        text,
        footer: say!("entered by people, and seen by the checks").to_owned(),
        ..Block::default()
    };
    call.tell(&Message { block: Some(block), ..Message::default() }).await;
    Ok(())
}

/// What was changed around the start, oldest first: entered before, seen by checks, and logged here.
pub fn around(incident: &Incident, known: &[Change]) -> Vec<String> {
    let from = incident.began() - WINDOW;
    let here = |change: &&Change| {
        let guild = change.guild.is_none_or(|guild| guild == incident.guild);
        let other = change.service.as_ref().zip(incident.service.as_ref()).is_some_and(|(a, b)| a != b);
        guild && !other && change.at >= from
    };
    let logged = incident.entries.iter().filter(|entry| entry.kind == EntryKind::Change && entry.at >= from);
    let mut all: Vec<_> =
        known.iter().filter(here).map(|change| (change.at, change.by.to_string(), &change.text)).collect();
    all.extend(logged.map(|entry| (entry.at, entry.by.to_string(), &entry.text)));
    all.sort();
    let surplus = all.len().saturating_sub(MOST);
    all.drain(..surplus);
    all.into_iter().map(|(at, by, text)| say!("{} {by}: {text}", moment(at))).collect()
}
