//! Step 4: what is done to fix it. Carefully, one risky thing at a time, each with a way back.
//!
//! 1. Somebody proposes an action; its kind says how risky it is ([`kind::Kind`]).
//! 2. A risky one waits for a second person, who sees exactly what will be done. Who is alone may go ahead at once
//!    with a reason, which is logged loudly.
//! 3. It is started, and ends as done, failed or rolled back. Nothing is run on hosts: people carry it out.
//! 4. Done starts the proof; failed goes back to troubleshooting.

pub mod approval;
pub mod breaks;
mod decide;
pub mod kind;

use serde::{Deserialize, Serialize};
use watchpost_texts::say;

use super::Eta;
use crate::clock::UtcMs;
use crate::person::Actor;
pub use approval::APPROVAL_HOLDS;
pub(super) use decide::decide;
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

impl Step {
    /// The step in words.
    pub fn name(self) -> &'static str {
        match self {
            Step::Proposed => "proposed",
            Step::Approved => "approved",
            Step::Refused => "refused",
            Step::Started => say!("under way"),
            Step::Done => "done",
            Step::Failed => "failed",
            Step::RolledBack => say!("rolled back"),
            Step::Changed => say!("replaced by another one"),
        }
    }
}
