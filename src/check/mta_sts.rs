//! MTA-STS, RFC 8461: the record, the policy over HTTPS, and whether it names the MX hosts.

use std::net::SocketAddr;

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::time::Instant;
use watchpost_texts::to_say;

use super::finding::{Finding, Path, Verdict};
use super::round::{Round, millis_since};
use super::{Check, Need, Set};
use crate::cause::Cause;
use crate::resolve::{DnsFault, RecordType, texts};
use crate::service::HostName;
use crate::transport::web::{self, PageFault};
use crate::transport::{Vetted, vet};

pub(super) const CHECK: Check = Check {
    name: "mta-sts",
    asks: to_say!("Does the MTA-STS policy fit the MX hosts?"),
    set: Set::Hygiene,
    needs: Need::Names,
    run,
};

/// RFC 8461 section 3.3: a policy file of more than 64 KiB need not be read.
const MOST_BYTES: usize = 64 * 1024;

fn run<'a>(round: &'a Round<'a>) -> BoxFuture<'a, Vec<Finding>> {
    async move {
        if round.service.incoming.port != 25 && round.service.https_port == 443 {
            return Vec::new(); // No sender looks for a policy of a service that is only on this machine.
        }
        let begun = Instant::now();
        let name = round.service.domain.below("_mta-sts");
        let records = match round.ask(&name, RecordType::TXT).await {
            Ok(records) => texts(&records),
            Err(DnsFault::NoSuchName | DnsFault::NoRecord) => Vec::new(),
            Err(_) => return Vec::new(),
        };
        let finding = Finding::ok(CHECK.name, &name, Path::Aside);
        let policies: Vec<&String> = records.iter().filter(|text| text.starts_with("v=STSv1")).collect();
        let finding = match policies.as_slice() {
            // Not everybody has one, and that is no fault.
            [] => finding.fact("record", "none"),
            [one] => judge_policy(round, finding.fact("record", one)).await,
            // Section 3.1: with more than one record senders take it that there is no policy.
            many => finding.fact("records", many.len()).judged(Verdict::Degraded, Cause::MtaStsMismatch),
        };
        vec![finding.took(millis_since(begun))]
    }
    .boxed()
}

async fn judge_policy(round: &Round<'_>, finding: Finding) -> Finding {
    let text = match fetch(round).await {
        Ok(text) => text,
        Err(fault) => {
            return finding.fact("policy", fault).judged(Verdict::Degraded, Cause::MtaStsMismatch);
        }
    };
    let Some(policy) = Policy::read(&text) else {
        return finding.fact("policy", "damaged").judged(Verdict::Degraded, Cause::MtaStsMismatch);
    };
    let hosts = round.incoming_hosts().await;
    let finding = finding.fact("mode", &policy.mode).fact(to_say!("policy names"), policy.hosts.join(", "));
    let missing: Vec<String> =
        hosts.iter().filter(|host| !policy.names(host)).map(ToString::to_string).collect();
    if missing.is_empty() || policy.mode == "none" {
        return finding;
    }
    finding.fact(to_say!("not named"), missing.join(", ")).judged(Verdict::Degraded, Cause::MtaStsMismatch)
}

async fn fetch(round: &Round<'_>) -> Result<String, PageFault> {
    let host = HostName::parse(&round.service.domain.below("mta-sts")).map_err(|_| PageFault::NoAddress)?;
    let addresses = round.addresses(&host).await.list;
    let vetted: Vec<SocketAddr> = addresses
        .iter()
        .filter_map(|address| vet(*address, round.service.https_port, round.service).ok())
        .map(Vetted::socket)
        .collect();
    let url = round.page_url(&host, "/.well-known/mta-sts.txt");
    let page = web::get(&url, &host, &vetted, round.service, MOST_BYTES).await?;
    // Section 3.3: only 200 counts, and redirects are not followed.
    if page.status == 200 { Ok(page.text) } else { Err(PageFault::Status(page.status)) }
}

/// A policy file, section 3.2.
#[derive(Debug, PartialEq, Eq)]
struct Policy {
    mode: String,
    hosts: Vec<String>,
}

impl Policy {
    fn read(text: &str) -> Option<Self> {
        let pairs = text.lines().filter_map(|line| line.split_once(':'));
        let pairs: Vec<(&str, &str)> = pairs.map(|(key, value)| (key.trim(), value.trim())).collect();
        let first = |key: &str| pairs.iter().find(|(known, _)| *known == key).map(|(_, value)| *value);
        let known_version = first("version") == Some("STSv1");
        let mode = first("mode").filter(|mode| ["enforce", "testing", "none"].contains(mode))?;
        first("max_age")?.parse::<u32>().ok()?;
        let hosts = pairs.iter().filter(|(key, _)| *key == "mx").take(100);
        let hosts: Vec<String> = hosts.map(|(_, value)| value.to_ascii_lowercase()).collect();
        let complete = known_version && (mode == "none" || !hosts.is_empty());
        complete.then(|| Self { mode: mode.to_owned(), hosts })
    }

    /// Section 4.1: `*.` stands for exactly one label.
    fn names(&self, host: &HostName) -> bool {
        let parent = host.as_str().split_once('.').map(|(_, parent)| parent);
        self.hosts.iter().any(|pattern| match pattern.strip_prefix("*.") {
            Some(wanted) => parent == Some(wanted),
            None => pattern == host.as_str(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, host: &str, expected: Option<bool>) {
        let host = HostName::parse(host).expect("a name");
        assert_eq!(Policy::read(text).map(|policy| policy.names(&host)), expected, "{text:?}");
    }

    #[test]
    fn policies_and_the_hosts_that_they_name() {
        let policy =
            "version: STSv1\r\nmode: enforce\r\nmx: mail.a.example\r\nmx: *.b.example\r\nmax_age: 86400\r\n";
        check(policy, "mail.a.example", Some(true));
        check(policy, "x.b.example", Some(true));
        check(policy, "x.y.b.example", Some(false));
        check(policy, "b.example", Some(false));
        check(policy, "old.a.example", Some(false));
        check("version: STSv1\nmode: enforce\nmax_age: 1\n", "a.example", None);
        check("version: STSv2\nmode: none\nmax_age: 1\n", "a.example", None);
        check("version: STSv1\nmode: none\nmax_age: 1\n", "a.example", Some(false));
        check("<html>", "a.example", None);
    }

    proptest! {
        #[test]
        fn any_page_is_a_policy_or_none(text in "\\PC{0,400}|((version|mode|mx|max_age)?[:*. a-zSTv0-9\\r\\n-]{0,30}\n){0,40}") {
            let host = HostName::parse("mail.a.example").expect("a name");
            if let Some(policy) = Policy::read(&text) {
                prop_assert!(policy.hosts.len() <= 100);
                policy.names(&host);
            }
        }
    }
}
