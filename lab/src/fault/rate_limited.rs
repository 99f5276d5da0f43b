//! The server is tired of this client, or distrusts its address.

use crate::dialogue::Turn;
use crate::options::Service;
use crate::personality::{HEALTHY, Personality, SmtpAnswer, SmtpStage};
use crate::smtp::reply::Reply;

pub(super) const PERSONALITY: Personality = Personality {
    name: "rate-limited",
    seen: "MAIL FROM on port 25 answers 421 4.7.0, try again later, and the connection is closed.",
    smtp: |moment| match moment.stage {
        SmtpStage::MailFrom if moment.endpoint.service == Service::Mx => {
            let reply = Reply::new(421, "4.7.0", "Try again later, unusual rate of mail from your address");
            Some(SmtpAnswer::Say(Turn::close(reply.bytes())))
        }
        _ => None,
    },
    ..HEALTHY
};
