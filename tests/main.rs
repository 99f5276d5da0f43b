//! Stories.

mod gate_and_supervisor;
