//! Reports come in crowds: ten thousand people find out in the same minute that they have no mail.
//!
//! 1. One person's reports are bounded, and so is the number of those that wait. Beyond that, the person hears why.
//! 2. Those that wait are taken in together: one decision after another, one commit for all of them.
//! 3. Each person is answered when theirs is on disk, and not before.
//! 4. With an incident open they count there; with none, they wait in the book, and may propose one.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use super::{Desk, Entering, TRIES, already_done, commit_of};
use crate::book::BookRequest;
use crate::book::report::ReportRequest;
use crate::check::{Capabilities, Verdict};
use crate::clock::UtcMs;
use crate::ids::{GuildId, IncidentId, PersonId, Seq};
use crate::incident::Incident;
use crate::incident::decide::{Context, Request, decide};
use crate::incident::event::{NewEvent, Origin, Recorded};
use crate::person::Actor;
use crate::refusal::Refusal;
use crate::report::common::people;
use crate::report::{PAUSE, Report, Symptom, repeats};
use crate::store::{DedupeKey, StoreError};

/// Reports that wait at most.
const MOST_WAITING: usize = 10_000;
/// Reports that one commit takes.
const TOGETHER: usize = 500;
/// Reports of one person in a minute.
const MOST_OF_ONE: usize = 3;
/// In that time.
const WHILE: Duration = Duration::from_secs(60);
/// The answer tells how many said so in the last hour.
const HOUR: Duration = Duration::from_secs(3_600);
/// Reports from before an incident that it takes along.
const MOST_JOINED: usize = 2_000;

/// A report on its way in.
#[derive(Debug, Clone)]
pub struct Reporting {
    /// Where.
    pub guild: GuildId,
    /// What is told.
    pub report: Report,
    /// Names what this is the effect of.
    pub once: Option<DedupeKey>,
}

/// What became of a report.
#[derive(Debug, Clone)]
pub enum Reported {
    /// It counts for this incident.
    Known(Arc<Incident>),
    /// No incident is open: it waits.
    Waiting {
        /// For how many people it was reported in the last hour, this one among them.
        people: u32,
        /// Whether an incident is proposed because of them.
        proposed: bool,
    },
}

type Answer = Result<Reported, Refusal>;

struct Pending {
    reporting: Reporting,
    answer: oneshot::Sender<Answer>,
}

/// Reports that wait to be taken in.
#[derive(Default)]
pub(super) struct Intake {
    waiting: Mutex<VecDeque<Pending>>,
    lately: Mutex<BTreeMap<PersonId, VecDeque<UtcMs>>>,
    turn: tokio::sync::Mutex<()>,
}

impl Desk {
    /// Takes in a report.
    ///
    /// # Errors
    /// A [`Refusal`]; nothing was recorded then.
    pub async fn report(&self, reporting: Reporting) -> Answer {
        self.refuse_too_many(&reporting)?;
        let (answer, mut heard) = oneshot::channel();
        {
            let mut waiting = self.intake.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            if waiting.len() >= MOST_WAITING {
                return Err(Refusal::ReportsFlood);
            }
            waiting.push_back(Pending { reporting, answer });
        }
        // Whoever gets the turn takes in all that wait, so that one commit is for many.
        loop {
            let turn = self.intake.turn.lock().await;
            if let Ok(answer) = heard.try_recv() {
                return answer;
            }
            self.take_in().await;
            drop(turn);
        }
    }

    /// One person cannot drown the others.
    fn refuse_too_many(&self, reporting: &Reporting) -> Result<(), Refusal> {
        let now = self.clock.now();
        let mut lately = self.intake.lately.lock().unwrap_or_else(PoisonError::into_inner);
        lately.retain(|_, times| times.back().is_some_and(|last| now.since(*last) < WHILE));
        let times = lately.entry(reporting.report.by.id).or_default();
        times.retain(|at| now.since(*at) < WHILE);
        match times.front() {
            Some(first) if times.len() >= MOST_OF_ONE => {
                Err(Refusal::ReportsTooOften { most: MOST_OF_ONE, possible: *first + WHILE })
            }
            _ => {
                times.push_back(now);
                Ok(())
            }
        }
    }

    async fn take_in(&self) {
        let batch: Vec<Pending> = {
            let mut waiting = self.intake.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            let together = waiting.len().min(TOGETHER);
            waiting.drain(..together).collect()
        };
        let mut by_target: BTreeMap<(GuildId, Option<IncidentId>), Vec<Pending>> = BTreeMap::new();
        for pending in batch {
            let Reporting { guild, report, .. } = &pending.reporting;
            let target = self.incident_for(*guild, report).map(|incident| incident.id);
            by_target.entry((*guild, target)).or_default().push(pending);
        }
        for ((guild, target), group) in by_target {
            match target {
                Some(id) => self.count(id, group).await,
                None => self.let_wait(guild, group).await,
            }
        }
    }

    /// The open incident that a report is about: that of its service, else the one in which that does not work.
    fn incident_for(&self, guild: GuildId, report: &Report) -> Option<Arc<Incident>> {
        let mut open = self.open_incidents(guild);
        open.retain(|incident| {
            let other = report.service.as_ref().zip(incident.service.as_ref()).is_some_and(|(a, b)| a != b);
            !incident.is_restricted() && !incident.drill && !other
        });
        let hurt = |incident: &&Arc<Incident>| {
            incident.assessment.as_ref().is_some_and(|last| is_hurt(report.symptom, last.capabilities))
        };
        open.iter().rev().find(hurt).or_else(|| open.last()).cloned()
    }

    /// Counts reports for an incident: each is decided on what the ones before it left, and all are one commit.
    async fn count(&self, id: IncidentId, mut group: Vec<Pending>) {
        let turn = self.turn(id);
        let _held = turn.lock().await;
        for _ in 0..TRIES {
            group = self.without_repeated(group).await;
            let Some(before) = self.incident(id).filter(|_| !group.is_empty()) else { break };
            let (policy, now) = (self.policy(), self.clock.now());
            let mut after = Incident::clone(&before);
            let (mut events, mut taken): (Vec<NewEvent>, Vec<Pending>) = (Vec::new(), Vec::new());
            for pending in group {
                let report = pending.reporting.report.clone();
                let actor = Actor::Person(report.by.clone());
                let context = Context { now, actor: &actor, policy: &policy };
                match decide(&after, Request::Report(Box::new(report)), &context) {
                    Err(refusal) => drop(pending.answer.send(Err(refusal))),
                    Ok(decided) => {
                        let new = decided.into_iter().map(|decided| NewEvent {
                            incident: id,
                            happened_at: decided.happened_at,
                            actor: actor.clone(),
                            origin: Origin::Chat,
                            event: decided.event,
                        });
                        for new in new {
                            let recorded = Recorded {
                                seq: Seq(0),
                                version: after.version + 1,
                                recorded_at: now,
                                new: new.clone(),
                            };
                            after = after.apply(&recorded);
                            events.push(new);
                        }
                        taken.push(pending);
                    }
                }
            }
            if events.is_empty() {
                return;
            }
            let mut commit = commit_of(&before, events, &policy, now);
            let keys = taken.iter().filter_map(|pending| pending.reporting.once.clone());
            commit.dedupe = keys.map(|key| (key, now + super::REMEMBERED)).collect();
            match self.store.commit(commit).await {
                Ok(committed) => {
                    let incident = self.keep(&before, committed.events).incident;
                    return answer(taken, &Ok(Reported::Known(incident)));
                }
                Err(StoreError::Conflict { incident, .. }) => {
                    // Decided again on what is there now.
                    if let Err(error) = self.load(incident).await {
                        return answer(taken, &Err(error.into()));
                    }
                    group = taken;
                }
                Err(StoreError::Duplicate(_)) => group = taken,
                Err(error) => return answer(taken, &Err(error.into())),
            }
        }
        answer(group, &Err(already_done()));
    }

    /// Those whose interaction was carried out already are answered.
    async fn without_repeated(&self, group: Vec<Pending>) -> Vec<Pending> {
        let mut left = Vec::with_capacity(group.len());
        for pending in group {
            let done = match &pending.reporting.once {
                Some(key) => self.store.is_done(key).await.unwrap_or(false),
                None => false,
            };
            if done {
                drop(pending.answer.send(Err(already_done())));
            } else {
                left.push(pending);
            }
        }
        left
    }

    /// With no incident open, reports wait in the book.
    async fn let_wait(&self, guild: GuildId, group: Vec<Pending>) {
        let now = self.clock.now();
        let mut earlier =
            self.book().reports.get(&guild).map(|waiting| waiting.recent(now, PAUSE)).unwrap_or_default();
        let (mut taken, mut reports) = (Vec::new(), Vec::new());
        for pending in group {
            let report = pending.reporting.report.clone();
            if let Some(possible) = repeats(&earlier, &report, now) {
                drop(pending.answer.send(Err(Refusal::ReportedAlready { possible })));
                continue;
            }
            earlier.push(report.clone());
            reports.push(report);
            taken.push(pending);
        }
        if taken.is_empty() {
            return;
        }
        let request = BookRequest::Report(ReportRequest::Add { guild, reports });
        let entering = Entering { actor: Actor::Watchpost, origin: Origin::Chat, once: None, request };
        let entered = self.enter(entering).await.map(|entered| {
            let waiting = entered.book.reports.get(&guild);
            let people = waiting.map(|waiting| people(&waiting.recent(now, HOUR)));
            let proposed = waiting.is_some_and(|waiting| waiting.proposed.is_some());
            Reported::Waiting { people: people.unwrap_or(0), proposed }
        });
        answer(taken, &entered);
    }

    /// The reports that waited count for an incident that was just declared.
    pub(super) async fn join_waiting(&self, incident: &Arc<Incident>) -> Arc<Incident> {
        let now = self.clock.now();
        let guild = incident.guild;
        let book = self.book();
        let Some(waiting) = book.reports.get(&guild).filter(|_| !incident.drill) else {
            return incident.clone();
        };
        let mut reports = waiting.recent(now, self.policy().threshold.within.max(HOUR));
        reports.truncate(MOST_JOINED);
        let mut joined = incident.clone();
        if !reports.is_empty() {
            let ask = super::Ask {
                guild,
                actor: Actor::Watchpost,
                origin: Origin::Chat,
                once: Some(DedupeKey(format!("join/{guild}/{}", book.version))),
                incident: Some(incident.id),
                request: Request::Join(reports),
            };
            match self.carry_out(ask).await {
                Ok(outcome) => joined = outcome.incident,
                Err(refusal) => tracing::warn!(code = refusal.code(), "waiting reports were not joined"),
            }
        }
        let request = BookRequest::Report(ReportRequest::Take { guild, incident: incident.id });
        let taken = Entering { actor: Actor::Watchpost, origin: Origin::Chat, once: None, request };
        if let Err(refusal) = self.enter(taken).await {
            tracing::warn!(code = refusal.code(), "waiting reports were not taken out of the book");
        }
        joined
    }
}

fn answer(group: Vec<Pending>, with: &Answer) {
    for pending in group {
        // Whoever does not wait any more needs no answer.
        drop(pending.answer.send(with.clone()));
    }
}

fn is_hurt(symptom: Symptom, works: Capabilities) -> bool {
    let bad = |verdict: Verdict| matches!(verdict, Verdict::Down | Verdict::Degraded);
    match symptom {
        Symptom::CannotSend | Symptom::Bounced => bad(works.send),
        Symptom::CannotReceive | Symptom::Delayed => bad(works.receive) || bad(works.internal),
        Symptom::CannotLogIn => bad(works.read),
        Symptom::Else => false,
    }
}
