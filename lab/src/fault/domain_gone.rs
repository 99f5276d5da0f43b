//! The registration of the domain has run out.

use crate::personality::{HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "domain-gone",
    seen: "The domain and every name in it do not exist (NXDOMAIN).",
    zones: |zones, site| {
        let (domain, below) = (site.options.domain.clone(), format!(".{}", site.options.domain));
        zones.remove(|name, _| name == domain || name.ends_with(&below));
        zones.tops.retain(|top| *top != domain && !top.ends_with(&below));
    },
    ..HEALTHY
};
