//! Greylisting: who comes for the first time is asked to come again. It is normal, not a fault.

use crate::options::Service;
use crate::personality::{HEALTHY, Personality, SmtpAnswer, SmtpStage};
use crate::smtp::reply::Reply;

/// How long a newcomer has to wait, in milliseconds.
const WAIT_MS: i64 = 60_000;

pub(super) const PERSONALITY: Personality = Personality {
    name: "greylist",
    seen: "The first RCPT TO of each client, sender and recipient answers 450 4.2.0; after 60 s it is taken.",
    smtp: |moment| match moment.stage {
        SmtpStage::RcptTo { recipient } if moment.endpoint.service == Service::Mx => {
            let triplet = (moment.client, moment.sender.to_lowercase(), recipient.to_lowercase());
            let known = moment.site.known_for_ms(triplet) >= WAIT_MS;
            let reply = Reply::new(450, "4.2.0", "Greylisted, try again in 60 seconds");
            (!known).then_some(SmtpAnswer::Reply(reply))
        }
        _ => None,
    },
    ..HEALTHY
};
