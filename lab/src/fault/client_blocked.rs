//! The server refuses this client at the door.

use crate::dialogue::Turn;
use crate::options::Service;
use crate::personality::{HEALTHY, Personality};
use crate::smtp::reply::Reply;

pub(super) const PERSONALITY: Personality = Personality {
    name: "client-blocked",
    seen: "The banner on port 25 is 554 5.7.1: your address is blocked.",
    greeting: |greeting| {
        let reply = Reply::new(554, "5.7.1", "Connections from your address are blocked here");
        (greeting.endpoint.service == Service::Mx).then(|| Turn::close(reply.bytes()))
    },
    ..HEALTHY
};
