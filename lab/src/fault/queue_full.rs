//! The disk of the queue is full; the mail store has room.

use crate::personality::{HEALTHY, Personality, SmtpAnswer, SmtpStage};
use crate::smtp::reply::Reply;

pub(super) const PERSONALITY: Personality = Personality {
    name: "queue-full",
    seen: "MAIL FROM answers 452 4.3.1 on every SMTP port; reading works.",
    smtp: |moment| match moment.stage {
        SmtpStage::MailFrom => {
            Some(SmtpAnswer::Reply(Reply::new(452, "4.3.1", "Insufficient system storage")))
        }
        _ => None,
    },
    ..HEALTHY
};
