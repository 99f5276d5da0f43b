//! Mail to outside: a probe mail from the probe mailbox to the mailbox at another provider.

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
    name: "outbound",
    asks: to_say!("Does a mail reach another provider?"),
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
            from: Sender::Account(account),
            hand_in: round.endpoint_places(Protocol::Submission).await.into_iter().flatten().collect(),
            senders: &round.smtp_logins,
            to: &elsewhere.account,
            look: round.places_of(&elsewhere.imap).await,
            receivers: &LoginGate::default(),
            attachment: 0,
            reports: round.endpoint_places(Protocol::Imap).await.into_iter().flatten().collect(),
        };
        let target = say!("{} to {}", account.mailbox, elsewhere.account.mailbox);
        vec![
            follow(round, &way, Finding::ok(CHECK.name, target, Path::Outbound), Cause::OutboundBroken).await,
        ]
    }
    .boxed()
}
