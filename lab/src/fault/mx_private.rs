//! The only MX has an address that the world cannot reach: an inside name has leaked out.

use std::net::{IpAddr, Ipv4Addr};

use crate::dns::zone::Data;
use crate::personality::{HEALTHY, Personality};

/// From the range for private networks (RFC 1918).
const PRIVATE: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 25));

pub(super) const PERSONALITY: Personality = Personality {
    name: "mx-private",
    seen: "The only MX is `inside.<domain>` with the private address 10.0.0.25.",
    zones: |zones, site| {
        let inside = format!("inside.{}", site.options.domain);
        zones.only_mx(&site.options.domain, 10, &inside);
        zones.add(inside, Data::Address(PRIVATE));
    },
    ..HEALTHY
};
