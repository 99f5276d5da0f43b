//! Which TLS versions a place offers. Who chose TLS 1.3 is asked once more with TLS 1.2 alone; who chose TLS 1.2 when
//! both were offered has no 1.3.
//!
//! Older versions are not offered by us (RFC 8996); a server that has only those is named by the other checks.

use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use tokio::time::Instant;
use watchpost_texts::to_say;

use super::finding::{Finding, Path};
use super::round::{Round, millis_since};
use super::{Check, Need, Set, delivery, imap, smtp_relay, submission};
use crate::protocol::Dialogue;
use crate::protocol::imap::ImapDialogue;
use crate::protocol::imap::plan::{ImapPlan, Mailbox};
use crate::protocol::smtp::SmtpDialogue;
use crate::protocol::smtp::plan::{Plan, TlsPlan};
use crate::service::{Protocol, TlsMode};
use crate::transport::{Target, TlsVersions};

pub(super) const CHECK: Check = Check {
    name: "tls-versions",
    asks: to_say!("Which TLS versions do the ports offer?"),
    set: Set::Hygiene,
    needs: Need::Nothing,
    run,
};

fn run<'a>(round: &'a Round<'a>) -> BoxFuture<'a, Vec<Finding>> {
    async move {
        let mut places: Vec<Place> = Vec::new();
        // Port 25 speaks the same protocol as submission.
        let incoming = round.incoming_places().await.into_iter().flatten();
        let place = |check, protocol| move |target| Place { check, protocol, target };
        places.extend(first_of_each_host(incoming).map(place(smtp_relay::CHECK.name, Protocol::Submission)));
        for endpoint in round.endpoints(Protocol::Submission).chain(round.endpoints(Protocol::Imap)) {
            let check = match endpoint.protocol {
                Protocol::Imap => imap::CHECK.name,
                _ => submission::CHECK.name,
            };
            let targets = round.places_of(endpoint).await.into_iter();
            places.extend(first_of_each_host(targets).map(place(check, endpoint.protocol)));
        }
        join_all(places.iter().map(|place| probe(round, place))).await.into_iter().flatten().collect()
    }
    .boxed()
}

/// A place, and the check that speaks with it first.
struct Place {
    check: &'static str,
    protocol: Protocol,
    target: Target,
}

/// All addresses of a host have the same server behind them, as a rule.
fn first_of_each_host(targets: impl Iterator<Item = Target>) -> impl Iterator<Item = Target> {
    let mut seen = Vec::new();
    targets.filter(move |target| {
        let new = !seen.contains(&target.host);
        seen.push(target.host.clone());
        new
    })
}

async fn probe(round: &Round<'_>, place: &Place) -> Option<Finding> {
    let target = &place.target;
    // Nothing at all: the other checks say what is wrong there.
    let chosen = round.first_talk(place.check, target).await?.version?;
    let begun = Instant::now();
    let mut offered = vec![chosen];
    if chosen == "TLS 1.3" {
        let_the_mail_go_first(round, place).await;
        let mut dialogue = greeting_and_tls(round, place.protocol, target);
        let again = round.converse_again(target, dialogue.as_mut(), TlsVersions::Only12).await;
        offered.extend(again.and_then(|connection| connection.tls).and_then(|tls| tls.version));
        offered.sort_unstable();
    }
    let finding = Finding::at(CHECK.name, target, Path::Aside);
    Some(finding.fact("offers", offered.join(", ")).took(millis_since(begun)))
}

/// The probe mail is what takes longest in a run, so nobody stands in its lane.
async fn let_the_mail_go_first(round: &Round<'_>, place: &Place) {
    if place.check == submission::CHECK.name {
        tokio::select! {
            _ = round.handed_in.wait() => {}
            () = round.until_over(delivery::CHECK.name) => {}
        }
    }
}

fn greeting_and_tls(round: &Round<'_>, protocol: Protocol, target: &Target) -> Box<dyn Dialogue> {
    if protocol == Protocol::Imap {
        let plan = ImapPlan { tls: target.tls, login: None, mailbox: Mailbox::Closed };
        return Box::new(ImapDialogue::new(plan));
    }
    let tls = match target.tls {
        TlsMode::Starttls => TlsPlan::WhereOffered,
        TlsMode::Implicit => TlsPlan::Already,
    };
    Box::new(SmtpDialogue::new(Plan { helo: round.helo(target), tls, login: None, transactions: Vec::new() }))
}
