//! What users tell, and what their reports have in common.
//!
//! 1. Somebody reports: at most a symptom, a program and a free text.
//! 2. The report joins the open incident of its service, or waits in the watch until there is one.
//! 3. [`common`] says what the reports of the last while have in common, [`groups`] tells several groups apart: the first
//!    clue to the extent.
//! 4. Enough of them in a short time propose an incident ([`Threshold`]).
//!
//! Who reported and what they wrote are personal: they can be forgotten, the count stays.

pub mod common;
pub mod groups;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use watchpost_texts::say;

use crate::clock::UtcMs;
use crate::ids::ServiceName;
use crate::person::{Person, Personal};

/// One report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Who.
    pub by: Person,
    /// When.
    pub at: UtcMs,
    /// What does not work.
    pub symptom: Symptom,
    /// With which program.
    #[serde(default)]
    pub client: Option<Client>,
    /// Where: a site or office, in the reporter's word.
    #[serde(default)]
    pub site: Option<String>,
    /// The domain of the partner that the text names: to whom, or from whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// The service, where one is known.
    #[serde(default)]
    pub service: Option<ServiceName>,
    /// What they wrote, addresses masked.
    #[serde(default)]
    pub text: Option<Personal>,
    /// For how many people a help desk speaks.
    #[serde(default = "one")]
    pub people: u32,
}

fn one() -> u32 {
    1
}

/// How many reports in how short a time propose an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Threshold {
    /// People.
    pub people: u32,
    /// Within this time.
    pub within: Duration,
}

impl Default for Threshold {
    /// Five people within an hour; inside the range that status bots use (1 to 100 in 5 to 1,440 minutes).
    fn default() -> Self {
        Threshold { people: 5, within: Duration::from_secs(3_600) }
    }
}

/// How long a report waits for others at most.
pub const KEPT: Duration = Duration::from_secs(24 * 3_600);

/// How soon the same person may report the same trouble again.
pub const PAUSE: Duration = Duration::from_secs(300);

/// The partner that a report names: the domain of the first address in its text that is not one of ours.
pub fn partner(text: &str, ours: &[String]) -> Option<String> {
    const LONGEST: usize = 100;
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    let domains = text.split('@').skip(1).map(|after| {
        let end = after.find(|c: char| !is_part(c)).unwrap_or(after.len());
        after[..end].trim_matches(['.', '-']).to_lowercase()
    });
    let own = |domain: &str| {
        ours.iter()
            .any(|own| domain == own || domain.strip_suffix(own.as_str()).is_some_and(|d| d.ends_with('.')))
    };
    domains
        .filter(|domain| domain.contains('.') && domain.len() <= LONGEST)
        .find(|domain| !own(domain) && domain.chars().any(char::is_alphabetic))
}

/// When the same person may report the same again, where they did so a moment ago.
pub fn repeats(earlier: &[Report], report: &Report, now: UtcMs) -> Option<UtcMs> {
    let same = |earlier: &&Report| {
        earlier.by.id == report.by.id && earlier.symptom == report.symptom && earlier.people == report.people
    };
    // Reports come in order: what is older than the pause ends the look back.
    let recent = earlier.iter().rev().take_while(|earlier| now.since(earlier.at) < PAUSE);
    let found = recent.into_iter().find(same);
    found.map(|earlier| earlier.at + PAUSE).filter(|possible| *possible > now)
}

macro_rules! choices {
    ($(#[$doc:meta])* $name:ident { $($(#[$case_doc:meta])* $case:ident = $key:literal, $label:expr;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$case_doc])* $case,)* }

        impl $name {
            /// All of them, in the order in which they are offered.
            pub const ALL: &'static [$name] = &[$($name::$case,)*];

            /// The key of the choice.
            pub fn key(self) -> &'static str {
                match self { $($name::$case => $key,)* }
            }

            /// What people choose.
            pub fn label(self) -> &'static str {
                match self { $($name::$case => $label,)* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.label())
            }
        }

        impl FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                let text = text.trim();
                $name::ALL
                    .iter()
                    .find(|choice| choice.key() == text || choice.label().eq_ignore_ascii_case(text))
                    .copied()
                    .ok_or_else(|| {
                        let known: Vec<&str> = $name::ALL.iter().map(|choice| choice.label()).collect();
                        say!("“{text}” is not one of the choices: {}", known.join(", "))
                    })
            }
        }
    };
}

choices! {
    /// What does not work.
    Symptom {
        /// Mail does not leave.
        CannotSend = "cannot_send", say!("cannot send");
        /// Mail does not come.
        CannotReceive = "cannot_receive", say!("cannot receive");
        /// Mail comes late.
        Delayed = "delayed", say!("delayed");
        /// The login is refused.
        CannotLogIn = "cannot_log_in", say!("cannot log in");
        /// Mail comes back.
        Bounced = "bounced", say!("came back with an error");
        /// Anything else.
        Else = "else", say!("something else");
    }
}

choices! {
    /// The program in which it does not work.
    Client {
        /// The mail program of a telephone.
        Phone = "phone", say!("phone");
        /// A program on a computer.
        Desktop = "desktop", say!("mail program");
        /// The browser.
        Webmail = "webmail", say!("webmail");
        /// Something that sends by itself: a printer, a shop, a ticket system.
        Device = "device", say!("device or application");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_partner_is_the_first_domain_that_is_not_ours() {
        let ours = ["example.org".to_owned()];
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(partner(text, &ours).as_deref(), expected, "{text}");
        };
        check("<a…@example.org> to <b…@Partner.Example>: 550 no", Some("partner.example"));
        check("from ana@mail.example.org", None);
        check("to bob@notexample.org.", Some("notexample.org"));
        check("bob@localhost, @, @@, bob@1.2.3.4", None);
        check("it does not work", None);
    }
}
