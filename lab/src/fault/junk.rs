//! The filter takes everything for spam.

use crate::personality::{DeliveryAnswer, HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "junk",
    seen: "Mail arrives in Junk in place of the inbox.",
    delivery: |_| Some(DeliveryAnswer::Folder("Junk")),
    ..HEALTHY
};
