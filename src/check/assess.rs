//! Runs the checks of a set over a service.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use tokio::time::Instant;

use super::finding::{Assessment, Finding};
use super::memory::{Keeper, Memory, ServiceMemory};
use super::round::{Round, millis_since};
use super::{Check, Need, Set, all, patience};
use crate::cause::Cause;
use crate::diagnose;
use crate::service::Service;
use crate::transport::Transport;

/// Is told about each check when it is done, so that a message can be edited meanwhile.
pub trait Progress: Send + Sync {
    /// A check is done; `done` of `of` are.
    fn finished(&self, check: &Check, findings: &[Finding], done: usize, of: usize);
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn finished(&self, _check: &Check, _findings: &[Finding], _done: usize, _of: usize) {}
}

/// Assesses services. One for a process: it holds the politeness (one connection at a time to an address and port)
/// and the memory.
#[derive(Debug, Default)]
pub struct Prober {
    transport: Transport,
    memory: Arc<Memory>,
}

impl Prober {
    /// A prober whose memory is kept over restarts.
    #[must_use]
    pub fn kept_by(keeper: Arc<dyn Keeper>) -> Self {
        Self { transport: Transport::default(), memory: Arc::new(Memory::kept_by(keeper)) }
    }

    /// The memory, to re-arm a paused login.
    #[must_use]
    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Runs the checks of a set and says what is wrong. Never fails and never hangs: each dialogue has its limits.
    pub async fn assess(
        &self,
        service: &Service,
        set: Set,
        now: DateTime<Utc>,
        progress: &dyn Progress,
    ) -> Assessment {
        let checks = all().iter().filter(|check| set.includes(check.set)).collect();
        self.assess_with(service, set, checks, now, progress).await
    }

    /// Runs the checks of these names alone, as in a full run: one half of the way of a mail, for instance. Names that no
    /// check has are passed over.
    pub async fn assess_only(
        &self,
        service: &Service,
        names: &[&str],
        now: DateTime<Utc>,
        progress: &dyn Progress,
    ) -> Assessment {
        let checks = all().iter().filter(|check| names.contains(&check.name)).collect();
        self.assess_with(service, Set::Full, checks, now, progress).await
    }

    async fn assess_with(
        &self,
        service: &Service,
        set: Set,
        mut checks: Vec<&'static Check>,
        now: DateTime<Utc>,
        progress: &dyn Progress,
    ) -> Assessment {
        let begun = Instant::now();
        let memory = self.memory.of(&service.name);
        checks.retain(|check| fits(check, service));
        let round = Round::new(service, set, now, (&memory, &self.memory.key), &self.transport, &checks);
        let mut results: Vec<(usize, Vec<Finding>)> = Vec::new();
        let shared = &round;
        let run = |(at, check): (usize, &'static Check)| async move { (at, (check.run)(shared).await) };
        let mut running: FuturesUnordered<_> = checks.iter().copied().enumerate().map(run).collect();
        while let Some((at, findings)) = running.next().await {
            results.push((at, findings));
            if let (Some(check), Some((_, findings))) = (checks.get(at), results.last()) {
                round.set_over(check.name);
                progress.finished(check, findings, results.len(), checks.len());
            }
        }
        drop(running);
        results.sort_by_key(|(at, _)| *at);
        let mut findings: Vec<Finding> = results.into_iter().flat_map(|(_, findings)| findings).collect();
        memory.compare(&mut findings);
        patience::apply(&memory, &mut findings);
        let assessment = diagnose::diagnose(service, findings, millis_since(begun));
        pause_refused_login(&memory, service, &assessment, now);
        patience::ask_again(&memory, service, &assessment.findings, now);
        // A matter of care, such as a missing policy, does not make the rest a thing of the past.
        if diagnose::is_as_it_should_be(&assessment.findings) {
            memory.keep_good(&assessment.findings, now);
        }
        self.memory.keep(&service.name);
        assessment
    }
}

/// RFC 4954 lets a server answer 535 for a broken back end too, so the diagnosis is asked, not the reply.
fn pause_refused_login(
    memory: &ServiceMemory,
    service: &Service,
    assessment: &Assessment,
    now: DateTime<Utc>,
) {
    let refused = |finding: &Finding| finding.cause == Some(Cause::ProbePasswordWrong);
    let Some(account) = service.probe.as_ref().filter(|_| assessment.findings.iter().any(refused)) else {
        return;
    };
    if memory.paused_until(&account.login, now).is_none() {
        memory.pause(&account.login, now);
    }
}

fn fits(check: &Check, service: &Service) -> bool {
    match check.needs {
        Need::Nothing | Need::Names => true,
        Need::ProbeAccount => service.probe.is_some(),
        Need::MailboxElsewhere => service.probe.is_some() && service.elsewhere.is_some(),
    }
}
