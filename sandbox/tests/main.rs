//! The sandbox against a bare serenity bot, and rule by rule with plain requests.

#![allow(clippy::unwrap_used, missing_docs)]

mod bot;
mod story_commands;
mod story_connection;
mod story_messages;
