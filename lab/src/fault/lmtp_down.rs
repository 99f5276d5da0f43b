//! The last step, from the queue into the mailbox, is down; everything else works.

use crate::personality::{DeliveryAnswer, HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "lmtp-down",
    seen: "Mail is accepted and stays in the queue: the mailbox server refuses the connection.",
    delivery: |_| Some(DeliveryAnswer::Deferred("450 4.4.1 Mailbox server refuses the connection")),
    ..HEALTHY
};
