//! The zone of the domain cannot be loaded.

use crate::personality::{HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "dns-servfail",
    seen: "Every name of the domain answers SERVFAIL.",
    zones: |zones, site| zones.broken.push(site.options.domain.clone()),
    ..HEALTHY
};
