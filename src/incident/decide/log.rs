//! What people write down. Also after the end: the review needs it.

use std::time::Duration;

use super::{Context, Decided, ENTRY_LIMIT, line, while_open};
use crate::clock::UtcMs;
use crate::incident::event::{EntryKind, Event};
use crate::incident::{Incident, Phase, checklist};
use crate::refusal::Refusal;
use crate::report::Report;

pub(super) fn entry(
    incident: &Incident,
    kind: EntryKind,
    text: &str,
    at: Option<UtcMs>,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    let text = line(text, ENTRY_LIMIT)?;
    let happened_at = at.unwrap_or(context.now);
    if happened_at > context.now {
        return Err(Refusal::WrongTime("lies in the future".to_owned()));
    }
    let why = text.chars().take(200).collect();
    let marked = incident
        .phase
        .is_open()
        .then(|| checklist::of_entry(incident, kind, &text, incident.version + 1, context));
    let mut events = vec![Decided { happened_at, event: Event::Logged { kind, text } }];
    if kind == EntryKind::Cause && incident.phase == Phase::Investigating {
        events.push(Decided::now(context, Event::PhaseChanged { to: Phase::Identified, why }));
    }
    events.extend(marked.flatten());
    Ok(events)
}

/// How soon the same person may report the same trouble again.
const REPORT_PAUSE: Duration = Duration::from_secs(300);

/// Counted, never posted one by one.
pub(super) fn report(
    incident: &Incident,
    report: Report,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    while_open(incident)?;
    let earlier = incident.reports.iter().rev().find(|earlier| {
        earlier.by.id == report.by.id && earlier.symptom == report.symptom && earlier.people == report.people
    });
    match earlier.map(|earlier| earlier.at + REPORT_PAUSE).filter(|possible| *possible > context.now) {
        Some(possible) => Err(Refusal::ReportedAlready { possible }),
        None => Ok(vec![Decided { happened_at: report.at.min(context.now), event: Event::Reported(report) }]),
    }
}
