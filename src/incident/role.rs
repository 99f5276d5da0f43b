//! Who does what beside the lead. Whoever has an incident has all roles; a role is split off only when a second
//! person takes it, and nobody is ever nagged for one.

use serde::{Deserialize, Serialize};
use watchpost_texts::say;

use super::Incident;
use super::decide::{Context, Decided, while_open};
use super::event::Event;
use crate::person::{Actor, Person};
use crate::refusal::Refusal;

/// A role that can be split off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Writes the updates.
    Communications,
}

/// What can happen to a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum RoleEvent {
    /// Somebody took it; the lead takes it back.
    Taken {
        /// Which.
        role: Role,
    },
}

/// What somebody wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoleRequest {
    /// To have it.
    Take {
        /// Which.
        role: Role,
    },
}

impl Incident {
    /// Who writes the updates: whoever took that, else the lead.
    pub fn writer(&self) -> Option<&Person> {
        self.communications.as_ref().or(self.lead.as_ref())
    }

    /// Who leads and, where it is somebody else, who writes.
    pub fn led_by(&self) -> String {
        let lead = self.lead.as_ref().map_or(say!("nobody yet"), |lead| lead.name.as_str());
        match &self.communications {
            Some(writer) => say!("{lead}; {} writes the updates", writer.name),
            None => lead.to_owned(),
        }
    }
}

/// The incident after one more of these events. A role that the lead takes is no longer split off.
pub(super) fn apply(incident: &mut Incident, event: &RoleEvent, by: &Actor) {
    let RoleEvent::Taken { role: Role::Communications } = event;
    let is_lead = incident.lead.as_ref().is_some_and(|lead| by.person().is_some_and(|by| by.id == lead.id));
    incident.communications = by.person().filter(|_| !is_lead).cloned();
}

/// What follows from a request.
pub(super) fn decide(
    incident: &Incident,
    request: RoleRequest,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    while_open(incident)?;
    let RoleRequest::Take { role } = request;
    let asking = context.actor.person().map(|person| person.id);
    if asking.is_none() || incident.writer().map(|person| person.id) == asking {
        return Err(Refusal::NothingNew(say!("you write the updates already").to_owned()));
    }
    Ok(vec![Decided::now(context, Event::Role(RoleEvent::Taken { role }))])
}

/// What happened, in words.
pub fn sentence(who: &Actor, event: &RoleEvent) -> String {
    let RoleEvent::Taken { role: Role::Communications } = event;
    say!("{who} writes the updates from now on.")
}
