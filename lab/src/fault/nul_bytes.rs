//! A hostile peer: bytes that end a string in careless programs, and escape sequences of terminals.

use crate::dialogue::Turn;
use crate::personality::{HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "nul-bytes",
    seen: "SMTP and IMAP greet with NUL bytes, an escape sequence and text that is not UTF-8 in the line.",
    greeting: |greeting| {
        let start: &[u8] = if greeting.endpoint.service.is_smtp() { b"220 " } else { b"* OK " };
        let line = [start, b"mail\0.lab\x1b[2J\xff\xfe ready\r\n"].concat();
        greeting.endpoint.service.is_mail().then(|| Turn::line(line))
    },
    ..HEALTHY
};
