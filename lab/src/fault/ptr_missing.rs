//! The addresses of the domain's hosts have no names.

use crate::dns::zone::Data;
use crate::personality::{HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "ptr-missing",
    seen: "There is no PTR record for any address of the domain's hosts, nor for the one that mail leaves from.",
    zones: |zones, site| {
        let domain = site.options.domain.as_str();
        zones.remove(|_, data| matches!(data, Data::Pointer(host) if host.ends_with(domain)));
    },
    ..HEALTHY
};
