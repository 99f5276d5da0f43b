//! Discord at its worst, and what the gate and the supervisor make of it: a real serenity client against the sandbox.

#![allow(clippy::unwrap_used, reason = "clippy.toml allows it inside a test, not in what a test calls")]

mod connection;
mod night;
mod requests;
mod secrets;
