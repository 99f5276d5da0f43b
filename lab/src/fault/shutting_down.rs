//! The server is being shut down or restarted, or has too many processes.

use crate::dialogue::Turn;
use crate::personality::{HEALTHY, Personality};
use crate::smtp::reply::Reply;

pub(super) const PERSONALITY: Personality = Personality {
    name: "shutting-down",
    seen: "The banner on every SMTP port is 421 4.3.2.",
    greeting: |greeting| {
        let reply = Reply::new(421, "4.3.2", "Service not available, closing the channel");
        greeting.endpoint.service.is_smtp().then(|| Turn::close(reply.bytes()))
    },
    ..HEALTHY
};
