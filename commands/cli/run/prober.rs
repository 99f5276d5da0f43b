//! The checks of the configured services, as the commands ask for them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use async_trait::async_trait;
use tokio::sync::watch;
use watchpost::check::{Assessment, Check, Finding, Keeper, Prober, Progress, Set, Silent, Verdict, changed};
use watchpost::clock::Clock;
use watchpost::config::Config;
use watchpost::ids::ServiceName;
use watchpost::incident::action::breaks::Standing;
use watchpost::incident::checklist::Probed;
use watchpost::incident::{Capabilities, LastAssessment};
use watchpost::monitor::{Watcher, Watching};
use watchpost::proof;
use watchpost::service::Service;
use watchpost_texts::{said, say};

use crate::check::{Examined, Examiner};

/// Checks services of the configuration, and nothing else.
pub struct ConfiguredProber {
    services: RwLock<BTreeMap<ServiceName, Service>>,
    prober: Prober,
    clock: Clock,
    /// What a repair could break: of the last quick look and the last long one together.
    standing: Mutex<BTreeMap<ServiceName, Standing>>,
}

impl ConfiguredProber {
    /// Of this configuration; what is remembered of the services is kept there.
    pub fn new(config: &Config, clock: Clock, keeper: Arc<dyn Keeper>) -> Arc<Self> {
        let services = RwLock::new(services(config));
        let (prober, standing) = (Prober::kept_by(keeper), Mutex::default());
        Arc::new(ConfiguredProber { services, prober, clock, standing })
    }

    /// The checks themselves.
    pub fn prober(&self) -> &Prober {
        &self.prober
    }

    /// From now on those of this configuration; a check that runs ends with what it began with.
    pub fn replace(&self, config: &Config) {
        *self.services.write().unwrap_or_else(PoisonError::into_inner) = services(config);
    }

    /// What a repair could break, after this look.
    fn standing(&self, name: &ServiceName, findings: &[Finding]) -> Standing {
        let mut known = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        let after = known.remove(name).unwrap_or_default().after(findings);
        known.insert(name.clone(), after.clone());
        after
    }

    fn service(&self, name: &ServiceName) -> Option<Service> {
        self.services.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }
}

fn services(config: &Config) -> BTreeMap<ServiceName, Service> {
    config.services.iter().map(|watched| (watched.name.clone(), watched.service.clone())).collect()
}

/// Says how many checks are done.
struct Steps(watch::Sender<String>);

impl Progress for Steps {
    fn finished(&self, check: &Check, _findings: &[Finding], done: usize, of: usize) {
        self.0.send_replace(say!("{done} of {of} checks are done, the last was {}", check.name));
    }
}

#[async_trait]
impl Examiner for ConfiguredProber {
    async fn examine(&self, service: &ServiceName, progress: watch::Sender<String>) -> Examined {
        let now = self.clock.now();
        let Some(known) = self.service(service) else { return not_configured(service, now) };
        let assessment = self.prober.assess(&known, Set::Functional, now.to_utc(), &Steps(progress)).await;
        let standing = self.standing(service, &assessment.findings);
        examined(service, &known, &assessment, self.clock.now(), standing)
    }

    async fn prove(&self, service: &ServiceName) -> Examined {
        let now = self.clock.now();
        let Some(known) = self.service(service) else { return not_configured(service, now) };
        if let Some(account) = &known.probe {
            // A person stands behind a proof: a password that was mended meanwhile is tried at once.
            self.prober.memory().rearm(&account.login);
        }
        let assessment = self.prober.assess(&known, Set::Proof, now.to_utc(), &Silent).await;
        let standing = self.standing(service, &assessment.findings);
        examined(service, &known, &assessment, self.clock.now(), standing)
    }
}

#[async_trait]
impl Watcher for ConfiguredProber {
    async fn watch(&self, name: &ServiceName, set: Set) -> Option<Watching> {
        let service = Arc::new(self.service(name)?);
        let assessment = self.prober.assess(&service, set, self.clock.now().to_utc(), &Silent).await;
        self.standing(name, &assessment.findings);
        Some(Watching { service, assessment })
    }
}

fn examined(
    service: &ServiceName,
    known: &Service,
    assessment: &Assessment,
    at: watchpost::clock::UtcMs,
    standing: Standing,
) -> Examined {
    let last = LastAssessment {
        at,
        service: service.clone(),
        verdict: assessment.verdict,
        cause: assessment.cause,
        summary: assessment.summary.clone(),
        capabilities: assessment.capabilities,
    };
    let wrong = assessment.findings.iter().filter(|finding| finding.verdict != Verdict::Ok);
    Examined {
        last,
        cells: proof::measure(&proof::cells(known, &[]), &assessment.findings),
        findings: wrong.map(|finding| (finding.target.clone(), seen(finding))).collect(),
        what_to_do: assessment.what_to_do.iter().map(|step| (*step).to_owned()).collect(),
        evidence: serde_json::to_string_pretty(assessment).unwrap_or_default(),
        probed: Probed::of(&assessment.findings),
        changes: changed(&assessment.findings),
        standing,
    }
}

/// A finding in a few words; everything else that was seen stands in the evidence.
fn seen(finding: &Finding) -> String {
    match finding.cause {
        Some(cause) => format!("{}: {}", finding.verdict.word(), cause.name()),
        None => {
            let fact = finding.facts.iter().next().map(|(name, value)| format!(" ({}: {value})", said(name)));
            format!("{}{}", finding.verdict.word(), fact.unwrap_or_default())
        }
    }
}

/// A service that was taken out of the configuration while an incident of it was open.
fn not_configured(service: &ServiceName, at: watchpost::clock::UtcMs) -> Examined {
    let last = LastAssessment {
        at,
        service: service.clone(),
        verdict: Verdict::Unknown,
        cause: None,
        summary: say!("{service} is no longer configured, so it was not checked."),
        capabilities: Capabilities::default(),
    };
    Examined {
        last,
        cells: Vec::new(),
        findings: Vec::new(),
        what_to_do: Vec::new(),
        evidence: String::new(),
        probed: Vec::new(),
        changes: Vec::new(),
        standing: Standing::default(),
    }
}
