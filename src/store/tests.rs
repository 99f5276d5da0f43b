//! The tests of the store, and what they share.

mod conformance;
mod damage;
mod faults;
mod faulty;
mod invariants;
mod samples;
