//! Something that is not a name server answers on its port.

use crate::options::Service;
use crate::personality::{Conduct, HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "dns-garbage",
    seen: "DNS questions are answered with bytes that mean nothing.",
    conduct: |at| (at.service == Service::Dns).then_some(Conduct::Garbage),
    ..HEALTHY
};
