//! Two mailboxes are full, and the server says: later.

use crate::mailbox::QUOTA_BYTES;
use crate::personality::{HEALTHY, Personality, SmtpAnswer, SmtpStage};
use crate::smtp::reply::Reply;

pub(super) const PERSONALITY: Personality = Personality {
    name: "over-quota-temp",
    seen: "RCPT TO for bob and probe answers 452 4.2.2; their quota is used up.",
    smtp: |moment| match moment.stage {
        SmtpStage::RcptTo { recipient } if is_full(recipient) => {
            Some(SmtpAnswer::Reply(Reply::new(452, "4.2.2", "Mailbox is full")))
        }
        _ => None,
    },
    ballast: |address| if is_full(address) { QUOTA_BYTES } else { 0 },
    ..HEALTHY
};

/// Whether this is one of the two full mailboxes.
fn is_full(address: &str) -> bool {
    matches!(address.split('@').next(), Some("bob" | "probe"))
}
