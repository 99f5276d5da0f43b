//! Stories.

mod commands;
mod documents;
mod running;
