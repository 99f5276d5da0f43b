//! What Watchpost knows and decides about e-mail outages. No chat crate among its dependencies.

pub mod cause;
pub mod check;
pub mod clock;
pub mod ids;
pub mod incident;
pub mod outbox;
pub mod person;
pub mod store;
