//! The end, and when it was none.

use super::tell::{resolution, setback};
use super::{Context, Decided, FACT_LIMIT, line, while_open};
use crate::incident::Incident;
use crate::incident::event::Event;
use crate::refusal::Refusal;

pub(super) fn resolve(
    incident: &Incident,
    why: &str,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    while_open(incident)?;
    let why = line(why, FACT_LIMIT)?;
    let mut events = vec![Decided::now(context, Event::Resolved { why })];
    events.extend(resolution(incident, context));
    Ok(events)
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
