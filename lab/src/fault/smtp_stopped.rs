//! The SMTP server is not running; IMAP and POP3 are.

use crate::personality::{HEALTHY, Listening, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "smtp-stopped",
    seen: "SMTP on 25, 587 and 465 refuses connections; reading works.",
    listening: |at| at.service.is_smtp().then_some(Listening::Closed),
    ..HEALTHY
};
