//! How the names and numbers of [`crate::ids`] are read from the file.

use super::error::Wrong;
use super::value::{FromValue, Item, as_toml, parsed};
pub use crate::ids::{
    AudienceName, DestinationName, GuildId, PersonId, PlaceId, ResponderName, RoleId, ServiceName,
};

macro_rules! name {
    ($type:ident, $kind:literal) => {
        impl FromValue for $type {
            const KIND: &'static str = $kind;

            fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
                parsed(item, Self::KIND, Self::parse)
            }
        }
    };
}

name!(ServiceName, "the name of a service");
name!(AudienceName, "the name of an audience");
name!(DestinationName, "the name of a destination");
name!(ResponderName, "the name of a responder");

macro_rules! number {
    ($type:ident, $kind:literal) => {
        impl FromValue for $type {
            const KIND: &'static str = $kind;

            fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
                let number = item.value.as_integer().filter(|number| number.radix() == 10);
                let text = match number {
                    Some(number) => number.as_str(),
                    None => item.quoted(Self::KIND)?,
                };
                Self::parse(text).map_err(|error| {
                    Wrong::new(
                        format!("{} is not {}: {error}", as_toml(item.value), Self::KIND),
                        "Copy it from there.",
                    )
                })
            }
        }
    };
}

number!(GuildId, "the id of a server (guild)");
number!(PlaceId, "the id of a channel");
number!(RoleId, "the id of a role");
number!(PersonId, "the id of a person");
