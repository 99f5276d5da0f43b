//! The mail server's own resolver does not answer.

use crate::personality::{HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "server-resolver-down",
    seen: "Mail to other domains stays in the queue (451 4.4.3, host not found, try again); everything inside works.",
    outbound: |moment| {
        moment.leaves().then_some("451 4.4.3 Host or domain name not found. Name service error, try again")
    },
    ..HEALTHY
};
