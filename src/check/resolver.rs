//! Self-check: does each of our own name servers answer at all? Only those that do are believed about the domain.

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::time::Instant;
use watchpost_texts::{say, to_say};

use super::finding::{Finding, Path, Verdict};
use super::round::{Round, millis_since};
use super::{Check, Need, Set};
use crate::cause::Cause;

pub(super) const CHECK: Check = Check {
    name: "resolver",
    asks: to_say!("Do our own name servers answer?"),
    set: Set::Fast,
    needs: Need::Nothing,
    run,
};

fn run<'a>(round: &'a Round<'a>) -> BoxFuture<'a, Vec<Finding>> {
    async move {
        let begun = Instant::now();
        let servers = round.name_servers().await;
        let millis = millis_since(begun);
        let any = servers.iter().any(|(_, sound)| sound.is_ok());
        let mut findings = Vec::new();
        for (address, sound) in servers {
            let finding = Finding::ok(CHECK.name, address, Path::Aside).took(millis);
            findings.push(match sound {
                Ok(()) => finding,
                // Another one answers, so the checks go on: a matter for our own machine.
                Err(fault) if any => {
                    finding.fact("answer", fault).judged(Verdict::Degraded, Cause::ResolverDown)
                }
                Err(fault) => finding.fact("answer", fault).judged(Verdict::Unknown, Cause::ResolverDown),
            });
        }
        if servers.is_empty() {
            let finding = Finding::ok(CHECK.name, say!("no name server is configured"), Path::Aside);
            findings.push(finding.judged(Verdict::Unknown, Cause::ResolverDown));
        }
        findings
    }
    .boxed()
}
