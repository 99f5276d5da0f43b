//! The only MX is an alias, which RFC 2181 §10.3 forbids and some senders refuse.

use crate::dns::zone::Data;
use crate::options::Host;
use crate::personality::{HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "mx-cname",
    seen: "The only MX is `alias.<domain>`, a CNAME of the mail host.",
    zones: |zones, site| {
        let alias = format!("alias.{}", site.options.domain);
        zones.only_mx(&site.options.domain, 10, &alias);
        zones.add(alias, Data::Alias(site.host_name(Host::Mail)));
    },
    ..HEALTHY
};
