//! The host has an IPv6 address in DNS at which SMTP does not answer.

use std::net::{IpAddr, Ipv6Addr};

use crate::dns::zone::Data;
use crate::options::Host;
use crate::personality::{HEALTHY, Listening, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "ipv6-broken",
    seen: "mail has an AAAA record, and SMTP refuses connections at it; IPv4 works.",
    listening: |at| (at.address.is_ipv6() && at.service.is_smtp()).then_some(Listening::Closed),
    zones: |zones, site| {
        let mail = site.host_name(Host::Mail);
        let six =
            |(name, data): &(String, Data)| *name == mail && matches!(data, Data::Address(IpAddr::V6(_)));
        if !zones.records.iter().any(six) {
            zones.add(mail, Data::Address(IpAddr::V6(Ipv6Addr::LOCALHOST)));
        }
    },
    ..HEALTHY
};
