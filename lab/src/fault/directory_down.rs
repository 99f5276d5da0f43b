//! The directory (LDAP, SQL) that knows the users does not answer.

use crate::personality::{HEALTHY, LoginAnswer, Personality, SmtpAnswer, SmtpStage};
use crate::smtp::reply::Reply;

pub(super) const PERSONALITY: Personality = Personality {
    name: "directory-down",
    seen: "SMTP AUTH answers 454 4.7.0, IMAP NO [UNAVAILABLE], RCPT TO 451 4.3.0, for everybody.",
    smtp: |moment| match moment.stage {
        SmtpStage::RcptTo { .. } => {
            Some(SmtpAnswer::Reply(Reply::new(451, "4.3.0", "Temporary lookup failure")))
        }
        _ => None,
    },
    login: |_| Some(LoginAnswer::TemporaryFailure),
    ..HEALTHY
};
