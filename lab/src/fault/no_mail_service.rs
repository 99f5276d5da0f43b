//! The host is not meant to take mail.

use crate::dialogue::Turn;
use crate::options::Service;
use crate::personality::{HEALTHY, Personality};
use crate::smtp::reply::Reply;

pub(super) const PERSONALITY: Personality = Personality {
    name: "no-mail-service",
    seen: "The banner on port 25 is 521: this host does not accept mail.",
    greeting: |greeting| {
        let reply = Reply::new(521, "", "This host does not accept mail");
        (greeting.endpoint.service == Service::Mx).then(|| Turn::close(reply.bytes()))
    },
    ..HEALTHY
};
