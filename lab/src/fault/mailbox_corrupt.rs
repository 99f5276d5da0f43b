//! The index or the disk below a mailbox is damaged.

use crate::personality::{HEALTHY, ImapAnswer, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "mailbox-corrupt",
    seen: "Login works; SELECT, EXAMINE and STATUS answer NO [CORRUPTION].",
    imap: |moment| {
        let opens = matches!(moment.command, "SELECT" | "EXAMINE" | "STATUS");
        opens.then_some(ImapAnswer::No("[CORRUPTION] The mailbox cannot be opened"))
    },
    ..HEALTHY
};
