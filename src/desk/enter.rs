//! The way into the book: as [`Desk::ask`] for incidents, one commit for all that follows.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use watchpost_texts::say;

use super::{Desk, REMEMBERED, TRIES, already_done};
use crate::book::window::WindowRequest;
use crate::book::{self, Book, BookRequest};
use crate::clock::UtcMs;
use crate::ids::Seq;
use crate::incident::decide::{Context, Decided};
use crate::incident::event::{NewEvent, Origin, Recorded};
use crate::person::Actor;
use crate::policy::Policy;
use crate::refusal::Refusal;
use crate::sop::{Procedure, promise};
use crate::store::{Commit, DedupeKey, StoreError, TimerKey};

/// What is wanted of the book.
#[derive(Debug, Clone)]
pub struct Entering {
    /// Who asks.
    pub actor: Actor,
    /// By which way.
    pub origin: Origin,
    /// Names what this is the effect of; asked again under the same name, nothing happens twice.
    pub once: Option<DedupeKey>,
    /// What.
    pub request: BookRequest,
}

/// What was entered.
#[derive(Debug, Clone)]
pub struct Entered {
    /// The book afterwards.
    pub book: Arc<Book>,
    /// The new events; empty where nothing had to change.
    pub events: Vec<Recorded>,
}

impl Desk {
    /// The book as it is.
    pub fn book(&self) -> Arc<Book> {
        self.book.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Carries out a request to the book.
    ///
    /// # Errors
    /// A [`Refusal`]; nothing was recorded then.
    pub async fn enter(&self, entering: Entering) -> Result<Entered, Refusal> {
        let turn = self.turn(BOOK_TURN);
        let _held = turn.lock().await;
        for _ in 0..TRIES {
            let before = self.book();
            let policy = self.policy();
            let now = self.clock.now();
            let context = Context { now, actor: &entering.actor, policy: &policy };
            let decided = book::decide(&before, entering.request.clone(), &context)?;
            if decided.is_empty() {
                return Ok(Entered { book: before, events: Vec::new() });
            }
            match self.store.commit(commit(&entering, &before, decided, &policy, now)).await {
                Ok(committed) => return Ok(self.keep_book(&before, committed.events)),
                Err(StoreError::Conflict { .. }) => self.load_book().await?,
                Err(StoreError::Duplicate(_)) => return Err(already_done()),
                Err(other) => return Err(other.into()),
            }
        }
        Err(Refusal::NothingNew(
            say!("too many people changed it at the same moment. Try once more").to_owned(),
        ))
    }

    /// A window begins or ends.
    pub(super) async fn windows_due(&self, timer: TimerKey) -> Result<(), StoreError> {
        let request = BookRequest::Window(WindowRequest::Due);
        let entering = Entering { actor: Actor::Watchpost, origin: Origin::Timer, once: None, request };
        match self.enter(entering).await {
            Ok(entered) if entered.events.is_empty() => self.cancel(timer).await,
            Ok(_) => Ok(()),
            Err(refusal) => {
                tracing::warn!(code = refusal.code(), "what was due of a window was not carried out");
                Ok(())
            }
        }
    }

    /// Reads the book anew.
    pub(super) async fn load_book(&self) -> Result<(), StoreError> {
        let book = Book::from_events(&self.all_events(book::STREAM).await?);
        *self.book.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(book);
        self.follow_the_book();
        Ok(())
    }

    /// Who wants to be told, whether the chat is away, and how the procedure changed, is in the book; decisions look for all
    /// of it in the policy.
    fn follow_the_book(&self) {
        let (book, policy) = (self.book(), self.policy());
        let versions = book.procedure.versions.len();
        let known = self.procedure_known.swap(versions, Ordering::Relaxed);
        let chat_away = book.chat.map(|away| away.since);
        let same = Arc::ptr_eq(&policy.subscriptions, &book.subscriptions);
        if !same || policy.reach.chat_away != chat_away || known != versions {
            self.derive_policy();
        }
    }

    /// The policy that decisions are made by: the configured one, with what the book knows and the procedure that is
    /// followed.
    pub(super) fn derive_policy(&self) {
        let book = self.book();
        let configured = self.configured.read().unwrap_or_else(PoisonError::into_inner).clone();
        let procedure = book::procedure::followed(&configured.procedure, &book.procedure);
        let mut policy = of_the_book(Policy { procedure, ..Policy::clone(&configured) }, &book);
        promise::follow(&mut policy);
        *self.policy.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(policy);
    }

    /// The procedure as the configuration has it, without what reviews changed.
    pub fn configured_procedure(&self) -> Arc<Procedure> {
        self.configured.read().unwrap_or_else(PoisonError::into_inner).procedure.clone()
    }

    fn keep_book(&self, before: &Book, events: Vec<Recorded>) -> Entered {
        let after = Arc::new(events.iter().fold(before.clone(), Book::apply));
        *self.book.write().unwrap_or_else(PoisonError::into_inner) = after.clone();
        self.follow_the_book();
        self.changed.notify_waiters();
        Entered { book: after, events }
    }
}

/// The policy, with what the book knows.
pub(super) fn of_the_book(mut policy: Policy, book: &Book) -> Policy {
    policy.subscriptions = book.subscriptions.clone();
    policy.reach.chat_away = book.chat.map(|away| away.since);
    policy
}

/// Whose turn it is to write into the book: never the number of an incident.
const BOOK_TURN: crate::ids::IncidentId = crate::ids::IncidentId(u64::MAX);

/// The commit that carries out a decision.
fn commit(entering: &Entering, before: &Book, decided: Vec<Decided>, policy: &Policy, now: UtcMs) -> Commit {
    let new = |decided: Decided| NewEvent {
        incident: book::STREAM,
        happened_at: decided.happened_at,
        actor: entering.actor.clone(),
        origin: entering.origin,
        event: decided.event,
    };
    let events: Vec<NewEvent> = decided.into_iter().map(new).collect();
    let recorded: Vec<Recorded> = (before.version + 1..)
        .zip(&events)
        .map(|(version, new)| Recorded { seq: Seq(0), version, recorded_at: now, new: new.clone() })
        .collect();
    let after = recorded.iter().fold(before.clone(), Book::apply);
    let plan = book::plan(before, &after, &recorded, policy, now);
    Commit {
        recorded_at: now,
        expect: vec![(book::STREAM, before.version)],
        events,
        enqueue: plan.enqueue,
        timers: plan.timers,
        dedupe: entering.once.iter().map(|key| (key.clone(), now + REMEMBERED)).collect(),
        ..Commit::default()
    }
}
