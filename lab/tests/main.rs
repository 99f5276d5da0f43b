//! The lab met from outside, through plain sockets.

mod client;
mod delivery;
mod faults;
mod layout;
mod names;
mod personalities;
mod time;
