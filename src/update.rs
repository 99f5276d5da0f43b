//! The words of an update: the same facts, for three sorts of readers.
//!
//! 1. What the reader notices, and since when.
//! 2. What works, and what to use instead.
//! 3. What to do and what not to do.
//! 4. When it will be over; "unknown" is an answer.
//! 5. When the next word comes.
//!
//! A sentence is left out where nothing is known for it; nothing is ever guessed. Users and partners read no host
//! and no name. Times stand as `<t:SECONDS:t>`, which the chat shows in each reader's zone.

use crate::clock::UtcMs;
use crate::config::Texts;
use crate::incident::event::UpdateKind;
use crate::incident::{Capabilities, Eta, Incident, Verdict};
use crate::policy::Policy;

/// What a text needs to know of time.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// Now.
    pub now: UtcMs,
    /// When the next word comes; none after the last.
    pub next: Option<UtcMs>,
}

/// The text of one update.
pub fn compose(
    incident: &Incident,
    texts: Texts,
    kind: UpdateKind,
    moment: &Moment,
    policy: &Policy,
) -> String {
    let sentences = match (kind, texts) {
        (UpdateKind::Resolution, Texts::Users) => resolved_for_users(incident),
        (UpdateKind::Resolution, Texts::Management) => resolved_for_management(incident, moment),
        (UpdateKind::Resolution, Texts::Partners) => resolved_for_partners(),
        (_, Texts::Users) => for_users(incident, kind, policy),
        (_, Texts::Management) => for_management(incident, kind),
        (_, Texts::Partners) => for_partners(incident, kind),
    };
    let ending = (kind != UpdateKind::Resolution).then(|| [eta(incident.eta), next(moment)]);
    let drill = incident.drill.then(|| "DRILL, nothing is wrong.".to_owned());
    let all = drill.into_iter().chain(sentences).chain(ending.into_iter().flatten());
    all.filter(|sentence| !sentence.is_empty()).collect::<Vec<_>>().join(" ")
}

fn for_users(incident: &Incident, kind: UpdateKind, policy: &Policy) -> Vec<String> {
    let facts = &incident.facts;
    let instead = match facts.instead.as_str() {
        "" => policy.alternatives.first().cloned().unwrap_or_default(),
        written => written.to_owned(),
    };
    vec![
        opening(kind, incident),
        full_stop(&impact_for_users(incident)),
        since(incident),
        what_works(incident),
        full_stop(&instead),
        full_stop(&facts.sentence),
        incident
            .assessment
            .as_ref()
            .and_then(|last| last.cause)
            .map(|cause| cause.advice().to_owned())
            .unwrap_or_default(),
    ]
}

fn for_management(incident: &Incident, kind: UpdateKind) -> Vec<String> {
    let cause = incident.assessment.as_ref().and_then(|last| last.cause);
    vec![
        opening(kind, incident),
        format!("{} since {}:", incident.severity, time(incident.began())),
        full_stop(&impact_for_users(incident)),
        cause.map(|cause| full_stop(cause.meaning())).unwrap_or_default(),
        full_stop(&incident.facts.sentence),
        match &incident.lead {
            Some(lead) => format!("{} leads.", lead.name),
            None => "Not yet acknowledged; the engineer is being called.".to_owned(),
        },
        "No decision needed.".to_owned(),
    ]
}

fn for_partners(incident: &Incident, kind: UpdateKind) -> Vec<String> {
    let works = incident.assessment.as_ref().map(|last| last.capabilities).unwrap_or_default();
    let mail = match (works.receive, works.send) {
        (Verdict::Ok, Verdict::Ok) => "Our e-mail is disturbed. Your mail arrives.",
        (Verdict::Ok, _) => "Our replies may be late. Your mail arrives.",
        (Verdict::Down, _) => "Mail to us is delayed at the moment; your server keeps trying.",
        _ => "Our e-mail is disturbed; mail to us and from us may be late.",
    };
    vec![opening(kind, incident), mail.to_owned(), full_stop(&incident.facts.sentence)]
}

fn resolved_for_users(incident: &Incident) -> Vec<String> {
    vec!["E-mail works again.".to_owned(), outbox_hint(incident), full_stop(&incident.facts.sentence)]
}

/// Only where sending was hurt do unsent messages wait on the readers' own devices.
fn outbox_hint(incident: &Incident) -> String {
    match incident.assessment.as_ref().map(|last| last.capabilities.send) {
        Some(Verdict::Ok) => String::new(),
        _ => "Check your outbox; press Send if mail remains there.".to_owned(),
    }
}

fn resolved_for_management(incident: &Incident, moment: &Moment) -> Vec<String> {
    let minutes = moment.now.since(incident.began()).as_secs() / 60;
    let lasted = format!("{} h {:02}", minutes / 60, minutes % 60);
    vec![format!(
        "Over at {}, {lasted} after it began. {} stays in the record.",
        time(moment.now),
        incident.id
    )]
}

fn resolved_for_partners() -> Vec<String> {
    vec!["Our e-mail works again. Late replies may follow; resend nothing.".to_owned()]
}

/// What makes this text differ from the one before.
fn opening(kind: UpdateKind, incident: &Incident) -> String {
    match kind {
        UpdateKind::Holding if incident.lead.is_none() => "The engineer is being called.".to_owned(),
        UpdateKind::Holding => "Nothing new.".to_owned(),
        UpdateKind::Correction => "Correction:".to_owned(),
        UpdateKind::Setback => "It does not work after all.".to_owned(),
        UpdateKind::HoldingUnacknowledged => "The engineer is being called.".to_owned(),
        UpdateKind::Works => "It works again; we are still checking.".to_owned(),
        UpdateKind::First | UpdateKind::Progress | UpdateKind::Resolution | UpdateKind::Digest => {
            String::new()
        }
    }
}

fn impact_for_users(incident: &Incident) -> String {
    let cause = incident.assessment.as_ref().and_then(|last| last.cause);
    match (incident.facts.impact.as_str(), cause) {
        ("", Some(cause)) => cause.users().to_owned(),
        ("", None) => "There is a problem with e-mail; we are finding out how far it goes".to_owned(),
        (written, _) => written.to_owned(),
    }
}

fn since(incident: &Incident) -> String {
    format!("Since {}.", time(incident.began()))
}

/// Said only of what was measured and found good.
fn what_works(incident: &Incident) -> String {
    let Some(last) = &incident.assessment else {
        return String::new();
    };
    let Capabilities { receive, send, internal: _, read } = last.capabilities;
    let good: Vec<&str> = [(receive, "receiving"), (send, "sending"), (read, "reading")]
        .into_iter()
        .filter_map(|(verdict, name)| (verdict == Verdict::Ok).then_some(name))
        .collect();
    match good.as_slice() {
        [] | [_, _, _] => String::new(),
        [one] => format!("{} works.", capital(one)),
        [one, two] => format!("{} and {two} work.", capital(one)),
        _ => String::new(),
    }
}

fn eta(eta: Eta) -> String {
    match eta {
        Eta::Unknown => "End unknown.".to_owned(),
        Eta::At(at) => format!("Expected end {}.", time(at)),
        Eta::Between(from, to) => format!("Expected end between {} and {}.", time(from), time(to)),
    }
}

fn next(moment: &Moment) -> String {
    moment.next.map(|next| format!("Next {}.", time(next))).unwrap_or_default()
}

/// A moment as the chat shows it in the reader's own zone.
pub fn time(at: UtcMs) -> String {
    format!("<t:{}:t>", at.seconds())
}

fn full_stop(sentence: &str) -> String {
    let sentence = sentence.trim();
    if sentence.is_empty() || sentence.ends_with(['.', '!', '?', ':']) {
        sentence.to_owned()
    } else {
        format!("{sentence}.")
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
