//! Somebody is woken: the responders in order, each by their routes, until one says that they have it.
//!
//! 1. An incident that nobody leads calls by itself; anybody may also ask to "call the next, because …".
//! 2. [`next`] says whom, by which way: the next route of the same person, then the next person who is on duty.
//! 3. Each ring is an event, leaves through the outbox, and names the moment of the next one. A way that fails is
//!    not waited for.
//! 4. Who takes the incident has answered, and so has who decides what they were rung for.
//! 5. When all were rung as often as the configuration says, it ends, loudly.
//!
//! No way leads over mail: the configuration refuses that.

mod next;

#[cfg(test)]
mod tests;
pub mod words;

use serde::{Deserialize, Serialize};
use watchpost_texts::say;

use super::action::ActionEvent;
use super::decide::{Context, Decided, FACT_LIMIT, line, while_open};
use super::event::{Event, Recorded};
use super::link::LinkEvent;
use super::{Incident, Severity};
use crate::clock::UtcMs;
use crate::person::{Actor, Person};
use crate::policy::Policy;
use crate::refusal::Refusal;
pub use words::{field, items, sentence};

/// What can happen while somebody is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum CallEvent {
    /// A call begins.
    Begun {
        /// Why.
        why: String,
        /// The action that waits for a decision, where it is about one.
        #[serde(default)]
        about: Option<u64>,
        /// Somebody leads: what is wanted is help, not a lead.
        #[serde(default)]
        help: bool,
    },
    /// Somebody is rung.
    Rung {
        /// Counts the rings of the incident, from 1.
        number: u32,
        /// Who.
        whom: Person,
        /// By which way: `mention`, `dm`, or the name of a destination.
        route: String,
        /// How often all were rung before, and one.
        round: u32,
        /// When the next way is tried.
        next: UtcMs,
    },
    /// A ring reached the service that rings.
    Arrived {
        /// Which ring.
        number: u32,
        /// What proves it.
        proof: String,
    },
    /// A ring reached nobody.
    NotArrived {
        /// Which ring.
        number: u32,
        /// Why.
        why: String,
    },
    /// All were rung, and nobody answered.
    NobodyAnswered {
        /// How often all were rung.
        round: u32,
    },
    /// Nobody is on duty.
    NobodyOnDuty {
        /// When somebody is; none where nobody ever is.
        #[serde(default)]
        next: Option<UtcMs>,
    },
    /// Somebody answered.
    Answered {
        /// Rings before that.
        rings: u32,
    },
    /// It is given up: all were rung as often as was agreed.
    Capped {
        /// Rings of the incident.
        rings: u32,
    },
}

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallRequest {
    /// Call the next responder, because …
    Next {
        /// Why, as they will read it: "nobody has written for an hour".
        why: String,
        /// The action that waits for them to approve it.
        about: Option<u64>,
    },
    /// The time of the next ring has come.
    Due,
    /// "I am here."
    Answer,
    /// A ring arrived.
    Arrived {
        /// Which.
        number: u32,
        /// What proves it.
        proof: String,
    },
    /// A ring did not arrive.
    NotArrived {
        /// Which.
        number: u32,
        /// Why.
        why: String,
    },
}

/// One ring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ring {
    /// Its number.
    pub number: u32,
    /// When.
    pub at: UtcMs,
    /// Who.
    pub whom: Person,
    /// By which way.
    pub route: String,
    /// In which round of its call.
    pub round: u32,
    /// Whether it arrived; none while that is not known.
    pub arrived: Option<bool>,
}

/// All that is known of the calls of an incident.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Calls {
    /// Every ring of the incident.
    pub rings: Vec<Ring>,
    /// The call that goes on.
    pub running: Option<Running>,
    /// Whether a call has begun ever.
    pub begun: bool,
    /// Who answered last, and when.
    pub answered: Option<(Actor, UtcMs)>,
    /// When it was given up.
    pub capped: Option<UtcMs>,
}

/// A call that goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// Why.
    pub why: String,
    /// The action that waits for a decision.
    pub about: Option<u64>,
    /// Somebody leads already.
    pub help: bool,
    /// Who asked for it: is not rung.
    pub by: Actor,
    /// Rings of the incident before this call.
    pub from: usize,
    /// When the next way is tried.
    pub next: Option<UtcMs>,
}

/// When somebody is to be rung: what the timer is set to.
pub fn due(incident: &Incident, policy: &Policy) -> Option<UtcMs> {
    if incident.version == 0 || !incident.phase.is_open() {
        return None;
    }
    match &incident.calls.running {
        Some(running) => running.next,
        None if !calls_by_itself(incident, policy) => None,
        // Who declares it is awake, and may take it; what a check found has nobody yet.
        None if incident.declared_by.person().is_some() => Some(incident.declared_at + policy.call.wait),
        None => Some(incident.declared_at),
    }
}

/// Only an outage that is bad enough, real, and has nobody.
fn calls_by_itself(incident: &Incident, policy: &Policy) -> bool {
    let calls = &incident.calls;
    incident.lead.is_none()
        && !incident.drill
        && !calls.begun
        && !policy.responders.is_empty()
        && bad_enough(incident.severity, policy)
}

fn bad_enough(severity: Severity, policy: &Policy) -> bool {
    severity <= policy.call.severity
}

/// What follows from a request.
pub(super) fn decide(
    incident: &Incident,
    request: CallRequest,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    let events = match request {
        CallRequest::Next { why, about } => begin(incident, &why, about, context)?,
        CallRequest::Due => due_now(incident, context),
        CallRequest::Answer => {
            while_open(incident)?;
            let events = answer(incident);
            if events.is_empty() {
                return Err(Refusal::NothingNew(say!("nobody is being called at the moment").to_owned()));
            }
            events
        }
        CallRequest::Arrived { number, proof } => vec![CallEvent::Arrived { number, proof }],
        CallRequest::NotArrived { number, why } => not_arrived(incident, number, why, context),
    };
    Ok(events.into_iter().map(|event| Decided::now(context, Event::Call(event))).collect())
}

/// Whoever takes the incident, or decides what was asked, has answered: said where that is decided.
pub(super) fn answer(incident: &Incident) -> Vec<CallEvent> {
    let Some(running) = &incident.calls.running else { return Vec::new() };
    let rings = incident.calls.rings.len().saturating_sub(running.from);
    vec![CallEvent::Answered { rings: u32::try_from(rings).unwrap_or(u32::MAX) }]
}

/// After this a call that was given up may begin again for a new reason: who slept then may be awake.
const AGAIN_AFTER: std::time::Duration = std::time::Duration::from_secs(30 * 60);

/// A person may always call; Watchpost does not soon begin again by itself what it has given up.
fn begin(
    incident: &Incident,
    why: &str,
    about: Option<u64>,
    context: &Context<'_>,
) -> Result<Vec<CallEvent>, Refusal> {
    while_open(incident)?;
    let why = line(why, FACT_LIMIT)?;
    if incident.drill {
        return Err(Refusal::NothingNew(say!("a drill calls nobody").to_owned()));
    }
    if context.policy.responders.is_empty() {
        return Err(Refusal::NothingNew(
            say!("nobody can be called: add a `[responder.<name>]` to watchpost.toml").to_owned(),
        ));
    }
    let by_itself = context.actor.person().is_none();
    let given_up = incident.calls.capped.is_some_and(|at| context.now < at + AGAIN_AFTER);
    if by_itself && (incident.calls.running.is_some() || given_up) {
        return Err(Refusal::NothingNew(
            say!("they are being called, or have all been called already").to_owned(),
        ));
    }
    let help = incident.lead.is_some();
    let begun = CallEvent::Begun { why: why.clone(), about, help };
    let running =
        Running { why, about, help, by: context.actor.clone(), from: incident.calls.rings.len(), next: None };
    Ok(std::iter::once(begun).chain(next::ring(incident, &running, context)).collect())
}

fn due_now(incident: &Incident, context: &Context<'_>) -> Vec<CallEvent> {
    if due(incident, context.policy).is_none_or(|due| due > context.now) {
        return Vec::new();
    }
    if let Some(running) = &incident.calls.running {
        return next::ring(incident, running, context);
    }
    begin(incident, say!("nobody has it yet"), None, context).unwrap_or_default()
}

/// What cannot be brought is not waited for: the next way is tried at once.
fn not_arrived(incident: &Incident, number: u32, why: String, context: &Context<'_>) -> Vec<CallEvent> {
    let mut events = vec![CallEvent::NotArrived { number, why }];
    let last = incident.calls.rings.last().is_some_and(|ring| ring.number == number);
    if let Some(running) = incident.calls.running.as_ref().filter(|_| last && incident.phase.is_open()) {
        events.extend(next::ring(incident, running, context));
    }
    events
}

impl Calls {
    /// The calls after one more event of the incident.
    pub(super) fn apply(&mut self, recorded: &Recorded) {
        let at = recorded.new.happened_at;
        match &recorded.new.event {
            Event::Call(event) => self.apply_own(event, &recorded.new.actor, at),
            Event::Action(event) if self.waits_for(event) => self.running = None,
            Event::HandedOver { .. } if self.running.as_ref().is_some_and(|running| !running.help) => {
                self.running = None;
            }
            Event::Resolved { .. } | Event::Link(LinkEvent::Duplicate { .. }) => self.running = None,
            // A fault that came back is worth a new call.
            Event::Reopened { .. } => {
                *self = Calls { rings: std::mem::take(&mut self.rings), ..Calls::default() }
            }
            _ => {}
        }
    }

    fn waits_for(&self, event: &ActionEvent) -> bool {
        let decided = match event {
            ActionEvent::Proposed { .. } | ActionEvent::Changed { .. } | ActionEvent::Asked { .. } => {
                return false;
            }
            ActionEvent::Approved { number }
            | ActionEvent::Refused { number, .. }
            | ActionEvent::Started { number, .. }
            | ActionEvent::Done { number }
            | ActionEvent::Failed { number, .. }
            | ActionEvent::RolledBack { number } => *number,
        };
        self.running.as_ref().is_some_and(|running| running.about == Some(decided))
    }

    fn apply_own(&mut self, event: &CallEvent, by: &Actor, at: UtcMs) {
        match event {
            CallEvent::Begun { why, about, help } => {
                self.begun = true;
                self.capped = None;
                let (why, by) = (why.clone(), by.clone());
                let from = self.rings.len();
                self.running = Some(Running { why, about: *about, help: *help, by, from, next: None });
            }
            CallEvent::Rung { number, whom, route, round, next } => {
                let (whom, route) = (whom.clone(), route.clone());
                self.rings.push(Ring { number: *number, at, whom, route, round: *round, arrived: None });
                self.next(Some(*next));
            }
            CallEvent::Arrived { number, .. } => self.arrived(*number, true),
            CallEvent::NotArrived { number, .. } => self.arrived(*number, false),
            CallEvent::NobodyAnswered { .. } => {}
            CallEvent::NobodyOnDuty { next } => self.next(*next),
            CallEvent::Answered { .. } => {
                self.running = None;
                self.answered = Some((by.clone(), at));
            }
            CallEvent::Capped { .. } => {
                self.running = None;
                self.capped = Some(at);
            }
        }
    }

    fn next(&mut self, next: Option<UtcMs>) {
        if let Some(running) = &mut self.running {
            running.next = next;
        }
    }

    fn arrived(&mut self, number: u32, arrived: bool) {
        if let Some(ring) = self.rings.iter_mut().find(|ring| ring.number == number) {
            ring.arrived = Some(arrived);
        }
    }
}
