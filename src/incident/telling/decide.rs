//! What follows from a request around telling. Pure.

use std::time::Duration;

use watchpost_texts::say;

use super::{Draft, DraftOutcome, LONG, OpenDraft, TellingEvent, TellingRequest};
use crate::clock::UtcMs;
use crate::due;
use crate::ids::AudienceName;
use crate::incident::Incident;
use crate::incident::decide::{Context, Decided, FACT_LIMIT, News, line, tell, while_open};
use crate::incident::event::{Event, UpdateKind};
use crate::refusal::Refusal;

/// How long a second person is waited for; after it the author may send alone.
pub const APPROVAL_PATIENCE: Duration = Duration::from_secs(15 * 60);
/// How far [Later] moves what is due.
const LATER: Duration = Duration::from_secs(15 * 60);

/// What follows.
pub(in crate::incident) fn decide(
    incident: &Incident,
    request: TellingRequest,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    match request {
        TellingRequest::Draft(draft) => drafted(incident, *draft, context),
        TellingRequest::Send => send(incident, context),
        TellingRequest::Drop => close(incident, DraftOutcome::Dropped, String::new(), context),
        TellingRequest::Approve => approve(incident, context),
        TellingRequest::Refuse { why } => {
            held(incident)?;
            close(incident, DraftOutcome::Refused, line(&why, FACT_LIMIT)?, context)
        }
        TellingRequest::Later => later(incident, context),
        TellingRequest::Pause { why } => {
            while_open(incident)?;
            if incident.telling.paused.is_some() {
                return Err(Refusal::NothingNew(say!("the updates are paused already").to_owned()));
            }
            Ok(one(TellingEvent::Paused { why: line(&why, FACT_LIMIT)? }, context))
        }
        TellingRequest::Continue if incident.telling.paused.is_none() => {
            Err(Refusal::NothingNew(say!("the updates are not paused").to_owned()))
        }
        TellingRequest::Continue => Ok(one(TellingEvent::Continued, context)),
        TellingRequest::Slow => slow(incident, context),
        TellingRequest::ClockSetBack { by } if incident.phase.is_open() => {
            let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
            Ok(one(TellingEvent::ClockSetBack { by }, context))
        }
        TellingRequest::ClockSetBack { .. } => Ok(Vec::new()),
        TellingRequest::RemindDue => Ok(remind(incident, context)),
        TellingRequest::DigestDue { audience } => Ok(tell::digest(incident, &audience, context)),
    }
}

fn one(event: TellingEvent, context: &Context<'_>) -> Vec<Decided> {
    vec![Decided::now(context, Event::Telling(event))]
}

fn drafted(incident: &Incident, draft: Draft, context: &Context<'_>) -> Result<Vec<Decided>, Refusal> {
    while_open(incident)?;
    let facts = tell::checked(draft.facts, incident, context)?;
    tell::refuse_past(draft.eta, context)?;
    let draft = Draft { facts, held: Vec::new(), before: incident.facts.clone(), ..draft };
    Ok(one(TellingEvent::Drafted(draft), context))
}

/// The draft; where there is none, what is due soon, as a person's word.
fn send(incident: &Incident, context: &Context<'_>) -> Result<Vec<Decided>, Refusal> {
    while_open(incident)?;
    if let Some(open) = incident.telling.draft.as_ref().filter(|open| open.draft.held.is_empty()) {
        let Draft { facts, eta, correction, .. } = open.draft.clone();
        let mut events = one(closed(DraftOutcome::Sent, String::new()), context);
        events.extend(tell::tell(
            incident,
            News { facts: Some(facts), eta, only: None, correction },
            context,
        )?);
        return Ok(events);
    }
    let due = due::updates(incident, context.policy);
    let Some(first) = due.values().min().copied() else {
        return Err(Refusal::NothingNew(say!("nothing is due").to_owned()));
    };
    let names = due.into_iter().filter(|(_, at)| *at <= first + due::RIDE_ALONG).map(|(name, _)| name);
    tell::now(incident, &names.collect::<Vec<_>>(), context)
}

fn closed(outcome: DraftOutcome, why: String) -> TellingEvent {
    TellingEvent::DraftClosed { outcome, why }
}

fn close(
    incident: &Incident,
    outcome: DraftOutcome,
    why: String,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    match incident.telling.draft {
        Some(_) => Ok(one(closed(outcome, why), context)),
        None => Err(Refusal::NothingNew(say!("there is no draft any more").to_owned())),
    }
}

fn held(incident: &Incident) -> Result<&OpenDraft, Refusal> {
    let held = incident.telling.draft.as_ref().filter(|open| !open.draft.held.is_empty());
    held.ok_or_else(|| Refusal::NothingNew(say!("no text waits for a second person any more").to_owned()))
}

/// A second person agrees. Who wrote it may send it alone after a while: then nobody else was awake.
fn approve(incident: &Incident, context: &Context<'_>) -> Result<Vec<Decided>, Refusal> {
    while_open(incident)?;
    let open = held(incident)?;
    let same = matches!((open.by.person(), context.actor.person()), (Some(by), Some(now)) if by.id == now.id);
    if same && context.now < open.at + APPROVAL_PATIENCE {
        return Err(Refusal::NeedsSecondReader { possible: open.at + APPROVAL_PATIENCE });
    }
    let outcome = if same { DraftOutcome::Sent } else { DraftOutcome::Approved };
    let mut events = one(closed(outcome, String::new()), context);
    let kind = if open.draft.correction { UpdateKind::Correction } else { UpdateKind::Progress };
    events.extend(tell::released(incident, &open.draft.held, kind, context));
    Ok(events)
}

/// Moves one due time, of those that one draft serves; never the cadence.
fn later(incident: &Incident, context: &Context<'_>) -> Result<Vec<Decided>, Refusal> {
    while_open(incident)?;
    let due = due::updates(incident, context.policy);
    let Some(first) = due.values().min().copied() else {
        return Err(Refusal::NothingNew(say!("nothing is due").to_owned()));
    };
    let to = first.max(context.now) + LATER;
    let moved =
        |audience: AudienceName| Decided::now(context, Event::Telling(TellingEvent::Moved { audience, to }));
    Ok(due
        .into_iter()
        .filter(|(_, at)| *at <= first + due::RIDE_ALONG && *at < to)
        .map(|(name, _)| moved(name))
        .collect())
}

fn slow(incident: &Incident, context: &Context<'_>) -> Result<Vec<Decided>, Refusal> {
    while_open(incident)?;
    if incident.telling.slow {
        return Err(Refusal::NothingNew(say!("the updates are half as frequent already").to_owned()));
    }
    let possible = incident.declared_at + LONG;
    if context.now < possible {
        return Err(Refusal::TooEarlyToSlow { possible });
    }
    Ok(one(TellingEvent::Slowed, context))
}

/// One reminder before what is due, with all who ride along on the same draft.
fn remind(incident: &Incident, context: &Context<'_>) -> Vec<Decided> {
    let Some((due, audiences)) = due::next_draft(incident, context.policy) else {
        return Vec::new();
    };
    let early = |due: UtcMs| context.now < due - context.policy.timing.reminder;
    if incident.telling.reminded == Some(due) || early(due) || due <= context.now {
        return Vec::new();
    }
    one(TellingEvent::Reminded { due, audiences }, context)
}
