//! The desk: the one door. Nothing else writes.
//!
//! 1. Somebody asks ([`Ask`]): who, where, what.
//! 2. The desk finds the incident and lets [`decide`] say what follows.
//! 3. [`plan`] says what must leave, and when the next word is due.
//! 4. One commit makes all of it durable, or none of it. Where another commit came first, it decides again.
//! 5. Only then is the [`Outcome`] given back, and whoever delivers is woken.

mod aftermath;
mod catch_up;
mod commit;
mod due;
mod enter;
mod files;
mod forget;
mod heartbeat;
mod intake;
mod overdue;
pub mod plan;
mod reach;
mod redraw;
mod related;
mod rounds;
mod saw;
mod settle;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicUsize};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use watchpost_texts::say;

use crate::book::{self, Book};
use crate::clock::Clock;
use crate::evidence;
use crate::ids::{GuildId, IncidentId, PlaceId};
use crate::incident::Incident;
use crate::incident::decide::{Context, Request, decide};
use crate::incident::event::{Event, Origin, Recorded};
use crate::outbox::Item;
use crate::person::Actor;
use crate::policy::Policy;
use crate::refusal::Refusal;
use crate::store::history::History;
use crate::store::{DedupeKey, Store, StoreError};
pub use aftermath::button;
use commit::{By, commit, commit_of};
#[cfg(test)]
pub(crate) use due::request_of;
pub use enter::{Entered, Entering};
pub use intake::{Reported, Reporting};
pub(crate) use redraw::card_item;

/// How often a decision is made anew when another commit came first: a delivery, or another process.
const TRIES: usize = 32;
/// How long an interaction is remembered: Discord's tokens live 15 minutes, replays after a restart a little longer.
const REMEMBERED: Duration = Duration::from_secs(3_600);
/// How long a closed incident is known by its thread after a restart.
const LATELY: Duration = Duration::from_secs(7 * 24 * 3_600);
/// A clock that is set back by more than this is noticed; less is corrected by every time service.
const SET_BACK: Duration = Duration::from_secs(60);
/// Events that are read from the store in one go.
const PAGE: usize = 16_384;

/// What somebody wants.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Where it is asked; requests never reach into another guild.
    pub guild: GuildId,
    /// Who asks.
    pub actor: Actor,
    /// By which way.
    pub origin: Origin,
    /// Names what this is the effect of; asked again under the same name, nothing happens twice.
    pub once: Option<DedupeKey>,
    /// Which incident; none: the only open one.
    pub incident: Option<IncidentId>,
    /// What.
    pub request: Request,
}

/// What happened.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The incident afterwards.
    pub incident: Arc<Incident>,
    /// The new events; empty where nothing had to change.
    pub events: Vec<Recorded>,
}

/// The one door.
pub struct Desk {
    store: Arc<dyn Store>,
    policy: RwLock<Arc<Policy>>,
    /// As the configuration has it, before what the book knows.
    configured: RwLock<Arc<Policy>>,
    clock: Clock,
    incidents: RwLock<BTreeMap<IncidentId, Arc<Incident>>>,
    book: RwLock<Arc<Book>>,
    /// Who writes to an incident waits for its turn, so that a crowd does not decide again and again.
    turns: Mutex<BTreeMap<IncidentId, Turn>>,
    changed: Notify,
    /// What the clock showed last, in milliseconds.
    last_seen: AtomicI64,
    /// How many versions of the procedure the policy knows.
    procedure_known: AtomicUsize,
    rounds: rounds::Rounds,
    intake: intake::Intake,
    /// What the checks measured, where that is kept.
    measured: OnceLock<Arc<History>>,
}

/// The turn to write to one incident.
type Turn = Arc<tokio::sync::Mutex<()>>;

/// Whose turn it is to declare: an incident has no number yet.
const NEXT: IncidentId = IncidentId(0);

impl Desk {
    /// Opens the door: reads every incident that is open.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn open(store: Arc<dyn Store>, policy: Policy, clock: Clock) -> Result<Arc<Self>, StoreError> {
        let policy = Arc::new(policy);
        let desk = Desk {
            store,
            configured: RwLock::new(policy.clone()),
            policy: RwLock::new(policy),
            clock,
            incidents: RwLock::default(),
            book: RwLock::default(),
            turns: Mutex::default(),
            changed: Notify::new(),
            last_seen: AtomicI64::new(0),
            procedure_known: AtomicUsize::new(usize::MAX),
            rounds: rounds::Rounds::default(),
            intake: intake::Intake::default(),
            measured: OnceLock::new(),
        };
        desk.load_book().await?;
        for head in desk.store.heads().await? {
            // What was closed lately is still asked for in its thread.
            let lately = head.resolved_at.is_some_and(|at| desk.clock.now().since(at) <= LATELY);
            if head.phase.is_open() || lately {
                let incident = desk.load(head.id).await?;
                desk.call_again(&incident);
            }
        }
        Ok(Arc::new(desk))
    }

    /// The configuration that decisions are made by.
    pub fn policy(&self) -> Arc<Policy> {
        self.policy.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Decides by another configuration from now on.
    pub fn set_policy(&self, policy: Policy) {
        *self.configured.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(policy);
        self.derive_policy();
        self.changed.notify_waiters();
    }

    /// The clock that the desk reads.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The store, to read from.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// Where the checks' measurements are kept, so that a review can show them. Said once, at the start.
    pub fn keeps_measurements(&self, history: Arc<History>) {
        let _ = self.measured.set(history);
    }

    /// The next commit, to wait for.
    pub fn changed(&self) -> Notified<'_> {
        self.changed.notified()
    }

    /// The incident, where it is in memory: every open one is.
    pub fn incident(&self, id: IncidentId) -> Option<Arc<Incident>> {
        self.incidents.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// The open incidents of a guild, oldest first.
    pub fn open_incidents(&self, guild: GuildId) -> Vec<Arc<Incident>> {
        let incidents = self.incidents.read().unwrap_or_else(PoisonError::into_inner);
        incidents
            .values()
            .filter(|incident| incident.guild == guild && incident.phase.is_open())
            .cloned()
            .collect()
    }

    /// The incident whose thread this is.
    pub fn incident_in(&self, place: PlaceId) -> Option<Arc<Incident>> {
        let incidents = self.incidents.read().unwrap_or_else(PoisonError::into_inner);
        incidents.values().find(|incident| incident.home.thread == Some(place)).cloned()
    }

    /// The incident that is meant: the named one, that of the thread, or the only open one.
    ///
    /// # Errors
    /// [`Refusal`] where none or several could be meant.
    pub async fn find(
        &self,
        guild: GuildId,
        named: Option<IncidentId>,
        place: Option<PlaceId>,
    ) -> Result<Arc<Incident>, Refusal> {
        if let Some(id) = named {
            let incident = match self.incident(id) {
                Some(incident) => incident,
                None if id == book::STREAM || evidence::is_file(id) => {
                    return Err(Refusal::NoSuchIncident(id));
                }
                None => self.load(id).await?,
            };
            return if incident.version > 0 && incident.guild == guild {
                Ok(incident)
            } else {
                Err(Refusal::NoSuchIncident(id))
            };
        }
        if let Some(incident) = place.and_then(|place| self.incident_in(place)) {
            return Ok(incident);
        }
        match self.open_incidents(guild).as_slice() {
            [] => Err(Refusal::NothingOpen),
            [only] => Ok(only.clone()),
            several => Err(Refusal::WhichIncident { open: several.len() }),
        }
    }

    /// All events of an incident, in order.
    ///
    /// # Errors
    /// [`Refusal`] where there is no such incident in this guild, or the store does not answer.
    pub async fn timeline(&self, guild: GuildId, id: IncidentId) -> Result<Vec<Recorded>, Refusal> {
        self.find(guild, Some(id), None).await?;
        Ok(self.all_events(id).await?)
    }

    /// Carries out a request.
    ///
    /// # Errors
    /// A [`Refusal`]; nothing was recorded then.
    pub async fn ask(&self, ask: Ask) -> Result<Outcome, Refusal> {
        let outcome = self.carry_out(ask.clone()).await?;
        Ok(self.follow_up(&ask, outcome).await)
    }

    async fn carry_out(&self, ask: Ask) -> Result<Outcome, Refusal> {
        self.ask_with(ask, Vec::new()).await
    }

    /// The same; `extra` leaves with it, where anything is recorded.
    async fn ask_with(&self, ask: Ask, extra: Vec<Item>) -> Result<Outcome, Refusal> {
        self.refuse_bad_link(&ask).await?;
        if let Some(key) = &ask.once
            && self.store.is_done(key).await?
        {
            return Err(already_done());
        }
        let turn = self.turn(self.number(&ask).await?);
        let _held = turn.lock().await;
        for _ in 0..TRIES {
            let before = self.subject(&ask).await?;
            let policy = self.policy();
            let now = self.clock.now();
            let context = Context { now, actor: &ask.actor, policy: &policy };
            let decided = decide(&before, ask.request.clone(), &context)?;
            if decided.is_empty() {
                return Ok(Outcome { incident: before, events: Vec::new() });
            }
            let by = By { actor: &ask.actor, origin: ask.origin, once: ask.once.as_ref() };
            let mut commit = commit(&by, &before, decided, &policy, now);
            commit.enqueue.extend(extra.iter().cloned());
            match self.store.commit(commit).await {
                Ok(committed) => return Ok(self.keep(&before, committed.events)),
                Err(StoreError::Conflict { incident, .. }) => {
                    self.load(incident).await?;
                }
                Err(StoreError::Duplicate(_)) => return Err(already_done()),
                Err(other) => return Err(other.into()),
            }
        }
        Err(Refusal::NothingNew(
            say!("too many people changed it at the same moment. Try once more").to_owned(),
        ))
    }

    fn turn(&self, id: IncidentId) -> Turn {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.entry(id).or_default().clone()
    }

    /// Whose turn a request takes.
    async fn number(&self, ask: &Ask) -> Result<IncidentId, Refusal> {
        match ask.request {
            Request::Declare(_) => Ok(NEXT),
            _ => Ok(self.find(ask.guild, ask.incident, None).await?.id),
        }
    }

    /// The incident that a request is about.
    async fn subject(&self, ask: &Ask) -> Result<Arc<Incident>, Refusal> {
        if let Request::Declare(_) = ask.request {
            return Ok(Arc::new(Incident::unborn(self.store.next_incident().await?)));
        }
        self.find(ask.guild, ask.incident, None).await
    }

    /// Reads an incident anew.
    async fn load(&self, id: IncidentId) -> Result<Arc<Incident>, StoreError> {
        let incident = Arc::new(Incident::from_events(id, &self.all_events(id).await?));
        if incident.version > 0 {
            self.remember(&incident);
        }
        Ok(incident)
    }

    /// All events of an incident, whoever asks.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn all_events(&self, id: IncidentId) -> Result<Vec<Recorded>, StoreError> {
        let mut all: Vec<Recorded> = Vec::new();
        loop {
            let after = all.last().map_or(0, |last| last.version);
            let page = self.store.events(id, after, PAGE).await?;
            let last = page.len() < PAGE;
            all.extend(page);
            if last {
                return Ok(all);
            }
        }
    }

    fn keep(&self, before: &Incident, events: Vec<Recorded>) -> Outcome {
        let incident = Arc::new(events.iter().fold(before.clone(), Incident::apply));
        self.remember(&incident);
        self.changed.notify_waiters();
        Outcome { incident, events }
    }

    /// Keeps the newer of two versions: commits of one incident may come back out of order.
    fn remember(&self, incident: &Arc<Incident>) {
        let mut incidents = self.incidents.write().unwrap_or_else(PoisonError::into_inner);
        let kept = incidents.entry(incident.id).or_insert_with(|| incident.clone());
        if kept.version < incident.version {
            *kept = incident.clone();
        }
    }
}

fn already_done() -> Refusal {
    Refusal::repetition()
}

/// Whether an event is about the housekeeping of messages rather than about the outage.
pub fn is_housekeeping(event: &Event) -> bool {
    matches!(event, Event::Placed { .. } | Event::NotPlaced { .. })
}
