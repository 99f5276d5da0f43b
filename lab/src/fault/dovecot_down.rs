//! The mailbox server is stopped whole: reading, logins and the last step of delivery with it.

use crate::personality::{DeliveryAnswer, HEALTHY, Listening, LoginAnswer, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "dovecot-down",
    aliases: &["mailbox-server-down"],
    seen: "IMAP, POP3 and ManageSieve refuse connections, SMTP AUTH answers 454 4.7.0, accepted mail stays in the queue; 25 answers.",
    listening: |at| (at.service.is_mail() && !at.service.is_smtp()).then_some(Listening::Closed),
    login: |_| Some(LoginAnswer::TemporaryFailure),
    delivery: |_| Some(DeliveryAnswer::Deferred("450 4.4.1 Mailbox server refuses the connection")),
    ..HEALTHY
};
