//! A restricted incident: a matter for few people, such as an account that was taken over.
//!
//! 1. Only those inside read it or write to it; for everybody else there is no such incident. This holds here and at
//!    the desk, whatever the surface asks.
//! 2. Nothing of it is told to stakeholders, the thread shows no content, and reports do not count for it.
//! 3. Those inside let others in; who is given the lead is inside.

use serde::{Deserialize, Serialize};
use watchpost_texts::say;

use super::Incident;
use super::decide::{Context, Decided, FACT_LIMIT, line, while_open};
use super::event::Event;
use crate::person::{Actor, Person};
use crate::refusal::Refusal;

/// What can happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum RestrictEvent {
    /// From now on only those inside see it.
    Restricted {
        /// Why.
        why: String,
        /// Who is inside: who declared it, who leads it, who restricted it.
        inside: Vec<Person>,
    },
    /// Somebody else is inside too.
    LetIn {
        /// Who.
        who: Person,
    },
    /// Everybody who may read incidents sees it again.
    Opened {
        /// Why.
        why: String,
    },
}

/// What somebody wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RestrictRequest {
    /// Only those inside see it.
    Restrict {
        /// Why.
        why: String,
    },
    /// Somebody else is inside too.
    LetIn {
        /// Who.
        who: Person,
    },
    /// Everybody sees it again.
    Open {
        /// Why.
        why: String,
    },
}

impl Incident {
    /// Whether only some people see it.
    pub fn is_restricted(&self) -> bool {
        self.inside.is_some()
    }

    /// Whether this one may see it and write to it.
    pub fn admits(&self, actor: &Actor) -> bool {
        match (&self.inside, actor) {
            (None, _) | (_, Actor::Watchpost) => true,
            (Some(inside), Actor::Person(person)) => inside.iter().any(|one| one.id == person.id),
        }
    }

    /// Its line for everybody.
    pub fn open_title(&self) -> &str {
        if self.is_restricted() { "restricted" } else { &self.title }
    }
}

/// The incident after one more of these events.
pub(super) fn apply(incident: &mut Incident, event: &RestrictEvent) {
    match event {
        RestrictEvent::Restricted { inside, .. } => incident.inside = Some(inside.clone()),
        RestrictEvent::LetIn { who } => let_in(incident, who),
        RestrictEvent::Opened { .. } => incident.inside = None,
    }
}

/// Somebody is inside, where anybody is outside.
pub(super) fn let_in(incident: &mut Incident, who: &Person) {
    if let Some(inside) = &mut incident.inside
        && !inside.iter().any(|one| one.id == who.id)
    {
        inside.push(who.clone());
    }
}

/// What follows from a request.
pub(super) fn decide(
    incident: &Incident,
    request: RestrictRequest,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    let event = match request {
        RestrictRequest::Restrict { why } => {
            while_open(incident)?;
            if incident.is_restricted() {
                return Err(Refusal::NothingNew(say!("{} is restricted already", incident.id)));
            }
            let mut inside: Vec<Person> = Vec::new();
            let people = [incident.declared_by.person(), incident.lead.as_ref(), context.actor.person()];
            for person in people.into_iter().flatten().chain(&incident.communications) {
                if !inside.iter().any(|one| one.id == person.id) {
                    inside.push(person.clone());
                }
            }
            RestrictEvent::Restricted { why: line(&why, FACT_LIMIT)?, inside }
        }
        RestrictRequest::LetIn { who } => {
            if incident.admits(&Actor::Person(who.clone())) {
                return Err(Refusal::NothingNew(say!("{} sees it already", who.name)));
            }
            RestrictEvent::LetIn { who }
        }
        RestrictRequest::Open { why } => {
            if !incident.is_restricted() {
                return Err(Refusal::NothingNew(say!("{} is not restricted", incident.id)));
            }
            RestrictEvent::Opened { why: line(&why, FACT_LIMIT)? }
        }
    };
    Ok(vec![Decided::now(context, Event::Restrict(event))])
}

/// What happened, in words.
pub fn sentence(who: &Actor, event: &RestrictEvent) -> String {
    match event {
        RestrictEvent::Restricted { why, inside } => {
            let names: Vec<&str> = inside.iter().map(|person| person.name.as_str()).collect();
            say!("{who} restricted it to {}: {why}", names.join(", "))
        }
        RestrictEvent::LetIn { who: guest } => say!("{who} let {} in.", guest.name),
        RestrictEvent::Opened { why } => say!("{who} opened it to everybody who reads incidents: {why}"),
    }
}
