//! Findings read again in the light of each other.

use std::net::SocketAddr;

use crate::cause::Cause;
use crate::check::{ANSWERS_THERE, ASKED_AGAIN, Finding, Path, SEEN_THERE, Verdict};

/// Applies every rule, in the order in which they build on each other.
pub(super) fn reread(findings: &mut [Finding]) {
    own_clock(findings);
    broken_signatures(findings);
    lost_registration(findings);
    own_network(findings);
    seen_elsewhere(findings);
    silent_hosts(findings);
    late_greetings(findings);
    one_family(findings);
    password_or_backend(findings);
    login_ports_that_close(findings);
    hung_backend(findings);
    imap_or_host(findings);
    store_that_cannot_be_written(findings);
    changed_exchangers(findings);
    whole_ways(findings);
}

/// With a clock of our own that is wrong, nothing is known about whether a certificate is valid.
fn own_clock(findings: &mut [Finding]) {
    if !findings.iter().any(|finding| finding.cause == Some(Cause::OwnClockWrong)) {
        return;
    }
    let of_time = [Cause::CertificateExpired, Cause::CertificateNotYetValid, Cause::CertificateExpiring];
    for finding in findings.iter_mut().filter(|f| f.cause.is_some_and(|cause| of_time.contains(&cause))) {
        set(finding, Verdict::Unknown, Cause::OwnClockWrong);
    }
}

/// Mail goes elsewhere than when the service last worked. That alone is told and no fault; where mail from outside is not
/// taken as well, it may be why.
fn changed_exchangers(findings: &mut [Finding]) {
    let hurt =
        |f: &Finding| f.path == Path::Incoming && matches!(f.verdict, Verdict::Down | Verdict::Degraded);
    let verdict = if findings.iter().any(hurt) { Verdict::Degraded } else { Verdict::Ok };
    for finding in findings.iter_mut().filter(|f| f.cause.is_none() && f.facts.get("mx was").is_some()) {
        set(finding, verdict, Cause::DnsChanged);
    }
}

/// Where the signatures of the domain are broken, every name in it fails for that reason.
fn broken_signatures(findings: &mut [Finding]) {
    if findings.iter().any(|finding| finding.cause == Some(Cause::DnssecBroken)) {
        for finding in findings.iter_mut().filter(|f| f.cause == Some(Cause::DnsServfail)) {
            set(finding, finding.verdict, Cause::DnssecBroken);
        }
    }
}

/// A domain that does not exist, and a registry that says that its time is over: the one is the reason of the other.
fn lost_registration(findings: &mut [Finding]) {
    if findings.iter().any(|finding| finding.cause == Some(Cause::DomainExpired)) {
        for finding in findings.iter_mut().filter(|f| f.cause == Some(Cause::DnsNxdomain)) {
            set(finding, finding.verdict, Cause::DomainExpired);
        }
    }
}

fn set(finding: &mut Finding, verdict: Verdict, cause: Cause) {
    finding.verdict = verdict;
    finding.cause = Some(cause);
    finding.what_to_do = cause.what_to_do().to_vec();
}

fn address(finding: &Finding) -> Option<SocketAddr> {
    finding.at.as_ref().map(|(_, address)| *address)
}

/// What hosts that are known to answer do not answer either, on this port or in this family, is our own network.
fn own_network(findings: &mut [Finding]) {
    let controls: Vec<(SocketAddr, bool)> = findings
        .iter()
        .filter(|finding| finding.check == "network")
        .filter_map(|finding| Some((address(finding)?, finding.verdict == Verdict::Ok)))
        .collect();
    let closed = |target: SocketAddr| {
        let family = || controls.iter().filter(move |(control, _)| control.is_ipv4() == target.is_ipv4());
        let port = || family().filter(move |(control, _)| control.port() == target.port());
        let none_answers =
            |mut list: Box<dyn Iterator<Item = &(SocketAddr, bool)>>| list.all(|(_, answers)| !answers);
        (port().next().is_some() && none_answers(Box::new(port())))
            || (family().next().is_some() && none_answers(Box::new(family())))
    };
    for finding in findings.iter_mut().filter(|finding| is_unreachable(finding)) {
        if address(finding).is_some_and(closed) {
            set(finding, Verdict::Unknown, Cause::OwnNetwork);
        }
    }
}

/// Who answers a second place refuses us alone, or our way to him is broken; people may be served well.
fn seen_elsewhere(findings: &mut [Finding]) {
    let answers = |finding: &&Finding| {
        finding.check == "vantage" && finding.facts.get(SEEN_THERE) == Some(ANSWERS_THERE)
    };
    let seen: Vec<SocketAddr> = findings.iter().filter(answers).filter_map(address).collect();
    for finding in findings.iter_mut().filter(|f| is_unreachable(f) || f.cause == Some(Cause::NoBanner)) {
        if address(finding).is_some_and(|found| seen.contains(&found)) {
            set(finding, Verdict::Unknown, Cause::ProberBlocked);
            finding.facts.add(SEEN_THERE, ANSWERS_THERE);
        }
    }
}

/// No answer on any port of an address: the host is down. On some: only those ports.
fn silent_hosts(findings: &mut [Finding]) {
    let at = |wanted: SocketAddr, f: &Finding| address(f).is_some_and(|found| found.ip() == wanted.ip());
    let silent: Vec<SocketAddr> = findings
        .iter()
        .filter(|finding| finding.cause == Some(Cause::ConnectionTimeout))
        .filter_map(address)
        .filter(|wanted| {
            let mut here = findings.iter().filter(|finding| at(*wanted, finding));
            let ports = findings.iter().filter(|finding| at(*wanted, finding)).filter_map(address);
            let several =
                ports.map(|found| found.port()).collect::<std::collections::BTreeSet<_>>().len() > 1;
            several && here.all(|finding| finding.cause == Some(Cause::ConnectionTimeout))
        })
        .collect();
    for finding in findings.iter_mut().filter(|f| f.cause == Some(Cause::ConnectionTimeout)) {
        if address(finding).is_some_and(|found| silent.contains(&found)) {
            set(finding, Verdict::Down, Cause::HostDown);
        }
    }
}

/// No greeting on port 25 alone, while people's ports of the same host greet: some servers let strangers wait on purpose
/// (RFC 5321 section 4.5.3.2.1 grants five minutes). It is not called down before the long question was asked.
fn late_greetings(findings: &mut [Finding]) {
    let greets: Vec<String> = findings
        .iter()
        .filter(|finding| finding.path == Path::Outgoing && finding.facts.get("greeting").is_some())
        .filter_map(|finding| finding.at.as_ref().map(|(host, _)| host.to_string()))
        .collect();
    if greets.is_empty() {
        return;
    }
    let asked_again = |finding: &Finding| finding.facts.get(ASKED_AGAIN).is_some();
    for finding in findings.iter_mut().filter(|f| f.path == Path::Incoming && !asked_again(f)) {
        if finding.cause == Some(Cause::NoBanner) {
            set(finding, Verdict::Degraded, Cause::NoBanner);
        }
    }
}

fn is_unreachable(finding: &Finding) -> bool {
    matches!(
        finding.cause,
        Some(
            Cause::ConnectionRefused
                | Cause::ConnectionTimeout
                | Cause::HostDown
                | Cause::DestinationUnreachable
        )
    )
}

/// IPv6 does not answer on a port where IPv4 of the same host does: people are served, as programs fall back.
fn one_family(findings: &mut [Finding]) {
    let answered: Vec<(String, SocketAddr)> = findings
        .iter()
        .filter(|finding| !is_unreachable(finding) && finding.cause != Some(Cause::OwnNetwork))
        .filter_map(|finding| finding.at.as_ref().map(|(host, address)| (host.to_string(), *address)))
        .collect();
    for finding in findings.iter_mut().filter(|finding| is_unreachable(finding)) {
        let Some((host, address)) = finding.at.clone() else { continue };
        let by_ipv4 = |(name, found): &(String, SocketAddr)| {
            *name == host.as_str() && found.port() == address.port() && found.is_ipv4()
        };
        if address.is_ipv6() && answered.iter().any(by_ipv4) {
            set(finding, Verdict::Degraded, Cause::Ipv6Broken);
        }
    }
}

/// 535 says "wrong password" and sometimes means "I cannot look". IMAP's codes tell them apart (RFC 5530), or the
/// recipients do: a directory that knows nobody for the moment knows no password either.
fn password_or_backend(findings: &mut [Finding]) {
    let backend =
        findings.iter().any(|f| matches!(f.cause, Some(Cause::LoginBackendDown | Cause::DirectoryBroken)));
    let refused = findings.iter().any(|f| f.cause == Some(Cause::ProbePasswordWrong));
    if !(backend && refused) {
        return;
    }
    let same = |f: &Finding| matches!(f.cause, Some(Cause::ProbePasswordWrong | Cause::DirectoryBroken));
    for finding in findings.iter_mut().filter(|finding| same(finding)) {
        set(finding, Verdict::Down, Cause::LoginBackendDown);
    }
}

/// Every submission port closes without a word while the same host greets on port 25: what only they need is the
/// login back end.
fn login_ports_that_close(findings: &mut [Finding]) {
    let closes = |f: &&Finding| matches!(f.cause, Some(Cause::ClosedBeforeBanner | Cause::ServerFault));
    let outgoing = findings.iter().filter(|f| f.path == Path::Outgoing).collect::<Vec<_>>();
    let all_close = !outgoing.is_empty() && outgoing.iter().all(closes);
    let greeted =
        findings.iter().any(|f| f.path == Path::Incoming && f.verdict == Verdict::Ok && f.at.is_some());
    if !(all_close && greeted) {
        return;
    }
    for finding in findings.iter_mut().filter(|finding| finding.path == Path::Outgoing) {
        set(finding, Verdict::Down, Cause::LoginBackendDown);
    }
}

/// Logins fail or hang at the back end, and what asks the same back end before a login hangs too: the IMAP and POP3
/// greeting, and the recipients. Seen with a stopped login process of Dovecot.
fn hung_backend(findings: &mut [Finding]) {
    let backend = [Cause::LoginBackendSlow, Cause::LoginBackendDown];
    let found =
        |f: &Finding| f.path == Path::Outgoing && f.cause.is_some_and(|cause| backend.contains(&cause));
    let Some(cause) = findings.iter().find(|f| found(f)).and_then(|f| f.cause) else {
        return;
    };
    let waits = |f: &Finding| match f.cause {
        Some(Cause::DirectoryBroken) => true,
        Some(Cause::NoBanner | Cause::ServerHung) => matches!(f.path, Path::Reading | Path::ReadingPop3),
        Some(Cause::LoginBackendSlow | Cause::LoginBackendDown) => true,
        _ => false,
    };
    for finding in findings.iter_mut().filter(|finding| waits(finding)) {
        set(finding, Verdict::Down, cause);
    }
}

/// IMAP refuses on every address although the host answers elsewhere: the mailbox server, or only its IMAP service.
fn imap_or_host(findings: &mut [Finding]) {
    let refused = |f: &&Finding| f.cause == Some(Cause::ConnectionRefused);
    let of = |path: Path| findings.iter().filter(move |f| f.path == path && f.at.is_some());
    let all_refused = of(Path::Reading).next().is_some() && of(Path::Reading).all(|f| refused(&f));
    let host_answers = findings
        .iter()
        .any(|f| matches!(f.path, Path::Incoming | Path::Outgoing) && f.at.is_some() && !is_unreachable(f));
    if !(all_refused && host_answers) {
        return;
    }
    let login_gone = of(Path::Outgoing).any(|f| {
        matches!(f.cause, Some(Cause::LoginBackendDown | Cause::LoginBackendSlow | Cause::ClosedBeforeBanner))
    });
    let cause = if login_gone { Cause::MailboxServerDown } else { Cause::ImapDown };
    for finding in findings.iter_mut() {
        let reading = matches!(finding.path, Path::Reading | Path::ReadingPop3);
        let login = login_gone && finding.cause == Some(Cause::LoginBackendDown);
        if (reading && finding.cause == Some(Cause::ConnectionRefused)) || login {
            set(finding, Verdict::Down, cause);
        }
    }
}

/// The account logs in and its mailbox opens nowhere: a vague SERVERBUG is all that IMAP says then (RFC 5530), and by
/// far the most common reason is a full disk.
fn store_that_cannot_be_written(findings: &mut [Finding]) {
    let opened = |f: &Finding| f.path == Path::Reading && f.facts.get("login").is_some();
    let everywhere = findings.iter().filter(|f| opened(f)).all(|f| f.cause == Some(Cause::StorageFault));
    // A server that opens the mailbox here and not there has its index in memory here; nothing can be added in either.
    let stuck = findings.iter().any(|f| f.cause == Some(Cause::DeliveryStuck));
    for finding in
        findings.iter_mut().filter(|f| (everywhere || stuck) && f.cause == Some(Cause::StorageFault))
    {
        set(finding, Verdict::Down, Cause::StorageFull);
    }
}

/// A mail from outside that did not arrive, while the MX hosts say why they would not take it; or one to outside, while
/// a blocklist names our address.
fn whole_ways(findings: &mut [Finding]) {
    let refusals = findings.iter().filter(|f| f.path == Path::Incoming && refuses_the_probe(f));
    let refusal = refusals.max_by_key(|f| f.verdict.weight()).map(|f| (f.verdict, f.cause));
    let listed = findings.iter().any(|f| f.cause == Some(Cause::Blocklisted));
    for finding in findings.iter_mut() {
        match (finding.cause, refusal) {
            (Some(Cause::InboundBroken), Some((verdict, Some(cause)))) => set(finding, verdict, cause),
            (Some(Cause::OutboundBroken), _) if listed => set(finding, Verdict::Down, Cause::Blocklisted),
            _ => {}
        }
    }
}

fn refuses_the_probe(finding: &Finding) -> bool {
    use Cause::{
        AddressUnknown, DirectoryBroken, FilterDown, Greylisting, MailboxFull, RelayDenied, StorageFull,
    };
    let refusals =
        [AddressUnknown, DirectoryBroken, FilterDown, Greylisting, MailboxFull, RelayDenied, StorageFull];
    finding.cause.is_some_and(|cause| refusals.contains(&cause))
}
