//! Step 4: what is done to fix it. Carefully, one risky thing at a time, each with a way back.
//!
//! 1. Somebody proposes an action; its kind says how risky it is ([`kind::Kind`]).
//! 2. A risky one waits for a second person, who sees exactly what will be done. Who is alone may go ahead at once
//!    with a reason, which is logged loudly.
//! 3. It is started, and ends as done, failed or rolled back. Nothing is run on hosts: people carry it out.
//! 4. Done starts the proof; failed goes back to troubleshooting.

pub mod kind;

use serde::{Deserialize, Serialize};

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
        ActionEvent::Proposed { text, kind, risk, rollback } => actions.push(Action {
            number: version,
            by: by.clone(),
            at,
            text: text.clone(),
            kind: *kind,
            risk: *risk,
            rollback: rollback.clone(),
            step: Step::Proposed,
        }),
        ActionEvent::Approved { number } => step(*number, Step::Approved),
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
        ActionRequest::Propose { text, risk, rollback, eta } => {
            propose(incident, &text, risk, rollback, eta, context)
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

fn propose(
    incident: &Incident,
    text: &str,
    risk: Option<Risk>,
    rollback: String,
    eta: Option<Eta>,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    let text = line(text, FACT_LIMIT)?;
    let kind = Kind::guess(&text);
    let risk = risk.unwrap_or(kind.risk());
    let mut events =
        vec![Decided::now(context, Event::Action(ActionEvent::Proposed { text, kind, risk, rollback }))];
    if let Some(eta) = eta.filter(|eta| *eta != incident.eta) {
        events.push(Decided::now(context, Event::EtaChanged { eta }));
    }
    Ok(events)
}

/// Whoever proposed it cannot be the second person.
fn approve(incident: &Incident, number: u64, context: &Context<'_>) -> Result<Vec<Decided>, Refusal> {
    let action = find(incident, number, &[Step::Proposed])?;
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
    if action.risk == Risk::High && action.step == Step::Proposed && alone_because.is_none() {
        return Err(Refusal::NeedsSecondPerson);
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
    if action.risk == Risk::High && action.step == Step::Proposed {
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
        }
    }
}
