//! Mail from outside: a probe mail from the mailbox at another provider to the probe mailbox.

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
use crate::service::Protocol;

pub(super) const CHECK: Check = Check {
    name: "inbound",
    asks: to_say!("Does a mail from another provider reach the mailbox?"),
    set: Set::Functional,
    needs: Need::MailboxElsewhere,
    run,
};

fn run<'a>(round: &'a Round<'a>) -> BoxFuture<'a, Vec<Finding>> {
    async move {
        let (Some(account), Some(elsewhere)) = (&round.service.probe, &round.service.elsewhere) else {
            return Vec::new();
        };
        let way = Way {
            check: CHECK.name,
            from: Sender::Account(&elsewhere.account),
            hand_in: round.places_of(&elsewhere.submission).await,
            senders: &LoginGate::default(),
            to: account,
            look: round.endpoint_places(Protocol::Imap).await.into_iter().flatten().collect(),
            receivers: &round.imap_logins,
            attachment: 0,
            reports: round.places_of(&elsewhere.imap).await,
        };
        let target = say!("{} to {}", elsewhere.account.mailbox, account.mailbox);
        vec![follow(round, &way, Finding::ok(CHECK.name, target, Path::Inbound), Cause::InboundBroken).await]
    }
    .boxed()
}
