//! A host on the way holds mail for a while: overload, or a filter.

use crate::personality::{DeliveryAnswer, HEALTHY, Personality};

/// How long mail is held, in milliseconds.
const HELD_MS: i64 = 60_000;

pub(super) const PERSONALITY: Personality = Personality {
    name: "mail-late",
    seen: "Mail arrives 60 s late, and the time is lost between the first trace field and the last.",
    delivery: |moment| {
        let held = moment.age_ms < HELD_MS;
        held.then_some(DeliveryAnswer::Deferred("450 4.3.2 Held, deliveries are throttled"))
    },
    ..HEALTHY
};
