//! Connections on which we say nothing: they show that somebody listens, which certificate he has, and whether he
//! greets.

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

/// Connects, waits for the first bytes, and closes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Listen {
    heard: bool,
}

impl Dialogue for Listen {
    fn step(&mut self) -> Step {
        if self.heard { Step::Done } else { Step::Read }
    }

    fn receive(&mut self, bytes: &[u8], _at: u64) -> Result<(), ProtocolFault> {
        // A greeting counts when its line is whole: half a banner is no banner.
        self.heard |= bytes.contains(&b'\n');
        Ok(())
    }

    fn secured(&mut self, _trusted: bool, _at: u64) {}

    fn phase(&self) -> Phase {
        Phase::Greeting
    }
}
