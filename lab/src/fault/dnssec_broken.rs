//! The signatures of the zone have expired, so that validating resolvers refuse it.

use crate::personality::{HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "dnssec-broken",
    seen: "Every name of the domain answers SERVFAIL, and is answered when checking is disabled (the CD bit).",
    zones: |zones, site| zones.bogus.push(site.options.domain.clone()),
    ..HEALTHY
};
