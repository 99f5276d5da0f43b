//! Somebody added an SPF record in the place of changing the one there was.

use crate::dns::zone::Data;
use crate::personality::{HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "spf-broken",
    seen: "The domain has two SPF records, which is a permanent error (RFC 7208 §4.5).",
    zones: |zones, site| {
        zones.add(site.options.domain.clone(), Data::Text("v=spf1 a -all".to_owned()));
    },
    ..HEALTHY
};
