//! The registration of the domain runs out and nobody has renewed it.

use crate::personality::{HEALTHY, Personality};

/// How long the registration is still good, in milliseconds.
const SIX_DAYS_MS: i64 = 6 * 86_400_000;

pub(super) const PERSONALITY: Personality = Personality {
    name: "domain-expiring",
    seen: "The registry (RDAP) says that the domain expires six days after the fault was switched on.",
    registered_for_ms: Some(SIX_DAYS_MS),
    ..HEALTHY
};
