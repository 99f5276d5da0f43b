//! Step 5: proof before the end. Nobody is told that mail works because somebody hopes so.
//!
//! 1. Every check of an incident says how the cells of the matrix stand ([`crate::proof`]); so it is known which the
//!    incident affected, and which were green before it. Only those can keep it open.
//! 2. A proof begins: `[Done]`, `/check prove`, or by itself when the affected cells are green again.
//! 3. Its rounds are stored due times. N green ones over M minutes prove it; at the first, audiences read "works again,
//!    still checking".
//! 4. Two red rounds in a row, or one lasting failure that was seen twice, send the incident back to troubleshooting.
//!    Audiences that were told "works" hear of it on a click, or after five minutes; others never.
//! 5. [`gate`] refuses to close without proof. The lead can, with a reason, which is the first line of the review.
//! 6. After the end the service is watched for a day, and those who reported are asked.

pub mod decide;
pub mod notice;
pub mod state;
#[cfg(test)]
mod tests;
pub mod words;

use serde::{Deserialize, Serialize};

use super::LastAssessment;
use crate::clock::UtcMs;
use crate::person::Person;
use crate::proof::{Cell, Measured};
pub use decide::gate;
pub use state::{Answer, Overridden, Proof, Proved, Running, Watched, due};

/// Why a proof began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// Somebody asked for it.
    Person,
    /// A repair is done.
    Repair(u64),
    /// The probes are good again.
    Recovered,
}

/// How a round ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Everything that counts works.
    Green,
    /// Something that counts does not work.
    Red,
    /// Something that counts was not measured, or works with limits: neither good nor bad.
    Open,
}

/// What can happen to the proof of an incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum ProofEvent {
    /// A check that is no round showed how the cells stand.
    Seen {
        /// As they are.
        cells: Vec<Measured>,
        /// As they were when the service was last checked before the incident.
        #[serde(default)]
        before: Vec<Measured>,
    },
    /// A proof begins.
    Began {
        /// Why.
        by: Trigger,
        /// What is proved.
        cells: Vec<Cell>,
        /// How many rounds must be green.
        rounds: u32,
        /// From the first green round to the last, in seconds.
        lasts: u64,
    },
    /// A round ended.
    Round {
        /// Counts the rounds of this proof, from 1.
        number: u32,
        /// How.
        outcome: Outcome,
        /// What was measured.
        cells: Vec<Measured>,
        /// When the next one is due.
        #[serde(default)]
        next: Option<UtcMs>,
    },
    /// It is proved that mail works.
    Proved {
        /// Since the first green round.
        since: UtcMs,
    },
    /// It does not work after all.
    Failed {
        /// What does not.
        red: Vec<Measured>,
        /// When those who were told that it works hear of it; none where nobody was.
        #[serde(default)]
        tell_at: Option<UtcMs>,
    },
    /// Those who were told that it works were told that it does not.
    SetbackTold,
    /// A person has seen that this works.
    Ticked {
        /// What.
        cell: Cell,
    },
    /// The incident is closed without proof.
    Overridden {
        /// Why.
        why: String,
        /// What was not green then.
        open: Vec<Measured>,
    },
    /// The incident is closed: what is done afterwards.
    Aftercare {
        /// Until when the service is watched; none where there is none.
        #[serde(default)]
        until: Option<UtcMs>,
        /// When those who reported are asked; none where nobody is.
        #[serde(default)]
        ask_at: Option<UtcMs>,
    },
    /// Those who reported are asked whether it works now.
    Asked {
        /// Who.
        people: Vec<Person>,
    },
    /// Somebody who reported says whether it works.
    Answered {
        /// Whether.
        works: bool,
    },
    /// What this incident was about is seen again after the end.
    Relapsed {
        /// What does not work.
        red: Vec<Measured>,
    },
    /// The time of watching is over.
    WatchEnded,
}

/// What somebody, a check or a due time wants.
#[derive(Debug, Clone, PartialEq)]
pub enum ProofRequest {
    /// A check that is no round ended.
    Seen {
        /// What it measured.
        cells: Vec<Measured>,
        /// As it was before the incident, where that is known.
        before: Vec<Measured>,
    },
    /// To begin.
    Start {
        /// Why.
        by: Trigger,
    },
    /// A round ended.
    Round {
        /// The assessment behind it.
        last: Box<LastAssessment>,
        /// What it measured.
        cells: Vec<Measured>,
        /// What does not work was seen twice, moments apart.
        confirmed: bool,
    },
    /// Something other than a round has come due.
    Due,
    /// To tell those who heard that it works, now.
    TellSetback,
    /// To say that one has seen it work.
    Tick {
        /// Its place in what is proved.
        place: usize,
    },
    /// To close without proof.
    Override {
        /// Why.
        why: String,
    },
    /// To say whether it works, when asked.
    Answer {
        /// Whether.
        works: bool,
    },
}
