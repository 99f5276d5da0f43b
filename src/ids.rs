//! What things are called: small types, so that a channel is never taken for a person.
//!
//! Numbers of the chat are kept as they come (64 bits) and written as strings, because readers of JSON
//! in JavaScript round above 2^53.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use watchpost_texts::say;

/// Longest name, in characters: it stands in buttons, choices and titles beside other words.
const LONGEST_NAME: usize = 32;

/// Number of an incident: one series per installation, never used again. Shown as `INC-42`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IncidentId(pub u64);

impl fmt::Display for IncidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "INC-{}", self.0)
    }
}

/// The text is not the number of an incident.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", say!("“{0}” is not the number of an incident. It looks like INC-42", _0))]
pub struct NotAnIncident(pub String);

impl FromStr for IncidentId {
    type Err = NotAnIncident;
    /// Takes `INC-42`, `inc-42` and `42`.
    fn from_str(text: &str) -> Result<Self, NotAnIncident> {
        let trimmed = text.trim();
        let digits = trimmed
            .get(..4)
            .filter(|head| head.eq_ignore_ascii_case("inc-"))
            .map_or(trimmed, |_| &trimmed[4..]);
        digits.parse().map(IncidentId).map_err(|_| NotAnIncident(trimmed.chars().take(40).collect()))
    }
}

/// Place of an event in the one order of all events: the committer counts, starting at 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seq(pub u64);

macro_rules! chat_number {
    ($(#[$doc:meta] $name:ident)*) => {$(
        #[$doc]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub u64);

        impl $name {
            /// Reads a number as the chat shows it.
            ///
            /// # Errors
            /// [`BadNumber`] if it does not have 15 to 19 digits.
            pub fn parse(text: &str) -> Result<Self, BadNumber> {
                snowflake(text).map($name)
            }

            /// The number.
            pub fn get(self) -> u64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map($name).map_err(serde::de::Error::custom)
            }
        }
    )*};
}

chat_number! {
    /// A server of the chat; the unit of tenancy.
    GuildId
    /// A channel, a thread or a post: anything that messages stand in.
    PlaceId
    /// A message of the chat.
    MessageId
    /// A person in the chat.
    PersonId
    /// A role in the chat.
    RoleId
}

/// A number of Discord ("snowflake"): larger than any count that could be taken for one.
fn snowflake(text: &str) -> Result<u64, BadNumber> {
    // The time is in the upper 42 bits (docs: reference, "Snowflakes"), so the numbers of the first day have 15 digits.
    let number: u64 = text.parse().map_err(|_| BadNumber)?;
    if text.len() < 15 || number > i64::MAX.unsigned_abs() { Err(BadNumber) } else { Ok(number) }
}

/// The text is not a number of Discord.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "{}", say!("an id of Discord has 15 to 19 digits; in Discord turn on Settings > Advanced > Developer Mode, then right-click \
     and choose Copy ID"))]
pub struct BadNumber;

macro_rules! configured_name {
    ($(#[$doc:meta] $name:ident)*) => {$(
        #[$doc]
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// Reads a name.
            ///
            /// # Errors
            /// [`BadName`] if it has other characters than small letters, digits and hyphens, or too many.
            pub fn parse(text: &str) -> Result<Self, BadName> {
                check_name(text).map(|()| $name(text.to_owned()))
            }

            /// The name as it stands in the configuration.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(name: &str) -> Self {
                $name(name.to_owned())
            }
        }
    )*};
}

configured_name! {
    /// A mail service that is watched: `[service.<name>]`.
    ServiceName
    /// A group of people who are told: `[audience.<name>]`.
    AudienceName
    /// One channel, webhook, mailbox or page that an audience reads: `[destination.<name>]`.
    DestinationName
    /// Somebody who answers for the mail at night: `[responder.<name>]`.
    ResponderName
}

/// Whether a text can be a name: small letters, digits and hyphens, so that it is safe in ids, paths and commands.
fn check_name(text: &str) -> Result<(), BadName> {
    let allowed = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    if text.is_empty() || text.len() > LONGEST_NAME {
        Err(BadName::Length)
    } else if !text.chars().all(allowed) || text.starts_with('-') || text.ends_with('-') {
        Err(BadName::Letters)
    } else {
        Ok(())
    }
}

/// Why a text is not a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// Nothing, or too much.
    #[error("{}", say!("a name has 1 to {LONGEST_NAME} characters"))]
    Length,
    /// Anything but small letters, digits, and hyphens inside.
    #[error("{}", say!("a name has only small letters, digits, and hyphens between them"))]
    Letters,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_incident_is_known_by_its_number_in_every_spelling() {
        for text in ["INC-42", "inc-42", " 42 "] {
            assert_eq!(text.parse(), Ok(IncidentId(42)), "{text}");
        }
        for text in ["", "INC-", "INC-4x", "ÄÖÜ-1", "-1"] {
            assert!(text.parse::<IncidentId>().is_err(), "{text}");
        }
    }

    #[test]
    fn numbers_of_the_chat_are_strings_in_json() {
        let id = PlaceId(u64::MAX);
        let json = serde_json::to_string(&id).expect("a string");
        assert_eq!(json, "\"18446744073709551615\"");
        assert_eq!(serde_json::from_str::<PlaceId>(&json).expect("a number"), id);
    }

    #[track_caller]
    fn check(text: &str, expected: Result<&str, BadName>) {
        assert_eq!(ServiceName::parse(text).as_ref().map(ServiceName::as_str), expected.as_ref().copied());
    }

    #[test]
    fn names_and_what_is_none() {
        check("main", Ok("main"));
        check("site-2", Ok("site-2"));
        check("", Err(BadName::Length));
        check(&"a".repeat(33), Err(BadName::Length));
        check("Main", Err(BadName::Letters));
        check("a b", Err(BadName::Letters));
        check("-a", Err(BadName::Letters));
        check("../x", Err(BadName::Letters));
    }

    #[test]
    fn ids_and_what_is_none() {
        assert_eq!(GuildId::parse("175928847299117063").map(GuildId::get), Ok(175_928_847_299_117_063));
        for text in ["", "0", "42", "12345678901234", "1759288472991170630000", "-175928847299117063", "x"] {
            assert_eq!(GuildId::parse(text), Err(BadNumber), "{text}");
        }
    }
}
