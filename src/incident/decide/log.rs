//! What people write down. Also after the end: the review needs it.

use super::{Context, Decided, ENTRY_LIMIT, line};
use crate::clock::UtcMs;
use crate::incident::event::{EntryKind, Event};
use crate::incident::{Incident, Phase};
use crate::refusal::Refusal;

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
    let mut events = vec![Decided { happened_at, event: Event::Logged { kind, text } }];
    if kind == EntryKind::Cause && incident.phase == Phase::Investigating {
        events.push(Decided::now(context, Event::PhaseChanged { to: Phase::Identified, why }));
    }
    Ok(events)
}
