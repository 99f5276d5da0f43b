//! One mailbox server of two is down: that of bob. Everybody else works.

use crate::personality::{DeliveryAnswer, HEALTHY, LoginAnswer, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "store-down",
    seen: "Bob's logins by IMAP and POP3 answer [UNAVAILABLE], and mail to him stays in the queue (451 4.4.1).",
    login: |moment| {
        let his = moment.endpoint.service.is_mailbox() && is_on_it(moment.login);
        his.then_some(LoginAnswer::TemporaryFailure)
    },
    delivery: |moment| {
        let his = is_on_it(moment.recipient);
        his.then_some(DeliveryAnswer::Deferred("451 4.4.1 The mailbox server does not answer"))
    },
    ..HEALTHY
};

/// Whether this mailbox lies on the server that is down.
fn is_on_it(address: &str) -> bool {
    address.split('@').next() == Some("bob")
}
