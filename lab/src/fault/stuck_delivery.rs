//! Mail is taken and goes no further: the queue's last step is suspended.

use crate::personality::{DeliveryAnswer, HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "stuck-delivery",
    aliases: &["stuck-queue"],
    seen: "Mail is accepted with 250, then stays in the queue; nothing reaches a mailbox and nobody is told.",
    delivery: |_| Some(DeliveryAnswer::Deferred("450 4.3.2 Delivery is suspended")),
    ..HEALTHY
};
