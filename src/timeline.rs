//! The words of the timeline: one sentence for each event.

use watchpost_texts::say;

use crate::book;
use crate::incident::action::{ActionEvent, Risk};
use crate::incident::call;
use crate::incident::event::{EntryKind, Event, HomePart, NewEvent, UpdateKind};
use crate::incident::{
    Eta, amend, checklist, contradict, follow_up, link, proof, reach, restrict, review, role, suspect,
    telling,
};
use crate::person::Actor;
use crate::update::time;

/// What happened, as one sentence with the name of who did it.
pub fn sentence(new: &NewEvent) -> String {
    let who = &new.actor;
    match &new.event {
        Event::Declared { title, severity, drill, .. } => {
            let what = if *drill { "drill" } else { "incident" };
            say!("{who} declared the {what} as {severity}: {title}")
        }
        Event::Acknowledged => {
            say!("{who} has it: leads, and writes the updates, until they hand over.")
        }
        Event::HandedOver { to } => say!("{who} handed the lead over to {}.", to.name),
        Event::SeverityChanged { to, why } => say!("{who} made it {to} ({}): {why}", to.meaning()),
        Event::PhaseChanged { to, why } => say!("Now {to}: {why}"),
        Event::Assessed { service, summary, cause, .. } => match cause {
            Some(cause) => say!("Checked {service} ({}): {summary}", cause.name()),
            None => say!("Checked {service}: {summary}"),
        },
        Event::Logged { kind, text } => say!("{who} logged a {}: {text}", entry_kind(*kind)),
        Event::FactsChanged { facts } => {
            let said: Vec<&str> = [&facts.impact, &facts.instead, &facts.sentence]
                .into_iter()
                .filter(|text| !text.is_empty())
                .map(String::as_str)
                .collect();
            say!("{who} changed what stakeholders are told: {}", said.join(" · "))
        }
        Event::EtaChanged { eta } => say!("{who} changed the expected end: {}", eta_words(*eta)),
        Event::UpdateIssued { audience, number, kind, text, missed, .. } => {
            let missed = if *missed == 0 { String::new() } else { say!(", {missed} missed before it") };
            say!("Update {number} to {audience} ({}{missed}): {text}", update_kind(*kind))
        }
        Event::UpdateDelivered { audience, number, destination, proof } => {
            say!("Update {number} to {audience} arrived at {destination} ({proof}).")
        }
        Event::UpdateUndelivered { audience, number, destination, why } => {
            say!("Update {number} to {audience} did not reach {destination}: {why}")
        }
        Event::Placed { part, .. } => say!("The {} stands.", home_part(*part)),
        Event::NotPlaced { part, why } => say!("The {} could not be made: {why}", home_part(*part)),
        Event::Telling(event) => telling::sentence(who, event),
        Event::Reach(event) => reach::sentence(who, event),
        Event::Action(event) => action(who, event),
        Event::Call(event) => call::sentence(who, event),
        Event::Checklist(event) => checklist::sentence(who, event),
        Event::Suspect(event) => suspect::sentence(who, event),
        Event::Proof(event) => proof::words::sentence(who, event),
        Event::Link(event) => link::sentence(who, event),
        Event::Role(event) => role::sentence(who, event),
        Event::Restrict(event) => restrict::sentence(who, event),
        Event::Contradicted(said) => contradict::sentence(said),
        Event::Amended(event) => amend::sentence(who, event),
        Event::FollowUp(event) => follow_up::sentence(who, event),
        Event::Review(event) => review::sentence(who, event),
        Event::Reported(report) => {
            let people =
                if report.people == 1 { String::new() } else { say!(" for {} people", report.people) };
            say!("Reported{people}: {}", report.symptom)
        }
        Event::Resolved { why } => say!("{who} closed it: {why}"),
        Event::Reopened { why } => say!("{who} reopened it: {why}"),
        Event::Book(event) => book::sentence(event),
        Event::File(file) => say!("The content of a file is kept (SHA-256 {}).", file.sha256),
    }
}

fn action(who: &Actor, event: &ActionEvent) -> String {
    match event {
        ActionEvent::Proposed { text, kind, risk, .. } => match risk {
            Risk::Low => say!("{who} will do: {text}. Low risk, nobody needs to approve."),
            Risk::High => say!("{who} proposes: {text}. {}", kind.effect()),
        },
        ActionEvent::Changed { number, text, .. } => {
            say!("{who} changed action {number}: {text}. An approval of what it was is void.")
        }
        ActionEvent::Approved { number } => say!("{who} approved action {number}."),
        ActionEvent::Asked { number, .. } => {
            say!("{who} asks anew for an approval of action {number}: the earlier one is over.")
        }
        ActionEvent::Refused { number, why } => say!("{who} did not approve action {number}: {why}"),
        ActionEvent::Started { number, alone_because: None } => say!("{who} started action {number}."),
        ActionEvent::Started { number, alone_because: Some(why) } => {
            say!("{who} STARTED ACTION {number} ALONE, without a second person: {why}")
        }
        ActionEvent::Done { number } => say!("{who}: action {number} is done."),
        ActionEvent::Failed { number, why } => say!("{who}: action {number} did not help: {why}"),
        ActionEvent::RolledBack { number } => say!("{who} rolled action {number} back."),
    }
}

/// The name of a kind of entry.
pub fn entry_kind(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Note => "note",
        EntryKind::Finding => "finding",
        EntryKind::Suspect => "suspect",
        EntryKind::RuledOut => say!("ruled-out cause"),
        EntryKind::Cause => "cause",
        EntryKind::Change => "change",
        EntryKind::FollowUp => "follow-up",
    }
}

/// The name of a kind of update.
pub fn update_kind(kind: UpdateKind) -> &'static str {
    match kind {
        UpdateKind::First => "first",
        UpdateKind::Holding => "holding",
        UpdateKind::HoldingUnacknowledged => say!("holding, not yet acknowledged"),
        UpdateKind::Progress => "progress",
        UpdateKind::Works => say!("works, still checking"),
        UpdateKind::Setback => "setback",
        UpdateKind::Correction => "correction",
        UpdateKind::Resolution => "resolution",
        UpdateKind::Digest => say!("morning digest"),
    }
}

fn home_part(part: HomePart) -> &'static str {
    match part {
        HomePart::Headline => "headline",
        HomePart::Thread => "thread",
        HomePart::Card => "card",
        HomePart::Pin => say!("card's pin"),
    }
}

fn eta_words(eta: Eta) -> String {
    match eta {
        Eta::Unknown => "unknown".to_owned(),
        Eta::At(at) => time(at),
        Eta::Between(from, to) => say!("{} to {}", time(from), time(to)),
    }
}
