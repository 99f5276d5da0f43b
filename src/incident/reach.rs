//! Whom an update cannot be brought to, and what is done for them.
//!
//! 1. A route that needs what is broken is suspended: nothing is tried there, and the newest text follows when it works
//!    again. Reading may work while sending does not, so each part is judged for itself.
//! 2. While the chat is away, and where a route is suspended or gone, the audience's fallback destinations take over, and
//!    say so. When the chat is back they say that, too.
//! 3. Who was reached by none of it is a list of people to call, with numbers from the configuration. It is shown in the
//!    configured hours only, and ticked off.

mod calls;
mod items;
mod words;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use watchpost_texts::say;

use super::decide::{Context, Decided};
use super::event::Event;
use super::{Capabilities, Incident, Verdict};
use crate::clock::UtcMs;
use crate::config::Needs;
use crate::ids::{AudienceName, DestinationName};
use crate::outbox::Place;
use crate::person::Actor;
use crate::policy::{Audience, Policy, Target};
use crate::refusal::Refusal;
pub use calls::{ToCall, due};
pub use items::items;
pub use words::{list, sentence};

/// What can happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum ReachEvent {
    /// An update is not brought to a destination, because it needs what is broken.
    Suspended {
        /// Whose update.
        audience: AudienceName,
        /// Which.
        number: u32,
        /// Where.
        destination: DestinationName,
        /// What is broken of what it needs.
        needs: Vec<Part>,
    },
    /// What it needs works again: the newest update is brought there.
    Resumed {
        /// Whose update.
        audience: AudienceName,
        /// Which.
        number: u32,
        /// Where.
        destination: DestinationName,
    },
    /// The fallback destinations take over.
    TookOver {
        /// Whose update.
        audience: AudienceName,
        /// Which.
        number: u32,
        /// Where it is brought instead.
        destinations: Vec<DestinationName>,
        /// Why.
        because: Because,
    },
    /// The chat is back; the fallback destinations say so.
    GaveBack {
        /// Whose.
        audience: AudienceName,
        /// Where.
        destinations: Vec<DestinationName>,
    },
    /// It was shown who is to be called.
    Listed {
        /// Who.
        people: Vec<Listed>,
    },
    /// Somebody was called, and told.
    Reached {
        /// Which entry of the list, from 0.
        entry: usize,
    },
}

/// A part of the mail service, as events name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Logging in and reading.
    Read,
    /// Mail from outside.
    Receive,
    /// Mail to outside.
    Send,
    /// Mail among the people of the domain.
    Internal,
}

/// Why the fallback destinations take over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// The chat cannot be reached.
    ChatAway,
    /// A destination needs what is broken.
    Suspended,
    /// A destination will not take it.
    NotDelivered,
}

/// Somebody who is to be called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Their name in the configuration, where the number stands.
    pub name: String,
    /// Whose update they are told.
    pub audience: AudienceName,
    /// Which was the newest.
    pub number: u32,
}

/// What somebody, or a timer, wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReachRequest {
    /// The chat is away.
    ChatLost,
    /// It is back.
    ChatBack,
    /// The list of people to call is due.
    ListDue,
    /// One of them was called.
    Reached {
        /// Which entry of the list, from 0.
        entry: usize,
    },
}

/// Where reaching people stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reach {
    /// Routes that are suspended, and for what.
    pub suspended: BTreeMap<(AudienceName, DestinationName), Vec<Part>>,
    /// Where audiences are told while the chat is away.
    pub elsewhere: BTreeMap<AudienceName, Vec<DestinationName>>,
    /// Everybody who was to be called, in the order in which it was shown.
    pub calls: Vec<ToCall>,
}

impl Reach {
    /// Whether nothing is brought there now.
    pub fn is_suspended(&self, audience: &AudienceName, destination: &DestinationName) -> bool {
        self.suspended.contains_key(&(audience.clone(), destination.clone()))
    }
}

impl Part {
    fn of(needs: Needs) -> Self {
        match needs {
            Needs::Read => Part::Read,
            Needs::Receive => Part::Receive,
            Needs::Send => Part::Send,
            Needs::Internal => Part::Internal,
        }
    }
}

/// What was measured of a part of the service.
pub fn measured(needs: Needs, capabilities: &Capabilities) -> Verdict {
    match needs {
        Needs::Read => capabilities.read,
        Needs::Receive => capabilities.receive,
        Needs::Send => capabilities.send,
        Needs::Internal => capabilities.internal,
    }
}

/// What is broken of what a destination needs. What is not known, or only slow, is tried.
fn broken(destination: &DestinationName, measured_now: Option<&Capabilities>, policy: &Policy) -> Vec<Part> {
    let needs = policy.reach.needs.get(destination).into_iter().flatten().copied();
    let down = |needs: &Needs| measured_now.is_some_and(|now| measured(*needs, now) == Verdict::Down);
    needs.filter(down).map(Part::of).collect()
}

/// What follows.
pub(in crate::incident) fn decide(
    incident: &Incident,
    request: ReachRequest,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    let events = match request {
        ReachRequest::ChatLost => chat_lost(incident, context.policy),
        ReachRequest::ChatBack => {
            let back = |(audience, destinations): (&AudienceName, &Vec<DestinationName>)| {
                ReachEvent::GaveBack { audience: audience.clone(), destinations: destinations.clone() }
            };
            incident.reach.elsewhere.iter().map(back).collect()
        }
        ReachRequest::ListDue => calls::listed(incident, context.policy, context.now).into_iter().collect(),
        ReachRequest::Reached { entry } => match incident.reach.calls.get(entry) {
            Some(to_call) if to_call.reached.is_none() => vec![ReachEvent::Reached { entry }],
            Some(to_call) => {
                let who = say!("{} was called already", to_call.who.name);
                return Err(Refusal::NothingNew(who));
            }
            None => return Err(Refusal::NothingNew(say!("there is no such line in the list").to_owned())),
        },
    };
    Ok(decided(events, context))
}

fn decided(events: Vec<ReachEvent>, context: &Context<'_>) -> Vec<Decided> {
    events.into_iter().map(|event| Decided::now(context, Event::Reach(event))).collect()
}

/// Nothing of a drill or of a restricted matter goes anywhere.
fn is_told(incident: &Incident) -> bool {
    !incident.drill && !incident.is_restricted()
}

fn in_the_chat(target: &Target) -> bool {
    matches!(target.place, Place::Channel(_))
}

/// Whoever reads in the chat reads the newest text elsewhere, as soon as the chat is away.
fn chat_lost(incident: &Incident, policy: &Policy) -> Vec<ReachEvent> {
    if !incident.phase.is_open() || !is_told(incident) {
        return Vec::new();
    }
    let audiences = policy.audiences.iter().filter(|audience| {
        audience.destinations.iter().any(in_the_chat)
            && !incident.reach.elsewhere.contains_key(&audience.name)
    });
    let lost = |audience: &Audience| {
        let number = incident.told.get(&audience.name)?.number;
        took_over(audience, number, Because::ChatAway, policy)
    };
    audiences.filter_map(lost).collect()
}

fn took_over(audience: &Audience, number: u32, because: Because, policy: &Policy) -> Option<ReachEvent> {
    let fallback = policy.reach.fallback.get(&audience.name)?;
    let destinations = fallback.iter().map(|target| target.name.clone()).collect();
    Some(ReachEvent::TookOver { audience: audience.name.clone(), number, destinations, because })
}

/// What goes with a text that is being issued: where it is not brought, and where instead.
pub(in crate::incident) fn at_issue(
    incident: &Incident,
    audience: &Audience,
    number: u32,
    context: &Context<'_>,
) -> Vec<Decided> {
    if !is_told(incident) {
        return Vec::new();
    }
    let policy = context.policy;
    let now = incident.assessment.as_ref().map(|last| &last.capabilities);
    let suspended = |target: &Target| {
        let needs = broken(&target.name, now, policy);
        (!needs.is_empty()).then(|| ReachEvent::Suspended {
            audience: audience.name.clone(),
            number,
            destination: target.name.clone(),
            needs,
        })
    };
    let mut events: Vec<ReachEvent> = audience.destinations.iter().filter_map(suspended).collect();
    let away = policy.reach.chat_away.is_some() && audience.destinations.iter().any(in_the_chat);
    let because = match (away, events.is_empty()) {
        (true, _) => Some(Because::ChatAway),
        (false, false) => Some(Because::Suspended),
        (false, true) => None,
    };
    events.extend(because.and_then(|because| took_over(audience, number, because, policy)));
    decided(events, context)
}

/// A destination will not take the newest text: the fallback does.
pub(in crate::incident) fn after_failure(
    incident: &Incident,
    name: &AudienceName,
    number: u32,
    destination: &DestinationName,
    context: &Context<'_>,
) -> Vec<Decided> {
    let last = incident.telling.updates.iter().rev().find(|issued| issued.audience == *name);
    let newest = last.filter(|last| last.number == number && last.instead.is_empty());
    let audience = newest.and_then(|_| context.policy.audience(name));
    let own =
        audience.filter(|audience| audience.destinations.iter().any(|target| target.name == *destination));
    let event = own.and_then(|audience| took_over(audience, number, Because::NotDelivered, context.policy));
    decided(event.into_iter().collect(), context)
}

/// What was suspended and may be brought now.
pub(in crate::incident) fn after_assessment(
    incident: &Incident,
    capabilities: &Capabilities,
    context: &Context<'_>,
) -> Vec<Decided> {
    if !is_told(incident) {
        return Vec::new();
    }
    let works =
        |destination: &DestinationName| broken(destination, Some(capabilities), context.policy).is_empty();
    let resumed = |(audience, destination): &(AudienceName, DestinationName)| {
        let number = incident.told.get(audience)?.number;
        let (audience, destination) = (audience.clone(), destination.clone());
        Some(ReachEvent::Resumed { audience, number, destination })
    };
    let suspended = incident.reach.suspended.keys().filter(|(_, destination)| works(destination));
    decided(suspended.filter_map(resumed).collect(), context)
}

/// Where reaching people stands after one more event of its own.
pub(in crate::incident) fn apply(incident: &mut Incident, event: &ReachEvent, by: &Actor, at: UtcMs) {
    let reach = &mut incident.reach;
    match event {
        ReachEvent::Suspended { audience, destination, needs, .. } => {
            reach.suspended.insert((audience.clone(), destination.clone()), needs.clone());
        }
        ReachEvent::Resumed { audience, destination, .. } => {
            reach.suspended.remove(&(audience.clone(), destination.clone()));
        }
        ReachEvent::TookOver { audience, destinations, because: Because::ChatAway, .. } => {
            reach.elsewhere.insert(audience.clone(), destinations.clone());
        }
        ReachEvent::TookOver { .. } => {}
        ReachEvent::GaveBack { audience, .. } => drop(reach.elsewhere.remove(audience)),
        ReachEvent::Listed { people } => {
            let listed = |who: &Listed| ToCall { who: who.clone(), reached: None };
            reach.calls.extend(people.iter().map(listed));
        }
        ReachEvent::Reached { entry } => {
            if let Some(to_call) = reach.calls.get_mut(*entry) {
                to_call.reached = Some((by.clone(), at));
            }
        }
    }
    incident.telling.apply_reach(event);
}

/// A new text is judged anew.
pub(in crate::incident) fn issued(incident: &mut Incident, audience: &AudienceName) {
    incident.reach.suspended.retain(|(suspended, _), _| suspended != audience);
}
