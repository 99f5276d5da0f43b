//! A hostile peer: the answer to EHLO never ends.

use crate::dialogue::{Next, Turn};
use crate::personality::{HEALTHY, Personality, SmtpAnswer, SmtpStage};

pub(super) const PERSONALITY: Personality = Personality {
    name: "endless-ehlo",
    seen: "After EHLO on every SMTP port come lines `250-…` without end.",
    smtp: |moment| match moment.stage {
        SmtpStage::Ehlo => {
            let next = Next::Forever(b"250-X-MORE-AND-MORE\r\n");
            Some(SmtpAnswer::Say(Turn { bytes: b"250-mail\r\n".to_vec(), next }))
        }
        _ => None,
    },
    ..HEALTHY
};
