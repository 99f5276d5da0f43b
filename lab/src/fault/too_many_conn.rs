//! The server's limit of connections for one client is used up.

use crate::dialogue::Turn;
use crate::personality::{HEALTHY, Personality, is_first_mx};
use crate::smtp::reply::Reply;

pub(super) const PERSONALITY: Personality = Personality {
    name: "too-many-conn",
    aliases: &["too-many-connections"],
    seen: "The banner on port 25 of the first MX is 421 4.7.0, too many connections.",
    greeting: |greeting| {
        let reply = Reply::new(421, "4.7.0", "Error: too many connections from your address");
        is_first_mx(greeting.endpoint).then(|| Turn::close(reply.bytes()))
    },
    ..HEALTHY
};
