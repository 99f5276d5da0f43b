//! The commit that carries out a decision: events, what must leave because of them, and what comes due.

use super::{REMEMBERED, plan};
use crate::clock::UtcMs;
use crate::ids::Seq;
use crate::incident::Incident;
use crate::incident::decide::Decided;
use crate::incident::event::{NewEvent, Origin, Recorded};
use crate::person::Actor;
use crate::policy::Policy;
use crate::store::{Commit, DedupeKey};

/// Who caused a commit.
pub(super) struct By<'b> {
    /// Who.
    pub actor: &'b Actor,
    /// By which way.
    pub origin: Origin,
    /// What it is the effect of.
    pub once: Option<&'b DedupeKey>,
}

/// The commit that carries out a decision.
pub(super) fn commit(
    by: &By<'_>,
    before: &Incident,
    decided: Vec<Decided>,
    policy: &Policy,
    now: UtcMs,
) -> Commit {
    let new = |decided: Decided| NewEvent {
        incident: before.id,
        happened_at: decided.happened_at,
        actor: by.actor.clone(),
        origin: by.origin,
        event: decided.event,
    };
    let events: Vec<NewEvent> = decided.into_iter().map(new).collect();
    let dedupe = by.once.iter().map(|key| ((*key).clone(), now + REMEMBERED)).collect();
    Commit { dedupe, ..commit_of(before, events, policy, now) }
}

/// The commit of these events, with what must leave because of them.
pub(super) fn commit_of(before: &Incident, events: Vec<NewEvent>, policy: &Policy, now: UtcMs) -> Commit {
    let recorded: Vec<Recorded> = (before.version + 1..)
        .zip(&events)
        .map(|(version, new)| Recorded { seq: Seq(0), version, recorded_at: now, new: new.clone() })
        .collect();
    let after = recorded.iter().fold(before.clone(), Incident::apply);
    let plan = plan::plan(before, &after, &recorded, policy, now);
    Commit {
        recorded_at: now,
        expect: vec![(before.id, before.version)],
        heads: vec![after.head()],
        events,
        enqueue: plan.enqueue,
        settle: Vec::new(),
        timers: plan.timers,
        dedupe: Vec::new(),
    }
}
