//! The long question behind a short answer: a server that has not greeted within ten seconds may greet after thirty,
//! and RFC 5321 section 4.5.3.2.1 gives it five minutes. It is asked once more, behind the run and with more time; the
//! next run knows whether it is silent or only late.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use watchpost_texts::{say, to_say};

use super::finding::{Finding, Verdict};
use super::memory::ServiceMemory;
use crate::cause::Cause;
use crate::protocol::knock::Listen;
use crate::service::{Service, TlsMode};
use crate::transport::{Ending, Target, TlsContext, Transport, vet};

/// The fact that tells of a long question without a greeting.
pub(crate) const ASKED_AGAIN: &str = to_say!("asked again with more time");

/// What the long question told about an address and port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Patience {
    /// It is being asked.
    Asking,
    /// It greets after so many milliseconds.
    Greets(u64),
    /// It does not greet within [`crate::service::Limits::patient`] either.
    Silent,
}

/// Applies what earlier long questions told.
pub(super) fn apply(memory: &ServiceMemory, findings: &mut [Finding]) {
    for finding in findings {
        let Some((_, address)) = finding.at else { continue };
        if finding.cause != Some(Cause::NoBanner) {
            memory.forget_patience(address);
            continue;
        }
        match memory.patience(address) {
            Some(Patience::Greets(millis)) => {
                let told = finding.clone().fact(to_say!("greets after"), format!("{} s", millis / 1000));
                *finding = told.judged(Verdict::Degraded, Cause::ServerOverload);
            }
            Some(Patience::Silent) => finding.facts.add(ASKED_AGAIN, say!("silent as well")),
            Some(Patience::Asking) | None => {}
        }
    }
}

/// Asks the silent places once more, behind the run; nobody waits for it.
pub(super) fn ask_again(
    memory: &Arc<ServiceMemory>,
    service: &Service,
    findings: &[Finding],
    now: DateTime<Utc>,
) {
    for finding in findings.iter().filter(|finding| finding.cause == Some(Cause::NoBanner)) {
        let Some((host, address)) = finding.at.clone() else { continue };
        let Ok(vetted) = vet(address.ip(), address.port(), service) else { continue };
        if memory.patience(address).is_some() {
            continue;
        }
        memory.set_patience(address, Patience::Asking);
        let mut limits = service.limits;
        limits.greeting = limits.patient;
        limits.whole = limits.patient + limits.whole;
        // The greeting in clear text is what was missed: implicit TLS breaks in an earlier phase.
        let target = Target { address: vetted, host, tls: TlsMode::Starttls };
        let (memory, tls) = (Arc::clone(memory), TlsContext::new(&service.authorities));
        tokio::spawn(async move {
            // A transport of its own: the next run must not wait in this lane.
            let connection =
                Transport::default().converse(&target, &mut Listen::default(), &tls, &limits, now).await;
            let told = match connection.ending {
                Ending::Finished => Patience::Greets(connection.millis),
                _ => Patience::Silent,
            };
            memory.set_patience(address, told);
        });
    }
}
