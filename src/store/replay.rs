//! The state, from the snapshot of a file and the commits after it.

use super::StoreError;
use super::keys::{Keyring, Sealed};
use super::line::{Ledger, LineNumber, Snapshot, Stored};
use super::segment::Visitor;
use super::state::State;

/// What a file makes of the state.
pub(super) struct Replayed {
    /// The keys, as they are now.
    pub keys: Keyring,
    /// Everything that changes.
    pub state: State,
    /// Keys that were given and destroyed.
    pub ledger: Ledger,
    /// Commits since the snapshot.
    pub commits: u64,
}

impl Replayed {
    /// Nothing yet.
    pub fn new(keys: Keyring) -> Self {
        Replayed { keys, state: State::default(), ledger: Ledger::default(), commits: 0 }
    }

    fn opened<T: serde::de::DeserializeOwned>(
        &self,
        sealed: &Sealed,
        number: LineNumber,
    ) -> Result<T, StoreError> {
        let damaged = |what: &str| StoreError::Damaged(format!("sequence {number} of the journal {what}"));
        let plain = self
            .keys
            .open(sealed)
            .ok_or_else(|| damaged(&format!("is sealed under key {}, which is missing", sealed.key)))?;
        serde_json::from_slice(&plain).map_err(|error| damaged(&format!("cannot be read: {error}")))
    }
}

impl Visitor for Replayed {
    fn snapshot(&mut self, snapshot: &Snapshot, base: LineNumber) -> Result<(), StoreError> {
        self.state = self.opened(&snapshot.state, base)?;
        self.ledger = snapshot.ledger.clone();
        Ok(())
    }

    fn commit(&mut self, number: LineNumber, mut stored: Stored) -> Result<(), StoreError> {
        if let Some(sealed) = &stored.outgoing {
            stored.change.outgoing = self.opened(sealed, number)?;
        }
        self.state.apply(&stored.change);
        self.ledger.apply(&stored);
        self.commits += 1;
        Ok(())
    }
}
