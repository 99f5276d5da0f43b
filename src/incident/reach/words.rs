//! The words: in the timeline, at the fallback destinations, and of the list of people to call.

use watchpost_texts::say;

use super::{Because, Part, ReachEvent, ToCall};
use crate::button::{Action, ButtonId};
use crate::config::Telephone;
use crate::ids::{AudienceName, DestinationName};
use crate::incident::Incident;
use crate::outbox::{Block, Button, Field, Message, Tone, Weight};
use crate::person::Actor;
use crate::policy::{Audience, Policy};
use crate::update;

/// Buttons that a message holds: five rows of five (Discord's reference, "Components").
const MOST: usize = 25;

/// What happened, as one sentence.
pub fn sentence(who: &Actor, event: &ReachEvent) -> String {
    match event {
        ReachEvent::Suspended { audience, number, destination, needs } => say!(
            "Update {number} to {audience} is not brought to {destination}: it needs {}, which does not work.",
            parts(needs)
        ),
        ReachEvent::Resumed { audience, number, destination } => {
            say!("What {destination} needs works again: update {number} to {audience} is on its way there.")
        }
        ReachEvent::TookOver { audience, number, destinations, because } => {
            let why = match because {
                Because::ChatAway => say!("Discord cannot be reached"),
                Because::Suspended => say!("a destination needs what is broken"),
                Because::NotDelivered => say!("a destination does not take it"),
            };
            say!("Update {number} to {audience} goes to {} instead: {why}.", names(destinations))
        }
        ReachEvent::GaveBack { audience, destinations } => {
            say!("Discord is back: {audience} are told there again, and {} says so.", names(destinations))
        }
        ReachEvent::Listed { people } => {
            let people: Vec<&str> = people.iter().map(|one| one.name.as_str()).collect();
            say!("To be called by telephone, because no update reached them: {}.", people.join(", "))
        }
        ReachEvent::Reached { entry } => {
            say!("{who} called line {} of the list, and told them.", entry + 1)
        }
    }
}

fn names(destinations: &[DestinationName]) -> String {
    destinations.iter().map(DestinationName::as_str).collect::<Vec<_>>().join(", ")
}

fn parts(needs: &[Part]) -> String {
    let word = |part: &Part| match part {
        Part::Read => "reading",
        Part::Receive => "receiving",
        Part::Send => "sending",
        Part::Internal => say!("mail inside the domain"),
    };
    needs.iter().map(word).collect::<Vec<_>>().join(" and ")
}

/// The sentence before a text that is read elsewhere than usual.
pub fn elsewhere(audience: &Audience, because: Because, policy: &Policy) -> String {
    let name = match because {
        Because::ChatAway => "fallback_chat",
        Because::Suspended | Because::NotDelivered => "fallback_route",
    };
    update::word(audience, name, policy)
}

/// What the fallback destinations say when the chat is back.
pub(super) fn back(audience: &AudienceName, policy: &Policy) -> Message {
    let word = |audience| update::word(audience, "fallback_back", policy);
    let text = policy.audience(audience).map(word).unwrap_or_default();
    let block = Block { title: say!("E-mail: updates").to_owned(), text, ..Block::default() };
    Message { block: Some(block), ..Message::default() }
}

/// Everybody who is still to be called, with number, what to say, and a button to tick each off.
pub fn list(incident: &Incident, policy: &Policy) -> Message {
    let open: Vec<(usize, &ToCall)> =
        incident.reach.calls.iter().enumerate().filter(|(_, one)| one.reached.is_none()).take(MOST).collect();
    let title = match open.len() {
        0 => say!("{}: nobody is to be called", incident.id),
        1 => say!("One call by telephone: no update could reach them").to_owned(),
        several => say!("{several} calls by telephone: no update could reach them"),
    };
    let text = match open.first() {
        Some(_) => say!("Call, say it, and tick it off.").to_owned(),
        None => say!("Everybody was reached, by an update or by telephone.").to_owned(),
    };
    let fields = open.iter().map(|(_, one)| field(incident, one, policy)).collect();
    let tone = if open.is_empty() { Tone::Good } else { Tone::Warning };
    let buttons: Vec<Button> = open.iter().map(|(entry, one)| button(incident, *entry, one)).collect();
    Message {
        block: Some(Block { title, text, fields, tone, ..Block::default() }),
        buttons: buttons.chunks(5).map(<[Button]>::to_vec).collect(),
        ..Message::default()
    }
}

fn field(incident: &Incident, one: &ToCall, policy: &Policy) -> Field {
    let called = |telephone: &&Telephone| telephone.name == one.who.name;
    let number = policy.reach.telephones.iter().find(called).map(|telephone| telephone.number.as_str());
    let number = number.unwrap_or(say!("(the number is no longer in the configuration)"));
    let last = incident.telling.updates.iter().rev().find(|issued| issued.audience == one.who.audience);
    let say = last.map(|issued| format!("\nSay: “{}”", issued.short)).unwrap_or_default();
    Field { name: one.who.name.clone(), value: say!("{number} ({}){say}", one.who.audience), short: false }
}

fn button(incident: &Incident, entry: usize, one: &ToCall) -> Button {
    let repair = u64::try_from(entry).ok();
    let id = ButtonId { repair, ..ButtonId::new(Action::Reached, incident.id) };
    let label: String = say!("Reached: {}", one.who.name).chars().take(80).collect();
    Button { label, action: id.to_string(), weight: Weight::Secondary }
}
