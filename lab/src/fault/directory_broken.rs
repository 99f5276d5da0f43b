//! The table of users is empty: a synchronisation went wrong.

use crate::personality::{HEALTHY, Personality, SmtpAnswer, SmtpStage};
use crate::site::is_in;
use crate::smtp::reply::Reply;

pub(super) const PERSONALITY: Personality = Personality {
    name: "directory-broken",
    seen: "RCPT TO answers 550 5.1.1 for every recipient of the domain.",
    smtp: |moment| match moment.stage {
        SmtpStage::RcptTo { recipient } if is_in(recipient, &moment.site.options.domain) => {
            Some(SmtpAnswer::Reply(Reply::new(550, "5.1.1", "User unknown in virtual mailbox table")))
        }
        _ => None,
    },
    ..HEALTHY
};
