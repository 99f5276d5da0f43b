//! The mail service is not running.

use crate::personality::{HEALTHY, Listening, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "stopped",
    seen: "Nothing listens on the mail ports: SMTP, IMAP and POP3 refuse connections.",
    listening: |at| at.service.is_mail().then_some(Listening::Closed),
    ..HEALTHY
};
