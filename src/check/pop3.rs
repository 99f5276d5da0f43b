//! The POP3 ports, 110 and 995: greeting, TLS, certificate. No login: it would lock the mailbox.

use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use watchpost_texts::to_say;

use super::finding::{Finding, Path, Verdict};
use super::judge::{Clients, broken, certificate, describe, slow};
use super::round::Round;
use super::{Check, Need, Set};
use crate::cause::Cause;
use crate::protocol::pop3::Pop3Dialogue;
use crate::protocol::talk::LineRecord;
use crate::service::{Protocol, TlsMode};
use crate::transport::{Connection, Target};

pub(super) const CHECK: Check = Check {
    name: "pop3",
    asks: to_say!("Do the POP3 ports answer?"),
    set: Set::Fast,
    needs: Need::Nothing,
    run,
};

fn run<'a>(round: &'a Round<'a>) -> BoxFuture<'a, Vec<Finding>> {
    async move {
        let places = round.endpoint_places(Protocol::Pop3).await;
        let targets: Vec<Target> = places.into_iter().flatten().collect();
        let found = join_all(targets.iter().map(|target| probe(round, target))).await;
        found.into_iter().flatten().collect()
    }
    .boxed()
}

async fn probe(round: &Round<'_>, target: &Target) -> Vec<Finding> {
    let mut dialogue = Pop3Dialogue::new(target.tls);
    let connection = round.converse(target, &mut dialogue).await;
    let record = dialogue.into_record();
    let new = || Finding::at(CHECK.name, target, Path::ReadingPop3);
    let mut main = describe(new(), &connection);
    if let Some(greeting) = &record.greeting {
        main.facts.add("greeting", greeting);
    }
    let mut more = Vec::new();
    for (verdict, cause) in causes(round, target, &connection, &record) {
        if main.cause.is_none() {
            main = main.judged(verdict, cause);
        } else {
            more.push(new().judged(verdict, cause));
        }
    }
    main.transcript = Some(record.transcript);
    more.insert(0, main);
    more
}

fn causes(
    round: &Round<'_>,
    target: &Target,
    connection: &Connection,
    record: &LineRecord,
) -> Vec<(Verdict, Cause)> {
    let mut causes = Vec::new();
    causes.extend(broken(connection));
    causes.extend(record.refusal.as_ref().map(|refusal| of_refusal(refusal)));
    let no_tls = record.greeting.is_some() && connection.tls.is_none() && causes.is_empty();
    if no_tls && target.tls == TlsMode::Starttls {
        causes.push((Verdict::Down, Cause::StarttlsMissing));
    }
    let seen = connection.tls.as_ref().and_then(|tls| tls.certificate.as_ref());
    causes
        .extend(seen.and_then(|seen| certificate(seen, Clients::Programs, round.now, &round.service.limits)));
    let waits: Vec<u64> = record.times.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect();
    if slow(&waits, &round.service.limits) {
        causes.push((Verdict::Degraded, Cause::ServerSlow));
    }
    causes
}

/// RFC 3206: the code in brackets says whether it is the server or us.
fn of_refusal(line: &str) -> (Verdict, Cause) {
    let upper = line.to_ascii_uppercase();
    if upper.contains("[SYS/") {
        (Verdict::Down, Cause::ServerFault)
    } else if upper.contains("[IN-USE]") || upper.contains("[LOGIN-DELAY]") {
        (Verdict::Unknown, Cause::ProberRateLimited)
    } else {
        (Verdict::Degraded, Cause::ServerOverload)
    }
}
