//! Mail from a stranger: a probe mail that Watchpost itself hands in at the MX hosts, without a login. Only where the
//! configuration wants it, because a service may rightly refuse who has no reverse name.

use futures::FutureExt;
use futures::future::BoxFuture;
use watchpost_texts::{say, to_say};

use super::delivery::follow;
use super::finding::{Finding, Path};
use super::logins::LoginGate;
use super::probe_mail::{Sender, Way};
use super::round::Round;
use super::{Check, Need, Set};
use crate::cause::Cause;
use crate::service::{Mailbox, Protocol};

pub(super) const CHECK: Check = Check {
    name: "by-mx",
    asks: to_say!("Does a mail that a stranger hands in reach the mailbox?"),
    set: Set::Functional,
    needs: Need::ProbeAccount,
    run,
};

fn run<'a>(round: &'a Round<'a>) -> BoxFuture<'a, Vec<Finding>> {
    async move {
        let (Some(account), Some(helo), true) =
            (&round.service.probe, &round.service.helo, round.service.loop_by_mx)
        else {
            return Vec::new();
        };
        let Ok(from) = Mailbox::at("watchpost", helo.clone()) else { return Vec::new() };
        let way = Way {
            check: CHECK.name,
            from: Sender::Stranger(from),
            hand_in: round.incoming_places().await.into_iter().flatten().collect(),
            senders: &LoginGate::default(),
            to: account,
            look: round.endpoint_places(Protocol::Imap).await.into_iter().flatten().collect(),
            receivers: &round.imap_logins,
            attachment: 0,
            reports: Vec::new(),
        };
        let target = say!("MX hosts to {}", account.mailbox);
        vec![follow(round, &way, Finding::ok(CHECK.name, target, Path::Inbound), Cause::InboundBroken).await]
    }
    .boxed()
}
