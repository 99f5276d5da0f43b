//! The bot: what stands between the mind and Discord.

pub mod away;
pub mod buttons;
pub mod delivery;
pub mod doctor;
pub mod fetch;
pub mod forms;
pub mod framework;
pub mod gate;
pub mod life;
pub mod permissions;
pub mod prover;
pub mod rendering;
pub mod supervisor;
