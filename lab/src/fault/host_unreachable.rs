//! The host is gone: power, network or firewall.

use crate::options::{Host, Service};
use crate::personality::{HEALTHY, Listening, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "host-unreachable",
    aliases: &["host-down"],
    seen: "Connections to every port of the mail host, names excepted, time out.",
    listening: |at| {
        let gone = at.host == Host::Mail && at.service != Service::Dns;
        gone.then_some(Listening::Dropped)
    },
    ..HEALTHY
};
