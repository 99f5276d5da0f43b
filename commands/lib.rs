//! The mouth of Watchpost.

pub mod bot;
