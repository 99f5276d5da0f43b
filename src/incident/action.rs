//! Step 4: what is done to fix it. Carefully, one risky thing at a time, each with a way back.
//!
//! 1. Somebody proposes an action; its kind says how risky it is ([`kind::Kind`]).
//! 2. A risky one waits for a second person, who sees exactly what will be done. Who is alone may go ahead at once
//!    with a reason, which is logged loudly.
//! 3. It is started, and ends as done, failed or rolled back. Nothing is run on hosts: people carry it out.
//! 4. Done starts the proof; failed goes back to troubleshooting.

pub mod approval;
pub mod breaks;
pub mod kind;

use serde::{Deserialize, Serialize};

use super::call::{self, CallRequest};
use super::decide::{Context, Decided, FACT_LIMIT, line, tell, while_open};
use super::event::Event;
use super::{Eta, Incident, Phase};
use crate::clock::UtcMs;
use crate::person::Actor;
use crate::refusal::Refusal;
pub use approval::APPROVAL_HOLDS;
use approval::approved;
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
        /// By what it is approved, once; 0 in what was written before there were such handles.
        #[serde(default)]
        handle: u64,
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
        /// By what it is approved, once.
        #[serde(default)]
        handle: u64,
    },
    /// An approval is over, and asked for anew.
    Asked {
        /// Which.
        number: u64,
        /// By what it is approved, once.
        handle: u64,
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
    /// By what it is approved; none once that was used.
    pub handle: Option<u64>,
    /// Who approved it, and when.
    pub approved: Option<(Actor, UtcMs)>,
    /// How far.
    pub step: Step,
}

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
        /// By what it may be approved: a number that nobody can guess.
        handle: u64,
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
        /// By what it may be approved.
        handle: u64,
    },
    /// To agree to what has this handle.
    Approve {
        /// The handle.
        handle: u64,
    },
    /// To ask anew, because an approval is over.
    AskAgain {
        /// Which.
        number: u64,
        /// By what it may be approved now.
        handle: u64,
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
        ActionEvent::Proposed { text, kind, risk, rollback, warnings, handle }
        | ActionEvent::Changed { text, kind, risk, rollback, warnings, handle, .. } => {
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
                handle: Some(if *handle == 0 { version } else { *handle }),
                approved: None,
                step: Step::Proposed,
            });
        }
        ActionEvent::Approved { .. } | ActionEvent::Asked { .. } => approval::apply(actions, event, by, at),
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
fn ring(incident: &Incident, about: u64, context: &Context<'_>) -> Vec<Decided> {
    if incident.is_restricted() {
        return Vec::new();
    }
    let call = CallRequest::Next { why: "a second person must agree".to_owned(), about: Some(about) };
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
