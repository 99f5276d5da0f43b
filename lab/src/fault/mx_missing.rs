//! The MX records are gone.

use crate::dns::zone::Data;
use crate::personality::{HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "mx-missing",
    seen: "The domain has no MX record and no address (NOERROR, empty).",
    zones: |zones, site| {
        zones.remove(|name, data| name == site.options.domain && matches!(data, Data::Mx(..)));
    },
    ..HEALTHY
};
