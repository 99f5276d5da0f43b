//! A mail with an attachment of the configured size, from the probe mailbox to itself: some services take small mail and
//! choke on large ones. Only in the rounds of a proof.

use futures::FutureExt;
use futures::future::BoxFuture;
use watchpost_texts::{say, to_say};

use super::delivery::follow;
use super::finding::{Finding, Path};
use super::probe_mail::{Sender, Way};
use super::round::Round;
use super::{Check, Need, Set};
use crate::cause::Cause;
use crate::service::Protocol;

pub(super) const CHECK: Check = Check {
    name: "attachment",
    asks: to_say!("Does a mail with a large attachment reach the mailbox?"),
    set: Set::Proof,
    needs: Need::ProbeAccount,
    run,
};

fn run<'a>(round: &'a Round<'a>) -> BoxFuture<'a, Vec<Finding>> {
    async move {
        let (Some(account), Some(bytes)) = (&round.service.probe, round.service.limits.attachment) else {
            return Vec::new();
        };
        let way = Way {
            check: CHECK.name,
            from: Sender::Account(account),
            hand_in: round.endpoint_places(Protocol::Submission).await.into_iter().flatten().collect(),
            senders: &round.smtp_logins,
            to: account,
            look: round.endpoint_places(Protocol::Imap).await.into_iter().flatten().collect(),
            receivers: &round.imap_logins,
            attachment: bytes,
            reports: Vec::new(),
        };
        // A matter of its own: what small mail can do is judged by `delivery`.
        let finding = Finding::ok(CHECK.name, &account.mailbox, Path::Aside)
            .fact("attached", say!("{} KiB", bytes / 1024));
        vec![follow(round, &way, finding, Cause::DeliveryStuck).await]
    }
    .boxed()
}
