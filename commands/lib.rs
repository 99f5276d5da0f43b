//! The mouth of Watchpost.

pub mod bot;
pub mod cli;
