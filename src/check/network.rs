//! Self-check: can this machine reach hosts that are known to answer, on the same ports and in both address families?
//!
//! Many clouds block outgoing port 25, and many containers have no IPv6. What fails here as well is not held against
//! the service ([`crate::diagnose`] reads those findings again).

use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use watchpost_texts::to_say;

use super::finding::{Finding, Path, Verdict};
use super::judge::describe;
use super::round::Round;
use super::{Check, Need, Set};
use crate::cause::Cause;
use crate::protocol::knock::Knock;
use crate::service::{HostName, TlsMode};
use crate::transport::{Ending, Target};

pub(super) const CHECK: Check = Check {
    name: "network",
    asks: to_say!("Can this machine reach other hosts?"),
    set: Set::Fast,
    needs: Need::Names,
    run,
};

fn run<'a>(round: &'a Round<'a>) -> BoxFuture<'a, Vec<Finding>> {
    async move {
        let asked = round.service.control_hosts.iter().map(|(host, port)| probe(round, host, *port));
        join_all(asked).await.into_iter().flatten().collect()
    }
    .boxed()
}

/// The first address of each family: one is enough to know that the way out is open.
async fn probe(round: &Round<'_>, host: &HostName, port: u16) -> Vec<Finding> {
    let places: Vec<Target> =
        round.places(host, port, TlsMode::Starttls).await.into_iter().flatten().collect();
    let first = |v4: bool| places.iter().find(|target| target.address.socket().is_ipv4() == v4);
    let asked = [first(true), first(false)].into_iter().flatten().map(|target| knock(round, target));
    join_all(asked).await
}

async fn knock(round: &Round<'_>, target: &Target) -> Finding {
    let connection = round.converse(target, &mut Knock).await;
    let finding = describe(Finding::at(CHECK.name, target, Path::Aside), &connection);
    match connection.ending {
        Ending::Finished => finding,
        _ => finding.judged(Verdict::Unknown, Cause::OwnNetwork),
    }
}
