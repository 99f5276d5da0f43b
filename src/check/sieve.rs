//! The ManageSieve port: greeting, TLS, certificate. People's filters are managed there; mail moves without it.

use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use watchpost_texts::to_say;

use super::finding::{Finding, Path, Verdict};
use super::judge::{Clients, broken, certificate, describe};
use super::round::Round;
use super::{Check, Need, Set};
use crate::cause::Cause;
use crate::protocol::sieve::SieveDialogue;
use crate::protocol::talk::LineRecord;
use crate::service::{Protocol, TlsMode};
use crate::transport::{Connection, Target};

pub(super) const CHECK: Check = Check {
    name: "sieve",
    asks: to_say!("Does the ManageSieve port answer?"),
    set: Set::Functional,
    needs: Need::Nothing,
    run,
};

fn run<'a>(round: &'a Round<'a>) -> BoxFuture<'a, Vec<Finding>> {
    async move {
        let places = round.endpoint_places(Protocol::Sieve).await;
        let targets: Vec<Target> = places.into_iter().flatten().collect();
        join_all(targets.iter().map(|target| probe(round, target))).await
    }
    .boxed()
}

async fn probe(round: &Round<'_>, target: &Target) -> Finding {
    let mut dialogue = SieveDialogue::new(target.tls);
    let connection = round.converse(target, &mut dialogue).await;
    let record = dialogue.into_record();
    let mut finding = describe(Finding::at(CHECK.name, target, Path::Aside), &connection);
    if let Some(greeting) = &record.greeting {
        finding.facts.add("greeting", greeting);
    }
    if let Some((verdict, cause)) = cause(round, target, &connection, &record) {
        finding = finding.judged(verdict, cause);
    }
    finding.transcript = Some(record.transcript);
    finding
}

/// The first thing that is wrong. Nobody's mail waits for a filter, so nothing here is worse than degraded.
fn cause(
    round: &Round<'_>,
    target: &Target,
    connection: &Connection,
    record: &LineRecord,
) -> Option<(Verdict, Cause)> {
    let no_tls = connection.tls.is_none() && target.tls == TlsMode::Starttls && record.greeting.is_some();
    let seen = connection.tls.as_ref().and_then(|tls| tls.certificate.as_ref());
    let found = broken(connection)
        .or(record.refusal.as_ref().map(|_| (Verdict::Degraded, Cause::ServerOverload)))
        .or(no_tls.then_some((Verdict::Degraded, Cause::StarttlsMissing)))
        .or(seen.and_then(|seen| certificate(seen, Clients::Programs, round.now, &round.service.limits)));
    found.map(|(verdict, cause)| (if verdict == Verdict::Down { Verdict::Degraded } else { verdict }, cause))
}
