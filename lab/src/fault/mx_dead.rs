//! The only MX is a host that no longer runs.

use std::net::{IpAddr, Ipv4Addr};

use crate::dns::zone::Data;
use crate::personality::{HEALTHY, Personality};

/// A loopback address at which no lab listens.
const NOBODY_THERE: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 24));

pub(super) const PERSONALITY: Personality = Personality {
    name: "mx-dead",
    seen: "The only MX is `dead.<domain>`, where nothing listens.",
    zones: |zones, site| {
        let dead = format!("dead.{}", site.options.domain);
        zones.only_mx(&site.options.domain, 10, &dead);
        zones.add(dead, Data::Address(NOBODY_THERE));
    },
    ..HEALTHY
};
