//! The names that an organisation gives to its services, audiences, destinations and responders, and Discord's ids.

use std::fmt;
use std::num::NonZeroU64;

use serde::{Deserialize, Serialize};

use super::error::Wrong;
use super::value::{FromValue, Item, as_toml};

/// Longest name, in characters: it stands in buttons, choices and titles beside other words.
const LONGEST_NAME: usize = 32;

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
    #[error("a name has 1 to {LONGEST_NAME} characters")]
    Length,
    /// Anything but small letters, digits, and hyphens inside.
    #[error("a name has only small letters, digits, and hyphens between them")]
    Letters,
}

/// A newtype for one kind of name, so that an audience is never taken for a destination.
macro_rules! name {
    ($(#[$meaning:meta])* $type:ident, $kind:literal) => {
        $(#[$meaning])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $type(String);

        impl $type {
            /// Reads a name.
            ///
            /// # Errors
            /// [`BadName`] if it has other characters than small letters, digits and hyphens, or too many.
            pub fn parse(text: &str) -> Result<Self, BadName> {
                check_name(text).map(|()| Self(text.to_owned()))
            }

            /// The name.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $type {
            type Error = BadName;

            fn try_from(text: String) -> Result<Self, BadName> {
                Self::parse(&text)
            }
        }

        impl From<$type> for String {
            fn from(name: $type) -> Self {
                name.0
            }
        }

        impl FromValue for $type {
            const KIND: &'static str = $kind;

            fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
                super::value::parsed(item, Self::KIND, Self::parse)
            }
        }
    };
}

name!(
    /// The name of a watched service, such as `main`.
    ServiceName,
    "the name of a service"
);
name!(
    /// The name of an audience: `users`, `management`, `partners` or one of the organisation's own.
    AudienceName,
    "the name of an audience"
);
name!(
    /// The name of a destination: one channel, webhook, relay or page.
    DestinationName,
    "the name of a destination"
);
name!(
    /// The name of somebody who answers for the service at night.
    ResponderName,
    "the name of a responder"
);

/// A Discord id ("snowflake"): larger than any count that could be taken for one.
fn snowflake(text: &str) -> Result<NonZeroU64, BadId> {
    // The time is in the upper 42 bits (docs: reference, "Snowflakes"), so the ids of the first day have 15 digits.
    let id: u64 = text.parse().map_err(|_| BadId)?;
    if text.len() < 15 || id > i64::MAX.unsigned_abs() {
        return Err(BadId);
    }
    NonZeroU64::new(id).ok_or(BadId)
}

/// The text is not an id of Discord.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "an id of Discord has 15 to 19 digits; in Discord turn on Settings > Advanced > Developer Mode, then right-click \
     and choose Copy ID"
)]
pub struct BadId;

/// A newtype for one kind of Discord id.
macro_rules! id {
    ($(#[$meaning:meta])* $type:ident, $kind:literal) => {
        $(#[$meaning])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $type(NonZeroU64);

        impl $type {
            /// Reads an id as Discord shows it.
            ///
            /// # Errors
            /// [`BadId`] if it does not have 15 to 19 digits.
            pub fn parse(text: &str) -> Result<Self, BadId> {
                snowflake(text).map(Self)
            }

            /// The id as a number.
            pub fn get(self) -> u64 {
                self.0.get()
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(out, "{}", self.0)
            }
        }

        impl FromValue for $type {
            const KIND: &'static str = $kind;

            fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
                let number = item.value.as_integer().filter(|number| number.radix() == 10);
                let text = match number {
                    Some(number) => number.as_str(),
                    None => item.quoted(Self::KIND)?,
                };
                Self::parse(text).map_err(|error| {
                    Wrong::new(format!("{} is not {}: {error}", as_toml(item.value), Self::KIND), "Copy it from there.")
                })
            }
        }
    };
}

id!(
    /// A guild, which people call a server.
    GuildId,
    "the id of a server (guild)"
);
id!(
    /// A channel.
    ChannelId,
    "the id of a channel"
);
id!(
    /// A role.
    RoleId,
    "the id of a role"
);
id!(
    /// A person.
    UserId,
    "the id of a person"
);

#[cfg(test)]
mod tests {
    use super::*;

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
            assert_eq!(GuildId::parse(text), Err(BadId), "{text}");
        }
    }
}
