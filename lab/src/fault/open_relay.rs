//! Anybody may send anywhere through this server.

use crate::personality::{HEALTHY, Personality, SmtpAnswer, SmtpStage};
use crate::site::is_in;

pub(super) const PERSONALITY: Personality = Personality {
    name: "open-relay",
    aliases: &["relay-open"],
    seen: "RCPT TO on port 25 answers 250 for recipients of any domain, without a login.",
    smtp: |moment| match moment.stage {
        SmtpStage::RcptTo { recipient } if !is_in(recipient, &moment.site.options.domain) => {
            Some(SmtpAnswer::Accept)
        }
        _ => None,
    },
    ..HEALTHY
};
