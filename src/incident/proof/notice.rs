//! What is posted because of the proof: a fresh short post on a real turn, a question to each who reported.

use watchpost_texts::say;

use super::words;
use super::{Outcome, ProofEvent};
use crate::button::{Action, ButtonId};
use crate::clock::UtcMs;
use crate::incident::Incident;
use crate::incident::event::{Event, Recorded};
use crate::outbox::{Button, Item, ItemKey, Message, Place, Post, Purpose, Weight};
use crate::person::Person;
use crate::policy::Policy;
use crate::proof::{Cell, Measured, State};
use crate::report::Report;
use crate::update::time;

/// What must leave because of this event.
pub fn items(incident: &Incident, recorded: &Recorded, policy: &Policy, now: UtcMs) -> Vec<Item> {
    let Event::Proof(event) = &recorded.new.event else { return Vec::new() };
    let thread = incident.home.thread.map(Place::Channel);
    let mut items = Vec::new();
    if let (Some(place), Some(message)) = (thread, posted(incident, recorded, event)) {
        let name = format!("{}/proof/{}", incident.id, recorded.version);
        items.push(item(incident, name, place, message, now));
    }
    match event {
        ProofEvent::Asked { people } => items.extend(people.iter().map(|person| {
            let name = format!("{}/asked/{}", incident.id, person.id);
            item(incident, name, Place::Direct(person.id), question(incident, person), now)
        })),
        ProofEvent::Relapsed { .. } => {
            if let Some(guild) = policy.guilds.get(&incident.guild) {
                let name = format!("{}/relapsed/{}", incident.id, recorded.version);
                let called = guild.ping.map(|role| format!("<@&{role}> ")).unwrap_or_default();
                let mut message = relapsed(incident, event);
                message.text = format!("{called}{}", message.text);
                message.pings = guild.ping.into_iter().collect();
                items.push(item(incident, name, Place::Channel(guild.operations), message, now));
            }
        }
        _ => {}
    }
    items
}

fn item(incident: &Incident, name: String, place: Place, message: Message, now: UtcMs) -> Item {
    Item {
        key: ItemKey(name.clone()),
        slot: name,
        incident: Some(incident.id),
        purpose: Purpose::Notice,
        place,
        post: Post::New,
        message,
        due: now,
    }
}

/// The post in the thread; none where the card is enough.
fn posted(incident: &Incident, recorded: &Recorded, event: &ProofEvent) -> Option<Message> {
    let button = |action| button(incident, action, None);
    match event {
        ProofEvent::Round { number, outcome: Outcome::Green, .. } if *number > 0 => {
            let running = incident.proof.running.as_ref().filter(|running| running.green == 1)?;
            let end = running.earliest_end().map(time).unwrap_or_default();
            let text = say!(
                "The first round is green. {} rounds until {end} prove it; who was told of the trouble reads “works again, \
                 still checking” now.",
                running.rounds
            );
            Some(silent(text, Vec::new()))
        }
        ProofEvent::Proved { since } => {
            let text = say!("Proved: mail works since {}. It can be closed.", time(*since));
            Some(Message { buttons: vec![vec![button(Action::Resolve)]], ..Message::text(text) })
        }
        ProofEvent::Failed { tell_at, .. } => {
            let tell = tell_at.map(|_| button(Action::TellSetback));
            let buttons = tell.into_iter().chain([button(Action::Check)]).collect();
            Some(Message {
                buttons: vec![buttons],
                ..Message::text(words::sentence(&recorded.new.actor, event))
            })
        }
        ProofEvent::Overridden { .. } => {
            Some(silent(words::sentence(&recorded.new.actor, event), Vec::new()))
        }
        ProofEvent::Relapsed { .. } => Some(relapsed(incident, event)),
        ProofEvent::Answered { works: false } => {
            let place = incident.proof.answers.len().saturating_sub(1);
            let contact = super::notice::button(incident, Action::Contact, u64::try_from(place).ok());
            let with =
                recorded.new.actor.person().and_then(|by| program_of(incident, by)).unwrap_or_default();
            let summary = words::answers(incident).unwrap_or_default();
            let text = say!("{} says that it does not work{with}. {summary}", recorded.new.actor);
            Some(silent(text, vec![contact, button(Action::Reopen)]))
        }
        _ => None,
    }
}

fn silent(text: String, buttons: Vec<Button>) -> Message {
    let buttons = if buttons.is_empty() { Vec::new() } else { vec![buttons] };
    Message { silent: true, buttons, ..Message::text(text) }
}

fn relapsed(incident: &Incident, event: &ProofEvent) -> Message {
    let ProofEvent::Relapsed { red } = event else { return Message::default() };
    let text = say!(
        "{} was closed, and the same trouble is back: {}. Reopen it, or declare another if it is another.",
        incident.id,
        words::evidence(red)
    );
    Message { buttons: vec![vec![button(incident, Action::Reopen, None)]], ..Message::text(text) }
}

/// What somebody who reported is asked: their words back to them, and nothing of the inside.
fn question(incident: &Incident, person: &Person) -> Message {
    let report = incident.reports.iter().rev().find(|report| report.by.id == person.id);
    let what =
        report.map_or(say!("trouble with e-mail").to_owned(), |report| format!("“{}”", report.symptom));
    let text = say!("You reported {what}. It should work again: does it work now?");
    let yes = button(incident, Action::Works, None);
    let no = button(incident, Action::WorksNot, None);
    Message { buttons: vec![vec![yes, no]], silent: true, ..Message::text(text) }
}

fn program_of(incident: &Incident, by: &Person) -> Option<String> {
    let report: &Report = incident.reports.iter().rev().find(|report| report.by.id == by.id)?;
    report.client.map(|client| format!(" ({client})"))
}

/// A button of the proof.
pub fn button(incident: &Incident, action: Action, number: Option<u64>) -> Button {
    Button {
        label: action.label().to_owned(),
        action: ButtonId { action, incident: incident.id, repair: number }.to_string(),
        weight: match action {
            Action::Resolve | Action::Works | Action::TellSetback | Action::Prove => Weight::Primary,
            Action::CloseAnyway | Action::Reopen => Weight::Danger,
            _ => Weight::Secondary,
        },
    }
}

/// The buttons with which a person says what they have seen: of what is proved and cannot be measured here.
pub fn ticks(incident: &Incident) -> Vec<Button> {
    let proof = &incident.proof;
    let Some(running) = &proof.running else { return Vec::new() };
    let open = |cell: &Cell| {
        let measured = |known: &&Measured| known.cell == *cell && known.state != State::Unmeasured;
        let asked = matches!(cell, Cell::Manual(_)) || proof.blocks(cell);
        asked && !proof.ticked.contains_key(cell) && !proof.last.iter().any(|known| measured(&known))
    };
    let cells = running.cells.iter().zip(0_u64..).filter(|(cell, _)| open(cell));
    cells
        .take(5)
        .map(|(cell, place)| Button {
            label: say!("Seen: {cell}"),
            ..button(incident, Action::Tick, Some(place))
        })
        .collect()
}
