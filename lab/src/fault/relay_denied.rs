//! The server has forgotten that the domain is its own.

use crate::personality::{HEALTHY, Personality, SmtpAnswer, SmtpStage};
use crate::smtp::reply::Reply;

pub(super) const PERSONALITY: Personality = Personality {
    name: "relay-denied",
    seen: "RCPT TO on port 25 answers 554 5.7.1, relay access denied, for the domain itself.",
    smtp: |moment| match moment.stage {
        SmtpStage::RcptTo { .. } if !moment.trusted => {
            Some(SmtpAnswer::Reply(Reply::new(554, "5.7.1", "Relay access denied")))
        }
        _ => None,
    },
    ..HEALTHY
};
