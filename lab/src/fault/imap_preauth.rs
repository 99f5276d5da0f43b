//! A hostile or misplaced proxy: the connection is said to be logged in, so that TLS cannot begin.

use crate::personality::{HEALTHY, ImapAnswer, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "imap-preauth",
    seen: "IMAP greets with PREAUTH and then refuses STARTTLS.",
    imap: |moment| match moment.command {
        "" => Some(ImapAnswer::PreAuthenticated),
        _ => None,
    },
    ..HEALTHY
};
