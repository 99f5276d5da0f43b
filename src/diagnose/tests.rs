//! Diagnosis from tables of findings.

use std::net::SocketAddr;

use super::diagnose;
use crate::cause::Cause;
use crate::check::{Assessment, Finding, Path, Verdict};
use crate::service::{HostName, Service};

const V4: &str = "192.0.2.1";
const V6: &str = "2001:db8::1";

/// A finding at a port of `mail.example.org`.
fn at(path: Path, address: &str, port: u16, verdict: Verdict, cause: Option<Cause>) -> Finding {
    let check = match path {
        Path::Incoming => "smtp-relay",
        Path::Outgoing => "submission",
        Path::Reading => "imap",
        Path::ReadingPop3 => "pop3",
        Path::Delivery | Path::Inbound | Path::Outbound | Path::Names | Path::Aside => "other",
    };
    let socket = SocketAddr::new(address.parse().unwrap(), port);
    let mut finding = Finding::ok(check, socket, path);
    finding.at = Some((HostName::parse("mail.example.org").unwrap(), socket));
    finding.verdict = verdict;
    finding.cause = cause;
    finding
}

fn fine(path: Path, port: u16) -> Finding {
    at(path, V4, port, Verdict::Ok, None)
}

fn down(path: Path, port: u16, cause: Cause) -> Finding {
    at(path, V4, port, Verdict::Down, Some(cause))
}

fn aside(path: Path, verdict: Verdict, cause: Cause) -> Finding {
    Finding::ok("other", "example.org", path).judged(verdict, cause)
}

fn healthy() -> Vec<Finding> {
    vec![fine(Path::Incoming, 25), fine(Path::Outgoing, 587), fine(Path::Reading, 993)]
}

/// A healthy service in which the findings of these ways are replaced.
fn with(changed: Vec<Finding>) -> Vec<Finding> {
    let replaced = |kept: &Finding| changed.iter().any(|new| new.path == kept.path && new.at.is_some());
    let mut findings: Vec<Finding> = healthy().into_iter().filter(|kept| !replaced(kept)).collect();
    findings.extend(changed);
    findings
}

fn assess(findings: Vec<Finding>) -> Assessment {
    let service = Service::new("acme", HostName::parse("example.org").unwrap());
    diagnose(&service, findings, 1)
}

#[track_caller]
fn check(findings: Vec<Finding>, verdict: Verdict, cause: Option<Cause>, beside: &[Cause]) {
    let found = assess(findings);
    assert_eq!((found.verdict, found.cause), (verdict, cause), "{}", found.summary);
    assert_eq!(found.independent, beside);
}

#[test]
fn one_fault_is_named_and_brings_its_consequences() {
    use Cause::*;
    use Path::{Delivery, Incoming, Outgoing, Reading, ReadingPop3};
    use Verdict::{Degraded, Down, Unknown};
    check(healthy(), Verdict::Ok, None, &[]);
    let refused = with(vec![down(Incoming, 25, ConnectionRefused), down(Outgoing, 587, ConnectionRefused)]);
    check(refused, Down, Some(ConnectionRefused), &[]);
    // IMAP alone, and IMAP with the logins of submission.
    check(with(vec![down(Reading, 993, ConnectionRefused)]), Down, Some(ImapDown), &[]);
    let mailbox_server = with(vec![
        down(Reading, 993, ConnectionRefused),
        down(ReadingPop3, 995, ConnectionRefused),
        down(Outgoing, 587, LoginBackendDown),
    ]);
    check(mailbox_server, Down, Some(MailboxServerDown), &[]);
    // Every port of the address is silent: the host, not the port.
    let silent = [(Incoming, 25), (Outgoing, 587), (Reading, 993)];
    let silent = silent.map(|(path, port)| down(path, port, ConnectionTimeout));
    check(silent.to_vec(), Down, Some(HostDown), &[]);
    check(with(vec![down(Incoming, 25, ConnectionTimeout)]), Down, Some(ConnectionTimeout), &[]);
    // Full disk: what cannot be delivered follows from it.
    let full = with(vec![down(Incoming, 25, StorageFull), aside(Delivery, Down, DeliveryStuck)]);
    check(full, Down, Some(StorageFull), &[]);
    // The mailbox does not open and nothing is delivered.
    let mut unopened = down(Reading, 993, StorageFault);
    unopened.facts.add("login", "OK");
    let store = with(vec![unopened, aside(Delivery, Down, DeliveryStuck)]);
    check(store, Down, Some(StorageFull), &[]);
    check(with(vec![aside(Path::Aside, Degraded, Blocklisted)]), Degraded, Some(Blocklisted), &[]);
    check(with(vec![aside(Path::Aside, Verdict::Ok, Greylisting)]), Verdict::Ok, Some(Greylisting), &[]);
    check(with(vec![at(Incoming, V4, 25, Unknown, Some(ProberBlocked))]), Unknown, Some(ProberBlocked), &[]);
}

#[test]
fn a_password_is_told_from_its_back_end() {
    use Path::{Outgoing, Reading};
    let password = |path, port| at(path, V4, port, Verdict::Unknown, Some(Cause::ProbePasswordWrong));
    let wrong = with(vec![password(Outgoing, 587), password(Reading, 993)]);
    check(wrong, Verdict::Unknown, Some(Cause::ProbePasswordWrong), &[]);
    let backend = with(vec![password(Outgoing, 587), down(Reading, 993, Cause::LoginBackendDown)]);
    check(backend, Verdict::Down, Some(Cause::LoginBackendDown), &[]);
    let directory = down(Path::Incoming, 25, Cause::DirectoryBroken);
    let nobody_known = with(vec![password(Outgoing, 587), password(Reading, 993), directory]);
    check(nobody_known, Verdict::Down, Some(Cause::LoginBackendDown), &[]);
    // Only what logs in closes at once; port 25 of the same host greets.
    let closes = with(vec![down(Outgoing, 587, Cause::ClosedBeforeBanner)]);
    check(closes, Verdict::Down, Some(Cause::LoginBackendDown), &[]);
}

#[test]
fn ipv6_is_judged_beside_ipv4() {
    let v6 = |cause| at(Path::Incoming, V6, 25, Verdict::Down, Some(cause));
    let mut findings = healthy();
    findings.push(v6(Cause::ConnectionRefused));
    check(findings, Verdict::Degraded, Some(Cause::Ipv6Broken), &[]);
    let both = with(vec![down(Path::Incoming, 25, Cause::ConnectionRefused), v6(Cause::ConnectionRefused)]);
    check(both, Verdict::Down, Some(Cause::ConnectionRefused), &[]);
    let here = at(Path::Incoming, V6, 25, Verdict::Unknown, Some(Cause::OwnNetwork));
    let mut findings = healthy();
    findings.push(here);
    assert_eq!(assess(findings).verdict, Verdict::Ok, "no IPv6 here is no news about the service");
}

#[test]
fn what_known_hosts_do_not_answer_either_is_our_own_network() {
    let control = |port, verdict, cause| {
        let mut finding = at(Path::Aside, "198.51.100.1", port, verdict, cause);
        finding.check = "network";
        finding
    };
    let blocked = || control(25, Verdict::Unknown, Some(Cause::OwnNetwork));
    let timeout = || with(vec![down(Path::Incoming, 25, Cause::ConnectionTimeout)]);
    let mut findings = timeout();
    findings.push(blocked());
    let found = assess(findings);
    assert_eq!((found.capabilities.receive, found.cause), (Verdict::Unknown, Some(Cause::OwnNetwork)));
    let mut findings = timeout();
    findings.extend([blocked(), control(25, Verdict::Ok, None)]);
    assert_eq!(assess(findings).cause, Some(Cause::ConnectionTimeout), "another host answers on that port");
}

#[test]
fn two_faults_are_both_named() {
    use Cause::*;
    use Path::{Aside, Delivery, Incoming, Outgoing, Reading};
    use Verdict::{Degraded, Down};
    let listed = || aside(Aside, Degraded, Blocklisted);
    check(with(vec![down(Reading, 993, ConnectionRefused), listed()]), Down, Some(ImapDown), &[Blocklisted]);
    let expired =
        with(vec![down(Outgoing, 587, CertificateExpired), listed(), aside(Aside, Degraded, MxMissing)]);
    check(expired, Down, Some(CertificateExpired), &[MxMissing, Blocklisted]);
    let stuck = with(vec![aside(Delivery, Down, DeliveryStuck), down(Outgoing, 587, TlsTooOld)]);
    check(stuck, Down, Some(TlsTooOld), &[]);
    let relay =
        with(vec![at(Incoming, V4, 25, Degraded, Some(RelayOpen)), down(Reading, 993, CertificateName)]);
    check(relay, Down, Some(CertificateName), &[RelayOpen]);
    let slow_v6 = with(vec![
        at(Incoming, V4, 25, Degraded, Some(ServerSlow)),
        at(Incoming, V6, 25, Down, Some(ConnectionRefused)),
    ]);
    check(slow_v6, Degraded, Some(ServerSlow), &[Ipv6Broken]);
}

#[test]
fn a_set_of_hosts_is_judged_as_a_whole() {
    let second = |verdict, cause| at(Path::Incoming, "192.0.2.2", 25, verdict, cause);
    let one_of_two = with(vec![down(Path::Incoming, 25, Cause::NoBanner), second(Verdict::Ok, None)]);
    let found = assess(one_of_two);
    assert_eq!((found.verdict, found.capabilities.receive), (Verdict::Degraded, Verdict::Degraded));
    let both = with(vec![
        down(Path::Incoming, 25, Cause::NoBanner),
        second(Verdict::Down, Some(Cause::ConnectionRefused)),
    ]);
    let found = assess(both);
    assert_eq!((found.verdict, found.capabilities.receive), (Verdict::Down, Verdict::Down));
    assert_eq!(found.capabilities.read, Verdict::Ok);
}

#[test]
fn a_name_server_of_ours_that_is_silent_makes_unknown_not_down() {
    let findings = vec![
        aside(Path::Aside, Verdict::Unknown, Cause::ResolverDown),
        aside(Path::Names, Verdict::Unknown, Cause::ResolverDown),
    ];
    let found = assess(findings);
    assert_eq!((found.verdict, found.cause), (Verdict::Unknown, Some(Cause::ResolverDown)));
    assert!(found.capabilities.each().iter().all(|(_, verdict)| *verdict == Verdict::Unknown));
}

#[test]
fn the_summary_says_what_works_and_what_comes_next() {
    let found = assess(with(vec![down(Path::Outgoing, 587, Cause::CertificateExpired)]));
    let sentences = [
        "Sending and mail among colleagues do not work: ",
        "Receiving from outside and \
                     reading work.",
        "Next: ",
    ];
    for sentence in sentences {
        assert!(found.summary.contains(sentence), "{}", found.summary);
    }
    assert_eq!(assess(healthy()).summary, "Everything that was checked works.");
}
