//! The IMAP server turns everybody away: no free process, or it is being stopped.

use crate::personality::{HEALTHY, ImapAnswer, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "imap-bye",
    seen: "IMAP greets with BYE [UNAVAILABLE] and closes the connection.",
    imap: |moment| {
        moment
            .command
            .is_empty()
            .then_some(ImapAnswer::Bye("[UNAVAILABLE] Maximum number of connections exceeded"))
    },
    ..HEALTHY
};
