//! The tests of the store, and what they share.

mod conformance;
mod copies;
mod damage;
mod damages;
mod faults;
mod faulty;
mod invariants;
pub(in crate::store) mod killed;
mod outside;
mod past;
mod power;
mod quota;
mod samples;
mod sequences;
