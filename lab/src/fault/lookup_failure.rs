//! A table that the server asks (LDAP, SQL, files) cannot be read.

use crate::personality::{HEALTHY, Personality, SmtpAnswer, SmtpStage};
use crate::smtp::reply::Reply;

pub(super) const PERSONALITY: Personality = Personality {
    name: "lookup-failure",
    seen: "RCPT TO answers 451 4.3.0, temporary lookup failure, on every SMTP port.",
    smtp: |moment| match moment.stage {
        SmtpStage::RcptTo { .. } => {
            Some(SmtpAnswer::Reply(Reply::new(451, "4.3.0", "Temporary lookup failure")))
        }
        _ => None,
    },
    ..HEALTHY
};
