//! Which TLS versions a place offers: one handshake with TLS 1.2 alone and one with TLS 1.3 alone.
//!
//! Older versions are not offered by us (RFC 8996); a server that has only those is named by the other checks.

use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use tokio::time::Instant;

use super::finding::{Finding, Path};
use super::round::{Round, millis_since};
use super::{Check, Need, Set};
use crate::protocol::Dialogue;
use crate::protocol::imap::ImapDialogue;
use crate::protocol::imap::plan::{ImapPlan, Mailbox};
use crate::protocol::smtp::SmtpDialogue;
use crate::protocol::smtp::plan::{Plan, TlsPlan};
use crate::service::{Protocol, TlsMode};
use crate::transport::{Target, TlsVersions};

pub(super) const CHECK: Check = Check {
    name: "tls-versions",
    asks: "Which TLS versions do the ports offer?",
    set: Set::Hygiene,
    needs: Need::Answers,
    run,
};

fn run<'a>(round: &'a Round<'a>) -> BoxFuture<'a, Vec<Finding>> {
    async move {
        let mut places: Vec<(Protocol, Target)> = Vec::new();
        // Port 25 speaks the same protocol as submission.
        let incoming = round.incoming_places().await.into_iter().flatten();
        places.extend(first_of_each_host(incoming).map(|target| (Protocol::Submission, target)));
        for endpoint in round.endpoints(Protocol::Submission).chain(round.endpoints(Protocol::Imap)) {
            let targets = round.places_of(endpoint).await;
            places.extend(first_of_each_host(targets.into_iter()).map(|target| (endpoint.protocol, target)));
        }
        places.retain(|(_, target)| round.answers(target));
        let found = join_all(places.iter().map(|(protocol, target)| probe(round, *protocol, target))).await;
        found.into_iter().flatten().collect()
    }
    .boxed()
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

async fn probe(round: &Round<'_>, protocol: Protocol, target: &Target) -> Option<Finding> {
    let begun = Instant::now();
    let mut offered = Vec::new();
    for versions in [TlsVersions::Only12, TlsVersions::Only13] {
        let mut dialogue = greeting_and_tls(round, protocol, target);
        let connection = round.converse_with(target, dialogue.as_mut(), versions).await;
        offered.extend(connection.tls.and_then(|tls| tls.version));
    }
    // Nothing at all: the other checks say what is wrong there.
    let shown = (!offered.is_empty()).then(|| offered.join(", "))?;
    Some(Finding::at(CHECK.name, target, Path::Aside).fact("offers", shown).took(millis_since(begun)))
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
