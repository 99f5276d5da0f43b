//! A hostile peer: the answer to a command of IMAP never ends.

use crate::personality::{HEALTHY, ImapAnswer, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "endless-answer",
    seen: "After any command of IMAP come untagged lines without end.",
    imap: |moment| {
        let line = b"* LIST () \"/\" \"more and more\"\r\n";
        (!moment.command.is_empty()).then_some(ImapAnswer::Forever("", line))
    },
    ..HEALTHY
};
