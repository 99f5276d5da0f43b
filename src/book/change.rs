//! Recent changes: entered by people, and seen by the checks. The first question of every outage is what was changed.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::UtcMs;
use crate::ids::{GuildId, ServiceName};
use crate::incident::decide::{FACT_LIMIT, line};
use crate::person::Actor;
use crate::refusal::Refusal;

/// How long before the start of an incident a change is shown with it.
pub const WINDOW: Duration = Duration::from_secs(24 * 3_600);
/// Changes that are kept at hand; older ones stay in the record.
const MOST: usize = 200;

/// What was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum ChangeEvent {
    /// A person says so.
    Entered {
        /// Where.
        guild: GuildId,
        /// What.
        text: String,
        /// When it was changed.
        at: UtcMs,
    },
    /// A check sees that something is otherwise than when the service last worked.
    Seen {
        /// Of which service.
        service: ServiceName,
        /// Where, and what: `mx example.org`.
        what: String,
        /// What it was.
        was: String,
        /// What it is.
        is: String,
    },
}

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeRequest {
    /// A person says what was changed.
    Enter {
        /// Where.
        guild: GuildId,
        /// What.
        text: String,
        /// When.
        at: UtcMs,
    },
    /// A check has seen these.
    See {
        /// Of which service.
        service: ServiceName,
        /// Where and what, what it was, what it is.
        seen: Vec<(String, String, String)>,
    },
}

/// A change as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// When.
    pub at: UtcMs,
    /// Who says so.
    pub by: Actor,
    /// Where it was entered; none where a check saw it.
    pub guild: Option<GuildId>,
    /// Of which service, where that is known.
    pub service: Option<ServiceName>,
    /// What.
    pub text: String,
}

pub(super) fn decide(
    known: &[Change],
    request: ChangeRequest,
    now: UtcMs,
) -> Result<Vec<ChangeEvent>, Refusal> {
    match request {
        ChangeRequest::Enter { at, .. } if at > now => {
            Err(Refusal::WrongTime("lies in the future".to_owned()))
        }
        ChangeRequest::Enter { guild, text, at } => {
            Ok(vec![ChangeEvent::Entered { guild, text: line(&text, FACT_LIMIT)?, at }])
        }
        // Each round sees it again: it is entered once.
        ChangeRequest::See { service, seen } => Ok(seen
            .into_iter()
            .map(|(what, was, is)| ChangeEvent::Seen { service: service.clone(), what, was, is })
            .filter(|event| !known.iter().any(|change| change.text == words(event)))
            .collect()),
    }
}

pub(super) fn apply(known: &mut Vec<Change>, event: &ChangeEvent, by: &Actor, at: UtcMs) {
    let text = words(event);
    known.push(match event {
        ChangeEvent::Entered { guild, at, .. } => {
            Change { at: *at, by: by.clone(), guild: Some(*guild), service: None, text }
        }
        ChangeEvent::Seen { service, .. } => {
            Change { at, by: Actor::Watchpost, guild: None, service: Some(service.clone()), text }
        }
    });
    let surplus = known.len().saturating_sub(MOST);
    known.drain(..surplus);
}

fn words(event: &ChangeEvent) -> String {
    match event {
        ChangeEvent::Entered { text, .. } => text.clone(),
        ChangeEvent::Seen { what, was, is, .. } => format!("{what}: was {was}, is {is}"),
    }
}

pub(super) fn sentence(event: &ChangeEvent) -> String {
    format!("Changed: {}", words(event))
}
