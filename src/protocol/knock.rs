//! A connection on which nothing is said: it shows that somebody listens, and which certificate he has.

use super::{Dialogue, Phase, ProtocolFault, Step};

/// Connects, begins TLS where the port wants it, and closes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Knock;

impl Dialogue for Knock {
    fn step(&mut self) -> Step {
        Step::Done
    }

    fn receive(&mut self, _bytes: &[u8], _at: u64) -> Result<(), ProtocolFault> {
        Ok(())
    }

    fn secured(&mut self, _trusted: bool, _at: u64) {}

    fn phase(&self) -> Phase {
        Phase::Quit
    }
}
