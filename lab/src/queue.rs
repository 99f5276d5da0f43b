//! Mail that was accepted and not yet handed on.

use std::sync::Arc;

use crate::options::Host;

/// How many mails the queue holds before the server says that it has no room.
pub(crate) const MOST_PARCELS: usize = 10_000;

/// One mail on its way: what RFC 5321 calls the mail object, with what is known about its delivery.
#[derive(Clone, Debug)]
pub(crate) struct Parcel {
    pub(crate) id: String,
    /// Which host holds it.
    pub(crate) held_by: Host,
    /// The sender for bounces; empty for a bounce itself (RFC 5321 §4.5.5).
    pub(crate) sender: String,
    /// The sender's own mark for bounces (RFC 3461 §4.4).
    pub(crate) envelope_id: Option<String>,
    pub(crate) recipients: Vec<Recipient>,
    pub(crate) raw: Arc<[u8]>,
    pub(crate) queued_ms: i64,
    pub(crate) attempts: u32,
    pub(crate) next_attempt_ms: i64,
    /// Why it is still here, in the words of the last reply.
    pub(crate) reason: Option<String>,
    /// Whether the sender was told that it is late.
    pub(crate) delay_told: bool,
}

/// One recipient of a mail, with what the sender wants to hear about it (RFC 3461 §4.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Recipient {
    pub(crate) address: String,
    pub(crate) notify_failure: bool,
    pub(crate) notify_delay: bool,
}

/// The queue, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    parcels: Vec<Parcel>,
}

impl Queue {
    pub(crate) fn add(&mut self, parcel: Parcel) {
        self.parcels.push(parcel);
    }

    pub(crate) fn len(&self) -> usize {
        self.parcels.len()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.parcels.len() >= MOST_PARCELS
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Parcel> {
        self.parcels.iter()
    }

    /// What is due at `now_ms`. It stays in the queue until [`Queue::settle`].
    pub(crate) fn due(&self, now_ms: i64) -> Vec<Parcel> {
        self.parcels.iter().filter(|parcel| parcel.next_attempt_ms <= now_ms).cloned().collect()
    }

    /// Puts `left` in the place of the parcel after an attempt, or removes it when nothing is left to do.
    pub(crate) fn settle(&mut self, id: &str, left: Option<Parcel>) {
        let Some(at) = self.parcels.iter().position(|parcel| parcel.id == id) else {
            return;
        };
        match left {
            Some(parcel) => self.parcels[at] = parcel,
            None => drop(self.parcels.remove(at)),
        }
    }

    /// Makes everything due at once, as `postqueue -f` does.
    pub(crate) fn flush(&mut self) {
        for parcel in &mut self.parcels {
            parcel.next_attempt_ms = i64::MIN;
        }
    }
}
