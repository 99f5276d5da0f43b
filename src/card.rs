//! The card: the incident at a glance, pinned in its thread and edited in place.

use watchpost_texts::say;

use crate::button::{Action, ButtonId};
use crate::due;
use crate::incident::event::{EntryKind, Event};
use crate::incident::link::LinkEvent;
use crate::incident::{Entry, Eta, Incident, Phase, Verdict, proof, suggest};
use crate::outbox::{Block, Button, Field, Message, Tone, Weight};
use crate::policy::Policy;
use crate::report::groups::sentence_of;
use crate::sop::FirstAid;

/// The card as it is now.
///
/// Of a restricted incident it shows nothing: everybody in the channel reads it.
pub fn card(incident: &Incident, policy: &Policy) -> Message {
    if incident.is_restricted() {
        let block = Block {
            title: title(incident),
            text: say!(
                "Only the people who work on it see what it is about: /incident shows it to them, here."
            )
            .to_owned(),
            footer: say!("{} · version {}", incident.id, incident.version),
            tone: tone(incident),
            ..Block::default()
        };
        return Message { block: Some(block), buttons: rows(incident), silent: true, ..Message::default() };
    }
    whole(incident, policy)
}

/// The card with everything, for somebody who may see it.
pub fn whole(incident: &Incident, policy: &Policy) -> Message {
    let block = Block {
        title: format!("{}{} · {}", drill(incident), incident.severity, incident.title),
        text: incident
            .assessment
            .as_ref()
            .map(|last| last.summary.clone())
            .unwrap_or_else(|| say!("A full check is running; its result appears here.").to_owned()),
        fields: fields(incident, policy),
        footer: say!("{} · version {}", incident.id, incident.version),
        tone: tone(incident),
    };
    let copy = aid(incident, policy).map(|aid| aid.copy.clone()).unwrap_or_default();
    Message { block: Some(block), copy, buttons: rows(incident), silent: true, ..Message::default() }
}

/// The likely next steps, and under them what else can be changed.
pub fn rows(incident: &Incident) -> Vec<Vec<Button>> {
    let further = [Action::Checklist, Action::More];
    let mut further: Vec<(Action, Option<u64>)> = further.map(|action| (action, None)).to_vec();
    // Also where the offer came before the thread stood.
    further.extend(incident.links.resembles.map(|(earlier, _)| (Action::ReopenEarlier, Some(earlier.0))));
    let button = |(action, repair): (Action, Option<u64>)| Button {
        label: action.label().to_owned(),
        action: ButtonId { action, incident: incident.id, repair }.to_string(),
        weight: Weight::Secondary,
    };
    let further: Vec<Button> = further.into_iter().map(button).collect();
    let further = incident.phase.is_open().then_some(further);
    let ticks = Some(proof::notice::ticks(incident)).filter(|ticks| !ticks.is_empty());
    std::iter::once(buttons(incident)).chain(ticks).chain(further).collect()
}

/// What an entry of the log can be seen as.
pub fn entry_buttons(incident: &Incident, entry: &Entry) -> Vec<Button> {
    if !incident.phase.is_open() {
        return Vec::new();
    }
    let actions: &[Action] = match entry.kind {
        EntryKind::Cause => &[Action::RuleOut, Action::OtherTime],
        EntryKind::Suspect => &[Action::Confirm, Action::RuleOut, Action::OtherTime],
        EntryKind::RuledOut => &[Action::Suspect, Action::OtherTime],
        EntryKind::FollowUp => &[Action::OtherTime],
        EntryKind::Note | EntryKind::Finding | EntryKind::Change => {
            &[Action::Confirm, Action::Suspect, Action::RuleOut, Action::OtherTime]
        }
    };
    let button = |action: &Action| Button {
        label: action.label().to_owned(),
        action: ButtonId { action: *action, incident: incident.id, repair: Some(entry.number) }.to_string(),
        weight: Weight::Secondary,
    };
    actions.iter().map(button).collect()
}

/// What is offered under a notice of something that Watchpost has noticed.
pub fn offer(incident: &Incident, event: &Event) -> Option<Vec<Button>> {
    let (action, repair) = match event {
        Event::Contradicted(_) => (Action::Correct, None),
        Event::Link(LinkEvent::Resembles { earlier, .. }) => (Action::ReopenEarlier, Some(earlier.0)),
        _ => return None,
    };
    let button = Button {
        label: action.label().to_owned(),
        action: ButtonId { action, incident: incident.id, repair }.to_string(),
        weight: Weight::Primary,
    };
    incident.phase.is_open().then_some(vec![button])
}

/// The line in the operations channel.
pub fn headline(incident: &Incident) -> String {
    let drill = if incident.drill { "DRILL · " } else { "" };
    format!(
        "{drill}**{}** · {} · {} · {}",
        incident.id,
        incident.severity,
        incident.phase,
        incident.open_title()
    )
}

fn title(incident: &Incident) -> String {
    let drill = if incident.drill { "DRILL · " } else { "" };
    format!("{drill}{} · {}", incident.severity, incident.open_title())
}

fn drill(incident: &Incident) -> &'static str {
    if incident.drill { "DRILL · " } else { "" }
}

fn fields(incident: &Incident, policy: &Policy) -> Vec<Field> {
    let since = incident.began();
    let mut fields = vec![
        short("Phase", incident.phase.name()),
        short("Since", &format!("<t:{0}:f> (<t:{0}:R>)", since.seconds())),
        short("Lead", &incident.led_by()),
        short(say!("Expected end"), &expected_end(incident)),
        short(say!("Next update"), &next_update(incident, policy)),
    ];
    fields.extend(suggest::words(incident).map(|words| long("Severity", words)));
    let links = incident.links.words();
    if !links.is_empty() {
        fields.push(long(say!("Belongs together"), links));
    }
    if let Some(called) = crate::incident::call::field(incident) {
        fields.push(Field { name: "Called".to_owned(), value: called, short: false });
    }
    if let Some(entry) = incident.cause_entry() {
        fields.push(long("Cause", entry_words(entry)));
    } else if let Some(cause) = incident.assessment.as_ref().and_then(|last| last.cause) {
        fields.push(short(say!("Likely cause"), cause.name()));
    }
    if let Some(last) = &incident.assessment {
        let works = last.capabilities;
        let each = [
            ("receive", works.receive),
            ("send", works.send),
            ("internal", works.internal),
            ("read", works.read),
        ];
        let text: Vec<String> =
            each.into_iter().map(|(name, verdict)| format!("{} {name}", mark(verdict))).collect();
        fields.push(Field { name: say!("What works").to_owned(), value: text.join("\n"), short: false });
    }
    if let Some(value) = proof::words::card(incident) {
        fields.push(Field { name: "Proof".to_owned(), value, short: false });
    }
    let reports = sentence_of(&incident.reports);
    if !reports.is_empty() {
        fields.push(Field { name: "Reports".to_owned(), value: reports, short: false });
    }
    let checklist = incident.checklist.summary(&policy.procedure, incident.confirmed.is_some());
    if !checklist.is_empty() {
        fields.push(long("Checklist", checklist));
    }
    let suspects: Vec<String> = incident.suspects().map(entry_words).collect();
    if !suspects.is_empty() {
        let from = suspects.len().saturating_sub(SUSPECTS);
        fields.push(long("Suspects", suspects[from..].join("\n")));
    }
    fields.extend(first_aid(incident, policy));
    if let Some(action) = incident.actions.last() {
        let value = format!("{} ({})", action.text, action.step.name());
        fields.push(Field { name: "Repair".to_owned(), value, short: false });
    }
    let entries: Vec<String> = incident.entries.iter().rev().take(3).map(entry).collect();
    if !entries.is_empty() {
        let value = entries.into_iter().rev().collect::<Vec<_>>().join("\n");
        fields.push(Field { name: say!("Last entries").to_owned(), value, short: false });
    }
    fields
}

/// Suspects that the card names.
const SUSPECTS: usize = 3;

/// What helps at once, while nothing is known to work; its commands stand ready to be copied.
fn first_aid(incident: &Incident, policy: &Policy) -> Option<Field> {
    let aid = aid(incident, policy)?;
    let never = aid.never.join(" ");
    Some(long(say!("First aid"), format!("{} {never}", aid.goal).trim().to_owned()))
}

/// Only where a check has said that something is broken, and before somebody says that it works.
fn aid<'p>(incident: &Incident, policy: &'p Policy) -> Option<&'p FirstAid> {
    let broken = incident.assessment.as_ref().filter(|last| last.verdict == Verdict::Down)?;
    let wanted = matches!(incident.phase, Phase::Investigating | Phase::Identified | Phase::Fixing);
    wanted.then(|| policy.procedure.first_aid(broken.cause)).flatten()
}

fn entry_words(entry: &Entry) -> String {
    let text: String = entry.text.chars().take(160).collect();
    say!("{text} ({}, entry {})", entry.by, entry.number)
}

fn entry(entry: &Entry) -> String {
    let text: String = entry.text.chars().take(160).collect();
    format!("<t:{}:t> {}: {text}", entry.at.seconds(), entry.by)
}

fn next_update(incident: &Incident, policy: &Policy) -> String {
    if let Some(pause) = &incident.telling.paused {
        return say!("PAUSED by {} since <t:{}:t>: {}", pause.by, pause.at.seconds(), pause.why);
    }
    match due::updates(incident, policy).into_iter().min_by_key(|(_, at)| *at) {
        Some((audience, at)) => format!("<t:{}:t> ({audience})", at.seconds()),
        None => say!("none due").to_owned(),
    }
}

fn expected_end(incident: &Incident) -> String {
    let slips = match incident.slips() {
        0 => String::new(),
        1 => say!(", moved once").to_owned(),
        times => say!(", moved {times} times"),
    };
    let withdrawn = incident.withdrawn().map(|before| say!(" ({} withdrawn)", eta(before)));
    format!("{}{}{slips}", eta(incident.eta), withdrawn.unwrap_or_default())
}

fn eta(eta: Eta) -> String {
    match eta {
        Eta::Unknown => "unknown".to_owned(),
        Eta::At(at) => format!("<t:{}:t>", at.seconds()),
        Eta::Between(from, to) => format!("<t:{}:t> to <t:{}:t>", from.seconds(), to.seconds()),
    }
}

/// A verdict as a word with a sign: never by colour alone.
pub fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "✓ works:",
        Verdict::Degraded => "! partly:",
        Verdict::Down => "✗ down:",
        Verdict::Unknown => say!("? not known:"),
    }
}

fn tone(incident: &Incident) -> Tone {
    match incident.phase {
        Phase::Resolved | Phase::Reviewed => Tone::Good,
        Phase::Verifying => Tone::Warning,
        _ => Tone::Bad,
    }
}

/// The likely next steps, the likeliest first.
pub fn buttons(incident: &Incident) -> Vec<Button> {
    let actions: &[Action] = match (incident.phase.is_open(), incident.lead.is_some()) {
        (false, _) => &[Action::Timeline, Action::Reopen],
        (true, false) => &[Action::Acknowledge, Action::Check, Action::Tell, Action::Log, Action::Timeline],
        (true, true) if incident.proof.proved.is_some() => {
            &[Action::Resolve, Action::Tell, Action::Log, Action::Check, Action::Timeline]
        }
        (true, true) => &[Action::Tell, Action::Log, Action::Check, Action::Resolve, Action::Timeline],
    };
    let button = |(place, action): (usize, &Action)| Button {
        label: action.label().to_owned(),
        action: ButtonId::new(*action, incident.id).to_string(),
        weight: match action {
            _ if place == 0 => Weight::Primary,
            Action::Resolve | Action::Reopen => Weight::Danger,
            _ => Weight::Secondary,
        },
    };
    actions.iter().enumerate().map(button).collect()
}

fn long(name: &str, value: String) -> Field {
    Field { name: name.to_owned(), value, short: false }
}

fn short(name: &str, value: &str) -> Field {
    Field { name: name.to_owned(), value: value.to_owned(), short: true }
}

/// Whether two versions of an incident look the same on the card.
pub fn looks_the_same(before: &Incident, after: &Incident, policy: &Policy) -> bool {
    let bare = |incident: &Incident| {
        let mut message = card(incident, policy);
        if let Some(block) = &mut message.block {
            block.footer.clear();
        }
        message
    };
    bare(before) == bare(after)
}
