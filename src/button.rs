//! What a button does, as it stands in its id: `wp1:<action>:<incident>`.
//!
//! The id carries action, incident and schema version and no state, so that an old card still works after an
//! upgrade and a restart. It is not a permission: who clicks is asked again, with the same table as the commands.

use std::fmt;
use std::str::FromStr;

use crate::capability::Capability;
use crate::ids::IncidentId;

/// Schema of the ids. Ids of another version are answered with "this button is of an older Watchpost".
const VERSION: &str = "wp1";

/// What a click does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Take the lead.
    Acknowledge,
    /// Check the service again.
    Check,
    /// Open the form that tells stakeholders.
    Tell,
    /// Open the form that writes something down.
    Log,
    /// Open the form that closes it.
    Resolve,
    /// Open the form that opens it again.
    Reopen,
    /// Show the timeline.
    Timeline,
}

impl Action {
    /// All of them.
    pub const ALL: [Action; 7] = [
        Action::Acknowledge,
        Action::Check,
        Action::Tell,
        Action::Log,
        Action::Resolve,
        Action::Reopen,
        Action::Timeline,
    ];

    /// Its name in the id.
    pub fn name(self) -> &'static str {
        match self {
            Action::Acknowledge => "ack",
            Action::Check => "check",
            Action::Tell => "tell",
            Action::Log => "log",
            Action::Resolve => "resolve",
            Action::Reopen => "reopen",
            Action::Timeline => "timeline",
        }
    }

    /// What stands on it.
    pub fn label(self) -> &'static str {
        match self {
            Action::Acknowledge => "I have it",
            Action::Check => "Check again",
            Action::Tell => "Tell stakeholders",
            Action::Log => "Log",
            Action::Resolve => "Close",
            Action::Reopen => "Reopen",
            Action::Timeline => "Timeline",
        }
    }

    /// What the person who clicks must be allowed to do.
    pub fn capability(self) -> Capability {
        match self {
            Action::Acknowledge | Action::Log => Capability::Respond,
            Action::Check => Capability::Check,
            Action::Tell => Capability::Tell,
            Action::Resolve | Action::Reopen => Capability::Lead,
            Action::Timeline => Capability::Read,
        }
    }
}

/// An action on an incident: what a button's id says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ButtonId {
    /// What.
    pub action: Action,
    /// On which.
    pub incident: IncidentId,
}

impl fmt::Display for ButtonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{VERSION}:{}:{}", self.action.name(), self.incident.0)
    }
}

/// Why an id says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAButton {
    /// Of another schema.
    #[error("This button is of another version of Watchpost. `/incident` shows the buttons of this one")]
    OtherVersion,
    /// Not one of ours.
    #[error("I do not know this button. `/incident` shows the ones that work")]
    Unknown,
}

impl FromStr for ButtonId {
    type Err = NotAButton;
    fn from_str(text: &str) -> Result<Self, NotAButton> {
        let mut parts = text.split(':');
        match parts.next() {
            Some(VERSION) => {}
            Some(other) if other.starts_with("wp") => return Err(NotAButton::OtherVersion),
            _ => return Err(NotAButton::Unknown),
        }
        let name = parts.next().ok_or(NotAButton::Unknown)?;
        let action =
            Action::ALL.into_iter().find(|action| action.name() == name).ok_or(NotAButton::Unknown)?;
        let number = parts.next().and_then(|number| number.parse().ok()).ok_or(NotAButton::Unknown)?;
        match parts.next() {
            None => Ok(ButtonId { action, incident: IncidentId(number) }),
            Some(_) => Err(NotAButton::Unknown),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_reads_back_and_fits_into_a_button() {
        for action in Action::ALL {
            let id = ButtonId { action, incident: IncidentId(u64::MAX) };
            let text = id.to_string();
            assert_eq!(text.parse(), Ok(id));
            assert!(text.len() <= 100, "{text}");
        }
    }

    #[test]
    fn what_is_not_ours_is_refused() {
        assert_eq!("wp0:ack:1".parse::<ButtonId>(), Err(NotAButton::OtherVersion));
        for text in ["", "ack", "wp1", "wp1:ack", "wp1:ack:x", "wp1:nuke:1", "wp1:ack:1:2", "xx1:ack:1"] {
            assert!(text.parse::<ButtonId>().is_err(), "{text}");
        }
    }
}
