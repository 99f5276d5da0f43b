//! The bot: what stands between the mind and Discord.

pub mod rendering;
