//! The rounds of a proof, on their way from a stored due time to whoever can measure.
//!
//! 1. The due time has come. Where it is a round, it is called for here, and the due time is set anew a little later: a lease.
//! 2. Whoever measures takes it ([`Desk::next_round`]) and brings the result back as a request, which sets the next due time.
//! 3. Where the program ends in between, the lease runs out, and the round is called for again.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use super::{Ask, Desk};
use crate::clock::UtcMs;
use crate::ids::IncidentId;
use crate::incident::Incident;
use crate::incident::decide::Request;
use crate::incident::event::Origin;
use crate::incident::proof::state::{WATCH_EVERY, other_is_due, round_is_due};
use crate::incident::proof::{self, ProofRequest};
use crate::person::Actor;
use crate::store::{Commit, StoreError, TimerKey};

/// How long a round may take before it is called for again: longer than a full check at its limits.
const LEASE: Duration = Duration::from_secs(120);

/// The rounds that are called for.
#[derive(Debug, Default)]
pub(super) struct Rounds {
    waiting: Mutex<BTreeSet<IncidentId>>,
    called: Notify,
}

impl Desk {
    /// The next incident of which a round is to be measured.
    pub async fn next_round(&self) -> IncidentId {
        loop {
            let called = self.rounds.called.notified();
            let next = self.rounds.waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_first();
            match next {
                Some(id) => return id,
                None => called.await,
            }
        }
    }

    /// At the start: a round that was under way at the last stop is not waited for until its lease is over.
    pub(super) fn call_again(&self, incident: &Incident) {
        if incident.proof.running.is_some() && round_is_due(incident, self.clock.now()) {
            self.rounds.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(incident.id);
        }
    }

    /// The due time of a proof has come.
    pub(super) async fn proof_is_due(&self, id: IncidentId) -> Result<(), StoreError> {
        let incident = match self.incident(id) {
            Some(incident) => incident,
            None => self.load(id).await?,
        };
        let now = self.clock.now();
        if other_is_due(&incident, now) {
            let ask = Ask {
                guild: incident.guild,
                actor: Actor::Watchpost,
                origin: Origin::Timer,
                once: None,
                incident: Some(id),
                request: Request::Proof(ProofRequest::Due),
            };
            if let Err(refusal) = self.ask(ask).await {
                tracing::warn!(%id, code = refusal.code(), "what the proof had due was not carried out");
            }
        }
        // Nothing may be decided between looking and setting the due time.
        let turn = self.turn(id);
        let _held = turn.lock().await;
        let incident = self.incident(id).unwrap_or(incident);
        let calls = round_is_due(&incident, now);
        let at = if calls { Some(lease(&incident, now)) } else { proof::due(&incident) };
        // Whatever is due now was done above, or will be tried again when the lease is over.
        let at = at.map(|at| if at <= now { now + LEASE } else { at });
        let timers = vec![(TimerKey::Proof(id), at)];
        self.store.commit(Commit { recorded_at: now, timers, ..Commit::default() }).await?;
        if calls {
            self.rounds.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
            self.rounds.called.notify_one();
        }
        Ok(())
    }
}

/// Until when nobody else is called for this round; never past anything else that comes due.
fn lease(incident: &Incident, now: UtcMs) -> UtcMs {
    let proof = &incident.proof;
    let own = now + if proof.running.is_some() { LEASE } else { WATCH_EVERY };
    let others = [proof.setback_due, proof.ask_at, proof.watched.map(|watched| watched.until)];
    others.into_iter().flatten().filter(|at| *at > now).fold(own, std::cmp::min)
}
