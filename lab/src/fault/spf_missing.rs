//! The records that say which mail is ours are gone.

use crate::dns::zone::Data;
use crate::personality::{HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "spf-missing",
    seen: "The domain has no SPF, DKIM and DMARC records.",
    zones: |zones, site| {
        let domain = site.options.domain.as_str();
        let ours =
            |name: &str| name == domain || name.starts_with("_dmarc.") || name.contains("._domainkey.");
        zones.remove(|name, data| name.ends_with(domain) && ours(name) && matches!(data, Data::Text(_)));
    },
    ..HEALTHY
};
