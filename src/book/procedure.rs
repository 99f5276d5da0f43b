//! The procedure itself changes: a review proposes, a second person accepts, and the new version is followed from then on.
//!
//! 1. Somebody proposes: what stands there, what shall stand there, why. It must stand there once, and the whole must stay
//!    sound.
//! 2. Somebody else accepts or refuses it. Accepted, it is judged again, because others may have changed it meanwhile.
//! 3. The accepted text is kept whole, with the file that it came from: a file that was changed by hand since counts more.
//! 4. An incident keeps the name of the version under which it was declared ([`crate::incident::Incident::procedure`]).

#[cfg(test)]
mod tests;
mod words;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use watchpost_texts::say;

use super::Book;
use crate::clock::UtcMs;
use crate::ids::{GuildId, IncidentId, PlaceId};
use crate::incident::decide::{Context, FACT_LIMIT, line};
use crate::person::Actor;
use crate::refusal::Refusal;
use crate::sop::Procedure;
pub use words::{items, proposal_text, sentence};

/// Longest piece that is proposed at once, in characters: what an input of a form holds.
pub const PIECE: usize = 3_500;

/// What can happen to the procedure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum ProcedureEvent {
    /// Somebody proposes a change.
    Proposed(Suggestion),
    /// Somebody else accepts it.
    Accepted {
        /// Which.
        number: u64,
        /// Names the text that the changes began with.
        base: String,
        /// The whole text, as it is now.
        text: String,
        /// Its version.
        version: String,
    },
    /// Somebody does not accept it.
    Refused {
        /// Which.
        number: u64,
        /// Why.
        why: String,
    },
}

/// A piece of the procedure, as it is and as it shall be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    /// Which review it comes from.
    pub incident: IncidentId,
    /// In which server.
    pub guild: GuildId,
    /// Where it is talked about: the thread of the incident.
    #[serde(default)]
    pub place: Option<PlaceId>,
    /// What stands there; empty where something is added at the end.
    pub old: String,
    /// What shall stand there.
    pub new: String,
    /// Why.
    pub why: String,
}

/// A proposal, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Version of the book that noted it: its number.
    pub number: u64,
    /// When.
    pub at: UtcMs,
    /// Who.
    pub by: Actor,
    /// What.
    pub said: Suggestion,
    /// What became of it; none while it waits.
    pub became: Option<String>,
}

/// A version that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Which proposal made it.
    pub number: u64,
    /// Its name.
    pub name: String,
    /// When.
    pub at: UtcMs,
    /// Names the text that the changes began with.
    pub base: String,
    /// All of it.
    pub text: Arc<str>,
}

/// What is known of the procedure's changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// What was proposed.
    pub proposals: Vec<Proposal>,
    /// What was accepted, oldest first.
    pub versions: Vec<Version>,
}

impl Changes {
    /// The proposals of one review.
    pub fn of(&self, incident: IncidentId) -> impl Iterator<Item = &Proposal> {
        self.proposals.iter().filter(move |proposal| proposal.said.incident == incident)
    }

    /// The proposal of this number.
    pub fn get(&self, number: u64) -> Option<&Proposal> {
        self.proposals.iter().find(|proposal| proposal.number == number)
    }
}

/// What somebody wants of the procedure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProcedureRequest {
    /// To propose a change.
    Propose(Suggestion),
    /// To accept it.
    Accept {
        /// Which.
        number: u64,
    },
    /// Not to accept it.
    Refuse {
        /// Which.
        number: u64,
        /// Why.
        why: String,
    },
}

/// The procedure that is followed: the configured one with the changes that were accepted, where they belong to it.
pub fn followed(configured: &Arc<Procedure>, changes: &Changes) -> Arc<Procedure> {
    let last = changes.versions.last().filter(|last| last.base == configured.hash);
    let parsed = last.and_then(|last| {
        // Written by an older Watchpost, it may not be sound any more: then the file is followed.
        let mut procedure = Procedure::parse(&last.text).ok()?;
        procedure.base.clone_from(&last.base);
        Some(Arc::new(procedure))
    });
    parsed.unwrap_or_else(|| configured.clone())
}

/// What follows from a request.
pub(super) fn decide(
    book: &Book,
    request: ProcedureRequest,
    context: &Context<'_>,
) -> Result<Vec<ProcedureEvent>, Refusal> {
    let procedure = &context.policy.procedure;
    let event = match request {
        ProcedureRequest::Propose(said) => {
            let old = if said.old.trim().is_empty() { String::new() } else { piece(&said.old)? };
            let (new, why) = (piece(&said.new)?, line(&said.why, FACT_LIMIT)?);
            changed(procedure, &old, &new, book.version + 1)?;
            ProcedureEvent::Proposed(Suggestion { old, new, why, ..said })
        }
        ProcedureRequest::Accept { number } => {
            let proposal = waiting(book, number)?;
            let same = matches!(
                (proposal.by.person(), context.actor.person()),
                (Some(by), Some(now)) if by.id == now.id
            );
            if same || context.actor.person().is_none() {
                return Err(Refusal::OwnProposal);
            }
            let after = changed(procedure, &proposal.said.old, &proposal.said.new, number)?;
            let base =
                if procedure.base.is_empty() { procedure.hash.clone() } else { procedure.base.clone() };
            ProcedureEvent::Accepted { number, base, text: after.text, version: after.version }
        }
        ProcedureRequest::Refuse { number, why } => {
            waiting(book, number)?;
            ProcedureEvent::Refused { number, why: line(&why, FACT_LIMIT)? }
        }
    };
    Ok(vec![event])
}

/// A piece as it was typed, lines and all.
fn piece(text: &str) -> Result<String, Refusal> {
    let text = text.replace("\r\n", "\n");
    let text = text.trim_matches('\n');
    match text.chars().count() {
        0 => Err(Refusal::NothingNew(
            say!("nothing stands in place of it; to take a line out, write its neighbours without it")
                .to_owned(),
        )),
        length if length > PIECE => {
            Err(Refusal::NothingNew(say!("a piece has at most {PIECE} characters; propose it in parts")))
        }
        _ => Ok(text.to_owned()),
    }
}

fn waiting(book: &Book, number: u64) -> Result<&Proposal, Refusal> {
    let proposal = book.procedure.get(number);
    let proposal =
        proposal.ok_or_else(|| Refusal::NothingNew(say!("there is no proposal number {number}")))?;
    match &proposal.became {
        None => Ok(proposal),
        Some(became) => Err(Refusal::NothingNew(say!("proposal {number} was {became} already"))),
    }
}

fn changed(procedure: &Procedure, old: &str, new: &str, number: u64) -> Result<Procedure, Refusal> {
    procedure.changed(old, new, number).map_err(Refusal::NothingNew)
}

pub(super) fn apply(changes: &mut Changes, event: &ProcedureEvent, version: u64, by: &Actor, at: UtcMs) {
    let mut became = |number: u64, text: String| {
        let found = changes.proposals.iter_mut().filter(|proposal| proposal.number == number);
        found.for_each(|proposal| proposal.became = Some(text.clone()));
    };
    match event {
        ProcedureEvent::Proposed(said) => changes.proposals.push(Proposal {
            number: version,
            at,
            by: by.clone(),
            said: said.clone(),
            became: None,
        }),
        ProcedureEvent::Accepted { number, base, text, version } => {
            became(*number, say!("accepted by {by}: “{version}” is followed"));
            let (base, text) = (base.clone(), Arc::from(text.as_str()));
            changes.versions.push(Version { number: *number, name: version.clone(), at, base, text });
        }
        ProcedureEvent::Refused { number, why } => became(*number, say!("refused by {by}: {why}")),
    }
}
