//! The id of a button, written and read.

use std::fmt;
use std::str::FromStr;

use watchpost_texts::say;

use super::Action;
use crate::ids::IncidentId;

/// Schema of the ids. Ids of another version are answered with "this button is of an older Watchpost".
const VERSION: &str = "wp1";

/// An action on an incident: what a button's id says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ButtonId {
    /// What.
    pub action: Action,
    /// On which.
    pub incident: IncidentId,
    /// Of which repair, log entry or line of the checklist; none where it is about the whole incident.
    pub repair: Option<u64>,
}

impl ButtonId {
    /// A button about the whole incident.
    pub fn new(action: Action, incident: IncidentId) -> Self {
        ButtonId { action, incident, repair: None }
    }
}

impl fmt::Display for ButtonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{VERSION}:{}:{}", self.action.name(), self.incident.0)?;
        self.repair.map_or(Ok(()), |number| write!(f, ":{number}"))
    }
}

/// Why an id says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAButton {
    /// Of another schema.
    #[error("{}", say!("This button is of another version of Watchpost. `/incident` shows the buttons of this one"))]
    OtherVersion,
    /// Not one of ours.
    #[error("{}", say!("I do not know this button. `/incident` shows the ones that work"))]
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
            Action::ALL.iter().copied().find(|action| action.name() == name).ok_or(NotAButton::Unknown)?;
        let number = parts.next().and_then(|number| number.parse().ok()).ok_or(NotAButton::Unknown)?;
        let repair =
            parts.next().map(|number| number.parse().map_err(|_| NotAButton::Unknown)).transpose()?;
        match parts.next() {
            None => Ok(ButtonId { action, incident: IncidentId(number), repair }),
            Some(_) => Err(NotAButton::Unknown),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_reads_back_and_fits_into_a_button() {
        for &action in Action::ALL {
            for repair in [None, Some(u64::MAX)] {
                let id = ButtonId { action, incident: IncidentId(u64::MAX), repair };
                let text = id.to_string();
                assert_eq!(text.parse(), Ok(id));
                assert!(text.len() <= 100, "{text}");
            }
        }
    }

    #[test]
    fn what_is_not_ours_is_refused() {
        assert_eq!("wp0:ack:1".parse::<ButtonId>(), Err(NotAButton::OtherVersion));
        for text in [
            "",
            "ack",
            "wp1",
            "wp1:ack",
            "wp1:ack:x",
            "wp1:nuke:1",
            "wp1:ack:1:x",
            "wp1:ack:1:2:3",
            "xx1:ack:1",
        ] {
            assert!(text.parse::<ButtonId>().is_err(), "{text}");
        }
    }
}
