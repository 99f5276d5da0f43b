//! A hostile peer: it announces more than any memory holds, and begins to send it.

use crate::personality::{HEALTHY, ImapAnswer, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "huge-literal",
    seen: "FETCH announces a literal of 4 GB and sends it without end.",
    imap: |moment| {
        let answer = ImapAnswer::Forever("* 1 FETCH (BODY[] {4294967295}\r\n", b"xxxxxxxxxxxxxxxx");
        (moment.command == "FETCH").then_some(answer)
    },
    ..HEALTHY
};
