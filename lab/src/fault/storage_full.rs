//! The disk of the mail server is full: neither the queue nor the mail store can write.

use crate::personality::{DeliveryAnswer, HEALTHY, ImapAnswer, Personality, SmtpAnswer, SmtpStage};
use crate::smtp::reply::Reply;

pub(super) const PERSONALITY: Personality = Personality {
    name: "storage-full",
    seen: "MAIL FROM answers 452 4.3.1, IMAP APPEND answers NO, what is queued stays queued; reading works.",
    smtp: |moment| match moment.stage {
        SmtpStage::MailFrom => {
            Some(SmtpAnswer::Reply(Reply::new(452, "4.3.1", "Insufficient system storage")))
        }
        _ => None,
    },
    imap: |moment| {
        let writes = matches!(moment.command, "APPEND" | "COPY" | "MOVE");
        writes.then_some(ImapAnswer::No("[SERVERBUG] Not enough disk space"))
    },
    delivery: |_| Some(DeliveryAnswer::Deferred("452 4.3.1 Insufficient system storage")),
    ..HEALTHY
};
