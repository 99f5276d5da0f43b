//! The server looks the client up before it greets, and the look-ups time out (or it is a tarpit).

use crate::options::Service;
use crate::personality::{Conduct, HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "late-banner",
    seen: "The banner on 25 comes late (12 s, six times `LabOptions::delay`); after that everything is quick.",
    conduct: |at| (at.service == Service::Mx).then_some(Conduct::LateGreeting),
    ..HEALTHY
};
