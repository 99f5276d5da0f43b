//! Where the procedure is, and how bad it is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use watchpost_texts::say;

/// The step of the procedure that an incident is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// What is wrong is being found out.
    Investigating,
    /// The cause is known.
    Identified,
    /// Something is being done about it.
    Fixing,
    /// It seems to work; that is being proved.
    Verifying,
    /// Mail works again.
    Resolved,
    /// The review is over.
    Reviewed,
}

impl Phase {
    /// The phase's name.
    pub fn name(self) -> &'static str {
        match self {
            Phase::Investigating => "investigating",
            Phase::Identified => "identified",
            Phase::Fixing => "fixing",
            Phase::Verifying => "verifying",
            Phase::Resolved => "resolved",
            Phase::Reviewed => "reviewed",
        }
    }

    /// Whether people are still without their mail, or may be.
    pub fn is_open(self) -> bool {
        !matches!(self, Phase::Resolved | Phase::Reviewed)
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How bad it is, in terms of mail. When unsure, the higher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Severity {
    /// No mail in or out, for all.
    #[serde(rename = "SEV1")]
    Sev1,
    /// One direction, one site, or long delays.
    #[serde(rename = "SEV2")]
    Sev2,
    /// Works worse than it should, or there is a way around it.
    #[serde(rename = "SEV3")]
    Sev3,
    /// Planned work, or something that nobody notices yet.
    #[serde(rename = "SEV4")]
    Sev4,
}

impl Severity {
    /// All, worst first.
    pub const ALL: [Severity; 4] = [Severity::Sev1, Severity::Sev2, Severity::Sev3, Severity::Sev4];

    /// The severity's name.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Sev1 => "SEV1",
            Severity::Sev2 => "SEV2",
            Severity::Sev3 => "SEV3",
            Severity::Sev4 => "SEV4",
        }
    }

    /// What it means for mail.
    pub fn meaning(self) -> &'static str {
        match self {
            Severity::Sev1 => say!("no mail in or out, for all"),
            Severity::Sev2 => say!("one direction, one site, or long delays"),
            Severity::Sev3 => say!("works worse than it should, or there is a way around it"),
            Severity::Sev4 => say!("planned work, or something that nobody notices yet"),
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Severity {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Severity::ALL
            .into_iter()
            .find(|severity| severity.name().eq_ignore_ascii_case(text.trim()))
            .ok_or_else(|| say!("“{text}” is not a severity. There are SEV1, SEV2, SEV3 and SEV4"))
    }
}
