//! The server is overloaded: everything works, late.

use crate::options::Service;
use crate::personality::{Conduct, HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "slow",
    seen: "Each answer on 25, 587 and 143 comes late (2 s, `LabOptions::delay`).",
    conduct: |at| {
        let slow = matches!(at.service, Service::Mx | Service::Submission | Service::Imap);
        slow.then_some(Conduct::Slow)
    },
    ..HEALTHY
};
