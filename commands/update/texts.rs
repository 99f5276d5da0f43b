//! What is clicked around a draft: send it, edit it, later, pause, approve. The desk decides; here it is said.

use watchpost::button::{Action, Text};
use watchpost::due;
use watchpost::ids::IncidentId;
use watchpost::incident::decide::Request;
use watchpost::incident::telling::{Issued, TellingRequest};
use watchpost::incident::{Incident, telling};
use watchpost::outbox::{Block, Field, Message};
use watchpost::timeline;
use watchpost_texts::say;

use super::{field, sent};
use crate::bot::forms::{self, Filled, Input, Need, Room};
use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::bot::rendering::{Visibility, moment};
use crate::incident::in_memory;

/// The most updates that one message shows.
const SHOWN: usize = 8;

/// Such a button was clicked.
pub async fn clicked(call: &Call, id: IncidentId, text: Text) -> Result<(), Failure> {
    match text {
        Text::Pause => {
            let why = why(
                say!("Why shall nothing go out by itself?"),
                say!("A person tells everybody by telephone"),
            );
            call.reply
                .form(forms::form(Action::Text(text), id, &say!("{id}: pause the updates"), vec![why]))
                .await;
            Ok(())
        }
        Text::Refuse => {
            let why = why(say!("What is wrong with it?"), say!("It promises what we do not know"));
            call.reply
                .form(forms::form(Action::Text(text), id, &say!("{id}: not like this"), vec![why]))
                .await;
            Ok(())
        }
        Text::History => {
            call.tell(&history(&*in_memory(call, id)?)).await;
            Ok(())
        }
        _ => carry_out(call, id, text).await,
    }
}

async fn carry_out(call: &Call, id: IncidentId, text: Text) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    let request = match text {
        Text::Send => TellingRequest::Send,
        Text::Drop => TellingRequest::Drop,
        Text::Later => TellingRequest::Later,
        Text::Continue => TellingRequest::Continue,
        Text::Slow => TellingRequest::Slow,
        Text::Approve => TellingRequest::Approve,
        Text::Pause | Text::Refuse | Text::History => return Ok(()),
    };
    let outcome = call.ask(Some(id), Request::Telling(request)).await?;
    let message = match text {
        Text::Send | Text::Approve => sent(&outcome.incident, &outcome.events),
        _ => Message::text(answer(call, &outcome.incident, text)),
    };
    call.tell(&message).await;
    Ok(())
}

fn answer(call: &Call, incident: &Incident, text: Text) -> String {
    let next = due::updates(incident, &call.mind.desk.policy()).into_values().min();
    let next = next.map(|at| say!(" The next word goes out {}.", moment(at))).unwrap_or_default();
    match text {
        Text::Drop => say!("Dropped; nobody was told.{next}"),
        Text::Later => say!("Moved, this one time.{next}"),
        Text::Continue => say!("Updates go on by themselves.{next}"),
        Text::Slow => say!("From the next text on, half as often. What was promised holds.{next}"),
        _ => String::new(),
    }
}

/// The form of such a button was sent.
pub async fn filled(call: &Call, id: IncidentId, text: Text, filled: Filled<'_>) -> Result<(), Failure> {
    call.reply.acknowledge(Visibility::Private).await;
    let why = filled.text("why");
    let (request, answer) = match text {
        Text::Pause => (
            TellingRequest::Pause { why: why.clone() },
            say!(
                "Paused. Nothing goes out by itself until somebody presses [Go on] under `/update`; the card says so."
            ),
        ),
        _ => (
            TellingRequest::Refuse { why: why.clone() },
            say!("Recorded. The text does not go to people outside."),
        ),
    };
    let asked = call.ask(Some(id), Request::Telling(request)).await;
    asked.map_err(|failure| failure.with_typed(&why))?;
    call.tell(&Message::text(answer)).await;
    Ok(())
}

fn why(label: &'static str, hint: &'static str) -> Input {
    Input { name: "why", label, hint, filled: String::new(), room: Room::Lines, need: Need::Required }
}

/// Every update: planned and actual time, lateness, proof, failures.
fn history(incident: &Incident) -> Message {
    let updates = &incident.telling.updates;
    let fields: Vec<Field> = updates.iter().rev().take(SHOWN).map(one).collect();
    let older = updates.len().saturating_sub(SHOWN);
    let text = match (updates.is_empty(), older) {
        (true, _) => say!("Nobody was told anything yet.").to_owned(),
        (false, 0) => String::new(),
        (false, older) => say!("{older} earlier ones stand in the timeline."),
    };
    let title = say!("{}: every update, newest first", incident.id);
    let block = Block { title, text, fields, ..Block::default() };
    Message { block: Some(block), ..Message::default() }
}

fn one(issued: &Issued) -> Field {
    let late = issued.lateness().as_secs();
    let late = match late {
        0..=4 => say!("on time").to_owned(),
        5..=119 => format!("{late} s late"),
        _ => say!("{} min late", late / 60),
    };
    let mut lines =
        vec![say!("Due {}, issued {} ({late}) by {}.", moment(issued.planned), moment(issued.at), issued.by)];
    if issued.missed > 0 {
        lines.push(say!("{} before it were due and not said.", issued.missed));
    }
    if issued.silent {
        lines.push(say!("Posted silently.").to_owned());
    }
    for arrival in &issued.arrivals {
        lines.push(say!("Arrived at {} {} ({}).", arrival.destination, moment(arrival.at), arrival.proof));
    }
    for failure in &issued.failures {
        lines.push(say!("Did not arrive at {}: {}", failure.destination, failure.why));
    }
    for superseded in &issued.superseded {
        lines.push(say!("Not brought to {superseded} any more: a newer one took its place."));
    }
    for suspended in &issued.suspended {
        lines.push(say!("Not brought to {suspended}: it needs what is broken."));
    }
    if !issued.instead.is_empty() {
        let names: Vec<&str> = issued.instead.iter().map(|name| name.as_str()).collect();
        lines.push(say!("Brought to {} instead.", names.join(", ")));
    }
    if !issued.short.is_empty() {
        lines.push(say!("For phones: {}", issued.short));
    }
    let name = format!("{} {} ({})", issued.audience, issued.number, timeline::update_kind(issued.kind));
    field(&name, lines.join("\n"))
}

/// The lines under a draft that say who must still read it.
pub(super) fn waits(incident: &Incident) -> Option<String> {
    let open = incident.telling.draft.as_ref().filter(|open| !open.draft.held.is_empty())?;
    let names: Vec<&str> = open.draft.held.iter().map(|name| name.as_str()).collect();
    let alone = open.at + telling::APPROVAL_PATIENCE;
    Some(say!(
        "{} waits until a second person has read it: [Approve] in the thread. From {} on you can send it alone.",
        names.join(", "),
        moment(alone)
    ))
}
