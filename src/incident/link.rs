//! Incidents that belong together: linked, one a duplicate of the other, or the same cause come again.
//!
//! 1. A link is only said; both stay open.
//! 2. A duplicate is over at once, without a word to stakeholders: the other incident speaks. What is typed in its
//!    thread goes to the other one, so the old link leads on. Reopening it takes that back.
//! 3. Where a check finds the cause of an incident that was closed less than a day ago, reopening that one is offered.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use watchpost_texts::say;

use super::decide::{Context, Decided, while_open};
use super::event::Event;
use super::{Incident, Phase};
use crate::cause::Cause;
use crate::clock::UtcMs;
use crate::ids::{IncidentId, PlaceId};
use crate::person::Actor;
use crate::refusal::Refusal;

/// How long after its end the same cause is offered as a reopening.
pub const SAME_AGAIN: Duration = Duration::from_secs(24 * 3_600);

/// What can happen between incidents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum LinkEvent {
    /// They have to do with each other.
    Linked {
        /// The other one.
        to: IncidentId,
    },
    /// This one is the same as the other, and over.
    Duplicate {
        /// The other one.
        of: IncidentId,
        /// Its thread, to lead on to.
        #[serde(default)]
        thread: Option<PlaceId>,
    },
    /// Another incident is the same as this one.
    Has {
        /// The duplicate.
        duplicate: IncidentId,
        /// For how many people it was reported.
        #[serde(default)]
        people: u32,
    },
    /// The cause is that of an incident that was closed a short time ago.
    Resembles {
        /// The earlier one.
        earlier: IncidentId,
        /// The cause.
        cause: Cause,
        /// When it was closed.
        closed: UtcMs,
    },
}

/// What is wanted. The desk looks whether the other one is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkRequest {
    /// They have to do with each other.
    Link {
        /// The other one.
        to: IncidentId,
    },
    /// This one is the same as the other.
    Duplicate {
        /// The other one.
        of: IncidentId,
        /// Its thread.
        thread: Option<PlaceId>,
    },
    /// Another one is the same as this.
    Has {
        /// The duplicate.
        duplicate: IncidentId,
        /// For how many people it was reported.
        people: u32,
    },
    /// The cause was there a short time ago.
    Resembles {
        /// The earlier one.
        earlier: IncidentId,
        /// The cause.
        cause: Cause,
        /// When it was closed.
        closed: UtcMs,
    },
}

impl LinkRequest {
    /// The other incident.
    pub fn other(&self) -> IncidentId {
        match self {
            LinkRequest::Link { to } => *to,
            LinkRequest::Duplicate { of, .. } => *of,
            LinkRequest::Has { duplicate, .. } => *duplicate,
            LinkRequest::Resembles { earlier, .. } => *earlier,
        }
    }
}

/// What an incident has to do with others.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Links {
    /// Incidents that it has to do with, as they were named.
    pub to: Vec<IncidentId>,
    /// The one that it is a duplicate of, with its thread.
    pub duplicate_of: Option<(IncidentId, Option<PlaceId>)>,
    /// Duplicates of it, with the people for whom they were reported.
    pub duplicates: Vec<(IncidentId, u32)>,
    /// The earlier one whose cause came again.
    pub resembles: Option<(IncidentId, UtcMs)>,
}

impl Links {
    /// For the card; empty where there is nothing.
    pub fn words(&self) -> String {
        let mut parts = Vec::new();
        if let Some((of, thread)) = &self.duplicate_of {
            let where_to = thread.map(|thread| format!(" <#{thread}>")).unwrap_or_default();
            parts.push(say!("a duplicate of {of}: go on there{where_to}"));
        }
        parts.extend(self.duplicates.iter().map(|(id, people)| match people {
            0 => say!("{id} is the same"),
            people => say!("{id} is the same (reported for {people})"),
        }));
        parts.extend(self.to.iter().map(|id| say!("see also {id}")));
        if let Some((earlier, _)) = self.resembles.filter(|(earlier, _)| !self.to.contains(earlier)) {
            parts.push(say!("{earlier} had the same cause within a day before"));
        }
        parts.join("\n")
    }
}

/// The incident after one more of these events.
pub(super) fn apply(incident: &mut Incident, event: &LinkEvent, at: UtcMs) {
    match event {
        LinkEvent::Linked { to } => incident.links.to.push(*to),
        LinkEvent::Duplicate { of, thread } => {
            incident.links.duplicate_of = Some((*of, *thread));
            incident.phase = Phase::Resolved;
            incident.resolved_at = Some(at);
        }
        LinkEvent::Has { duplicate, people } => incident.links.duplicates.push((*duplicate, *people)),
        LinkEvent::Resembles { earlier, closed, .. } => incident.links.resembles = Some((*earlier, *closed)),
    }
}

/// What follows from a request.
pub(super) fn decide(
    incident: &Incident,
    request: LinkRequest,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    let other = request.other();
    if other == incident.id {
        return Err(Refusal::NothingNew(say!("{other} is this incident itself")));
    }
    let links = &incident.links;
    let event = match request {
        LinkRequest::Link { to } if links.to.contains(&to) => {
            return Err(Refusal::NothingNew(say!("{} is linked to {to} already", incident.id)));
        }
        LinkRequest::Link { to } => LinkEvent::Linked { to },
        LinkRequest::Duplicate { of, thread } => {
            while_open(incident)?;
            LinkEvent::Duplicate { of, thread }
        }
        LinkRequest::Has { duplicate, .. } if links.duplicates.iter().any(|(id, _)| *id == duplicate) => {
            return Ok(Vec::new());
        }
        LinkRequest::Has { duplicate, people } => LinkEvent::Has { duplicate, people },
        LinkRequest::Resembles { .. } if links.resembles.is_some() || !incident.phase.is_open() => {
            return Ok(Vec::new());
        }
        LinkRequest::Resembles { earlier, cause, closed } => LinkEvent::Resembles { earlier, cause, closed },
    };
    Ok(vec![Decided::now(context, Event::Link(event))])
}

/// What happened, in words.
pub fn sentence(who: &Actor, event: &LinkEvent) -> String {
    match event {
        LinkEvent::Linked { to } => say!("{who} linked it to {to}."),
        LinkEvent::Duplicate { of, thread } => {
            let where_to = thread.map(|thread| format!(" <#{thread}>")).unwrap_or_default();
            say!(
                "{who} marked it as a duplicate of {of}: go on there{where_to}. Nobody is told anything from here."
            )
        }
        LinkEvent::Has { duplicate, people: 0 } => say!("{duplicate} is the same and goes on here."),
        LinkEvent::Has { duplicate, people } => {
            say!("{duplicate} is the same and goes on here; it was reported for {people}.")
        }
        LinkEvent::Resembles { earlier, cause, closed } => say!(
            "{earlier} had the same cause ({}) and was closed at {}. Was it not over? Then reopen it and go on there.",
            cause.name(),
            crate::update::time(*closed)
        ),
    }
}
