//! Web pages that must answer: webmail, Exchange's health pages, autoconfig.
//!
//! 1. The certificate is looked at first, so that a bad one is named and not only "no connection".
//! 2. The page is fetched, no redirect followed, and its status and text are compared.

use std::net::SocketAddr;

use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use reqwest::Url;
use tokio::time::Instant;
use watchpost_texts::{say, to_say};

use super::finding::{Finding, Path, Verdict};
use super::judge::{Clients, broken, certificate};
use super::round::{Round, millis_since};
use super::{Check, Need, Set};
use crate::cause::Cause;
use crate::protocol::knock::Knock;
use crate::service::{HostName, TlsMode, WebPage};
use crate::transport::Target;
use crate::transport::web::{self, Page};

pub(super) const CHECK: Check = Check {
    name: "web",
    asks: to_say!("Do the web pages of the service answer?"),
    set: Set::Functional,
    needs: Need::Names,
    run,
};

/// Most bytes of a page that are read; the text that is looked for stands near its beginning.
const MOST_BYTES: usize = 128 * 1024;

fn run<'a>(round: &'a Round<'a>) -> BoxFuture<'a, Vec<Finding>> {
    async move { join_all(round.service.web.iter().map(|page| probe(round, page))).await }.boxed()
}

async fn probe(round: &Round<'_>, page: &WebPage) -> Finding {
    let begun = Instant::now();
    let finding = Finding::ok(CHECK.name, &page.name, Path::Aside);
    let Some((host, port)) = place_of(&page.url) else {
        let finding = finding.fact(to_say!("not asked"), say!("the address needs https:// and a host name"));
        return finding.judged(Verdict::Unknown, Cause::Configuration);
    };
    let places = round.places(&host, port, TlsMode::Implicit).await;
    let targets: Vec<Target> = places.into_iter().flatten().collect();
    let Some(first) = targets.first() else {
        return finding
            .fact(to_say!("not asked"), say!("no address that may be connected to"))
            .judged(Verdict::Down, Cause::WebmailDown);
    };
    let (finding, reachable) = look_at_certificate(round, first, finding).await;
    if !reachable {
        return finding.took(millis_since(begun));
    }
    let addresses: Vec<SocketAddr> = targets.iter().map(|target| target.address.socket()).collect();
    let finding = match web::get(&page.url, &host, &addresses, round.service, MOST_BYTES).await {
        Ok(answer) => judge(finding, page, &answer),
        Err(fault) => finding.fact("answer", fault).judged(Verdict::Down, Cause::WebmailDown),
    };
    finding.took(millis_since(begun))
}

fn place_of(url: &str) -> Option<(HostName, u16)> {
    let url = Url::parse(url).ok().filter(|url| url.scheme() == "https")?;
    Some((HostName::parse(url.host_str()?).ok()?, url.port_or_known_default()?))
}

/// The second value is false where fetching the page would tell no more.
async fn look_at_certificate(round: &Round<'_>, target: &Target, finding: Finding) -> (Finding, bool) {
    let connection = round.converse(target, &mut Knock).await;
    if broken(&connection).is_some() {
        let finding = finding.fact("connection", &connection.ending);
        return (finding.judged(Verdict::Down, Cause::WebmailDown), false);
    }
    let seen = connection.tls.as_ref().and_then(|tls| tls.certificate.as_ref());
    let flaw = seen.and_then(|seen| certificate(seen, Clients::Programs, round.now, &round.service.limits));
    match (flaw, seen) {
        (Some((verdict, cause)), Some(seen)) => {
            let until = seen.not_after.format("%Y-%m-%d %H:%M UTC");
            let finding = finding.fact(to_say!("certificate until"), until).judged(verdict, cause);
            (finding, verdict != Verdict::Down)
        }
        _ => (finding, true),
    }
}

pub(super) fn judge(finding: Finding, page: &WebPage, answer: &Page) -> Finding {
    let finding = finding.fact("status", answer.status);
    if answer.status != page.status {
        return finding.judged(Verdict::Down, Cause::WebmailDown);
    }
    match &page.text {
        Some(text) if !answer.text.contains(text.as_str()) => {
            finding.fact("text", say!("not found on the page")).judged(Verdict::Down, Cause::WebmailDown)
        }
        _ => finding,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(status: u16, text: &str, expected: Option<Cause>) {
        let page = WebPage {
            name: "webmail".into(),
            url: "https://webmail.example.org/".into(),
            status: 200,
            text: Some("Sign in".into()),
        };
        let answer = Page { status, text: text.to_owned() };
        assert_eq!(judge(Finding::ok(CHECK.name, "webmail", Path::Aside), &page, &answer).cause, expected);
    }

    #[test]
    fn status_and_text_are_compared() {
        check(200, "<h1>Sign in</h1>", None);
        check(200, "<h1>It works!</h1>", Some(Cause::WebmailDown));
        check(502, "Sign in", Some(Cause::WebmailDown));
        check(302, "", Some(Cause::WebmailDown));
    }

    #[test]
    fn only_https_and_names_are_asked() {
        let host = |text: &str| HostName::parse(text).unwrap();
        assert_eq!(place_of("https://a.example/x"), Some((host("a.example"), 443)));
        assert_eq!(place_of("https://a.example:8443/"), Some((host("a.example"), 8443)));
        for url in [
            "http://a.example/",
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://[::1]/",
            "file:///etc/passwd",
        ] {
            assert_eq!(place_of(url), None, "{url}");
        }
    }
}
