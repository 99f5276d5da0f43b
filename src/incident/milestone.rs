//! The milestones of an incident: the moments that its clocks are computed from, never "last modified".
//!
//! 1. Each event moves them on ([`Milestones::apply`]), so that they are known at every moment.
//! 2. What somebody sets by hand holds from then on, whatever follows.
//! 3. Five are in order: impact start ≤ detected ≤ mitigated ≤ verified ≤ resolved. Acknowledged, first told and
//!    identified stand where they fell.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use watchpost_texts::say;

use super::action::ActionEvent;
use super::event::{EntryKind, Event, Origin, Recorded};
use super::proof::ProofEvent;
use super::{Phase, Verdict};
use crate::cause::Cause;
use crate::clock::UtcMs;
use crate::person::Actor;

/// A moment that matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Milestone {
    /// It began for the people who use the mail.
    ImpactStart,
    /// It was noticed.
    Detected,
    /// Somebody took it.
    Acknowledged,
    /// The first word reached an audience.
    FirstTold,
    /// The cause was known.
    Identified,
    /// Mail worked again, though that was not proved yet.
    Mitigated,
    /// That was proved.
    Verified,
    /// It was closed.
    Resolved,
}

impl Milestone {
    /// All of them.
    pub const ALL: [Milestone; 8] = [
        Milestone::ImpactStart,
        Milestone::Detected,
        Milestone::Acknowledged,
        Milestone::FirstTold,
        Milestone::Identified,
        Milestone::Mitigated,
        Milestone::Verified,
        Milestone::Resolved,
    ];
    /// Those that stand in order.
    pub const ORDERED: [Milestone; 5] = [
        Milestone::ImpactStart,
        Milestone::Detected,
        Milestone::Mitigated,
        Milestone::Verified,
        Milestone::Resolved,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Milestone::ImpactStart => say!("impact start"),
            Milestone::Detected => "detected",
            Milestone::Acknowledged => "acknowledged",
            Milestone::FirstTold => say!("first told"),
            Milestone::Identified => "identified",
            Milestone::Mitigated => "mitigated",
            Milestone::Verified => "verified",
            Milestone::Resolved => "resolved",
        }
    }

    /// The milestone of this name.
    pub fn named(name: &str) -> Option<Self> {
        let name = name.trim().to_lowercase().replace(['_', '-'], " ");
        Milestone::ALL.into_iter().find(|milestone| milestone.name() == name)
    }
}

/// What a time rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Watchpost saw it happen.
    Observed,
    /// Somebody said so.
    Entered,
    /// It is a guess.
    Estimated,
}

impl Basis {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Basis::Observed => "observed",
            Basis::Entered => "entered",
            Basis::Estimated => "estimated",
        }
    }

    /// What the time of an event rests on: what somebody dates back was entered.
    pub fn of(recorded: &Recorded) -> Self {
        let late = recorded.recorded_at.since(recorded.new.happened_at).as_secs() >= 60;
        match recorded.new.origin {
            Origin::Chat | Origin::Shell if late => Basis::Entered,
            _ => Basis::Observed,
        }
    }
}

/// A moment, and what it rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// When.
    pub at: UtcMs,
    /// What that rests on.
    pub basis: Basis,
}

/// A repair that was said to be done, or a time at which it seemed to work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// When.
    pub at: UtcMs,
    /// Which repair; none where only the phase says so.
    pub repair: Option<u64>,
    /// Whether the cause was known before it, and since when.
    pub identified: Option<UtcMs>,
    /// Whether it held.
    pub held: bool,
}

/// The milestones so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Milestones {
    seen: BTreeMap<Milestone, Mark>,
    by_hand: BTreeMap<Milestone, Mark>,
    /// When a check named a cause first.
    named: BTreeMap<Cause, UtcMs>,
    /// The cause that a check named last.
    last_cause: Option<Cause>,
    /// When people said last that they know the cause, and nobody has taken it back since.
    said: Option<Mark>,
    phase: Option<Phase>,
    /// What was tried.
    pub attempts: Vec<Attempt>,
    /// How often it was not over.
    pub reopened: u32,
}

impl Milestones {
    /// When it was; none where it did not come to that.
    pub fn get(&self, which: Milestone) -> Option<Mark> {
        let seen = match which {
            Milestone::Identified => self.identified(),
            _ => self.seen.get(&which).copied(),
        };
        self.by_hand.get(&which).copied().or(seen)
    }

    /// When it was.
    pub fn at(&self, which: Milestone) -> Option<UtcMs> {
        self.get(which).map(|mark| mark.at)
    }

    /// Whether somebody has set it.
    pub fn is_by_hand(&self, which: Milestone) -> bool {
        self.by_hand.contains_key(&which)
    }

    /// The cause that a check named last.
    pub fn last_cause(&self) -> Option<Cause> {
        self.last_cause
    }

    /// Somebody sets it.
    pub(super) fn set_by_hand(&mut self, which: Milestone, mark: Mark) {
        self.by_hand.insert(which, mark);
    }

    /// The first pair that is not in order.
    pub fn out_of_order(&self) -> Option<(Milestone, Milestone)> {
        let known: Vec<(Milestone, UtcMs)> =
            Milestone::ORDERED.into_iter().filter_map(|which| Some((which, self.at(which)?))).collect();
        known.windows(2).find(|pair| pair[0].1 > pair[1].1).map(|pair| (pair[0].0, pair[1].0))
    }

    /// When the cause that held was known: by a check that named it first, or by people who did not take it back.
    fn identified(&self) -> Option<Mark> {
        let check = self.last_cause.and_then(|cause| self.named.get(&cause));
        let check = check.map(|at| Mark { at: *at, basis: Basis::Observed });
        check.into_iter().chain(self.said).min_by_key(|mark| mark.at)
    }

    /// The milestones after one more event.
    pub(super) fn apply(&mut self, recorded: &Recorded) {
        let mark = Mark { at: recorded.new.happened_at, basis: Basis::of(recorded) };
        match &recorded.new.event {
            Event::Declared { since, .. } => self.declared(recorded, mark, *since),
            Event::Reported(report)
                if self.seen.get(&Milestone::Detected).is_some_and(|detected| report.at < detected.at) =>
            {
                self.seen.insert(Milestone::Detected, Mark { at: report.at, basis: Basis::Observed });
            }
            Event::Acknowledged => self.first(Milestone::Acknowledged, mark),
            Event::UpdateDelivered { .. } => self.first(Milestone::FirstTold, mark),
            Event::Assessed { verdict, cause, .. } => self.assessed(mark, *verdict, *cause),
            Event::PhaseChanged { to, .. } => self.changed_phase(*to, mark),
            Event::Action(ActionEvent::Done { number }) => self.tried(Some(*number), mark),
            Event::Action(ActionEvent::Failed { number, .. } | ActionEvent::RolledBack { number }) => {
                for attempt in self.attempts.iter_mut().filter(|attempt| attempt.repair == Some(*number)) {
                    attempt.held = false;
                }
            }
            // While nobody knows, what is ruled out is what was thought to be it.
            Event::Logged { kind: EntryKind::RuledOut, .. } if self.phase == Some(Phase::Investigating) => {
                self.said = None;
            }
            Event::Proof(ProofEvent::Proved { since }) => self.proved(*since, mark),
            Event::Proof(ProofEvent::Failed { .. }) => self.did_not_hold(),
            Event::Resolved { .. } => self.resolved(mark),
            Event::Reopened { .. } => {
                self.reopened += 1;
                self.seen.remove(&Milestone::Resolved);
                self.by_hand.remove(&Milestone::Resolved);
                self.did_not_hold();
                self.phase = Some(Phase::Investigating);
            }
            _ => {}
        }
    }

    fn first(&mut self, which: Milestone, mark: Mark) {
        self.seen.entry(which).or_insert(mark);
    }

    fn declared(&mut self, recorded: &Recorded, mark: Mark, since: Option<UtcMs>) {
        let by_hand = matches!(recorded.new.actor, Actor::Person(_));
        let began = match since {
            Some(at) if by_hand => Mark { at, basis: Basis::Entered },
            Some(at) => Mark { at, basis: Basis::Observed },
            None => Mark { at: mark.at, basis: Basis::Estimated },
        };
        self.seen.insert(Milestone::ImpactStart, began);
        self.seen.insert(Milestone::Detected, mark);
        self.phase = Some(Phase::Investigating);
    }

    fn assessed(&mut self, mark: Mark, verdict: Verdict, cause: Option<Cause>) {
        if let Some(cause) = cause {
            self.named.entry(cause).or_insert(mark.at);
            self.last_cause = Some(cause);
        }
        if verdict == Verdict::Ok && self.phase == Some(Phase::Verifying) {
            self.first(Milestone::Verified, mark);
        }
    }

    fn changed_phase(&mut self, to: Phase, mark: Mark) {
        match to {
            Phase::Identified => self.said = Some(mark),
            Phase::Verifying => {
                if self.attempts.last().is_none_or(|attempt| attempt.at != mark.at) {
                    self.tried(None, mark);
                }
                self.seen.insert(Milestone::Mitigated, mark);
                self.seen.remove(&Milestone::Verified);
            }
            Phase::Investigating | Phase::Fixing if self.phase == Some(Phase::Verifying) => {
                self.did_not_hold();
            }
            // The suspect was not it.
            Phase::Investigating if self.phase == Some(Phase::Identified) => self.said = None,
            _ => {}
        }
        self.phase = Some(to);
    }

    fn tried(&mut self, repair: Option<u64>, mark: Mark) {
        let identified = self.get(Milestone::Identified).map(|known| known.at).filter(|at| *at <= mark.at);
        self.attempts.push(Attempt { at: mark.at, repair, identified, held: true });
    }

    fn did_not_hold(&mut self) {
        for which in [Milestone::Mitigated, Milestone::Verified] {
            self.seen.remove(&which);
            self.by_hand.remove(&which);
        }
        if let Some(attempt) = self.attempts.last_mut() {
            attempt.held = false;
        }
    }

    /// It worked from the first green round on; that is known since the last.
    fn proved(&mut self, since: UtcMs, mark: Mark) {
        self.seen.insert(Milestone::Mitigated, Mark { at: since, basis: Basis::Observed });
        self.seen.insert(Milestone::Verified, mark);
    }

    /// Who closes it says how that is known: without a check that counts as the proof.
    fn resolved(&mut self, mark: Mark) {
        let said = Mark { basis: Basis::Entered, ..mark };
        self.first(Milestone::Mitigated, said);
        self.first(Milestone::Verified, said);
        self.seen.insert(Milestone::Resolved, mark);
        self.phase = Some(Phase::Resolved);
    }
}
