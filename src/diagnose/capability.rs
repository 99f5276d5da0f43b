//! What people can still do.

use crate::cause::Cause;
use crate::check::{Capabilities, Finding, Path, Verdict};

/// The four capabilities, from the ways of the mail that the findings are about.
pub(super) fn capabilities(findings: &[Finding]) -> Capabilities {
    let names = worst(findings, Path::Names);
    let incoming = places(findings, Path::Incoming);
    let outgoing = places(findings, Path::Outgoing);
    let delivery = worst(findings, Path::Delivery);
    let imap = places(findings, Path::Reading);
    let reading = imap.or(places(findings, Path::ReadingPop3));
    // Without names nobody finds the service; without an MX record alone, senders do (RFC 5321 section 5.1).
    let of = |way: Option<Verdict>| way.unwrap_or(Verdict::Unknown);
    let lost_names = names.filter(|verdict| matches!(verdict, Verdict::Down | Verdict::Unknown));
    let with_names = |verdict: Verdict| lost_names.map_or(verdict, |lost| lost.worse(verdict));
    let whole_way = |path| known(worst(findings, path));
    let receive = with_names(of(incoming)).worse(names.unwrap_or(Verdict::Ok)).worse(known(delivery));
    let receive = receive.worse(beside(findings, keeps_mail_away));
    // What submission does not take is not sent either.
    let refused = findings.iter().filter(|f| f.path == Path::Delivery && f.facts.get("refused").is_some());
    let refused = refused.map(weighed).fold(Verdict::Ok, Verdict::worse);
    let send = named(findings, of(outgoing)).worse(known(Some(refused)));
    let (internal, send) = (send, send.worse(beside(findings, makes_others_refuse)));
    Capabilities {
        receive: receive.worse(whole_way(Path::Inbound)),
        send: send.worse(whole_way(Path::Outbound)),
        internal: internal.worse(known(delivery)),
        read: named(findings, of(reading))
            .worse(beside(findings, |finding| finding.cause == Some(Cause::WebmailDown))),
    }
}

/// Whether a finding is worse than a matter of care: one mailbox of ours that is full, a certificate that ends soon, a
/// server that is slow or leaves programs to go round keeps nobody from anything.
pub(super) fn hurts(finding: &Finding) -> bool {
    let care = matches!(
        finding.cause,
        Some(
            Cause::CertificateExpiring
                | Cause::LoginUnencrypted
                | Cause::MailboxFull
                | Cause::AddressUnknown
                | Cause::RelayOpen
                | Cause::Ipv6Broken
                | Cause::Ipv4Broken
                | Cause::ServerSlow
                | Cause::DeliverySlow
                | Cause::MailboxDeliverySlow
        )
    );
    finding.verdict != Verdict::Ok && !(care && finding.verdict == Verdict::Degraded)
}

fn weighed(finding: &Finding) -> Verdict {
    if hurts(finding) { finding.verdict } else { Verdict::Ok }
}

/// Others who obey what is published give up, or refuse: some, not all.
fn beside(findings: &[Finding], concerns: impl Fn(&Finding) -> bool) -> Verdict {
    let found = findings.iter().filter(|finding| finding.path == Path::Aside);
    let hurt = found.filter(|f| weighed(f) != Verdict::Unknown && hurts(f) && concerns(f));
    if hurt.count() > 0 { Verdict::Degraded } else { Verdict::Ok }
}

/// A policy that cannot be fetched keeps nobody away who does not know an earlier one.
fn keeps_mail_away(finding: &Finding) -> bool {
    let unnamed = finding.facts.get("not named").is_some();
    finding.cause == Some(Cause::DaneMismatch) || (finding.cause == Some(Cause::MtaStsMismatch) && unnamed)
}

fn makes_others_refuse(finding: &Finding) -> bool {
    matches!(
        finding.cause,
        Some(
            Cause::Blocklisted
                | Cause::ReverseNameMissing
                | Cause::MailAuthenticationMissing
                | Cause::MailAuthenticationFailed
        )
    )
}

/// A domain whose names do not resolve takes its submission and IMAP hosts with it, unless they answered.
fn named(findings: &[Finding], verdict: Verdict) -> Verdict {
    let names = worst(findings, Path::Names).filter(|_| verdict == Verdict::Unknown);
    let unresolved =
        findings.iter().any(|finding| finding.check == "address" && finding.verdict == Verdict::Down);
    match names {
        Some(Verdict::Down) if unresolved => Verdict::Down,
        _ => verdict,
    }
}

/// Mail that was not sent says nothing about delivery.
fn known(delivery: Option<Verdict>) -> Verdict {
    delivery.filter(|verdict| *verdict != Verdict::Unknown).unwrap_or(Verdict::Ok)
}

/// Where one place is as good as another: all fine is ok, none is the best of them, anything between is degraded.
fn places(findings: &[Finding], path: Path) -> Option<Verdict> {
    let mut by_place: Vec<(&str, Verdict)> = Vec::new();
    // A name that resolves is not yet a place that answers; one that does not is a place that is lost.
    let counts =
        |finding: &&Finding| finding.path == path && (finding.at.is_some() || finding.verdict != Verdict::Ok);
    for finding in findings.iter().filter(counts) {
        match by_place.iter_mut().find(|(target, _)| *target == finding.target) {
            Some((_, verdict)) => *verdict = verdict.worse(weighed(finding)),
            None => by_place.push((&finding.target, weighed(finding))),
        }
    }
    let verdicts: Vec<Verdict> = by_place.into_iter().map(|(_, verdict)| verdict).collect();
    let has = |wanted| verdicts.contains(&wanted);
    match (verdicts.is_empty(), has(Verdict::Ok), has(Verdict::Degraded), has(Verdict::Down)) {
        (true, ..) => None,
        (_, true, false, false) => Some(Verdict::Ok),
        (_, true, ..) | (_, _, true, _) => Some(Verdict::Degraded),
        (_, _, _, true) => Some(Verdict::Down),
        _ => Some(Verdict::Unknown),
    }
}

fn worst(findings: &[Finding], path: Path) -> Option<Verdict> {
    findings.iter().filter(|finding| finding.path == path).map(weighed).reduce(Verdict::worse)
}
