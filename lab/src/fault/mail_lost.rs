//! A filter or a full quarantine swallows mail.

use crate::personality::{DeliveryAnswer, HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "mail-lost",
    seen: "Mail is accepted with 250 and arrives nowhere; the queue is empty and no bounce comes.",
    delivery: |_| Some(DeliveryAnswer::Lost),
    ..HEALTHY
};
