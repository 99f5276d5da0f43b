//! The way out is closed: the provider blocks port 25, or the smart host is gone.

use crate::personality::{HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "outbound-blocked",
    seen: "Mail to other domains stays in the queue (450 4.4.1); everything inside works.",
    outbound: |moment| moment.leaves().then_some("450 4.4.1 Connection timed out"),
    ..HEALTHY
};
