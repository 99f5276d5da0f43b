//! Mail that was accepted and not yet handed on.

use std::sync::Arc;

use crate::options::Host;

/// How many mails the queue holds before the server says that it has no room.
const MOST_PARCELS: usize = 10_000;
/// How much the queue holds, in bytes.
const MOST_BYTES: usize = 256 * 1024 * 1024;

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

impl Recipient {
    /// The parameter of RCPT TO that asks the next host for the same notices (RFC 3461 §5.2.1).
    pub(crate) fn notify(&self) -> &'static str {
        match (self.notify_failure, self.notify_delay) {
            (true, true) => " NOTIFY=FAILURE,DELAY",
            (true, false) => " NOTIFY=FAILURE",
            (false, true) => " NOTIFY=DELAY",
            (false, false) => " NOTIFY=NEVER",
        }
    }
}

/// The queue, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    parcels: Vec<Parcel>,
    /// How often everything was made due at once.
    flushes: u64,
}

/// What is due, and the state of the queue that it was taken from.
#[derive(Debug)]
pub(crate) struct Due {
    pub(crate) parcels: Vec<Parcel>,
    flushes: u64,
}

impl Queue {
    pub(crate) fn add(&mut self, parcel: Parcel) {
        self.parcels.push(parcel);
    }

    pub(crate) fn len(&self) -> usize {
        self.parcels.len()
    }

    pub(crate) fn is_full(&self) -> bool {
        let bytes: usize = self.parcels.iter().map(|parcel| parcel.raw.len()).sum();
        self.parcels.len() >= MOST_PARCELS || bytes >= MOST_BYTES
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Parcel> {
        self.parcels.iter()
    }

    /// What is due at `now_ms`. It stays in the queue until [`Queue::settle`].
    pub(crate) fn due(&self, now_ms: i64) -> Due {
        let parcels =
            self.parcels.iter().filter(|parcel| parcel.next_attempt_ms <= now_ms).cloned().collect();
        Due { parcels, flushes: self.flushes }
    }

    /// Puts `left` in the place of the parcel after an attempt, or removes it when nothing is left to do. When the
    /// queue was flushed since it was taken out of `due`, the attempt came too early and is repeated at once.
    pub(crate) fn settle(&mut self, id: &str, left: Option<Parcel>, due: &Due) {
        let Some(at) = self.parcels.iter().position(|parcel| parcel.id == id) else {
            return;
        };
        match left {
            Some(mut parcel) => {
                if due.flushes != self.flushes {
                    parcel.next_attempt_ms = i64::MIN;
                }
                self.parcels[at] = parcel;
            }
            None => drop(self.parcels.remove(at)),
        }
    }

    /// Makes everything due at once, as `postqueue -f` does.
    pub(crate) fn flush(&mut self) {
        self.flushes += 1;
        for parcel in &mut self.parcels {
            parcel.next_attempt_ms = i64::MIN;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parcel(id: &str, next_attempt_ms: i64) -> Parcel {
        Parcel {
            id: id.to_owned(),
            held_by: Host::Mail,
            sender: String::new(),
            envelope_id: None,
            recipients: Vec::new(),
            raw: Arc::from(*b""),
            queued_ms: 0,
            attempts: 0,
            next_attempt_ms,
            reason: None,
            delay_told: false,
        }
    }

    fn ids(queue: &Queue, now_ms: i64) -> Vec<String> {
        queue.due(now_ms).parcels.into_iter().map(|parcel| parcel.id).collect()
    }

    #[test]
    fn mail_is_due_at_its_time_and_leaves_when_it_is_done() {
        let mut queue = Queue::default();
        queue.add(parcel("A", 10));
        queue.add(parcel("B", 20));
        assert_eq!(ids(&queue, 10), ["A"]);
        let due = queue.due(10);
        queue.settle("A", None, &due);
        assert_eq!((queue.len(), ids(&queue, 20)), (1, vec!["B".to_owned()]));
    }

    #[test]
    fn a_flush_during_an_attempt_is_not_forgotten() {
        let mut queue = Queue::default();
        queue.add(parcel("A", 10));
        let due = queue.due(10);
        queue.flush();
        queue.settle("A", Some(parcel("A", 5_000)), &due);
        assert_eq!(ids(&queue, 10), ["A"]);
        let due = queue.due(10);
        queue.settle("A", Some(parcel("A", 5_000)), &due);
        assert_eq!(ids(&queue, 10), Vec::<String>::new());
    }
}
