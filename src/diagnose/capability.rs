//! What people can still do.

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
    let send = named(findings, of(outgoing));
    Capabilities {
        receive: receive.worse(whole_way(Path::Inbound)),
        send: send.worse(whole_way(Path::Outbound)),
        internal: send.worse(known(delivery)),
        read: named(findings, of(reading)),
    }
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
            Some((_, verdict)) => *verdict = verdict.worse(finding.verdict),
            None => by_place.push((&finding.target, finding.verdict)),
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
    findings
        .iter()
        .filter(|finding| finding.path == path)
        .map(|finding| finding.verdict)
        .reduce(Verdict::worse)
}
