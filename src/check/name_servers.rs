//! The name servers of the domain, each asked by itself: does it answer, and do they tell the same?
//!
//! A name server that fails is not missed while the others answer; it is missed when they fail too. From many networks
//! only the own resolver may be asked, so where none of them answers nothing is known.

use std::net::IpAddr;

use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use tokio::time::Instant;
use watchpost_texts::{say, to_say};

use super::finding::{Finding, Path, Verdict};
use super::round::{Round, millis_since};
use super::{Check, Need, Set};
use crate::cause::Cause;
use crate::resolve::{DnsFault, NameServer, RecordType, exchangers, host, name_servers, serial};
use crate::transport::vet_name_server;

pub(super) const CHECK: Check = Check {
    name: "name-servers",
    asks: to_say!("Do all name servers of the domain answer, and alike?"),
    set: Set::Hygiene,
    needs: Need::Names,
    run,
};

/// Most name servers that are asked.
const MOST_SERVERS: usize = 10;

fn run<'a>(round: &'a Round<'a>) -> BoxFuture<'a, Vec<Finding>> {
    async move {
        let begun = Instant::now();
        let Some((zone, names)) = delegation(round).await else {
            return Vec::new(); // The check `mx` says what is wrong with the domain.
        };
        let asked = names.iter().take(MOST_SERVERS).map(|name| ask_all_of(round, &zone, name));
        let said: Vec<Said> = join_all(asked).await.into_iter().flatten().collect();
        let finding =
            Finding::ok(CHECK.name, &zone, Path::Aside).fact(to_say!("name servers"), names.join(", "));
        let mut finding = judge(finding, &said);
        if let Some(ttl) = how_long_kept(round, &said).await {
            finding.facts.add(to_say!("mx ttl"), ttl);
        }
        vec![finding.took(millis_since(begun))]
    }
    .boxed()
}

/// For how many seconds others keep the MX that they have: as the domain's own servers say; where they cannot be asked,
/// what is left of it at the resolver.
async fn how_long_kept(round: &Round<'_>, said: &[Said]) -> Option<u32> {
    match said.iter().filter_map(|said| said.mx_ttl).max() {
        Some(ttl) => Some(ttl),
        None => round.ttl(round.service.domain.as_str(), RecordType::MX).await,
    }
}

/// The zone that the domain is in, with its name servers.
async fn delegation(round: &Round<'_>) -> Option<(String, Vec<String>)> {
    let mut zone = round.service.domain.as_str();
    loop {
        match round.ask(zone, RecordType::NS).await {
            Ok(records) if !name_servers(&records).is_empty() => {
                return Some((zone.to_owned(), name_servers(&records)));
            }
            Ok(_) | Err(DnsFault::NoRecord) => {}
            Err(_) => return None,
        }
        // A part of a zone has no name servers of its own; a top-level domain is not ours.
        zone = zone.split_once('.').map(|(_, above)| above).filter(|above| above.contains('.'))?;
    }
}

/// What one address of a name server said.
struct Said {
    name: String,
    address: IpAddr,
    serial: Result<Option<u32>, DnsFault>,
    mx: Option<Vec<(u16, String)>>,
    mx_ttl: Option<u32>,
}

async fn ask_all_of(round: &Round<'_>, zone: &str, name: &str) -> Vec<Said> {
    let Some(known) = host(name) else { return Vec::new() };
    let addresses = round.addresses(&known).await.list;
    let may = addresses.iter().filter_map(|address| vet_name_server(*address, round.service).ok());
    let servers: Vec<NameServer> = may.filter_map(|vetted| NameServer::new(vetted.socket())).collect();
    let domain = round.service.domain.as_str();
    join_all(servers.iter().map(|server| async move {
        let (soa, mx) =
            tokio::join!(server.ask(zone, RecordType::SOA), server.ask_with_ttl(domain, RecordType::MX));
        let (mx, mx_ttl) = mx.map_or((None, None), |(records, ttl)| (Some(records), ttl));
        Said {
            name: name.to_owned(),
            address: server.address().ip(),
            serial: soa.map(|records| serial(&records)),
            mx: mx.map(|records| exchangers(&records)),
            mx_ttl,
        }
    }))
    .await
}

fn judge(mut finding: Finding, said: &[Said]) -> Finding {
    let answered: Vec<&Said> = said.iter().filter(|said| said.serial.is_ok()).collect();
    let Some(first) = answered.first() else {
        return finding.fact(to_say!("not known"), say!("none of them can be asked from here"));
    };
    let mut serials: Vec<u32> = answered.iter().filter_map(|said| said.serial.ok().flatten()).collect();
    serials.sort_unstable();
    serials.dedup();
    let shown: Vec<String> = serials.iter().map(ToString::to_string).collect();
    finding.facts.add("serial", shown.join(", "));
    let with_mx = |said: &&&Said| said.mx.is_some() && first.mx.is_some() && said.mx != first.mx;
    let (silent, refusing): (Vec<&Said>, Vec<&Said>) = said
        .iter()
        // No way there from this machine, for instance no IPv6, is no fault of theirs.
        .filter(|said| said.serial.is_err_and(|fault| fault != DnsFault::Unreachable))
        .partition(|said| said.serial.is_err_and(|fault| fault == DnsFault::Timeout));
    if let Some(other) = answered.iter().find(with_mx) {
        finding.facts.add(to_say!("tells another mx"), format!("{} {}", other.name, other.address));
        return finding.judged(Verdict::Degraded, Cause::DnsChanged);
    }
    let list = |those: &[&Said]| {
        those.iter().map(|said| format!("{} {}", said.name, said.address)).collect::<Vec<_>>().join(", ")
    };
    if !silent.is_empty() {
        return finding
            .fact(to_say!("does not answer"), list(&silent))
            .judged(Verdict::Degraded, Cause::DnsTimeout);
    }
    if !refusing.is_empty() {
        return finding
            .fact(to_say!("does not know the zone"), list(&refusing))
            .judged(Verdict::Degraded, Cause::DnsServfail);
    }
    finding
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(serial: Result<u32, DnsFault>, mx: &str) -> Said {
        Said {
            name: "ns.example.org".into(),
            address: [192, 0, 2, 53].into(),
            serial: serial.map(Some),
            mx: serial.is_ok().then(|| vec![(10, mx.to_owned())]),
            mx_ttl: None,
        }
    }

    #[track_caller]
    fn check(said: &[Said], expected: Option<Cause>) {
        let found = judge(Finding::ok(CHECK.name, "example.org", Path::Aside), said);
        assert_eq!(found.cause, expected, "{:?}", found.facts);
    }

    #[test]
    fn each_is_judged_by_itself_and_all_together() {
        let good = || said(Ok(7), "mail");
        check(&[good(), good()], None);
        check(&[good(), said(Ok(8), "mail")], None); // A change under way; what it says is the same.
        check(&[good(), said(Ok(8), "evil")], Some(Cause::DnsChanged));
        check(&[good(), said(Err(DnsFault::Timeout), "")], Some(Cause::DnsTimeout));
        check(&[good(), said(Err(DnsFault::Refused), "")], Some(Cause::DnsServfail));
        check(&[good(), said(Err(DnsFault::ServerFailure), "")], Some(Cause::DnsServfail));
        check(&[good(), said(Err(DnsFault::Unreachable), "")], None);
        check(&[said(Err(DnsFault::Timeout), "")], None); // Nothing gets out of this network.
        check(&[], None);
    }
}
