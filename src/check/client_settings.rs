//! How programs find the service by themselves: SRV records (RFC 6186, RFC 8314 section 5.1), autoconfig, autodiscover.
//!
//! A new phone cannot be set up where these lead nowhere; those that are set up go on. What is not published is no
//! fault. A page that answers 404 is told and no more: many domains answer for every name below them.

use std::net::SocketAddr;

use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use tokio::time::Instant;
use watchpost_texts::{say, to_say};

use super::finding::{Finding, Path, Verdict};
use super::round::{Round, millis_since};
use super::{Check, Need, Set};
use crate::cause::Cause;
use crate::resolve::{DnsFault, RecordType, host, services};
use crate::service::HostName;
use crate::transport::web::{self, PageFault};
use crate::transport::{Vetted, vet};

pub(super) const CHECK: Check = Check {
    name: "client-settings",
    asks: to_say!("Do programs find the service by themselves?"),
    set: Set::Hygiene,
    needs: Need::Names,
    run,
};

/// The services of mail programs, RFC 6186 section 3, RFC 8314 section 5.1, RFC 5804 section 1.9.
const SERVICES: [&str; 7] = [
    "_submissions._tcp",
    "_submission._tcp",
    "_imaps._tcp",
    "_imap._tcp",
    "_pop3s._tcp",
    "_pop3._tcp",
    "_sieve._tcp",
];
/// Host, path, and what the page holds when it is the right one.
const PAGES: [(&str, &str, &str); 2] = [
    ("autoconfig", "/mail/config-v1.1.xml", "<clientConfig"),
    ("autodiscover", "/autodiscover/autodiscover.xml", "Autodiscover"),
];
const MOST_BYTES: usize = 64 * 1024;

fn run<'a>(round: &'a Round<'a>) -> BoxFuture<'a, Vec<Finding>> {
    async move {
        let records = join_all(SERVICES.iter().map(|service| record(round, service)));
        let pages = join_all(PAGES.iter().map(|page| settings(round, *page)));
        let (records, pages) = tokio::join!(records, pages);
        records.into_iter().chain(pages).flatten().collect()
    }
    .boxed()
}

async fn record(round: &Round<'_>, service: &str) -> Option<Finding> {
    let begun = Instant::now();
    let name = round.service.domain.below(service);
    let records = services(&round.ask(&name, RecordType::SRV).await.ok()?);
    let (target, port) = records.first()?;
    let finding = Finding::ok(CHECK.name, &name, Path::Aside);
    let leads = match host(target) {
        _ if target.is_empty() => Leads::NotOffered,
        None => Leads::NoHost,
        Some(known) => match round.addresses(&known).await {
            found if !found.list.is_empty() => Leads::There,
            found if found.fault.is_some_and(DnsFault::is_about_name) => Leads::NoHost,
            // The check `address` says what is wrong with names as a whole.
            _ => return None,
        },
    };
    Some(judge_record(finding, target, *port, leads).took(millis_since(begun)))
}

/// Where a record leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leads {
    There,
    NotOffered,
    NoHost,
}

fn judge_record(finding: Finding, target: &str, port: u16, leads: Leads) -> Finding {
    match leads {
        Leads::There => finding.fact(to_say!("leads to"), format!("{target}:{port}")),
        // RFC 2782: the target "." says that the service is decidedly not offered.
        Leads::NotOffered => finding.fact(to_say!("leads to"), say!("nowhere, on purpose")),
        Leads::NoHost => finding
            .fact(to_say!("leads to"), say!("{target}:{port}, which does not exist"))
            .judged(Verdict::Degraded, Cause::Configuration),
    }
}

async fn settings(round: &Round<'_>, (label, path, holds): (&str, &str, &str)) -> Option<Finding> {
    let begun = Instant::now();
    let name = HostName::parse(&round.service.domain.below(label)).ok()?;
    let addresses = round.addresses(&name).await.list;
    let port = round.service.https_port;
    let may = addresses.iter().filter_map(|address| vet(*address, port, round.service).ok());
    let places: Vec<SocketAddr> = may.map(Vetted::socket).collect();
    if places.is_empty() {
        return None; // Nobody has promised such a page.
    }
    let answer = web::get(&round.page_url(&name, path), &name, &places, round.service, MOST_BYTES).await;
    let finding = Finding::ok(CHECK.name, &name, Path::Aside);
    let answer = answer.map(|page| (page.status, page.text.contains(holds)));
    Some(judge_page(finding, answer).took(millis_since(begun)))
}

fn judge_page(finding: Finding, answer: Result<(u16, bool), PageFault>) -> Finding {
    match answer {
        Ok((200, true)) => finding.fact("settings", "served"),
        // Autodiscover answers only to who logs in.
        Ok((401, _)) => finding.fact("settings", say!("served to who logs in")),
        Ok((status @ 500.., _)) => {
            finding.fact("status", status).judged(Verdict::Degraded, Cause::Configuration)
        }
        Ok((status, _)) => finding.fact("settings", say!("none (status {status})")),
        Err(fault) => finding.fact("settings", say!("none: {fault}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding() -> Finding {
        Finding::ok(CHECK.name, "example.org", Path::Aside)
    }

    #[test]
    fn a_record_leads_somewhere_or_nowhere_on_purpose() {
        let cause = |leads| judge_record(finding(), "mail.example.org", 993, leads).cause;
        assert_eq!(cause(Leads::There), None);
        assert_eq!(cause(Leads::NotOffered), None);
        assert_eq!(cause(Leads::NoHost), Some(Cause::Configuration));
    }

    #[test]
    fn only_a_page_that_fails_is_a_fault() {
        let cause = |answer| judge_page(finding(), answer).cause;
        assert_eq!(cause(Ok((200, true))), None);
        assert_eq!(cause(Ok((200, false))), None);
        assert_eq!(cause(Ok((401, false))), None);
        assert_eq!(cause(Ok((404, false))), None);
        assert_eq!(cause(Ok((502, false))), Some(Cause::Configuration));
        assert_eq!(cause(Err(PageFault::Connection)), None);
    }
}
