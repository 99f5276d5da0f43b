//! What Watchpost knows and decides.

pub mod cause;
pub mod check;
pub mod diagnose;
pub mod protocol;
pub mod resolve;
pub mod service;
pub mod transport;
