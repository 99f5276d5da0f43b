//! The only MX names a host that does not exist: a misspelling, or a removed host.

use crate::personality::{HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "mx-nxdomain",
    seen: "The only MX is `gone.<domain>`, which does not exist.",
    zones: |zones, site| {
        zones.only_mx(&site.options.domain, 10, &format!("gone.{}", site.options.domain));
    },
    ..HEALTHY
};
