//! The monitor: every configured service is asked on its schedule, and a confirmed change becomes known.
//!
//! 1. [`schedule`] says which service is due for which set of checks. No service is asked twice at once, and no more
//!    than a bounded number at the same time.
//! 2. A [`Watcher`] asks, and answers with an assessment.
//! 3. [`observe`] reads it as evidence: what people have lost, how sure that is, whether a mail came through.
//! 4. [`confirm`] counts the evidence; only a confirmed change goes on, into the book.
//! 5. The book opens an alarm; where the configuration says so, [`declare`] makes an incident of it.
//! 6. What is not broken yet, and will be, is a warning ([`warn`]); what was measured goes into the history.

pub mod confirm;
pub mod declare;
pub mod observe;
pub mod samples;
pub mod schedule;
#[cfg(test)]
mod tests;
pub mod view;
pub mod warn;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use crate::book::BookRequest;
use crate::book::change::ChangeRequest;
use crate::book::watch::{Beside, WatchRequest};
use crate::check::{Assessment, Set, changed};
use crate::clock::UtcMs;
use crate::config::Config;
use crate::desk::{Ask, Desk, Entering};
use crate::ids::ServiceName;
use crate::incident::LastAssessment;
use crate::incident::decide::Request;
use crate::incident::event::Origin;
use crate::person::Actor;
use crate::proof;
use crate::service::Service;
use crate::store::history::History;
use confirm::{Belief, Change, State};
use schedule::Timetable;

/// Asks services.
#[async_trait]
pub trait Watcher: Send + Sync {
    /// Asks a configured service; `None` where it is not configured any more. Never fails and never hangs.
    async fn watch(&self, service: &ServiceName, set: Set) -> Option<Watching>;
}

/// What was asked, and the answer.
#[derive(Debug, Clone)]
pub struct Watching {
    /// The service as it is configured.
    pub service: Arc<Service>,
    /// What was found.
    pub assessment: Assessment,
}

/// Watches.
pub struct Monitor {
    desk: Arc<Desk>,
    watcher: Arc<dyn Watcher>,
    history: Option<Arc<History>>,
    table: Mutex<Timetable>,
    beliefs: Mutex<BTreeMap<ServiceName, Beliefs>>,
    hit_points: Mutex<u16>,
    due_again: Notify,
    /// The doubt that each service was last looked at for.
    looked: Mutex<BTreeMap<ServiceName, UtcMs>>,
    begun: UtcMs,
}

/// What is believed of one service: by the quick questions, and by whole runs with logins and mail. Quick runs do not
/// heal what only a whole one sees.
#[derive(Debug, Clone)]
struct Beliefs {
    quick: Belief,
    whole: Belief,
    /// Independent causes that were seen once since it broke.
    beside: Vec<crate::cause::Cause>,
    warnings: warn::Seen,
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Monitor {
    /// A monitor of the configured services; nothing is asked yet.
    pub fn new(
        desk: Arc<Desk>,
        watcher: Arc<dyn Watcher>,
        history: Option<Arc<History>>,
        config: &Config,
    ) -> Arc<Self> {
        let begun = desk.clock().now();
        let table = Timetable::new(&schedule::rows(config), begun);
        Arc::new(Monitor {
            desk,
            watcher,
            history,
            table: Mutex::new(table),
            beliefs: Mutex::default(),
            hit_points: Mutex::new(config.monitor.hit_points),
            due_again: Notify::new(),
            looked: Mutex::default(),
            begun,
        })
    }

    /// Watches the services of this configuration from now on; what is known of those that stay is kept.
    pub fn replace(&self, config: &Config) {
        lock(&self.table).replace(&schedule::rows(config), self.desk.clock().now());
        *lock(&self.hit_points) = config.monitor.hit_points;
        self.due_again.notify_one();
    }

    /// Asks a service everything, at once: somebody doubts that it is well.
    pub fn look_deeper(&self, service: &ServiceName) {
        lock(&self.table).hurry(service, Set::Functional, self.desk.clock().now());
        self.due_again.notify_one();
    }

    /// How long ago the service that waits longest was asked last, and how many were never asked.
    pub fn oldest(&self) -> (Duration, usize) {
        lock(&self.table).oldest(self.desk.clock().now())
    }

    /// Runs until `stop` becomes true. Checks that are under way then are left: they change nothing.
    pub async fn run(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut under_way: JoinSet<()> = JoinSet::new();
        loop {
            let changed = self.desk.changed();
            tokio::pin!(changed);
            changed.as_mut().enable();
            self.start_due(&mut under_way);
            self.carry_on().await;
            let next = lock(&self.table).next_due();
            tokio::select! {
                () = wait_for(&self.desk, next) => {}
                () = self.due_again.notified() => {}
                () = changed => {}
                Some(_) = under_way.join_next() => {}
                _ = stop.wait_for(|stop| *stop) => break,
            }
        }
    }

    /// Carries out everything that is due at this moment, and what follows from it.
    pub async fn carry_out_due(self: &Arc<Self>) {
        let mut under_way: JoinSet<()> = JoinSet::new();
        loop {
            self.start_due(&mut under_way);
            if under_way.join_next().await.is_none() {
                break;
            }
        }
        self.carry_on().await;
    }

    fn start_due(self: &Arc<Self>, under_way: &mut JoinSet<()>) {
        for (service, set) in lock(&self.table).take_due(self.desk.clock().now()) {
            let monitor = self.clone();
            under_way.spawn(async move { monitor.ask(service, set).await });
        }
    }

    async fn ask(&self, service: ServiceName, set: Set) {
        let watching = self.watcher.watch(&service, set).await;
        if let Some(watching) = watching {
            self.learn(&service, set, &watching).await;
        }
        lock(&self.table).done(&service, set);
    }

    /// One answer: samples, warnings, evidence, and what is confirmed by it.
    async fn learn(&self, name: &ServiceName, set: Set, watching: &Watching) {
        let now = self.desk.clock().now();
        if let Some(history) = &self.history {
            samples::record(history, name, set, &watching.assessment, now);
        }
        if set == Set::Functional {
            // What was green before an incident, what is green again in one, and what contradicts a proof.
            let cells = proof::cells(&watching.service, &[]);
            self.desk.saw(name, &proof::measure(&cells, &watching.assessment.findings)).await;
        }
        let otherwise = changed(&watching.assessment.findings);
        if !otherwise.is_empty() {
            let request = ChangeRequest::See { service: name.clone(), seen: otherwise };
            self.enter(BookRequest::Change(request)).await;
        }
        let seen = observe::observe(&watching.service, set, &watching.assessment, now);
        let (change, beside, warnings) = self.believe(name, set, watching, &seen, now);
        for request in warnings {
            self.enter(BookRequest::Warning(request)).await;
        }
        self.look_at_delay(name, set, now).await;
        let last = last(name, &watching.assessment, &seen, now);
        if let Some(change) = change {
            self.change(name, change, &last, &watching.assessment).await;
        }
        for cause in beside {
            let summary = cause.meaning().to_owned();
            let request = WatchRequest::Also(Beside { service: name.clone(), cause, summary });
            self.enter(BookRequest::Watch(request)).await;
        }
    }

    /// Mail that takes longer and longer is told before it is called slow.
    async fn look_at_delay(&self, name: &ServiceName, set: Set, now: UtcMs) {
        let Some(history) = self.history.clone().filter(|_| set.asks_as_people()) else { return };
        let service = name.clone();
        let grown = tokio::task::spawn_blocking(move || view::growing(&history, &service, now)).await;
        let book = self.desk.book();
        for request in warn::delay(name, grown.ok().flatten(), &book) {
            self.enter(BookRequest::Warning(request)).await;
        }
    }

    /// What is believed now, and what of it is news.
    fn believe(
        &self,
        name: &ServiceName,
        set: Set,
        watching: &Watching,
        seen: &observe::Seen,
        now: UtcMs,
    ) -> (Option<Change>, Vec<crate::cause::Cause>, Vec<crate::book::warning::WarningRequest>) {
        let most = *lock(&self.hit_points);
        let book = self.desk.book();
        let mut beliefs = lock(&self.beliefs);
        let known = beliefs.entry(name.clone()).or_insert_with(|| {
            let begin = if book.watched.is_broken(name) { Belief::failing(most) } else { Belief::new(most) };
            Beliefs { quick: begin, whole: begin, beside: Vec::new(), warnings: warn::Seen::default() }
        });
        let before = known.state();
        let (mut changes, whole_run) = (Vec::new(), set.asks_as_people());
        if !whole_run || seen.is_quick {
            let (belief, change) = known.quick.after(&seen.observation, most);
            known.quick = belief;
            changes.extend(change);
        }
        if whole_run {
            let (belief, change) = known.whole.after(&seen.observation, most);
            known.whole = belief;
            changes.extend(change);
        }
        let after = known.state();
        let change = match (before, after) {
            (State::Good, State::Failing) => {
                changes.into_iter().find(|one| matches!(one, Change::Broke { .. }))
            }
            (State::Failing, State::Good) => Some(Change::Recovered),
            _ => changes.into_iter().find(|one| matches!(one, Change::Blind | Change::Sighted)),
        };
        let beside = known.beside(after, &change, &watching.assessment);
        let warnings = known.warnings.after(name, set, watching, &book, now);
        self.hurry(name, known, after, seen, now);
        (change, beside, warnings)
    }

    /// What is in doubt, or broken, is asked sooner than the schedule says.
    fn hurry(&self, name: &ServiceName, known: &Beliefs, state: State, seen: &observe::Seen, now: UtcMs) {
        let mut table = lock(&self.table);
        let soon = now + table.fast(name);
        let doubted = known.whole.failing_since.is_some() || known.quick.failing_since.is_some();
        if state == State::Failing || (doubted && seen.has_account) {
            table.hurry(name, Set::Functional, soon);
        }
        if known.warnings.wants_another_look() {
            table.hurry(name, Set::Hygiene, now + warn::SECOND_LOOK);
        }
    }

    async fn change(&self, name: &ServiceName, change: Change, last: &LastAssessment, all: &Assessment) {
        let incident = self.open_incident(name);
        let request = match change {
            Change::Broke { since, .. } => WatchRequest::Broke {
                since,
                assessment: Box::new(last.clone()),
                independent: all.independent.clone(),
                incident: incident.as_ref().map(|incident| incident.id),
            },
            Change::Recovered => WatchRequest::Recovered(name.clone()),
            Change::Blind => WatchRequest::Blind(name.clone()),
            Change::Sighted => WatchRequest::Sighted(name.clone()),
        };
        tracing::info!(service = %name, change = change.name(), summary = last.summary, "a change is confirmed");
        self.enter(BookRequest::Watch(request)).await;
        if let (Some(incident), Change::Broke { .. } | Change::Recovered) = (incident, change) {
            declare::tell_assessment(&self.desk, &incident, last.clone()).await;
        }
    }

    fn open_incident(&self, service: &ServiceName) -> Option<Arc<crate::incident::Incident>> {
        let guild = self.desk.policy().alarm_guild?;
        let open = self.desk.open_incidents(guild);
        open.into_iter().rfind(|incident| incident.service.as_ref() == Some(service) && !incident.drill)
    }

    /// Who reports is believed enough to look at everything, once for each doubt.
    fn look_where_people_doubt(&self) {
        let book = self.desk.book();
        let mut looked = lock(&self.looked);
        for (service, standing) in &book.watched.services {
            let Some(at) = standing.doubted.filter(|at| looked.get(service) != Some(at)) else { continue };
            // What people doubted before this program began was looked at by its first run.
            if looked.insert(service.clone(), at).is_some() || at >= self.begun {
                self.look_deeper(service);
            }
        }
    }

    async fn enter(&self, request: BookRequest) {
        let entering = Entering { actor: Actor::Watchpost, origin: Origin::Check, once: None, request };
        if let Err(refusal) = self.desk.enter(entering).await {
            tracing::warn!(code = refusal.code(), %refusal, "what a check confirmed was not entered");
        }
    }

    /// What follows from the book, whoever changed it.
    async fn carry_on(&self) {
        self.look_where_people_doubt();
        declare::declare_open_alarms(&self.desk).await;
        warn::tell_new_incidents(&self.desk).await;
    }
}

impl Beliefs {
    fn state(&self) -> State {
        match (self.quick.state, self.whole.state) {
            (State::Good, State::Good) => State::Good,
            _ => State::Failing,
        }
    }

    /// Causes that do not follow from the first, seen for the second time while it is broken.
    fn beside(
        &mut self,
        state: State,
        change: &Option<Change>,
        all: &Assessment,
    ) -> Vec<crate::cause::Cause> {
        if state == State::Good || change.is_some() {
            self.beside.clear();
            return Vec::new();
        }
        let found = all.independent.iter().copied().filter(|cause| !observe::is_care(*cause));
        let found: Vec<_> = found.chain(all.cause).collect();
        let again: Vec<_> = found.iter().copied().filter(|cause| self.beside.contains(cause)).collect();
        self.beside = found;
        again
    }
}

/// What is told of an answer: as it was summed up, but by what counts.
fn last(name: &ServiceName, all: &Assessment, seen: &observe::Seen, now: UtcMs) -> LastAssessment {
    LastAssessment {
        at: now,
        service: name.clone(),
        verdict: seen.observation.verdict,
        cause: all.cause,
        summary: all.summary.clone(),
        capabilities: seen.capabilities,
    }
}

async fn wait_for(desk: &Desk, due: Option<UtcMs>) {
    match due {
        Some(due) => desk.clock().wait_until(due).await,
        None => std::future::pending().await,
    }
}

/// A request of the monitor about an incident.
pub(crate) fn about(incident: &crate::incident::Incident, request: Request) -> Ask {
    Ask {
        guild: incident.guild,
        actor: Actor::Watchpost,
        origin: Origin::Check,
        once: None,
        incident: Some(incident.id),
        request,
    }
}
