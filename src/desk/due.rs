//! What has come due: each stored due time becomes a request, or the work of one concern.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use super::{Ask, Desk, PAGE, SET_BACK, heartbeat, overdue};
use crate::book;
use crate::clock::UtcMs;
use crate::ids::IncidentId;
use crate::incident::Incident;
use crate::incident::call::CallRequest;
use crate::incident::decide::Request;
use crate::incident::event::Origin;
use crate::incident::reach::ReachRequest;
use crate::incident::telling::TellingRequest;
use crate::person::Actor;
use crate::store::{Commit, StoreError, TimerKey};

impl Desk {
    /// Carries out what has come due. Each due time has its effect once, however late it is.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn carry_out_due(&self) -> Result<(), StoreError> {
        self.notice_the_clock().await;
        for (timer, since) in self.store.timers_due(self.clock.now(), PAGE).await? {
            if let TimerKey::Proof(id) = timer {
                self.proof_is_due(id).await?;
                continue;
            }
            if matches!(&timer, TimerKey::Other(name) if name == heartbeat::TIMER) {
                self.beat().await?;
                continue;
            }
            if matches!(&timer, TimerKey::Other(name) if name == book::window::TIMER) {
                self.windows_due(timer).await?;
                continue;
            }
            if timer == overdue::key() {
                self.tell_overdue().await?;
                continue;
            }
            if let TimerKey::Similar(id) = timer {
                self.show_similar(id).await?;
                continue;
            }
            if let TimerKey::Review(_) | TimerKey::FollowUps(_) = timer {
                if !self.carry_out_aftermath(&timer).await? {
                    self.cancel(timer).await?;
                }
                continue;
            }
            let Some((id, request)) = request_of(&timer, since) else {
                self.cancel(timer).await?;
                continue;
            };
            // What is over may still owe a morning text, and is not in memory after a restart.
            let incident = match self.incident(id) {
                Some(incident) => incident,
                None => self.load(id).await?,
            };
            let ask = Ask {
                guild: incident.guild,
                actor: Actor::Watchpost,
                origin: Origin::Timer,
                once: None,
                incident: Some(id),
                request,
            };
            match self.ask(ask).await {
                Ok(outcome) if outcome.events.is_empty() => self.set_anew(timer, &outcome.incident).await?,
                Ok(_) => {}
                Err(refusal) => {
                    tracing::warn!(%id, code = refusal.code(), "what was due was not carried out");
                }
            }
        }
        Ok(())
    }

    /// A clock that was set back would keep people waiting for what was due by the old one.
    async fn notice_the_clock(&self) {
        let now = self.clock.now();
        let last = UtcMs(self.last_seen.swap(now.0, Ordering::Relaxed));
        let by = last.since(now);
        if by < SET_BACK {
            return;
        }
        tracing::warn!(seconds = by.as_secs(), "the clock was set back");
        let open: Vec<Arc<Incident>> = {
            let incidents = self.incidents.read().unwrap_or_else(PoisonError::into_inner);
            incidents.values().filter(|incident| incident.phase.is_open()).cloned().collect()
        };
        for incident in open {
            let ask = Ask {
                guild: incident.guild,
                actor: Actor::Watchpost,
                origin: Origin::Timer,
                once: None,
                incident: Some(incident.id),
                request: Request::Telling(TellingRequest::ClockSetBack { by }),
            };
            if let Err(refusal) = self.ask(ask).await {
                tracing::warn!(id = %incident.id, code = refusal.code(), "due times stay as they were");
            }
        }
    }

    /// Nothing followed from this due time: it was moved meanwhile, or is none any more.
    async fn set_anew(&self, timer: TimerKey, incident: &Incident) -> Result<(), StoreError> {
        let now = self.clock.now();
        let due = crate::due::timers(incident, &self.policy()).remove(&timer).filter(|due| *due > now);
        let commit = Commit { recorded_at: now, timers: vec![(timer, due)], ..Commit::default() };
        self.store.commit(commit).await.map(|_| ())
    }

    pub(super) async fn cancel(&self, timer: TimerKey) -> Result<(), StoreError> {
        let commit =
            Commit { recorded_at: self.clock.now(), timers: vec![(timer, None)], ..Commit::default() };
        self.store.commit(commit).await.map(|_| ())
    }
}

/// What is asked of an incident when this due time comes; none where it belongs to no incident.
pub(crate) fn request_of(timer: &TimerKey, since: UtcMs) -> Option<(IncidentId, Request)> {
    match timer.clone() {
        TimerKey::Update(id, audience) => Some((id, Request::Due { audience, since })),
        TimerKey::Reminder(id) => Some((id, Request::Telling(TellingRequest::RemindDue))),
        TimerKey::Digest(id, audience) => {
            Some((id, Request::Telling(TellingRequest::DigestDue { audience })))
        }
        TimerKey::Escalation(id) => Some((id, Request::Call(CallRequest::Due))),
        TimerKey::Telephone(id) => Some((id, Request::Reach(ReachRequest::ListDue))),
        TimerKey::Proof(_)
        | TimerKey::Review(_)
        | TimerKey::Similar(_)
        | TimerKey::FollowUps(_)
        | TimerKey::Other(_) => None,
    }
}
