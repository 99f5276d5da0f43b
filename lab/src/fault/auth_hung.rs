//! The login process hangs, and with it all that asks it.

use crate::dialogue::Turn;
use crate::personality::{Conduct, DeliveryAnswer, HEALTHY, LoginAnswer, Personality, SmtpAnswer, SmtpStage};

pub(super) const PERSONALITY: Personality = Personality {
    name: "auth-hung",
    seen: "SMTP AUTH and RCPT TO on 25 get no answer; IMAP and POP3 send no greeting; accepted mail stays in the queue.",
    conduct: |at| at.service.is_mailbox().then_some(Conduct::Silent),
    smtp: |moment| match moment.stage {
        SmtpStage::RcptTo { .. } => Some(SmtpAnswer::Say(Turn::hang())),
        _ => None,
    },
    login: |_| Some(LoginAnswer::Hang),
    delivery: |_| Some(DeliveryAnswer::Deferred("450 4.4.2 Mailbox server does not answer")),
    ..HEALTHY
};
