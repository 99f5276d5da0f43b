//! The end, and when it was none.

use super::tell::{resolution, setback};
use super::{Context, Decided, FACT_LIMIT, line, while_open};
use crate::incident::Incident;
use crate::incident::event::Event;
use crate::incident::proof::{self, decide::aftercare};
use crate::refusal::Refusal;

/// Refused until it is proved that mail works.
pub(in crate::incident) fn resolve(
    incident: &Incident,
    why: &str,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    while_open(incident)?;
    let why = line(why, FACT_LIMIT)?;
    proof::gate(incident)?;
    Ok(close(incident, why, context))
}

/// The end, proved or on somebody's word.
pub(in crate::incident) fn close(incident: &Incident, why: String, context: &Context<'_>) -> Vec<Decided> {
    let mut events = vec![Decided::now(context, Event::Resolved { why })];
    if !incident.is_restricted() {
        events.extend(aftercare(incident, context));
    }
    events.extend(resolution(incident, context));
    events
}

pub(super) fn reopen(incident: &Incident, why: &str, context: &Context<'_>) -> Result<Vec<Decided>, Refusal> {
    if incident.phase.is_open() {
        return Err(Refusal::NotOver(incident.id));
    }
    let why = line(why, FACT_LIMIT)?;
    let mut events = vec![Decided::now(context, Event::Reopened { why })];
    events.extend(setback(incident, context));
    Ok(events)
}
