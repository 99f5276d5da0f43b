//! The MX records are gone.

use crate::dns::zone::Data;
use crate::personality::{HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "mx-missing",
    seen: "The domain has no MX record (NOERROR, empty); its own address is that of the mail host.",
    zones: |zones, site| {
        zones.remove(|name, data| name == site.options.domain && matches!(data, Data::Mx(..)));
    },
    ..HEALTHY
};
