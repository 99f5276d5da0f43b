//! A mail to the probe mailbox of each store or site, read there: one store can be down while the others work. Only in the
//! rounds of a proof; the logins are tried more often, by the check `imap`.

use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use watchpost_texts::to_say;

use super::delivery::follow;
use super::finding::{Finding, Path, Verdict};
use super::logins::LoginGate;
use super::probe_mail::{Sender, Way};
use super::round::Round;
use super::{Check, Need, Set};
use crate::cause::Cause;
use crate::service::{Account, Protocol};

pub(super) const CHECK: Check = Check {
    name: "stores",
    asks: to_say!("Does a mail reach the mailbox of each store or site?"),
    set: Set::Proof,
    needs: Need::ProbeAccount,
    run,
};

fn run<'a>(round: &'a Round<'a>) -> BoxFuture<'a, Vec<Finding>> {
    async move { join_all(round.service.store_probes.iter().map(|store| probe(round, store))).await }.boxed()
}

async fn probe(round: &Round<'_>, store: &Account) -> Finding {
    // The fact by which the mailbox is told from the others.
    let finding = Finding::ok(CHECK.name, &store.mailbox, Path::Aside).fact("mailbox", &store.mailbox);
    if let Some(until) = round.memory.paused_until(&store.login, round.now) {
        let mut finding = finding.fact(to_say!("no login before"), until.format("%H:%M UTC"));
        finding.verdict = Verdict::Unknown;
        return finding;
    }
    let Some(account) = &round.service.probe else { return finding };
    let way = Way {
        check: CHECK.name,
        from: Sender::Account(account),
        hand_in: round.endpoint_places(Protocol::Submission).await.into_iter().flatten().collect(),
        senders: &round.smtp_logins,
        to: store,
        look: round.endpoint_places(Protocol::Imap).await.into_iter().flatten().collect(),
        // Its password is its own.
        receivers: &LoginGate::default(),
        attachment: 0,
        reports: Vec::new(),
    };
    follow(round, &way, finding, Cause::DeliveryStuck).await
}
