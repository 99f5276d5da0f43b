//! The account of the probe was removed or renamed.

use crate::personality::{HEALTHY, Personality, SmtpAnswer, SmtpStage};
use crate::smtp::reply::Reply;

pub(super) const PERSONALITY: Personality = Personality {
    name: "probe-unknown",
    seen: "RCPT TO for probe answers 550 5.1.1; other recipients are taken.",
    smtp: |moment| match moment.stage {
        SmtpStage::RcptTo { recipient } if recipient.starts_with("probe@") => {
            Some(SmtpAnswer::Reply(Reply::new(550, "5.1.1", "User unknown in virtual mailbox table")))
        }
        _ => None,
    },
    ..HEALTHY
};
