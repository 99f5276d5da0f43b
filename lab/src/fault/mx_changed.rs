//! Somebody has changed the MX records: a mistake, a move, or a hijack.

use crate::options::Host;
use crate::personality::{HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "mx-changed",
    seen: "The only MX is the host of the other organisation.",
    zones: |zones, site| {
        zones.only_mx(&site.options.domain, 10, &site.host_name(Host::Outside));
    },
    ..HEALTHY
};
