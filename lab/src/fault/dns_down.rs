//! The name server is not running.

use crate::options::Service;
use crate::personality::{HEALTHY, Listening, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "dns-down",
    aliases: &["resolver-down"],
    seen: "DNS questions are refused (nothing listens); mail to other domains stays in the queue.",
    listening: |at| (at.service == Service::Dns).then_some(Listening::Closed),
    outbound: |moment| {
        moment.leaves().then_some("451 4.4.3 Host or domain name not found. Name service error, try again")
    },
    ..HEALTHY
};
