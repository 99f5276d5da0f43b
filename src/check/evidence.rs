//! The table *evidence, likely cause*: what is seen in a dialogue, and what is concluded from it. A row is played without
//! sockets, judged by the check that would hold the dialogue, and diagnosed.

use std::net::{IpAddr, SocketAddr};

use chrono::{DateTime, TimeDelta, Utc};

use super::finding::{Assessment, Finding, Path, Verdict};
use super::memory::Memory;
use super::round::{Exchangers, Round};
use super::{Set, imap, mx, smtp_relay, submission, web};
use crate::cause::Cause;
use crate::diagnose::diagnose;
use crate::explain::explain;
use crate::protocol::imap::ImapDialogue;
use crate::protocol::imap::plan::{ImapPlan, Mailbox as Open};
use crate::protocol::smtp::SmtpDialogue;
use crate::protocol::smtp::plan::{Credentials, Plan, Role, TlsPlan, Transaction};
use crate::protocol::{Dialogue, Phase, Step};
use crate::resolve::DnsFault;
use crate::service::{Account, HostName, LoginMethod, Mailbox, Service, TlsMode, WebPage};
use crate::transport::web::Page;
use crate::transport::{Certificate, Connection, Ending, Target, TlsRecord, Transport, vet};

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn service() -> Service {
    let mut service = Service::new("acme", HostName::parse("example.org").unwrap());
    service.allow = vec!["192.0.2.0/24".parse().unwrap(), "2001:db8::/32".parse().unwrap()];
    service
}

fn target(address: &str, port: u16, tls: TlsMode) -> Target {
    let address = vet(address.parse::<IpAddr>().unwrap(), port, &service()).unwrap();
    Target { address, host: HostName::parse("mail.example.org").unwrap(), tls }
}

/// A certificate that ends after so many days, and is for the right host or not.
fn tls(days: i64, name_matches: bool) -> TlsRecord {
    let certificate = Certificate {
        not_before: now() - TimeDelta::days(60),
        not_after: now() + TimeDelta::days(days),
        names: vec!["mail.example.org".into()],
        issuer: "CN=Example".into(),
        fingerprint: "00".into(),
        key_fingerprint: "11".into(),
        trusted: true,
        name_matches,
    };
    TlsRecord { version: Some("TLS 1.3"), certificate: Some(certificate), millis: 5 }
}

/// Plays the server's lines, one for each command or group of commands, `|` between lines of one answer. Where they end
/// the server says nothing more, and the conversation ends so.
fn play(dialogue: &mut dyn Dialogue, lines: &[&str], end: Ending, tls: TlsRecord) -> Connection {
    let mut lines = lines.iter();
    let (mut ending, mut begun_tls) = (end, None);
    for at in 0..200 {
        match dialogue.step() {
            Step::Send(_) | Step::Pause(_) | Step::Hold => {}
            Step::StartTls => {
                begun_tls = Some(tls.clone());
                dialogue.secured(true, at);
            }
            Step::Done => {
                ending = Ending::Finished;
                break;
            }
            Step::Read => {
                let Some(line) = lines.next() else {
                    // The transport forgives how somebody hangs up: everything is known by then.
                    let at_the_end = dialogue.phase() == Phase::Quit;
                    ending = if at_the_end { Ending::Finished } else { ending };
                    break;
                };
                let bytes = format!("{}\r\n", line.replace('|', "\r\n"));
                if let Err(fault) = dialogue.receive(bytes.as_bytes(), at) {
                    ending = Ending::Broken(fault);
                    break;
                }
            }
        }
    }
    Connection { ending, phase: dialogue.phase(), connected: Some(1), tls: begun_tls, millis: 20 }
}

/// What a check makes of a dialogue.
fn with_round<T>(work: impl FnOnce(&Round<'_>) -> T) -> T {
    let (service, memory, transport) = (service(), Memory::default(), Transport::default());
    let of_service = memory.of("acme");
    let round = Round::new(&service, Set::Full, now(), (&of_service, &memory.key), &transport, &[]);
    work(&round)
}

fn mailbox(text: &str) -> Mailbox {
    Mailbox::parse(text).unwrap()
}

const HELLO: [&str; 4] = [
    "220 mail ESMTP",
    "250-mail|250-PIPELINING|250 STARTTLS",
    "220 go",
    "250-mail|250-AUTH PLAIN|250 PIPELINING",
];

/// Port 25 after a good beginning: replies to MAIL and to RCPT for the probe, postmaster, nobody and a stranger.
fn relay(replies: &str) -> Vec<Finding> {
    let lines: Vec<&str> = HELLO.into_iter().chain([replies, "221 bye"]).collect();
    relay_at("192.0.2.1", &lines, Ending::Timeout, tls(60, true))
}

fn relay_at(address: &str, lines: &[&str], end: Ending, tls: TlsRecord) -> Vec<Finding> {
    let roles = [Role::Probe, Role::Postmaster, Role::Unknown, Role::Foreign];
    let names = ["probe@example.org", "postmaster@example.org", "nobody@example.org", "you@example.net"];
    let recipients = roles.into_iter().zip(names.map(mailbox)).collect();
    let transactions = vec![Transaction { sender: None, recipients, message: None, envelope_id: None }];
    let plan =
        Plan { helo: "watch.example.net".into(), tls: TlsPlan::WhereOffered, login: None, transactions };
    let mut dialogue = SmtpDialogue::new(plan);
    let connection = play(&mut dialogue, lines, end, tls);
    let target = target(address, 25, TlsMode::Starttls);
    with_round(|round| smtp_relay::judge(round, &target, &connection, dialogue.into_record()))
}

fn account() -> Account {
    Account {
        mailbox: mailbox("probe@example.org"),
        login: "probe".into(),
        secret: secrecy::SecretString::from("secret"),
        method: LoginMethod::Password,
    }
}

/// Port 587 after a good beginning: the reply to the login, and what comes then.
fn submit(replies: &[&str]) -> Vec<Finding> {
    let lines: Vec<&str> = HELLO.into_iter().chain(replies.iter().copied()).chain(["221 bye"]).collect();
    submit_with(&lines, Ending::Timeout, tls(60, true))
}

fn submit_with(lines: &[&str], end: Ending, tls: TlsRecord) -> Vec<Finding> {
    let login = Some(Credentials::from(&account()));
    let plan = Plan { helo: "w".into(), tls: TlsPlan::Required, login, transactions: vec![] };
    let mut dialogue = SmtpDialogue::new(plan);
    let connection = play(&mut dialogue, lines, end, tls);
    let target = target("192.0.2.1", 587, TlsMode::Starttls);
    with_round(|round| submission::judge(round, &target, &connection, dialogue.into_record()))
}

const IMAP_HELLO: [&str; 5] = [
    "* OK ready",
    "* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED|w1 OK",
    "w2 OK go",
    "* CAPABILITY IMAP4rev1|w3 OK",
    "w4 OK in",
];

fn read(lines: &[&str], end: Ending) -> Vec<Finding> {
    let login = Some(Credentials::from(&account()));
    let plan = ImapPlan { tls: TlsMode::Starttls, login, mailbox: Open::Examine };
    let mut dialogue = ImapDialogue::new(plan);
    let connection = play(&mut dialogue, lines, end, tls(60, true));
    let target = target("192.0.2.1", 143, TlsMode::Starttls);
    with_round(|round| imap::judge(round, &target, &connection, dialogue.into_record()))
}

/// IMAP up to the login, then this.
fn read_then(count: usize, replies: &[&str]) -> Vec<Finding> {
    let lines: Vec<&str> = IMAP_HELLO.into_iter().take(count).chain(replies.iter().copied()).collect();
    read(&lines, Ending::Timeout)
}

const ALL_TAKEN: &str = "250 ok|250 ok|250 ok|550 5.1.1 no|554 5.7.1 Relay access denied";

fn relay_good() -> Vec<Finding> {
    relay(ALL_TAKEN)
}

fn submit_good() -> Vec<Finding> {
    submit(&["235 2.7.0 in"])
}

fn read_good() -> Vec<Finding> {
    read_then(5, &["w5 OK [READ-ONLY] open", "* BYE|w6 OK bye"])
}

fn aside(check: &'static str, path: Path, verdict: Verdict, cause: Cause) -> Finding {
    Finding::ok(check, "example.org", path).judged(verdict, cause)
}

/// Connections that nobody answers, or refuses, at these ports.
fn dead(address: &str, ports: &[u16], ending: &Ending) -> Vec<Finding> {
    let lines: [&str; 0] = [];
    let mut findings = Vec::new();
    for port in ports {
        let found = match port {
            25 => relay_at(address, &lines, ending.clone(), tls(60, true)),
            587 => submit_with(&lines, ending.clone(), tls(60, true)),
            _ => read(&lines, ending.clone()),
        };
        findings.extend(found.into_iter().map(|mut finding| {
            let host = HostName::parse("mail.example.org").unwrap();
            finding.at = Some((host, SocketAddr::new(address.parse().unwrap(), *port)));
            finding.target = format!("mail.example.org {address}:{port}");
            finding
        }));
    }
    findings
}

fn assess(parts: Vec<Vec<Finding>>) -> Assessment {
    diagnose(&service(), parts.into_iter().flatten().collect(), 1)
}

#[track_caller]
fn row(number: u8, parts: Vec<Vec<Finding>>, verdict: Verdict, cause: Cause) {
    let found = assess(parts);
    assert_eq!((found.verdict, found.cause), (verdict, Some(cause)), "row {number}: {:#?}", found.findings);
}

/// A row of texts: bounces and queues, read by `explain`.
#[track_caller]
fn text(number: u8, text: &str, cause: Cause) {
    assert_eq!(explain(text, now()).cause, Some(cause), "row {number}: {text}");
}

fn mx_finding(set: &Exchangers) -> Finding {
    mx::judge(Finding::ok("mx", "example.org", Path::Names), set, true)
}

#[test]
fn names() {
    use Cause::*;
    use Verdict::{Degraded, Down, Ok, Unknown};
    let resolver = |verdict| vec![aside("resolver", Path::Aside, verdict, ResolverDown)];
    row(1, vec![resolver(Degraded), relay_good(), submit_good(), read_good()], Degraded, ResolverDown);
    let sound = assess(vec![resolver(Degraded), relay_good(), submit_good(), read_good()]);
    assert!(sound.capabilities.each().iter().all(|(_, verdict)| *verdict == Ok), "no alarm on mail");
    row(1, vec![resolver(Unknown)], Unknown, ResolverDown);
    let fail = Exchangers::Fault(DnsFault::ServerFailure, vec![]);
    let bogus = mx_finding(&fail).judged(Down, DnssecBroken);
    let address = aside("address", Path::Incoming, Down, DnsServfail);
    row(2, vec![vec![bogus, address.clone()]], Down, DnssecBroken);
    row(2, vec![vec![mx_finding(&fail), address]], Down, DnsServfail);
    let gone = || mx_finding(&Exchangers::Fault(DnsFault::NoSuchName, vec![]));
    row(3, vec![vec![gone()]], Down, DnsNxdomain);
    let expired = aside("registration", Path::Aside, Down, DomainExpired);
    row(3, vec![vec![gone(), expired]], Down, DomainExpired);
    let changed = || {
        let records = Exchangers::Records(vec![(10, "evil.example".into())]);
        vec![mx_finding(&records).fact("mx was", "10 mail.example.org.")]
    };
    row(4, vec![changed(), relay_good(), submit_good(), read_good()], Ok, DnsChanged);
    let refused = assess(vec![
        changed(),
        relay("250 ok|554 5.7.1 Relay access denied|554 5.7.1 Relay access denied|554 no|554 no"),
    ]);
    assert_eq!((refused.cause, refused.independent), (Some(RelayDenied), vec![DnsChanged]), "row 4");
}

#[test]
fn network_and_greeting() {
    use Cause::*;
    use Verdict::{Degraded, Down, Ok, Unknown};
    let (v4, v6) = ("192.0.2.1", "2001:db8::1");
    row(5, vec![dead(v4, &[25, 587], &Ending::Refused), read_good()], Down, ConnectionRefused);
    row(6, vec![dead(v4, &[25, 587, 143], &Ending::ConnectTimeout)], Down, HostDown);
    row(
        7,
        vec![relay_good(), dead(v6, &[25], &Ending::ConnectTimeout), submit_good(), read_good()],
        Degraded,
        Ipv6Broken,
    );
    row(
        8,
        vec![relay_at(v4, &[], Ending::Timeout, tls(60, true)), submit_good(), read_good()],
        Degraded,
        NoBanner,
    );
    let silent: Vec<Finding> = relay_at(v4, &[], Ending::Timeout, tls(60, true));
    let silent = silent.into_iter().map(|f| f.fact(super::ASKED_AGAIN, "silent as well")).collect();
    row(8, vec![silent, submit_good(), read_good()], Down, NoBanner);
    row(
        9,
        vec![relay_at(v4, &[], Ending::Closed, tls(60, true)), submit_good(), read_good()],
        Down,
        ClosedBeforeBanner,
    );
    let greeted =
        |line| vec![relay_at(v4, &[line], Ending::Closed, tls(60, true)), submit_good(), read_good()];
    row(10, greeted("421 4.3.2 Service not available"), Down, ServerOverload);
    row(10, greeted("421 mail too many connections"), Unknown, ProberRateLimited);
    row(11, greeted("421 4.7.0 Try again later"), Unknown, ProberRateLimited);
    row(12, greeted("521 5.3.2 mail does not accept mail"), Down, NoMailService);
    row(12, greeted("554 5.7.1 Your address is on our blocklist"), Unknown, ProberBlocked);
    let control = aside("network", Path::Aside, Unknown, OwnNetwork);
    let mut control = control;
    control.at = Some((HostName::parse("example.com").unwrap(), "198.51.100.1:25".parse().unwrap()));
    row(
        37,
        vec![vec![control], dead(v4, &[25], &Ending::ConnectTimeout), submit_good(), read_good()],
        Unknown,
        OwnNetwork,
    );
    assert_eq!(
        assess(vec![relay_good(), submit_good(), read_good()]).verdict,
        Ok,
        "and nothing is wrong where nothing is"
    );
}

#[test]
fn acceptance() {
    use Cause::*;
    use Verdict::{Degraded, Down, Ok};
    let with = |replies: &str| vec![relay(replies), submit_good(), read_good()];
    let all = |reply: &str| format!("250 ok|{reply}|{reply}|{reply}|554 5.7.1 Relay access denied");
    row(13, with("452 4.3.1 Insufficient system storage|503 no|503 no|503 no|503 no"), Down, StorageFull);
    row(14, with("250 ok|552 5.2.2 Mailbox full|250 ok|550 5.1.1 no|554 no"), Degraded, MailboxFull);
    row(14, with("250 ok|452 4.2.2 Mailbox full|250 ok|550 5.1.1 no|554 no"), Degraded, MailboxFull);
    row(15, with(&all("451 4.3.0 Temporary lookup failure")), Down, DirectoryBroken);
    row(15, with(&all("451 queue file write error")), Down, StorageFault);
    row(16, with(&all("451 4.7.1 Service unavailable - try again later")), Down, FilterDown);
    row(17, with(&all("450 4.2.0 Greylisted, come back later")), Ok, Greylisting);
    row(
        18,
        with("250 ok|550 5.1.1 User unknown|250 ok|550 5.1.1 User unknown|554 no"),
        Degraded,
        AddressUnknown,
    );
    row(18, with(&all("550 5.1.1 User unknown")), Down, DirectoryBroken);
    row(19, with(&all("554 5.7.1 Relay access denied")), Down, RelayDenied);
    row(21, with(&all("554 5.4.6 Too many hops")), Down, MailLoop);
}

#[test]
fn texts_of_bounces_and_queues() {
    use Cause::*;
    text(
        20,
        "550 5.7.26 Unauthenticated email from example.org is not accepted due to DMARC policy",
        MailAuthenticationFailed,
    );
    text(20, "550 5.7.25 The IP address sending this message does not have a PTR record", ReverseNameMissing);
    text(20, "554 5.7.1 Service unavailable; client [192.0.2.1] blocked using zen.example", Blocklisted);
    text(21, "554 5.4.6 mail for example.org loops back to myself", MailLoop);
    text(22, "450 4.4.1 connect to mx.example.net[192.0.2.9]:25: Connection timed out", ConnectionTimeout);
    text(22, "4.4.7 Message expired", DeliveryExpired);
    text(
        23,
        "451 4.4.3 Host or domain name not found. Name service error for name=example.net type=MX: Host not found, try again",
        ResolverDown,
    );
    text(24, "450 4.7.5 Server certificate not trusted", CertificateUntrusted);
    text(40, "450 4.3.0 deferred transport", QueueStuck);
}

#[test]
fn encryption_and_login() {
    use Cause::*;
    use Verdict::{Degraded, Down, Unknown};
    let no_tls = ["220 mail ESMTP", "250-mail|250 PIPELINING", ALL_TAKEN, "221 bye"];
    let bare = relay_at("192.0.2.1", &no_tls, Ending::Timeout, tls(60, true));
    row(25, vec![bare, submit_good(), read_good()], Degraded, StarttlsMissing);
    let refused = ["220 mail ESMTP", "250-mail|250 STARTTLS", "454 4.7.0 TLS not available", "221 bye"];
    row(
        26,
        vec![relay_good(), submit_with(&refused, Ending::Timeout, tls(60, true)), read_good()],
        Down,
        TlsUnavailable,
    );
    let good: Vec<&str> = HELLO.into_iter().chain(["235 in", "221 bye"]).collect();
    let shows =
        |certificate| vec![relay_good(), submit_with(&good, Ending::Timeout, certificate), read_good()];
    row(27, shows(tls(-1, true)), Down, CertificateExpired);
    row(27, shows(tls(60, false)), Down, CertificateName);
    row(27, shows(tls(3, true)), Degraded, CertificateExpiring);
    let wrong = vec![
        relay_good(),
        submit(&["535 5.7.8 no"]),
        read_then(4, &["w4 NO [AUTHENTICATIONFAILED] no", "w5 OK"]),
    ];
    row(28, wrong, Unknown, ProbePasswordWrong);
    let backend = vec![
        relay_good(),
        submit(&["454 4.7.0 Temporary"]),
        read_then(4, &["w4 NO [UNAVAILABLE] later", "w5 OK"]),
    ];
    row(29, backend, Down, LoginBackendDown);
    // A password file that cannot be read answers 535 like a wrong password; IMAP tells them apart.
    let unreadable =
        vec![relay_good(), submit(&["535 5.7.8 no"]), read_then(4, &["w4 NO [UNAVAILABLE] later", "w5 OK"])];
    row(29, unreadable, Down, LoginBackendDown);
}

#[test]
fn storage_and_delivery() {
    use Cause::*;
    use Verdict::{Degraded, Down, Ok};
    let reading = |findings| vec![relay_good(), submit_good(), findings];
    row(30, reading(read(&["* BYE [UNAVAILABLE] too busy"], Ending::Closed)), Down, ServerOverload);
    row(30, reading(read_then(4, &["w4 NO [LIMIT] too many", "w5 OK"])), Degraded, ConnectionLimit);
    row(31, reading(read_then(5, &["w5 NO [CORRUPTION] index", "w6 OK"])), Down, MailboxCorrupt);
    let then = |check, path, verdict, cause| {
        vec![relay_good(), submit_good(), read_good(), vec![aside(check, path, verdict, cause)]]
    };
    row(32, then("delivery", Path::Delivery, Down, DeliveryStuck), Down, DeliveryStuck);
    row(33, then("delivery", Path::Delivery, Degraded, DeliverySlow), Degraded, DeliverySlow);
    row(34, then("delivery", Path::Delivery, Degraded, MailboxDeliverySlow), Degraded, MailboxDeliverySlow);
    row(35, then("delivery", Path::Delivery, Degraded, DeliveredToJunk), Degraded, DeliveredToJunk);
    let one_way = assess(then("inbound", Path::Inbound, Down, InboundBroken));
    assert_eq!((one_way.cause, one_way.capabilities.receive), (Some(InboundBroken), Down), "row 36");
    assert_eq!((one_way.capabilities.send, one_way.capabilities.read), (Ok, Ok), "row 36");
    let other_way = assess(then("outbound", Path::Outbound, Down, OutboundBroken));
    assert_eq!((other_way.capabilities.send, other_way.capabilities.receive), (Down, Ok), "row 36");
    row(38, then("delivery", Path::Delivery, Degraded, ClockWrong), Degraded, ClockWrong);
    let page = WebPage {
        name: "webmail".into(),
        url: "https://webmail.example.org/".into(),
        status: 200,
        text: None,
    };
    let answer = Page { status: 502, text: String::new() };
    let failing = web::judge(Finding::ok("web", "webmail", Path::Aside), &page, &answer);
    let tier = assess(vec![relay_good(), submit_good(), read_good(), vec![failing]]);
    assert_eq!(
        (tier.verdict, tier.cause, tier.capabilities.read),
        (Degraded, Some(WebmailDown), Degraded),
        "row 39"
    );
}
