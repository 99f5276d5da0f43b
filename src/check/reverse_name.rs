//! The reverse names of the addresses that send: each needs a PTR whose name leads back to it.

use std::net::IpAddr;

use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use tokio::time::Instant;
use watchpost_texts::to_say;

use super::finding::{Finding, Path, Verdict};
use super::round::{Round, millis_since};
use super::{Check, Need, Set};
use crate::cause::Cause;
use crate::resolve::{DnsFault, RecordType, host, reversed, targets};

pub(super) const CHECK: Check = Check {
    name: "reverse-name",
    asks: to_say!("Do the sending addresses have names that lead back?"),
    set: Set::Hygiene,
    needs: Need::Names,
    run,
};

/// Most names of one address that are followed.
const MOST_NAMES: usize = 5;

/// The addresses that send: the configured ones, or those of the MX hosts, with what they are called here.
pub(super) async fn outbound(round: &Round<'_>) -> Vec<(String, IpAddr)> {
    if !round.service.outbound.is_empty() {
        return round.service.outbound.iter().map(|address| ("configured".to_owned(), *address)).collect();
    }
    let mut found: Vec<(String, IpAddr)> = Vec::new();
    for name in round.incoming_hosts().await {
        for address in round.addresses(&name).await.list {
            if !found.iter().any(|(_, known)| *known == address) {
                found.push((name.to_string(), address));
            }
        }
    }
    found
}

fn run<'a>(round: &'a Round<'a>) -> BoxFuture<'a, Vec<Finding>> {
    async move {
        let addresses = outbound(round).await;
        // A loopback address sends to nobody, and the resolver library answers for it by itself (RFC 6761).
        let sending = addresses.into_iter().filter(|(_, address)| !address.is_loopback());
        let found = join_all(sending.map(|(_, address)| probe(round, address))).await;
        found.into_iter().flatten().collect()
    }
    .boxed()
}

async fn probe(round: &Round<'_>, address: IpAddr) -> Option<Finding> {
    let begun = Instant::now();
    let names = match round.ask(&reversed(address, "in-addr.arpa", "ip6.arpa"), RecordType::PTR).await {
        Ok(records) => targets(&records),
        Err(DnsFault::NoSuchName | DnsFault::NoRecord) => Vec::new(),
        Err(_) => return None,
    };
    let mut confirmed = None;
    for name in names.iter().take(MOST_NAMES).filter_map(|name| host(name)) {
        if round.addresses(&name).await.list.contains(&address) {
            confirmed = Some(name);
            break;
        }
    }
    let finding = Finding::ok(CHECK.name, address, Path::Aside).took(millis_since(begun));
    Some(match confirmed {
        Some(name) => finding.fact("name", name),
        None if names.is_empty() => {
            finding.fact("name", "none").judged(Verdict::Degraded, Cause::ReverseNameMissing)
        }
        None => {
            let finding = finding.fact(to_say!("names that do not lead back"), names.join(", "));
            finding.judged(Verdict::Degraded, Cause::ReverseNameMissing)
        }
    })
}
