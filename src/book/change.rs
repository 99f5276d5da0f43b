//! Recent changes: entered by people, and seen by the checks. The first question of every outage is what was changed.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use watchpost_texts::say;

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
            Err(Refusal::WrongTime(say!("lies in the future").to_owned()))
        }
        ChangeRequest::Enter { guild, text, at } => {
            Ok(vec![ChangeEvent::Entered { guild, text: line(&text, FACT_LIMIT)?, at }])
        }
        // Each round sees it again: it is entered once.
        ChangeRequest::See { service, seen } => Ok(seen
            .into_iter()
            .map(|(what, was, is)| ChangeEvent::Seen { service: service.clone(), what, was, is })
            .filter(|event| !is_known(known, event))
            .collect()),
    }
}

/// Whether the last change of the same thing was this one. What changes back, and again, is told each time.
fn is_known(known: &[Change], event: &ChangeEvent) -> bool {
    let ChangeEvent::Seen { service, what, .. } = event else { return false };
    let same = known.iter().rev().find(|change| {
        let rest = change.text.strip_prefix(what.as_str());
        change.service.as_ref() == Some(service) && rest.is_some_and(|rest| rest.starts_with(": was "))
    });
    same.is_some_and(|change| change.text == words(event))
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
        ChangeEvent::Seen { what, was, is, .. } => say!("{what}: was {was}, is {is}"),
    }
}

pub(super) fn sentence(event: &ChangeEvent) -> String {
    say!("Changed: {}", words(event))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn see(known: &mut Vec<Change>, was: &str, is: &str) -> usize {
        let seen = vec![("mx of example.org".to_owned(), was.to_owned(), is.to_owned())];
        let request = ChangeRequest::See { service: "mail".into(), seen };
        let events = decide(known, request, UtcMs(5)).expect("decided");
        events.iter().for_each(|event| apply(known, event, &Actor::Watchpost, UtcMs(5)));
        events.len()
    }

    #[test]
    fn each_change_is_entered_once_and_again_when_it_comes_again() {
        let mut known = Vec::new();
        assert_eq!([see(&mut known, "10 a.", "10 b."), see(&mut known, "10 a.", "10 b.")], [1, 0]);
        assert_eq!([see(&mut known, "10 b.", "10 a."), see(&mut known, "10 a.", "10 b.")], [1, 1]);
        assert_eq!(known[0].text, "mx of example.org: was 10 a., is 10 b.");
    }

    #[test]
    fn what_a_person_enters_does_not_lie_in_the_future() {
        let enter = |at| ChangeRequest::Enter { guild: GuildId(1), text: "new relay".into(), at: UtcMs(at) };
        assert!(decide(&[], enter(6), UtcMs(5)).is_err());
        assert_eq!(decide(&[], enter(5), UtcMs(5)).expect("entered").len(), 1);
    }
}
