//! The addresses of the mail host have no name.

use crate::dns::zone::Data;
use crate::options::Host;
use crate::personality::{HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "ptr-missing",
    seen: "There is no PTR record for any address of the mail host.",
    zones: |zones, site| zones.remove(|_, data| *data == Data::Pointer(site.host_name(Host::Mail))),
    ..HEALTHY
};
