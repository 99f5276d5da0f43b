//! Nobody reads the address that every domain must have (RFC 5321 §4.5.1).

use crate::personality::{HEALTHY, Personality, SmtpAnswer, SmtpStage};
use crate::smtp::reply::Reply;

pub(super) const PERSONALITY: Personality = Personality {
    name: "postmaster-missing",
    seen: "RCPT TO for postmaster answers 550 5.1.1; other recipients are taken.",
    smtp: |moment| match moment.stage {
        SmtpStage::RcptTo { recipient } if recipient.starts_with("postmaster@") => {
            Some(SmtpAnswer::Reply(Reply::new(550, "5.1.1", "User unknown in virtual mailbox table")))
        }
        _ => None,
    },
    ..HEALTHY
};
