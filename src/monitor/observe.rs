//! From an assessment to evidence: what people have lost, and how sure that is.
//!
//! - Only what people notice counts: a missing policy, a certificate that will end, a full mailbox of the probe are
//!   matters of care, and become warnings.
//! - A wrong password of the probe account is a matter of the probe.
//! - What may be the moment, or we, weighs half: a timeout until a control host answers, a 4xx always.
//! - Two checks that find a clear failure independently of each other are two answers.

use std::collections::BTreeSet;

use super::confirm::{Observation, Weight};
use crate::cause::{Cause, Layer};
use crate::check::{Assessment, Capabilities, Finding, Set, Verdict};
use crate::clock::UtcMs;
use crate::diagnose;
use crate::service::Service;

/// An answer as evidence.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    /// What counts.
    pub observation: Observation,
    /// What people can do, by what counts.
    pub capabilities: Capabilities,
    /// The quick questions would have found the same.
    pub is_quick: bool,
    /// The service has a probe account.
    pub has_account: bool,
}

/// Reads an assessment as evidence.
pub fn observe(service: &Service, set: Set, all: &Assessment, at: UtcMs) -> Seen {
    let counted: Vec<Finding> = all.findings.iter().map(without_care).collect();
    let capabilities = diagnose::capabilities(&counted);
    let verdict = verdict(&capabilities);
    let failed = |finding: &&Finding| matches!(finding.verdict, Verdict::Down | Verdict::Degraded);
    let failures: Vec<&Finding> = counted.iter().filter(failed).collect();
    let control = all.findings.iter().any(|one| one.check == "network" && one.verdict == Verdict::Ok);
    let is_clear = |finding: &&&Finding| finding.cause.is_none_or(|cause| is_clear(cause, control));
    let clear: BTreeSet<&str> = failures.iter().filter(is_clear).map(|finding| finding.check).collect();
    let weight = if clear.is_empty() { Weight::Doubtful } else { Weight::Clear };
    let agreeing = if verdict == Verdict::Down { u16::try_from(clear.len()).unwrap_or(u16::MAX) } else { 1 };
    let observation = Observation {
        at,
        verdict,
        cause: all.cause.filter(|cause| !is_care(*cause)),
        weight,
        agreeing: agreeing.max(1),
        loop_completed: looped(service, set, all),
    };
    let quick = |finding: &&Finding| finding.cause.is_none_or(|cause| cause.layer() <= Layer::Tls);
    Seen {
        observation,
        capabilities,
        is_quick: failures.iter().all(quick),
        has_account: service.probe.is_some(),
    }
}

/// Whether a cause is a matter of care, not of an outage: it becomes a warning.
pub fn is_care(cause: Cause) -> bool {
    cause.layer() == Layer::Policy
        || matches!(
            cause,
            Cause::CertificateExpiring
                | Cause::DomainExpiring
                | Cause::DnsChanged
                | Cause::MtaStsMismatch
                | Cause::DaneMismatch
                | Cause::MailboxFull
                | Cause::ClockWrong
                | Cause::DeliveredToJunk
                | Cause::ProbePasswordWrong
                | Cause::ProberRateLimited
                | Cause::ProberBlocked
        )
}

/// A finding as it counts.
fn without_care(finding: &Finding) -> Finding {
    let mut counted = finding.clone();
    match finding.cause {
        // Nothing is known of a login that was not tried for this reason; the rest of the dialogue went well.
        Some(Cause::ProbePasswordWrong | Cause::ProberRateLimited | Cause::ProberBlocked) => {
            counted.verdict = Verdict::Unknown;
            counted.cause = None;
        }
        Some(cause) if is_care(cause) => {
            counted.verdict = Verdict::Ok;
            counted.cause = None;
        }
        _ => {}
    }
    counted
}

/// The worst that is known; where nothing is, that.
fn verdict(capabilities: &Capabilities) -> Verdict {
    let each: Vec<Verdict> = capabilities.each().iter().map(|(_, verdict)| *verdict).collect();
    let known = each.iter().copied().filter(|verdict| *verdict != Verdict::Unknown);
    known.reduce(Verdict::worse).unwrap_or(Verdict::Unknown)
}

/// Whether it is so, and not the moment or we.
fn is_clear(cause: Cause, control_agrees: bool) -> bool {
    let of_the_way = matches!(
        cause,
        Cause::ConnectionTimeout
            | Cause::HostDown
            | Cause::NoBanner
            | Cause::ServerHung
            | Cause::DestinationUnreachable
            | Cause::ClosedBeforeBanner
            | Cause::DnsTimeout
            | Cause::DnsServfail
            | Cause::Ipv4Broken
            | Cause::Ipv6Broken
    );
    let of_the_moment = matches!(
        cause,
        Cause::ServerSlow
            | Cause::ServerOverload
            | Cause::ConnectionLimit
            | Cause::Maintenance
            | Cause::Greylisting
            | Cause::LoginBackendSlow
            | Cause::DeliverySlow
            | Cause::MailboxDeliverySlow
            | Cause::DeliveryStuck
            | Cause::QueueStuck
            | Cause::StorageOverload
            | Cause::SendingTooFast
    );
    !of_the_moment && (control_agrees || !of_the_way)
}

/// Whether a mail came through; none where that cannot be tried at all.
fn looped(service: &Service, set: Set, all: &Assessment) -> Option<bool> {
    service.probe.as_ref()?;
    if !set.asks_as_people() {
        return Some(false);
    }
    let tried = all.findings.iter().find(|finding| finding.check == "delivery")?;
    match tried.verdict {
        Verdict::Unknown => None,
        verdict => Some(verdict != Verdict::Down),
    }
}
