//! What Discord accepts: limits, and the shape of messages, embeds, components, modals and commands.

pub(crate) mod command;
pub(crate) mod components;
pub(crate) mod embed;
pub(crate) mod fields;
pub mod limits;
pub(crate) mod message;
pub(crate) mod modal;
