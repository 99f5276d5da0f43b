//! What became of a delivery, recorded: in the outbox, and where it matters in the timeline, in one commit.

use watchpost_texts::say;

use super::{By, Desk, Entering, TRIES, commit, plan};
use crate::book::BookRequest;
use crate::book::watch::{Posted, WatchRequest};
use crate::ids::PlaceId;
use crate::incident::call::CallRequest;
use crate::incident::decide::{Context, Request, decide};
use crate::incident::event::{HomePart, Origin};
use crate::outbox::{Delivery, Kept, Post, Progress, Proof, Purpose};
use crate::person::Actor;
use crate::store::{Commit, StoreError};

impl Desk {
    /// Records what became of an item of the outbox.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn settle(&self, kept: &Kept, delivery: &Delivery) -> Result<(), StoreError> {
        let now = self.clock.now();
        let progress = plan::progress(kept, delivery, now);
        let request = settled_request(kept, &progress);
        let turn = kept.item.incident.map(|id| self.turn(id));
        let _held = match &turn {
            Some(turn) => Some(turn.lock().await),
            None => None,
        };
        for _ in 0..TRIES {
            let settle = vec![(kept.item.key.clone(), progress.clone())];
            let (Some(id), Some(request)) = (kept.item.incident, request.clone()) else {
                self.store.commit(Commit { recorded_at: now, settle, ..Commit::default() }).await?;
                self.changed.notify_waiters();
                self.enter_where_it_stands(kept, &progress).await;
                return Ok(());
            };
            let before = match self.incident(id) {
                Some(incident) => incident,
                None => self.load(id).await?,
            };
            let policy = self.policy();
            let context = Context { now, actor: &Actor::Watchpost, policy: &policy };
            let decided = decide(&before, request, &context).unwrap_or_default();
            let by = By { actor: &Actor::Watchpost, origin: Origin::Outbox, once: None };
            let commit = Commit { settle, ..commit(&by, &before, decided, &policy, now) };
            match self.store.commit(commit).await {
                Ok(committed) => {
                    self.keep(&before, committed.events);
                    return Ok(());
                }
                Err(StoreError::Conflict { incident, .. }) => {
                    self.load(incident).await?;
                }
                Err(other) => return Err(other),
            }
        }
        Err(StoreError::Unavailable(say!("too many commits at the same moment").to_owned()))
    }
}

impl Desk {
    /// An alarm that stands is edited from now on; where that is not entered, the next change is posted anew.
    async fn enter_where_it_stands(&self, kept: &Kept, progress: &Progress) {
        let (Purpose::Alarm { number: alarm }, Post::New, Progress::Sent { proof, .. }) =
            (&kept.item.purpose, &kept.item.post, progress)
        else {
            return;
        };
        let Proof::Message { place, message } = *proof else { return };
        let request = BookRequest::Watch(WatchRequest::Posted(Posted { alarm: *alarm, place, message }));
        let entering = Entering { actor: Actor::Watchpost, origin: Origin::Outbox, once: None, request };
        if let Err(refusal) = self.enter(entering).await {
            tracing::warn!(alarm, code = refusal.code(), "where an alarm stands was not entered");
        }
    }
}

/// What the timeline says of a delivery; nothing where it is not over, or nobody needs to know.
fn settled_request(kept: &Kept, progress: &Progress) -> Option<Request> {
    match (&kept.item.purpose, progress) {
        (Purpose::Update { audience, number, destination }, Progress::Sent { proof, .. }) => {
            Some(Request::Delivered {
                audience: audience.clone(),
                number: *number,
                destination: destination.clone(),
                proof: proof.to_string(),
            })
        }
        (Purpose::Update { audience, number, destination }, Progress::Dead { why, .. }) => {
            Some(Request::Undelivered {
                audience: audience.clone(),
                number: *number,
                destination: destination.clone(),
                why: why.clone(),
            })
        }
        (Purpose::Ring { number }, Progress::Sent { proof, .. }) => {
            Some(Request::Call(CallRequest::Arrived { number: *number, proof: proof.to_string() }))
        }
        (Purpose::Ring { number }, Progress::Dead { why, .. }) => {
            Some(Request::Call(CallRequest::NotArrived { number: *number, why: why.clone() }))
        }
        (Purpose::Home(part), Progress::Sent { proof, .. }) => placed(*part, &kept.item.post, proof),
        (Purpose::Home(part), Progress::Dead { why, .. }) => {
            Some(Request::NotPlaced { part: *part, why: why.clone() })
        }
        // The card cannot be edited any more: it is posted anew.
        (Purpose::CardRefresh, Progress::Dead { why, .. }) => {
            Some(Request::NotPlaced { part: HomePart::Card, why: why.clone() })
        }
        _ => None,
    }
}

fn placed(part: HomePart, post: &Post, proof: &Proof) -> Option<Request> {
    match (proof, post) {
        (Proof::Message { place, message }, _) => {
            Some(Request::Placed { part, place: *place, message: Some(*message) })
        }
        (Proof::Thread(place), _) => Some(Request::Placed { part, place: *place, message: None }),
        (Proof::Answer(_), Post::Pin(message)) => {
            Some(Request::Placed { part, place: PlaceId(0), message: Some(*message) })
        }
        (Proof::Answer(_), _) => None,
    }
}
