//! The client's own address is on a blocklist that the server asks; everybody else is served.

use crate::dns::zone::blocklist_name;
use crate::options::Service;
use crate::personality::{HEALTHY, Personality, SmtpAnswer, SmtpStage};
use crate::smtp::reply::Reply;

pub(super) const PERSONALITY: Personality = Personality {
    name: "client-listed",
    seen: "RCPT TO on port 25 answers 554 5.7.1: client host blocked using the lab's blocklist.",
    smtp: |moment| match moment.stage {
        SmtpStage::RcptTo { .. } if moment.endpoint.service == Service::Mx => {
            let list = blocklist_name(moment.site);
            let text = format!("Service unavailable; Client host [{}] blocked using {list}", moment.client);
            Some(SmtpAnswer::Reply(Reply::new(554, "5.7.1", text)))
        }
        _ => None,
    },
    ..HEALTHY
};
