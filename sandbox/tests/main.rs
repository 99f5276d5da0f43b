//! The sandbox against a bare serenity bot, and rule by rule with plain requests.

// Tables of rules are long and read line by line.
#![allow(clippy::unwrap_used, clippy::too_many_lines, missing_docs)]

mod bot;
mod load;
mod page;
mod raw;
mod rules_calendar;
mod rules_commands;
mod rules_components;
mod rules_gateway;
mod rules_interactions;
mod rules_limits;
mod rules_messages;
mod rules_places;
mod story_commands;
mod story_connection;
mod story_messages;
mod story_poise;
