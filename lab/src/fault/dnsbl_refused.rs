//! The blocklist does not serve the resolver that asks: its answers say so and mean nothing else.

use std::net::{IpAddr, Ipv4Addr};

use crate::dns::zone::{Data, blocklist_name};
use crate::personality::{HEALTHY, Personality};

/// "You ask through a public resolver", as the large lists say it.
const REFUSED: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 255, 255, 254));

pub(super) const PERSONALITY: Personality = Personality {
    name: "dnsbl-refused",
    seen: "The lab's blocklist answers 127.255.255.254 for every address, its own test entries included.",
    zones: |zones, site| {
        let list = blocklist_name(site);
        zones.remove(|name, _| name.ends_with(&format!(".{list}")));
        zones.add(format!("*.{list}"), Data::Address(REFUSED));
    },
    ..HEALTHY
};
