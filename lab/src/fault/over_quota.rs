//! Two mailboxes are full, and the server says so for good.

use crate::mailbox::QUOTA_BYTES;
use crate::personality::{HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "over-quota",
    aliases: &["mailbox-full"],
    seen: "RCPT TO for bob and probe answers 552 5.2.2; their quota is used up.",
    ballast: |address| if is_full(address) { QUOTA_BYTES } else { 0 },
    ..HEALTHY
};

/// Whether this is one of the two full mailboxes.
fn is_full(address: &str) -> bool {
    matches!(address.split('@').next(), Some("bob" | "probe"))
}
