//! From findings to one primary cause with its consequences, the independent causes beside it, and what it means.
//!
//! 1. [`reread`] reads findings again in the light of each other: a refusal on all ports of a host is another cause
//!    than on one.
//! 2. [`capability`] says what people can still do.
//! 3. [`group`] picks the primary cause (the worst verdict, then the layer that breaks first) and what follows from it.
//! 4. [`summary`] says it in one or two calm sentences.

mod capability;
mod group;
mod reread;
mod summary;
#[cfg(test)]
mod tests;

use crate::check::{Assessment, Finding, Path, Verdict};
use crate::service::Service;

/// Whether a run shows the service as it should be, as far as the ways of mail go; matters of care do not count.
pub(crate) fn is_as_it_should_be(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| finding.path == Path::Aside || !capability::hurts(finding))
}

/// Makes the assessment of a run out of its findings.
#[must_use]
pub fn diagnose(service: &Service, mut findings: Vec<Finding>, millis: u64) -> Assessment {
    reread::reread(&mut findings);
    let capabilities = capability::capabilities(&findings);
    let verdict = overall(&findings, &capabilities);
    let grouped = group::group(findings);
    let mut assessment = Assessment {
        service: service.name.clone(),
        verdict,
        cause: grouped.primary,
        independent: grouped.independent,
        summary: String::new(),
        capabilities,
        findings: grouped.findings,
        millis,
        consequences: grouped.consequences,
        what_to_do: grouped.primary.map(|cause| cause.what_to_do().to_vec()).unwrap_or_default(),
    };
    assessment.summary = summary::summary(&assessment);
    assessment
}

/// What people can do, by these findings.
pub(crate) fn capabilities(findings: &[Finding]) -> crate::check::Capabilities {
    capability::capabilities(findings)
}

/// Down if people cannot do something; degraded if something is wrong; unknown if something cannot be known.
fn overall(findings: &[Finding], capabilities: &crate::check::Capabilities) -> Verdict {
    let lost = capabilities.each().into_iter().map(|(_, verdict)| verdict).fold(Verdict::Ok, Verdict::worse);
    let found = findings.iter().map(|finding| match finding.verdict {
        // One place that does not work, while people can still do everything elsewhere.
        Verdict::Down => Verdict::Degraded,
        // Our own network has no way there, which is no news about the service.
        Verdict::Unknown if finding.cause == Some(crate::cause::Cause::OwnNetwork) => Verdict::Ok,
        Verdict::Unknown if finding.cause.is_none() => Verdict::Ok,
        other => other,
    });
    found.fold(lost, Verdict::worse)
}
