//! What things are called: small types, so that a channel is never taken for a person.
//!
//! Numbers of the chat are kept as they come (64 bits) and written as strings, because readers of JSON
//! in JavaScript round above 2^53.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

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
#[error("“{0}” is not the number of an incident. It looks like INC-42")]
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

macro_rules! configured_name {
    ($(#[$doc:meta] $name:ident)*) => {$(
        #[$doc]
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
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
}
