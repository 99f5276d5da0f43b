//! What people write down. Also after the end: the review needs it.

use watchpost_texts::say;

use super::{Context, Decided, ENTRY_LIMIT, line, while_open};
use crate::clock::UtcMs;
use crate::incident::event::{EntryKind, Event};
use crate::incident::{Incident, Phase, checklist, contradict};
use crate::refusal::Refusal;
use crate::report::{Report, repeats};

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
        return Err(Refusal::WrongTime(say!("lies in the future").to_owned()));
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

/// Counted, never posted one by one.
pub(super) fn report(
    incident: &Incident,
    report: Report,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    while_open(incident)?;
    match repeats(&incident.reports, &report, context.now) {
        Some(possible) => Err(Refusal::ReportedAlready { possible }),
        None => {
            let offered = contradict::of(incident, &report, context);
            let counted = Decided { happened_at: report.at.min(context.now), event: Event::Reported(report) };
            Ok(std::iter::once(counted).chain(offered).collect())
        }
    }
}

/// Reports that came before the incident was declared.
pub(super) fn join(incident: &Incident, reports: Vec<Report>, context: &Context<'_>) -> Vec<Decided> {
    if !incident.phase.is_open() {
        return Vec::new();
    }
    let counted =
        |report: Report| Decided { happened_at: report.at.min(context.now), event: Event::Reported(report) };
    reports.into_iter().map(counted).collect()
}
