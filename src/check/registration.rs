//! The registration of the domain, by RDAP (RFC 9082, RFC 9083): until when it runs, and whether the registry holds it
//! back. A domain that runs out takes mail, web and the registrar's own warnings with it.
//!
//! 1. The registry is named by the configuration, or looked up in IANA's list (RFC 9224).
//! 2. It is asked for the domain, then for what is above it: `mail.example.org` belongs to `example.org`.
//! 3. It is asked with the other slow questions, and at once where the domain does not exist any more.

use std::net::SocketAddr;

use chrono::{DateTime, Utc};
use futures::FutureExt;
use futures::future::BoxFuture;
use reqwest::Url;
use serde::Deserialize;
use tokio::time::Instant;

use super::finding::{Finding, Path, Verdict};
use super::round::{Exchangers, Round, millis_since};
use super::{Check, Need, Set};
use crate::cause::Cause;
use crate::resolve::DnsFault;
use crate::service::{HostName, Registry};
use crate::transport::web::{self, PageFault};
use crate::transport::{Vetted, vet};

pub(super) const CHECK: Check = Check {
    name: "registration",
    asks: "Until when is the domain registered?",
    set: Set::Fast,
    needs: Need::Names,
    run,
};

/// IANA's list of registries.
const LIST: &str = "https://data.iana.org/rdap/dns.json";
/// Most bytes of an answer; IANA's list had about 60 KiB in 2026.
const MOST_BYTES: usize = 512 * 1024;
/// A registration that ends within so many days is reported; registrars renew a month before.
const WARNING_DAYS: i64 = 30;
/// Most names above the domain that are asked for.
const MOST_NAMES: usize = 4;

fn run<'a>(round: &'a Round<'a>) -> BoxFuture<'a, Vec<Finding>> {
    async move {
        let Some(registry) = &round.service.registry else { return Vec::new() };
        let gone = matches!(round.exchangers().await, Exchangers::Fault(DnsFault::NoSuchName, _));
        if !gone && !round.set.includes(Set::Hygiene) {
            return Vec::new();
        }
        let begun = Instant::now();
        let finding = Finding::ok(CHECK.name, &round.service.domain, Path::Aside);
        let finding = match ask(round, registry).await {
            Ok(answer) => judge(finding, &answer, round.now),
            Err(Unanswered::NotRegistered) => finding
                .fact("registry", "does not know the domain")
                .judged(registered(gone), Cause::DomainExpired),
            Err(Unanswered::Fault(fault)) => finding.fact("not known", fault),
            Err(Unanswered::Registry(why)) => finding.fact("not known", why),
        };
        vec![finding.took(millis_since(begun))]
    }
    .boxed()
}

/// A registry that does not know a name which still resolves is the wrong one, or late: a doubt and no more.
fn registered(gone: bool) -> Verdict {
    if gone { Verdict::Down } else { Verdict::Degraded }
}

/// Why there is no answer.
enum Unanswered {
    NotRegistered,
    Fault(PageFault),
    Registry(&'static str),
}

async fn ask(round: &Round<'_>, registry: &Registry) -> Result<Answer, Unanswered> {
    let base = match registry {
        Registry::At(url) => url.clone(),
        Registry::Listed => {
            let list = fetch(round, LIST).await.map_err(Unanswered::Fault)?;
            let top = round.service.domain.as_str().rsplit('.').next().unwrap_or_default();
            listed(&list, top).ok_or(Unanswered::Registry("IANA's list names no registry with RDAP"))?
        }
    };
    let mut name = round.service.domain.as_str();
    for _ in 0..MOST_NAMES {
        match fetch(round, &format!("{}/domain/{name}", base.trim_end_matches('/'))).await {
            Ok(text) => {
                let answer = serde_json::from_str(&text);
                return answer.map_err(|_| Unanswered::Registry("what the registry answers cannot be read"));
            }
            Err(PageFault::Status(404)) => {}
            Err(fault) => return Err(Unanswered::Fault(fault)),
        }
        match name.split_once('.').map(|(_, above)| above).filter(|above| above.contains('.')) {
            Some(above) => name = above,
            None => break,
        }
    }
    Err(Unanswered::NotRegistered)
}

/// Fetches a page from the vetted addresses of its host.
async fn fetch(round: &Round<'_>, url: &str) -> Result<String, PageFault> {
    let parsed = Url::parse(url).ok().filter(|url| url.scheme() == "https").ok_or(PageFault::NoAddress)?;
    let host = parsed.host_str().and_then(|host| HostName::parse(host).ok()).ok_or(PageFault::NoAddress)?;
    let port = parsed.port_or_known_default().unwrap_or(443);
    let addresses = round.addresses(&host).await.list;
    let may = addresses.iter().filter_map(|address| vet(*address, port, round.service).ok());
    let places: Vec<SocketAddr> = may.map(Vetted::socket).collect();
    let page = web::get(url, &host, &places, round.service, MOST_BYTES).await?;
    if page.status == 200 { Ok(page.text) } else { Err(PageFault::Status(page.status)) }
}

/// IANA's list, RFC 9224 section 4: groups of top-level domains, each with the addresses of their registry.
fn listed(list: &str, top: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct List {
        services: Vec<(Vec<String>, Vec<String>)>,
    }
    let list: List = serde_json::from_str(list).ok()?;
    let (_, places) = list.services.into_iter().find(|(tops, _)| tops.iter().any(|known| known == top))?;
    places.into_iter().find(|place| place.starts_with("https://"))
}

/// What a registry says about a domain, RFC 9083 section 5.3; the rest is left alone.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Answer {
    status: Vec<String>,
    events: Vec<Event>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Event {
    event_action: String,
    event_date: String,
}

impl Answer {
    fn ends(&self) -> Option<DateTime<Utc>> {
        let end = self.events.iter().find(|event| event.event_action == "expiration")?;
        Some(DateTime::parse_from_rfc3339(&end.event_date).ok()?.to_utc())
    }

    /// A status that takes the domain out of DNS, or comes shortly before (RFC 8056 section 2).
    fn held(&self) -> Option<&String> {
        const HELD: [&str; 5] =
            ["client hold", "server hold", "redemption period", "pending delete", "inactive"];
        self.status.iter().find(|status| HELD.contains(&status.to_ascii_lowercase().as_str()))
    }
}

fn judge(mut finding: Finding, answer: &Answer, now: DateTime<Utc>) -> Finding {
    if let Some(status) = answer.held() {
        let status: String = status.chars().filter(|c| !c.is_control()).take(60).collect();
        return finding.fact("status", status).judged(Verdict::Down, Cause::DomainExpired);
    }
    let Some(ends) = answer.ends() else {
        return finding.fact("registered until", "not told by the registry");
    };
    finding.facts.add("registered until", ends.format("%Y-%m-%d %H:%M UTC"));
    let days = (ends - now).num_days();
    if ends <= now {
        // The registry keeps an expired domain alive for days to weeks.
        return finding.judged(Verdict::Degraded, Cause::DomainExpired);
    }
    if days < WARNING_DAYS {
        return finding.fact("days left", days).judged(Verdict::Degraded, Cause::DomainExpiring);
    }
    finding.fact("days left", days)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(answer: &str, verdict: Verdict, cause: Option<Cause>) {
        let now = DateTime::parse_from_rfc3339("2026-11-30T00:00:00Z").expect("a time").to_utc();
        let answer: Answer = serde_json::from_str(answer).expect("readable");
        let found = judge(Finding::ok(CHECK.name, "example.org", Path::Aside), &answer, now);
        assert_eq!((found.verdict, found.cause), (verdict, cause), "{:?}", found.facts);
    }

    #[test]
    fn what_the_registry_says() {
        let until = |date: &str| {
            format!(
                r#"{{"status":["active"],"events":[{{"eventAction":"registration","eventDate":"2001-01-01T00:00:00Z"}},
                {{"eventAction":"expiration","eventDate":"{date}"}}],"entities":[{{"roles":["registrar"]}}]}}"#
            )
        };
        check(&until("2027-11-30T00:00:00Z"), Verdict::Ok, None);
        check(&until("2026-12-20T00:00:00.123+02:00"), Verdict::Degraded, Some(Cause::DomainExpiring));
        check(&until("2026-11-29T00:00:00Z"), Verdict::Degraded, Some(Cause::DomainExpired));
        check(r#"{"status":["redemption period"]}"#, Verdict::Down, Some(Cause::DomainExpired));
        check(r#"{"status":["Server Hold"]}"#, Verdict::Down, Some(Cause::DomainExpired));
        check(r#"{"events":[{"eventAction":"expiration","eventDate":"soon"}]}"#, Verdict::Ok, None);
        check("{}", Verdict::Ok, None);
    }

    #[test]
    fn the_registry_is_found_in_the_list() {
        let list = r#"{"version":"1.0","services":[[["net","com"],["http://rdap.example/","https://rdap.example/com/v1/"]],
            [["org"],["https://rdap.example/org/"]]]}"#;
        assert_eq!(listed(list, "com").as_deref(), Some("https://rdap.example/com/v1/"));
        assert_eq!(listed(list, "org").as_deref(), Some("https://rdap.example/org/"));
        assert_eq!(listed(list, "test"), None);
        assert_eq!(listed("<html>", "org"), None);
    }

    proptest! {
        #[test]
        fn any_answer_is_read_or_not_known(
            text in "\\PC{0,300}|\\{\"(events|status|services)\":[\\[\\]{}\",:a-z0-9TZ+-]{0,80}\\}",
            status in "\\PC{0,90}", action in "expiration|\\PC{0,20}", date in "[0-9]{1,6}-[0-9]{2}-[0-9]{2}T[0-9:.]{0,12}(Z|[+-][0-9:]{4,6})?",
        ) {
            listed(&text, "org");
            let event = Event { event_action: action, event_date: date };
            let made = Answer { status: vec![status], events: vec![event] };
            for answer in serde_json::from_str::<Answer>(&text).into_iter().chain([made]) {
                let found = judge(Finding::ok(CHECK.name, "a", Path::Aside), &answer, DateTime::UNIX_EPOCH);
                prop_assert!(found.facts.iter().all(|(_, value)| value.len() < 300));
            }
        }
    }
}
