//! A hostile peer: the first line has no end in sight.

use crate::dialogue::Turn;
use crate::personality::{HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "huge-banner",
    seen: "SMTP and IMAP greet with a line of 2 MB.",
    greeting: |greeting| {
        let start = if greeting.endpoint.service.is_smtp() { "220 " } else { "* OK " };
        let line = || format!("{start}{}\r\n", "x".repeat(2 * 1024 * 1024));
        greeting.endpoint.service.is_mail().then(|| Turn::line(line()))
    },
    ..HEALTHY
};
