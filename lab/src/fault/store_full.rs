//! The disk of the mail store is full; the queue has room.

use crate::personality::{DeliveryAnswer, HEALTHY, ImapAnswer, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "store-full",
    seen: "Mail is accepted and stays in the queue (452 4.3.1 at delivery); IMAP APPEND and STORE answer NO.",
    imap: |moment| {
        let writes = matches!(moment.command, "APPEND" | "COPY" | "MOVE" | "STORE");
        writes.then_some(ImapAnswer::No("[SERVERBUG] Not enough disk space"))
    },
    delivery: |_| Some(DeliveryAnswer::Deferred("452 4.3.1 Mail store: no space left on device")),
    ..HEALTHY
};
