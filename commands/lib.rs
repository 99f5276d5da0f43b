//! The mouth of Watchpost.

pub mod cli;
