//! The primary cause, what follows from it, and what stands beside it.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::cause::{Cause, Layer};
use crate::check::{Finding, Path, Verdict};

/// Findings in order, with the causes.
pub(super) struct Grouped {
    pub primary: Option<Cause>,
    /// Those of the primary cause first, then its consequences, then the rest.
    pub findings: Vec<Finding>,
    /// Indices of the consequences.
    pub consequences: Vec<usize>,
    pub independent: Vec<Cause>,
}

pub(super) fn group(findings: Vec<Finding>) -> Grouped {
    let primary = primary(&findings);
    let Some(cause) = primary else {
        return Grouped { primary, findings, consequences: Vec::new(), independent: Vec::new() };
    };
    let roots: Vec<Finding> =
        findings.iter().filter(|finding| finding.cause == Some(cause)).cloned().collect();
    let follows = |finding: &Finding| roots.iter().any(|root| explains(root, cause, finding));
    let (mut ordered, rest): (Vec<Finding>, Vec<Finding>) =
        findings.into_iter().partition(|finding| finding.cause == Some(cause));
    let (consequences, rest): (Vec<Finding>, Vec<Finding>) = rest.into_iter().partition(|f| follows(f));
    let independent = independent(&rest);
    let indices = (ordered.len()..ordered.len() + consequences.len()).collect();
    ordered.extend(consequences);
    ordered.extend(rest);
    Grouped { primary, findings: ordered, consequences: indices, independent }
}

/// The worst verdict first; among equals what people cannot get around, then the layer that breaks first, then what was
/// found at most places.
fn primary(findings: &[Finding]) -> Option<Cause> {
    let causes: BTreeSet<Cause> = findings.iter().filter_map(|finding| finding.cause).collect();
    let rank = |cause: &Cause| {
        let same = || findings.iter().filter(|finding| finding.cause == Some(*cause));
        let verdict = same().map(|finding| finding.verdict).fold(Verdict::Ok, Verdict::worse);
        (
            Reverse(verdict.weight()),
            last(*cause, causes.len()),
            cause.layer(),
            Reverse(same().count()),
            *cause,
        )
    };
    causes.iter().copied().min_by_key(rank)
}

/// Causes that yield to any other of the same weight: slowness follows from almost anything, and programs go round a
/// broken IPv6 by themselves (RFC 8305).
fn last(cause: Cause, causes: usize) -> u8 {
    match cause {
        _ if causes == 1 => 0,
        Cause::ServerSlow => 1,
        Cause::Ipv6Broken => 2,
        _ => 0,
    }
}

/// Whether a finding follows from the primary cause, as found at `root`.
fn explains(root: &Finding, cause: Cause, finding: &Finding) -> bool {
    let Some(other) = finding.cause else {
        // Not tried because something before it failed.
        return finding.verdict == Verdict::Unknown;
    };
    // Without names nothing else can be found; without our own network nothing can be known.
    if matches!(cause.layer(), Layer::Own | Layer::Dns)
        && cause != Cause::MxMissing
        && root.path == Path::Names
    {
        return other.layer() <= Layer::Network;
    }
    if other == Cause::MtaStsMismatch && finding.facts.get("policy").is_some() {
        // The policy could not be fetched: its web server is as far away, or has the same certificate.
        return matches!(cause.layer(), Layer::Network | Layer::Tls);
    }
    let same_host = match (&root.at, &finding.at) {
        (Some((one, _)), Some((two, _))) => one == two,
        _ => true,
    };
    let later = other.layer() >= cause.layer();
    same_host && later && follows_by_nature(cause, other)
}

/// Which causes bring which others with them.
fn follows_by_nature(cause: Cause, other: Cause) -> bool {
    match cause.layer() {
        // A host that does not answer does nothing else either.
        Layer::Network => other.layer() <= Layer::Delivery && other.layer() != Layer::Tls,
        Layer::Greeting => matches!(other.layer(), Layer::Greeting | Layer::Login | Layer::Delivery),
        Layer::Tls => matches!(other.layer(), Layer::Login | Layer::Delivery),
        Layer::Login => {
            matches!(other.layer(), Layer::Login | Layer::Greeting | Layer::Delivery | Layer::Storage)
        }
        Layer::Storage => matches!(other.layer(), Layer::Storage | Layer::Delivery | Layer::Login),
        Layer::Delivery => other.layer() == Layer::Delivery,
        Layer::Own | Layer::Dns | Layer::Policy | Layer::User => false,
    }
}

/// The causes of these findings, worst first, each once; those that are no fault are left out.
fn independent(rest: &[Finding]) -> Vec<Cause> {
    let mut found: Vec<(u8, Cause)> = Vec::new();
    for finding in rest.iter().filter(|finding| finding.verdict != Verdict::Ok) {
        if let Some(cause) = finding.cause {
            found.push((3 - finding.verdict.weight(), cause));
        }
    }
    found.sort();
    let mut causes: Vec<Cause> = found.into_iter().map(|(_, cause)| cause).collect();
    let mut seen = Vec::new();
    causes.retain(|cause| {
        !seen.contains(cause) && {
            seen.push(*cause);
            true
        }
    });
    causes
}
