//! The bot: what stands between the mind and Discord.

pub mod gate;
pub mod supervisor;
