//! The sandbox against a bare serenity bot, and rule by rule with plain requests.

#![allow(clippy::unwrap_used, missing_docs)]

mod bot;
mod page;
mod raw;
mod rules_commands;
mod rules_gateway;
mod rules_interactions;
mod rules_limits;
mod rules_messages;
mod rules_places;
mod story_commands;
mod story_connection;
mod story_messages;
