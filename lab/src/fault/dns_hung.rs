//! The name server hangs.

use crate::options::Service;
use crate::personality::{Conduct, HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "dns-hung",
    seen: "DNS questions are not answered; mail to other domains stays in the queue.",
    conduct: |at| (at.service == Service::Dns).then_some(Conduct::Silent),
    outbound: |moment| {
        moment.leaves().then_some("451 4.4.3 Host or domain name not found. Name service error, try again")
    },
    ..HEALTHY
};
