//! What follows for all incidents at once: the chat is lost or back, or another configuration holds.

use std::sync::{Arc, PoisonError};

use super::{Ask, Desk};
use crate::due;
use crate::incident::Incident;
use crate::incident::call;
use crate::incident::decide::Request;
use crate::incident::event::Origin;
use crate::incident::reach::ReachRequest;
use crate::person::Actor;
use crate::policy::Policy;
use crate::store::{Commit, StoreError, TimerKey};

impl Desk {
    /// The chat is lost, or back, and the book says so: audiences are told elsewhere from now on, or there again. What was
    /// done already is not done again.
    pub async fn chat_changed(&self) {
        let request = match self.book().chat {
            Some(_) => ReachRequest::ChatLost,
            None => ReachRequest::ChatBack,
        };
        for incident in self.known() {
            if request == ReachRequest::ChatBack && incident.reach.elsewhere.is_empty() {
                continue;
            }
            let ask = Ask {
                guild: incident.guild,
                actor: Actor::Watchpost,
                origin: Origin::Outbox,
                once: None,
                incident: Some(incident.id),
                request: Request::Reach(request),
            };
            if let Err(refusal) = self.ask(ask).await {
                tracing::warn!(id = %incident.id, code = refusal.code(), "audiences are not told elsewhere");
            }
        }
    }

    /// Decides by another configuration from now on, also about what is due already: a first text comes as soon as the new
    /// one wants it. What a text has promised holds.
    ///
    /// # Errors
    /// Whatever the store says; the configuration holds all the same.
    pub async fn replace_policy(&self, policy: Policy) -> Result<(), StoreError> {
        let before = self.policy();
        self.set_policy(policy);
        for known in self.known().into_iter().filter(|incident| incident.phase.is_open()) {
            let turn = self.turn(known.id);
            let _held = turn.lock().await;
            let Some(incident) = self.incident(known.id) else { continue };
            let timers = changed(&incident, &before, &self.policy());
            if timers.is_empty() {
                continue;
            }
            let commit = Commit { recorded_at: self.clock.now(), timers, ..Commit::default() };
            self.store.commit(commit).await?;
        }
        self.changed.notify_waiters();
        Ok(())
    }

    fn known(&self) -> Vec<Arc<Incident>> {
        self.incidents.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }
}

/// The due times that another policy moves.
fn changed(
    incident: &Incident,
    before: &Policy,
    after: &Policy,
) -> Vec<(TimerKey, Option<crate::clock::UtcMs>)> {
    let (old, new) = (due::timers(incident, before), due::timers(incident, after));
    let set =
        new.iter().filter(|(key, at)| old.get(*key) != Some(*at)).map(|(key, at)| (key.clone(), Some(*at)));
    let gone = old.keys().filter(|key| !new.contains_key(*key)).map(|key| (key.clone(), None));
    let (rang, rings) = (call::due(incident, before), call::due(incident, after));
    let ring = (rang != rings).then_some((TimerKey::Escalation(incident.id), rings));
    set.chain(gone).chain(ring).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use super::*;
    use crate::clock::{Clock, UtcMs};
    use crate::config::Texts;
    use crate::ids::GuildId;
    use crate::incident::Severity;
    use crate::incident::decide::Declaration;
    use crate::policy::{Audience, Cadence};
    use crate::store::MemoryStore;

    const HERE: GuildId = GuildId(1);

    fn minutes(minutes: u64) -> Duration {
        Duration::from_secs(60 * minutes)
    }

    fn policy(first: u64, each: Option<u64>) -> Policy {
        let each = each.map(|each| ("users".into(), minutes(each)));
        let cadence = Cadence { first: minutes(first), each: each.into_iter().collect() };
        Policy {
            audiences: vec![Audience::new("users".into(), Texts::Users, Vec::new())],
            cadences: Severity::ALL.into_iter().map(|severity| (severity, cadence.clone())).collect(),
            distance: minutes(1),
            guilds: BTreeMap::from([(HERE, crate::policy::GuildPolicy::default())]),
            ..Policy::default()
        }
    }

    async fn due(desk: &Desk) -> Option<UtcMs> {
        let all = desk.store.timers_due(UtcMs(i64::MAX), 100).await.expect("read");
        all.into_iter().find(|(timer, _)| matches!(timer, TimerKey::Update(..))).map(|(_, at)| at)
    }

    #[tokio::test]
    async fn another_cadence_moves_what_is_due_and_keeps_what_was_promised() {
        let clock = Clock::stepped(UtcMs(0));
        let store = Arc::new(MemoryStore::default());
        let desk = Desk::open(store, policy(15, Some(60)), clock.clone()).await.expect("a desk");
        let said = Declaration { guild: HERE, text: "No mail".into(), ..Declaration::default() };
        let ask = Ask {
            guild: HERE,
            actor: Actor::Watchpost,
            origin: Origin::Check,
            once: None,
            incident: None,
            request: Request::Declare(said),
        };
        desk.ask(ask).await.expect("declared");
        assert_eq!(due(&desk).await, Some(UtcMs(15 * 60_000)));
        desk.replace_policy(policy(5, Some(60))).await.expect("stored");
        assert_eq!(due(&desk).await, Some(UtcMs(5 * 60_000)), "sooner");
        desk.replace_policy(policy(5, None)).await.expect("stored");
        assert_eq!(due(&desk).await, None, "hears only of changes now");
        desk.replace_policy(policy(5, Some(60))).await.expect("stored");
        clock.step(minutes(5));
        desk.carry_out_due().await.expect("carried out");
        let promised = due(&desk).await.expect("promised");
        desk.replace_policy(policy(5, Some(20))).await.expect("stored");
        assert_eq!(due(&desk).await, Some(promised), "a text has promised it");
    }
}
