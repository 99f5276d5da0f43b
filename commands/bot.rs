//! The bot: what stands between the mind and Discord.

pub mod delivery;
pub mod gate;
pub mod rendering;
