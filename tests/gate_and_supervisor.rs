//! Discord at its worst, and what the gate and the supervisor make of it: a real serenity client against the sandbox.

mod connection;
mod night;
mod requests;
mod secrets;
