//! The filter for spam and viruses is down or too slow.

use crate::personality::{HEALTHY, Personality, SmtpAnswer, SmtpStage};
use crate::smtp::reply::Reply;

pub(super) const PERSONALITY: Personality = Personality {
    name: "filter-down",
    seen: "After the final dot the server answers 451 4.7.1, service unavailable, try again later.",
    smtp: |moment| match moment.stage {
        SmtpStage::EndOfData => {
            Some(SmtpAnswer::Reply(Reply::new(451, "4.7.1", "Service unavailable - try again later")))
        }
        _ => None,
    },
    ..HEALTHY
};
