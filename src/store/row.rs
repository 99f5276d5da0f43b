//! An event as it is read from the store.

use serde::Deserialize;

use super::keys::Keyring;
use super::{StoreError, seal};
use crate::clock::UtcMs;
use crate::ids::{IncidentId, Seq};
use crate::incident::event::{Event, NewEvent, Origin, Recorded};
use crate::person::Actor;

/// [`Recorded`] with its fields side by side, as they stand in the JSON. Reading it through the nested form would
/// buffer every event twice, which a timeline of ten thousand of them feels.
#[derive(Deserialize)]
struct Row {
    seq: Seq,
    version: u64,
    recorded_at: UtcMs,
    incident: IncidentId,
    happened_at: UtcMs,
    actor: Actor,
    origin: Origin,
    event: Event,
}

/// Opens what is sealed in an event and reads it.
///
/// # Errors
/// [`StoreError::Damaged`] where it is no event.
pub(super) fn read(json: Vec<u8>, keys: &Keyring) -> Result<Recorded, StoreError> {
    let row: Row = serde_json::from_slice(&seal::open(json, keys))
        .map_err(|error| StoreError::Damaged(format!("an event cannot be read: {error}")))?;
    let Row { seq, version, recorded_at, incident, happened_at, actor, origin, event } = row;
    let new = NewEvent { incident, happened_at, actor, origin, event };
    Ok(Recorded { seq, version, recorded_at, new })
}
