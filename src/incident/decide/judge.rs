//! How bad it is, what the checks say, and where the procedure is.

use watchpost_texts::say;

use super::{Context, Decided, FACT_LIMIT, line, while_open};
use crate::incident::event::Event;
use crate::incident::{Incident, LastAssessment, Phase, Severity};
use crate::refusal::Refusal;

pub(super) fn severity(
    incident: &Incident,
    to: Severity,
    why: &str,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    while_open(incident)?;
    if incident.severity == to {
        return Err(Refusal::NothingNew(say!("{} is {to} already", incident.id)));
    }
    let why = line(why, FACT_LIMIT)?;
    Ok(vec![Decided::now(context, Event::SeverityChanged { to, why })])
}

pub(super) fn phase(
    incident: &Incident,
    to: Phase,
    why: &str,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    while_open(incident)?;
    if incident.phase == to {
        return Err(Refusal::NothingNew(say!("{} is {to} already", incident.id)));
    }
    if !to.is_open() {
        return Err(Refusal::NothingNew(
            say!("an incident is closed with [Close], which asks how that is known").to_owned(),
        ));
    }
    let why = line(why, FACT_LIMIT)?;
    Ok(vec![Decided::now(context, Event::PhaseChanged { to, why })])
}

/// Every assessment is kept, also one that says the same: the review asks when it was last looked.
pub(in crate::incident) fn assessed(last: LastAssessment, context: &Context<'_>) -> Vec<Decided> {
    let LastAssessment { at, service, verdict, cause, summary, capabilities } = last;
    let event = Event::Assessed { service, verdict, cause, summary, capabilities };
    vec![Decided { happened_at: at.min(context.now), event }]
}
