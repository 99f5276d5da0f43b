//! STARTTLS is offered, and the key or certificate cannot be read.

use crate::personality::{HEALTHY, Personality, SmtpAnswer, SmtpStage};
use crate::smtp::reply::Reply;

pub(super) const PERSONALITY: Personality = Personality {
    name: "starttls-unavailable",
    seen: "STARTTLS on 25 and 587 answers 454 4.7.0, TLS not available.",
    smtp: |moment| match moment.stage {
        SmtpStage::StartTls => {
            let reply = Reply::new(454, "4.7.0", "TLS not available due to local problem");
            Some(SmtpAnswer::Reply(reply))
        }
        _ => None,
    },
    ..HEALTHY
};
