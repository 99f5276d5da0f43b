//! Other organisations refuse our mail: SPF, DKIM or DMARC fails, or the address has no name.

use crate::personality::{HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "outbound-rejected",
    seen: "Mail to other domains bounces with 550 5.7.26, unauthenticated mail.",
    outbound: |moment| {
        moment.leaves().then_some("550 5.7.26 Unauthenticated mail from this domain is not accepted")
    },
    ..HEALTHY
};
