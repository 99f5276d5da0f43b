//! What Watchpost knows and decides.

pub mod protocol;
pub mod service;
