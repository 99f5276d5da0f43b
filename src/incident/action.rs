//! Step 4: what is done to fix it. Carefully, one risky thing at a time, each with a way back.
//!
//! 1. Somebody proposes an action; its kind says how risky it is ([`kind::Kind`]).
//! 2. A risky one waits for a second person, who sees exactly what will be done. Who is alone may go ahead at once
//!    with a reason, which is logged loudly.
//! 3. It is started, and ends as done, failed or rolled back. Nothing is run on hosts: people carry it out.
//! 4. Done starts the proof; failed goes back to troubleshooting.

pub mod breaks;
pub mod kind;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::call::{self, CallRequest};
use super::decide::{Context, Decided, FACT_LIMIT, line, while_open};
use super::event::Event;
use super::{Eta, Incident, Phase};
use crate::clock::UtcMs;
use crate::person::Actor;
use crate::refusal::Refusal;
pub use kind::{Kind, Risk};

/// What can happen to an action. `number` is the version of the incident that proposed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum ActionEvent {
    /// Somebody wants to do it.
    Proposed {
        /// What will be done.
        text: String,
        /// What sort of thing that is.
        kind: Kind,
        /// How risky it is; changed by hand where the table is wrong.
        risk: Risk,
        /// How to get back.
        #[serde(default)]
        rollback: String,
        /// What it would break, as it was shown to whoever approves it.
        #[serde(default)]
        warnings: Vec<String>,
    },
    /// Something else will be done in place of an earlier proposal, whose approval is void: this one has a number of
    /// its own, so that no old button approves what nobody has seen.
    Changed {
        /// The earlier one.
        number: u64,
        /// What will be done now.
        text: String,
        /// What sort of thing that is.
        kind: Kind,
        /// How risky it is.
        risk: Risk,
        /// How to get back.
        #[serde(default)]
        rollback: String,
        /// What it would break.
        #[serde(default)]
        warnings: Vec<String>,
    },
    /// A second person agrees to exactly this.
    Approved {
        /// Which.
        number: u64,
    },
    /// A second person does not agree.
    Refused {
        /// Which.
        number: u64,
        /// Why.
        why: String,
    },
    /// It is being done.
    Started {
        /// Which.
        number: u64,
        /// Why nobody else was asked, where nobody was.
        #[serde(default)]
        alone_because: Option<String>,
    },
    /// It is done.
    Done {
        /// Which.
        number: u64,
    },
    /// It did not help.
    Failed {
        /// Which.
        number: u64,
        /// What happened.
        why: String,
    },
    /// It was undone.
    RolledBack {
        /// Which.
        number: u64,
    },
}

/// How far an action is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Waits for a second person, or to be started.
    Proposed,
    /// A second person agreed.
    Approved,
    /// A second person did not agree.
    Refused,
    /// Under way.
    Started,
    /// Done.
    Done,
    /// Did not help.
    Failed,
    /// Undone.
    RolledBack,
    /// Something else was proposed in its place.
    Changed,
}

/// An action as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// Version of the incident that proposed it: its number.
    pub number: u64,
    /// Who proposed it.
    pub by: Actor,
    /// When.
    pub at: UtcMs,
    /// What is done.
    pub text: String,
    /// What sort of thing.
    pub kind: Kind,
    /// How risky.
    pub risk: Risk,
    /// How to get back.
    pub rollback: String,
    /// What it would break.
    pub warnings: Vec<String>,
    /// Who approved it, and when.
    pub approved: Option<(Actor, UtcMs)>,
    /// How far.
    pub step: Step,
}

/// How long an approval holds: what was true when it was given may not be true later.
pub const APPROVAL_HOLDS: Duration = Duration::from_secs(600);

/// What somebody wants of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActionRequest {
    /// To do this.
    Propose {
        /// What.
        text: String,
        /// How risky, where the table is wrong.
        risk: Option<Risk>,
        /// How to get back.
        rollback: String,
        /// When it will be over, where that changes.
        eta: Option<Eta>,
        /// What it would break, by the last check.
        warnings: Vec<String>,
    },
    /// To do something else in its place.
    Change {
        /// The earlier one.
        number: u64,
        /// What.
        text: String,
        /// How to get back.
        rollback: String,
        /// What it would break.
        warnings: Vec<String>,
    },
    /// To agree.
    Approve {
        /// Which.
        number: u64,
    },
    /// Not to agree.
    Refuse {
        /// Which.
        number: u64,
        /// Why.
        why: String,
    },
    /// To begin.
    Start {
        /// Which.
        number: u64,
        /// Why nobody else was asked.
        alone_because: Option<String>,
    },
    /// To say that it is done.
    Done {
        /// Which.
        number: u64,
    },
    /// To say that it did not help.
    Fail {
        /// Which.
        number: u64,
        /// What happened.
        why: String,
    },
    /// To say that it was undone.
    RollBack {
        /// Which.
        number: u64,
    },
}

/// The actions after one more event.
pub(super) fn apply(actions: &mut Vec<Action>, event: &ActionEvent, version: u64, by: &Actor, at: UtcMs) {
    let mut step = |number: u64, step| {
        if let Some(action) = actions.iter_mut().find(|action| action.number == number) {
            action.step = step;
        }
    };
    match event {
        ActionEvent::Proposed { text, kind, risk, rollback, warnings }
        | ActionEvent::Changed { text, kind, risk, rollback, warnings, .. } => {
            if let ActionEvent::Changed { number, .. } = event {
                step(*number, Step::Changed);
            }
            actions.push(Action {
                number: version,
                by: by.clone(),
                at,
                text: text.clone(),
                kind: *kind,
                risk: *risk,
                rollback: rollback.clone(),
                warnings: warnings.clone(),
                approved: None,
                step: Step::Proposed,
            });
        }
        ActionEvent::Approved { number } => {
            step(*number, Step::Approved);
            if let Some(action) = actions.iter_mut().find(|action| action.number == *number) {
                action.approved = Some((by.clone(), at));
            }
        }
        ActionEvent::Refused { number, .. } => step(*number, Step::Refused),
        ActionEvent::Started { number, .. } => step(*number, Step::Started),
        ActionEvent::Done { number } => step(*number, Step::Done),
        ActionEvent::Failed { number, .. } => step(*number, Step::Failed),
        ActionEvent::RolledBack { number } => step(*number, Step::RolledBack),
    }
}

/// What follows from a request about an action.
pub(super) fn decide(
    incident: &Incident,
    request: ActionRequest,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    while_open(incident)?;
    match request {
        ActionRequest::Propose { text, risk, rollback, eta, warnings } => {
            let proposal = Proposal { text, risk, rollback, warnings };
            propose(incident, proposal, eta, context)
        }
        ActionRequest::Change { number, text, rollback, warnings } => {
            let risk = find(incident, number, &[Step::Proposed, Step::Approved])?.risk;
            let proposal = Proposal { text, risk: None, rollback, warnings };
            change(number, risk, proposal, context)
        }
        ActionRequest::Approve { number } => approve(incident, number, context),
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
}

fn propose(
    incident: &Incident,
    proposal: Proposal,
    eta: Option<Eta>,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    let Proposal { text, risk, rollback, warnings } = proposal;
    let text = line(&text, FACT_LIMIT)?;
    let kind = Kind::guess(&text);
    let risk = risk.unwrap_or_else(|| context.policy.procedure.risk(kind));
    let mut events = vec![Decided::now(
        context,
        Event::Action(ActionEvent::Proposed { text, kind, risk, rollback, warnings }),
    )];
    if let Some(eta) = eta.filter(|eta| *eta != incident.eta) {
        events.push(Decided::now(context, Event::EtaChanged { eta }));
    }
    // What is risky rings the next responder. Where nobody can be rung, the answer to the person says so.
    if risk == Risk::High && !incident.is_restricted() {
        let why = "a second person must agree".to_owned();
        let about = Some(incident.version + 1);
        events.extend(call::decide(incident, CallRequest::Next { why, about }, context).unwrap_or_default());
    }
    Ok(events)
}

/// What is changed is proposed anew: the risk never becomes less by that, and an approval is void.
fn change(
    number: u64,
    before: Risk,
    proposal: Proposal,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    let Proposal { text, rollback, warnings, .. } = proposal;
    let text = line(&text, FACT_LIMIT)?;
    let kind = Kind::guess(&text);
    let risk = if before == Risk::High { before } else { context.policy.procedure.risk(kind) };
    let changed = ActionEvent::Changed { number, text, kind, risk, rollback, warnings };
    Ok(vec![Decided::now(context, Event::Action(changed))])
}

/// Whoever proposed it cannot be the second person.
fn approve(incident: &Incident, number: u64, context: &Context<'_>) -> Result<Vec<Decided>, Refusal> {
    let action = find(incident, number, &[Step::Proposed, Step::Approved])?;
    if action.step == Step::Approved && approved(action, context.now) {
        return Err(Refusal::NothingNew(format!("“{}” is approved already", action.text)));
    }
    let same =
        matches!((action.by.person(), context.actor.person()), (Some(by), Some(now)) if by.id == now.id);
    if same {
        return Err(Refusal::NeedsSecondPerson);
    }
    Ok(vec![Decided::now(context, Event::Action(ActionEvent::Approved { number }))])
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
    let why = format!("{} began", action.text);
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
    let why = format!("{} is done; now it is proved", action.text);
    let mut events = vec![Decided::now(context, Event::Action(ActionEvent::Done { number }))];
    events.extend(phase(incident, Phase::Verifying, why, context));
    Ok(events)
}

fn fail(incident: &Incident, number: u64, why: &str, context: &Context<'_>) -> Result<Vec<Decided>, Refusal> {
    let action = find(incident, number, &[Step::Proposed, Step::Approved, Step::Started, Step::Done])?;
    let why = line(why, FACT_LIMIT)?;
    let back = format!("{} did not help: {why}", action.text);
    let mut events = vec![Decided::now(context, Event::Action(ActionEvent::Failed { number, why }))];
    events.extend(phase(incident, Phase::Investigating, back, context));
    Ok(events)
}

/// Whether a second person agreed, a short time ago.
fn approved(action: &Action, now: UtcMs) -> bool {
    let given = action.approved.as_ref().map(|(_, at)| *at);
    action.step == Step::Approved && given.is_some_and(|at| now <= at + APPROVAL_HOLDS)
}

fn phase(incident: &Incident, to: Phase, why: String, context: &Context<'_>) -> Option<Decided> {
    (incident.phase != to).then(|| Decided::now(context, Event::PhaseChanged { to, why }))
}

fn find<'i>(incident: &'i Incident, number: u64, steps: &[Step]) -> Result<&'i Action, Refusal> {
    let action = incident.actions.iter().find(|action| action.number == number);
    let action = action.ok_or_else(|| Refusal::NothingNew("there is no such action".to_owned()))?;
    if steps.contains(&action.step) {
        Ok(action)
    } else {
        Err(Refusal::NothingNew(format!("“{}” is {} already", action.text, action.step.name())))
    }
}

impl Step {
    /// The step in words.
    pub fn name(self) -> &'static str {
        match self {
            Step::Proposed => "proposed",
            Step::Approved => "approved",
            Step::Refused => "refused",
            Step::Started => "under way",
            Step::Done => "done",
            Step::Failed => "failed",
            Step::RolledBack => "rolled back",
            Step::Changed => "replaced by another one",
        }
    }
}
