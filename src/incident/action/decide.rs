//! What follows from what somebody wants of a repair.

use watchpost_texts::say;

use super::approval::{self, approved};
use super::{Action, ActionEvent, ActionRequest, Kind, Risk, Step};
use crate::incident::call::{self, CallRequest};
use crate::incident::decide::{Context, Decided, FACT_LIMIT, line, tell, while_open};
use crate::incident::event::Event;
use crate::incident::{Eta, Incident, Phase};
use crate::refusal::Refusal;

/// What follows from a request about an action.
pub(in crate::incident) fn decide(
    incident: &Incident,
    request: ActionRequest,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    while_open(incident)?;
    match request {
        ActionRequest::Propose { text, risk, rollback, eta, warnings, handle } => {
            let proposal = Proposal { text, risk, rollback, warnings, handle };
            propose(incident, proposal, eta, context)
        }
        ActionRequest::Change { number, text, rollback, warnings, handle } => {
            let risk = find(incident, number, &[Step::Proposed, Step::Approved])?.risk;
            let proposal = Proposal { text, risk: None, rollback, warnings, handle };
            change(number, risk, proposal, context)
        }
        ActionRequest::Approve { handle } => approval::approve(incident, handle, context),
        ActionRequest::AskAgain { number, handle } => approval::ask_again(incident, number, handle, context),
        ActionRequest::Refuse { number, why } => {
            find(incident, number, &[Step::Proposed, Step::Approved])?;
            let why = line(&why, FACT_LIMIT)?;
            Ok(vec![Decided::now(context, Event::Action(ActionEvent::Refused { number, why }))])
        }
        ActionRequest::Start { number, alone_because } => start(incident, number, alone_because, context),
        ActionRequest::Done { number } => done(incident, number, context),
        ActionRequest::Fail { number, why } => fail(incident, number, &why, context),
        ActionRequest::RollBack { number } => {
            find(incident, number, &[Step::Started, Step::Done, Step::Failed])?;
            Ok(vec![Decided::now(context, Event::Action(ActionEvent::RolledBack { number }))])
        }
    }
}

/// What somebody wants to do.
struct Proposal {
    text: String,
    risk: Option<Risk>,
    rollback: String,
    warnings: Vec<String>,
    handle: u64,
}

fn propose(
    incident: &Incident,
    proposal: Proposal,
    eta: Option<Eta>,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    let Proposal { text, risk, rollback, warnings, handle } = proposal;
    let text = line(&text, FACT_LIMIT)?;
    let kind = Kind::guess(&text);
    let risk = risk.unwrap_or_else(|| context.policy.procedure.risk(kind));
    let mut events = vec![Decided::now(
        context,
        Event::Action(ActionEvent::Proposed { text, kind, risk, rollback, warnings, handle }),
    )];
    if let Some(eta) = eta {
        events.extend(tell::estimate(incident, eta, context)?);
    }
    // What is risky rings the next responder. Where nobody can be rung, the answer to the person says so.
    if risk == Risk::High {
        events.extend(ring(incident, incident.version + 1, context));
    }
    Ok(events)
}

/// The next responder is rung for an approval; of what is restricted nobody else hears.
pub(super) fn ring(incident: &Incident, about: u64, context: &Context<'_>) -> Vec<Decided> {
    if incident.is_restricted() {
        return Vec::new();
    }
    let call = CallRequest::Next { why: say!("a second person must agree").to_owned(), about: Some(about) };
    call::decide(incident, call, context).unwrap_or_default()
}

/// What is changed is proposed anew: the risk never becomes less by that, and an approval is void.
fn change(
    number: u64,
    before: Risk,
    proposal: Proposal,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    let Proposal { text, rollback, warnings, handle, .. } = proposal;
    let text = line(&text, FACT_LIMIT)?;
    let kind = Kind::guess(&text);
    let risk = if before == Risk::High { before } else { context.policy.procedure.risk(kind) };
    let changed = ActionEvent::Changed { number, text, kind, risk, rollback, warnings, handle };
    Ok(vec![Decided::now(context, Event::Action(changed))])
}

fn start(
    incident: &Incident,
    number: u64,
    alone_because: Option<String>,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    let action = find(incident, number, &[Step::Proposed, Step::Approved])?;
    let under_way =
        incident.actions.iter().find(|other| other.step == Step::Started && other.risk == Risk::High);
    if let (Risk::High, Some(other)) = (action.risk, under_way) {
        return Err(Refusal::OneAtATime { under_way: other.text.clone() });
    }
    let alone_because = alone_because.map(|why| line(&why, FACT_LIMIT)).transpose()?;
    if action.risk == Risk::High && alone_because.is_none() && !approved(action, context.now) {
        return Err(match action.step {
            Step::Approved => Refusal::ApprovalOver { text: action.text.clone() },
            _ => Refusal::NeedsSecondPerson,
        });
    }
    let why = say!("{} began", action.text);
    let mut events =
        vec![Decided::now(context, Event::Action(ActionEvent::Started { number, alone_because }))];
    events.extend(phase(incident, Phase::Fixing, why, context));
    Ok(events)
}

/// Done starts the proof. An action of low risk need not have been started by hand.
fn done(incident: &Incident, number: u64, context: &Context<'_>) -> Result<Vec<Decided>, Refusal> {
    let action = find(incident, number, &[Step::Proposed, Step::Approved, Step::Started])?;
    if action.risk == Risk::High && action.step != Step::Started && !approved(action, context.now) {
        return Err(Refusal::NeedsSecondPerson);
    }
    let why = say!("{} is done; now it is proved", action.text);
    let mut events = vec![Decided::now(context, Event::Action(ActionEvent::Done { number }))];
    events.extend(phase(incident, Phase::Verifying, why, context));
    Ok(events)
}

fn fail(incident: &Incident, number: u64, why: &str, context: &Context<'_>) -> Result<Vec<Decided>, Refusal> {
    let action = find(incident, number, &[Step::Proposed, Step::Approved, Step::Started, Step::Done])?;
    let why = line(why, FACT_LIMIT)?;
    let back = say!("{} did not help: {why}", action.text);
    let mut events = vec![Decided::now(context, Event::Action(ActionEvent::Failed { number, why }))];
    events.extend(phase(incident, Phase::Investigating, back, context));
    Ok(events)
}

fn phase(incident: &Incident, to: Phase, why: String, context: &Context<'_>) -> Option<Decided> {
    (incident.phase != to).then(|| Decided::now(context, Event::PhaseChanged { to, why }))
}

pub(super) fn find<'i>(incident: &'i Incident, number: u64, steps: &[Step]) -> Result<&'i Action, Refusal> {
    let action = incident.actions.iter().find(|action| action.number == number);
    let action = action.ok_or_else(|| Refusal::NothingNew(say!("there is no such action").to_owned()))?;
    if steps.contains(&action.step) {
        Ok(action)
    } else {
        Err(Refusal::NothingNew(say!("“{}” is {} already", action.text, action.step.name())))
    }
}
