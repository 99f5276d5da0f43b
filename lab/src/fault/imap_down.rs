//! The servers for reading are stopped while sending and delivery work.

use crate::personality::{HEALTHY, Listening, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "imap-down",
    seen: "IMAP and POP3 refuse connections; sending and delivery work.",
    listening: |at| at.service.is_mailbox().then_some(Listening::Closed),
    ..HEALTHY
};
