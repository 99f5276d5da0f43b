//! The only MX is written as an address, which is not a name.

use crate::personality::{HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "mx-literal",
    seen: "The only MX is the name `127.0.0.1.`, which does not exist.",
    zones: |zones, site| zones.only_mx(&site.options.domain, 10, "127.0.0.1"),
    ..HEALTHY
};
