//! The server takes mail for names that nobody has, and sends it back afterwards to senders that are often forged.

use crate::personality::{HEALTHY, Personality, SmtpAnswer, SmtpStage};
use crate::site::is_in;

pub(super) const PERSONALITY: Personality = Personality {
    name: "catch-all",
    seen: "RCPT TO answers 250 for names that nobody has; their mail bounces later.",
    smtp: |moment| match moment.stage {
        SmtpStage::RcptTo { recipient } if is_in(recipient, &moment.site.options.domain) => {
            Some(SmtpAnswer::Accept)
        }
        _ => None,
    },
    ..HEALTHY
};
