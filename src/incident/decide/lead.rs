//! Who has it.

use watchpost_texts::say;

use super::{Context, Decided, while_open};
use crate::incident::Incident;
use crate::incident::call;
use crate::incident::event::Event;
use crate::person::Person;
use crate::refusal::Refusal;

pub(super) fn acknowledge(incident: &Incident, context: &Context<'_>) -> Result<Vec<Decided>, Refusal> {
    while_open(incident)?;
    let asking = context
        .actor
        .person()
        .ok_or_else(|| Refusal::NothingNew(say!("only a person can have it").to_owned()))?;
    match &incident.lead {
        Some(lead) if lead.id == asking.id => {
            Err(Refusal::NothingNew(say!("you have it already").to_owned()))
        }
        Some(lead) => Err(Refusal::AlreadyLed {
            by: lead.name.clone(),
            since: incident.acknowledged_at.unwrap_or(incident.declared_at),
        }),
        None => {
            let answered = call::answer(incident).into_iter().map(Event::Call);
            let events = std::iter::once(Event::Acknowledged).chain(answered);
            Ok(events.map(|event| Decided::now(context, event)).collect())
        }
    }
}

pub(super) fn hand_over(
    incident: &Incident,
    to: Person,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    while_open(incident)?;
    if incident.lead.as_ref().is_some_and(|lead| lead.id == to.id) {
        return Err(Refusal::NothingNew(say!("{} leads already", to.name)));
    }
    Ok(vec![Decided::now(context, Event::HandedOver { to })])
}
