//! From a request to events, or to a refusal. Pure: no clock, no store, no chance.
//!
//! 1. The desk looks up the incident, and asks [`decide`].
//! 2. One function for each request, in a file for each step of the procedure, says what follows.
//! 3. The answer is a list of events with the moment at which each happened, or a [`Refusal`].

pub(in crate::incident) mod end;
pub(in crate::incident) mod judge;
mod lead;
mod log;
#[cfg(test)]
mod machine;
mod open;
mod place;
pub(in crate::incident) mod tell;
#[cfg(test)]
mod tests;

use crate::clock::UtcMs;
use crate::ids::{AudienceName, DestinationName, GuildId, MessageId, PlaceId, ServiceName};
use crate::incident::action::{self, ActionRequest};
use crate::incident::amend::{self, AmendRequest};
use crate::incident::call::{self, CallRequest};
use crate::incident::checklist::{self, ChecklistRequest};
use crate::incident::event::{EntryKind, Event, HomePart};
use crate::incident::follow_up::{self, FollowUpRequest};
use crate::incident::link::{self, LinkRequest};
use crate::incident::proof::{self, ProofRequest};
use crate::incident::reach::{self, ReachRequest};
use crate::incident::restrict::{self, RestrictRequest};
use crate::incident::review::{self, ReviewRequest};
use crate::incident::role::{self, RoleRequest};
use crate::incident::suspect::{self, SuspectRequest};
use crate::incident::telling::{self, TellingRequest};
use crate::incident::{Eta, Facts, Incident, LastAssessment, Phase, Severity};
use crate::person::{Actor, Person};
use crate::policy::Policy;
use crate::refusal::Refusal;
use crate::report::Report;

/// Longest line that names an incident, in characters.
pub const TITLE_LIMIT: usize = 200;
/// Longest text of a log entry, in characters: what a block of a message holds.
pub const ENTRY_LIMIT: usize = 3_500;
/// Longest fact or reason, in characters.
pub const FACT_LIMIT: usize = 600;

/// What somebody, or a timer, wants.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// An incident begins.
    Declare(Declaration),
    /// "I have it."
    Acknowledge,
    /// The lead goes to somebody else.
    HandOver {
        /// To whom.
        to: Person,
    },
    /// How bad it is.
    SetSeverity {
        /// The new one.
        to: Severity,
        /// Why.
        why: String,
    },
    /// The procedure goes on, or back.
    SetPhase {
        /// Where to.
        to: Phase,
        /// Why.
        why: String,
    },
    /// A full check ended.
    Assessed(Box<LastAssessment>),
    /// Somebody writes something down.
    Log {
        /// What sort.
        kind: EntryKind,
        /// What.
        text: String,
        /// When it happened, where that was earlier.
        at: Option<UtcMs>,
    },
    /// Stakeholders are told, now.
    Tell(News),
    /// The next word to an audience is due.
    Due {
        /// Which audience.
        audience: AudienceName,
        /// Since when.
        since: UtcMs,
    },
    /// Something around telling stakeholders.
    Telling(TellingRequest),
    /// Something around those whom an update cannot be brought to.
    Reach(ReachRequest),
    /// Something is done to fix it.
    Action(ActionRequest),
    /// Somebody is woken.
    Call(CallRequest),
    /// A component was looked at.
    Checklist(ChecklistRequest),
    /// An entry of the log is seen as something else.
    Suspect(SuspectRequest),
    /// That mail works is to be proved.
    Proof(ProofRequest),
    /// It has to do with another incident.
    Link(LinkRequest),
    /// Somebody takes a role.
    Role(RoleRequest),
    /// Not everybody is to see it.
    Restrict(RestrictRequest),
    /// Several people without mail told so before there was an incident.
    Join(Vec<Report>),
    /// Something that was recorded is put right.
    Amend(AmendRequest),
    /// Something is to be done after it.
    FollowUp(FollowUpRequest),
    /// The review goes on.
    Review(ReviewRequest),
    /// Somebody without mail tells so.
    Report(Box<Report>),
    /// It is over.
    Resolve {
        /// What was done, and how it is known.
        why: String,
    },
    /// It was not over.
    Reopen {
        /// Why.
        why: String,
    },
    /// A part of the home stands.
    Placed {
        /// Which part.
        part: HomePart,
        /// Where.
        place: PlaceId,
        /// The message, where it is one.
        message: Option<MessageId>,
    },
    /// A part of the home could not be made.
    NotPlaced {
        /// Which part.
        part: HomePart,
        /// Why.
        why: String,
    },
    /// An update arrived.
    Delivered {
        /// Who was told.
        audience: AudienceName,
        /// Which update.
        number: u32,
        /// Where.
        destination: DestinationName,
        /// What proves it.
        proof: String,
    },
    /// An update will not arrive.
    Undelivered {
        /// Who was not told.
        audience: AudienceName,
        /// Which update.
        number: u32,
        /// Where.
        destination: DestinationName,
        /// Why.
        why: String,
    },
}

/// What is said when an incident is declared. Only the text is needed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Declaration {
    /// Where.
    pub guild: GuildId,
    /// One line.
    pub text: String,
    /// The service, where one was named.
    pub service: Option<ServiceName>,
    /// How bad; SEV2 where nobody says.
    pub severity: Option<Severity>,
    /// When it began, where somebody says so.
    pub since: Option<UtcMs>,
    /// A rehearsal.
    pub drill: bool,
}

/// What there is to tell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct News {
    /// What stakeholders must know; none where nothing of it changed.
    pub facts: Option<Facts>,
    /// When it will be over; none where that did not change.
    pub eta: Option<Eta>,
    /// Only this audience.
    pub only: Option<AudienceName>,
    /// An earlier text was wrong: goes out at once.
    pub correction: bool,
}

/// What a decision may know besides the incident.
#[derive(Debug, Clone, Copy)]
pub struct Context<'c> {
    /// Now.
    pub now: UtcMs,
    /// Who asks.
    pub actor: &'c Actor,
    /// The configuration.
    pub policy: &'c Policy,
}

/// An event, and when it happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// When.
    pub happened_at: UtcMs,
    /// What.
    pub event: Event,
}

impl Decided {
    pub(crate) fn now(context: &Context<'_>, event: Event) -> Self {
        Decided { happened_at: context.now, event }
    }
}

/// What follows from a request.
///
/// # Errors
/// A [`Refusal`]: a sentence for the person who asked.
pub fn decide(incident: &Incident, request: Request, context: &Context<'_>) -> Result<Vec<Decided>, Refusal> {
    // For who is outside a restricted incident there is none.
    if !incident.admits(context.actor) {
        return Err(Refusal::NoSuchIncident(incident.id));
    }
    let event = match request {
        Request::Declare(said) => return open::declare(said, context),
        Request::Acknowledge => return lead::acknowledge(incident, context),
        Request::HandOver { to } => return lead::hand_over(incident, to, context),
        Request::SetSeverity { to, why } => return judge::severity(incident, to, &why, context),
        Request::SetPhase { to, why } => return judge::phase(incident, to, &why, context),
        Request::Assessed(last) => {
            let resumed = reach::after_assessment(incident, &last.capabilities, context);
            return Ok(judge::assessed(*last, context).into_iter().chain(resumed).collect());
        }
        Request::Reach(request) => return reach::decide(incident, request, context),
        Request::Log { kind, text, at } => return log::entry(incident, kind, &text, at, context),
        Request::Tell(news) => return tell::tell(incident, news, context),
        Request::Due { audience, since } => return Ok(tell::due(incident, &audience, since, context)),
        Request::Call(request) => return call::decide(incident, request, context),
        Request::Telling(request) => return telling::decide(incident, request, context),
        Request::Action(request) => return action::decide(incident, request, context),
        Request::Checklist(request) => return checklist::decide(incident, request, context),
        Request::Suspect(request) => return suspect::decide(incident, request, context),
        Request::Proof(request) => return proof::decide::decide(incident, request, context),
        Request::Link(request) => return link::decide(incident, request, context),
        Request::Role(request) => return role::decide(incident, request, context),
        Request::Restrict(request) => return restrict::decide(incident, request, context),
        Request::Join(reports) => return Ok(log::join(incident, reports, context)),
        Request::Amend(request) => return amend::decide(incident, request, context),
        Request::FollowUp(request) => return follow_up::decide(incident, request, context),
        Request::Review(request) => return review::decide(incident, request, context),
        Request::Report(report) => return log::report(incident, *report, context),
        Request::Resolve { why } => return end::resolve(incident, &why, context),
        Request::Reopen { why } => return end::reopen(incident, &why, context),
        Request::Placed { part, place, message } => {
            return Ok(place::placed(incident, part, place, message, context));
        }
        Request::NotPlaced { part, why } => Event::NotPlaced { part, why },
        Request::Delivered { audience, number, destination, proof } => {
            Event::UpdateDelivered { audience, number, destination, proof }
        }
        Request::Undelivered { audience, number, destination, why } => {
            let instead = reach::after_failure(incident, &audience, number, &destination, context);
            let event = Event::UpdateUndelivered { audience, number, destination, why };
            return Ok([Decided::now(context, event)].into_iter().chain(instead).collect());
        }
    };
    Ok(vec![Decided::now(context, event)])
}

/// The text without space around it, where it is there and not too long.
pub(crate) fn line(text: &str, limit: usize) -> Result<String, Refusal> {
    let text = text.trim();
    let length = text.chars().count();
    match length {
        0 => Err(Refusal::EmptyText),
        _ if length > limit => Err(Refusal::TooLong { length, limit }),
        _ => Ok(text.to_owned()),
    }
}

/// Refuses what can only be done while the incident is open.
pub(in crate::incident) fn while_open(incident: &Incident) -> Result<(), Refusal> {
    if incident.phase.is_open() {
        Ok(())
    } else {
        Err(Refusal::Over { id: incident.id, phase: incident.phase })
    }
}
