//! Stories.

mod bad_input;
mod commands;
mod declare_to_review;
mod documents;
mod gate_and_supervisor;
mod night;
mod running;
