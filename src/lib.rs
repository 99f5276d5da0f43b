//! What Watchpost knows and decides.

pub mod config;
pub mod service;
