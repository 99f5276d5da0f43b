//! The domain says that it takes no mail (RFC 7505).

use crate::personality::{HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "null-mx",
    seen: "The only MX is the null MX, `0 .`.",
    zones: |zones, site| zones.only_mx(&site.options.domain, 0, "."),
    ..HEALTHY
};
