//! Our address is on a blocklist, and other organisations ask it.

use std::net::{IpAddr, Ipv4Addr};

use crate::dns::zone::{Data, blocklist_name, listed_name};
use crate::personality::{HEALTHY, Personality};

/// What a list answers for an address that it lists (RFC 5782 §2.1).
const LISTED: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

/// RFC 5782 §5: no list may list this one; by it a list is known to be broken.
const NEVER_LISTED: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

pub(super) const PERSONALITY: Personality = Personality {
    name: "dnsbl",
    aliases: &["blocklisted"],
    seen: "The lab's blocklist lists the addresses of the mail host and the one that mail leaves from; mail to the other organisation bounces with 554 5.7.1.",
    zones: |zones, site| {
        let list = blocklist_name(site);
        let ours = site.options.addresses.iter().copied().chain([site.options.outbound]);
        for address in ours.filter(|address| *address != NEVER_LISTED) {
            let name = listed_name(address, &list);
            zones.add(name.clone(), Data::Address(LISTED));
            zones.add(name, Data::Text("Listed by the lab".to_owned()));
        }
    },
    outbound: |moment| {
        moment.leaves().then_some("554 5.7.1 Service unavailable; Client host blocked using a blocklist")
    },
    ..HEALTHY
};
