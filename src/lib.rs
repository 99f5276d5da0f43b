//! What Watchpost knows and decides.

pub mod cause;
