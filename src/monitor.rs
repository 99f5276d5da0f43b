//! Watching: scheduled checks become confirmed changes of state, and those become events.

pub mod confirm;
