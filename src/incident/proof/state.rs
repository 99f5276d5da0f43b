//! What is known of the proof of an incident: the fold of its events.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{Outcome, ProofEvent, Trigger};
use crate::clock::UtcMs;
use crate::incident::event::{Event, Recorded};
use crate::incident::{Incident, Phase};
use crate::person::{Actor, Person};
use crate::proof::{Cell, Measured, State};

/// How often a closed incident is looked at.
pub const WATCH_EVERY: Duration = Duration::from_secs(15 * 60);

/// What is known.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Proof {
    /// How the cells stood before the incident, where that is known.
    pub before: Vec<Measured>,
    /// What the incident was seen to break.
    pub affected: BTreeSet<Cell>,
    /// What was green before the incident or at any time in it.
    pub once_green: BTreeSet<Cell>,
    /// How the cells stand.
    pub last: Vec<Measured>,
    /// What a person has seen to work.
    pub ticked: BTreeMap<Cell, (Actor, UtcMs)>,
    /// The proof that runs.
    pub running: Option<Running>,
    /// Since when it is proved.
    pub proved: Option<Proved>,
    /// When those who were told that it works hear that it does not.
    pub setback_due: Option<UtcMs>,
    /// Each time that it was closed without proof.
    pub overridden: Vec<Overridden>,
    /// When those who reported are asked.
    pub ask_at: Option<UtcMs>,
    /// Who was asked.
    pub asked: Vec<Person>,
    /// What they said.
    pub answers: Vec<Answer>,
    /// The closed incident is watched.
    pub watched: Option<Watched>,
}

/// A proof that runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Running {
    /// Why it began.
    pub by: Trigger,
    /// When.
    pub began: UtcMs,
    /// What is proved.
    pub cells: Vec<Cell>,
    /// How many rounds must be green.
    pub rounds: u32,
    /// From the first green one to the last.
    pub lasts: Duration,
    /// Rounds so far.
    pub number: u32,
    /// Green ones in a row.
    pub green: u32,
    /// Since the first of those.
    pub green_since: Option<UtcMs>,
    /// Red ones in a row.
    pub red: u32,
    /// When the next round is due.
    pub next: UtcMs,
}

/// That it is proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proved {
    /// Since the first green round.
    pub since: UtcMs,
    /// When the last round that was needed ended.
    pub at: UtcMs,
}

/// A closing without proof.
#[derive(Debug, Clone, PartialEq)]
pub struct Overridden {
    /// Who.
    pub by: Actor,
    /// When.
    pub at: UtcMs,
    /// Why.
    pub why: String,
    /// What was not green then.
    pub open: Vec<Measured>,
}

/// What somebody who reported says.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Who.
    pub by: Person,
    /// When.
    pub at: UtcMs,
    /// Whether it works.
    pub works: bool,
}

/// A closed incident that is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watched {
    /// Since when.
    pub from: UtcMs,
    /// Until when.
    pub until: UtcMs,
    /// Red looks in a row.
    pub red: u32,
    /// It was said that the trouble is back.
    pub relapsed: bool,
}

impl Running {
    /// When the proof can be over at the earliest.
    pub fn earliest_end(&self) -> Option<UtcMs> {
        self.green_since.map(|since| since + self.lasts)
    }
}

impl Proof {
    /// Whether a cell can keep the incident open: it was broken by it, or was green before.
    pub fn blocks(&self, cell: &Cell) -> bool {
        cell.can_block() && (self.affected.contains(cell) || self.once_green.contains(cell))
    }

    /// Whether a cell counts as green: measured so, or seen by a person where it cannot be measured.
    pub fn is_good(&self, measured: &Measured) -> bool {
        measured.state == State::Green
            || (measured.state == State::Unmeasured && self.ticked.contains_key(&measured.cell))
    }

    /// What keeps it from being green, of these.
    pub fn open_of<'m>(&self, cells: &'m [Measured]) -> Vec<&'m Measured> {
        cells.iter().filter(|measured| self.blocks(&measured.cell) && !self.is_good(measured)).collect()
    }

    /// How a round with these ends. Red in what counts is red; what was not measured is never green.
    pub fn judge(&self, cells: &[Measured]) -> Outcome {
        let open = self.open_of(cells);
        let any_green = cells.iter().any(|measured| measured.state == State::Green);
        match (open.iter().any(|measured| measured.state == State::Red), open.is_empty() && any_green) {
            (true, _) => Outcome::Red,
            (false, true) => Outcome::Green,
            (false, false) => Outcome::Open,
        }
    }

    /// The same, knowing what these cells tell.
    #[must_use]
    pub fn knowing(&self, cells: &[Measured]) -> Self {
        let mut after = self.clone();
        after.learn(cells);
        after
    }

    fn learn(&mut self, cells: &[Measured]) {
        for measured in cells {
            let cell = &measured.cell;
            let bad_before = self
                .before
                .iter()
                .any(|before| before.cell == *cell && matches!(before.state, State::Red | State::Amber));
            match measured.state {
                State::Green => {
                    self.once_green.insert(cell.clone());
                }
                State::Red if !bad_before => {
                    self.affected.insert(cell.clone());
                }
                State::Amber if self.once_green.contains(cell) => {
                    self.affected.insert(cell.clone());
                }
                _ => {}
            }
        }
        self.last = cells.to_vec();
    }

    /// What follows from any event of the incident.
    pub(in crate::incident) fn apply(&mut self, recorded: &Recorded) {
        let at = recorded.new.happened_at;
        match &recorded.new.event {
            Event::Proof(event) => self.apply_own(event, &recorded.new.actor, at),
            Event::PhaseChanged { to, .. } if *to != Phase::Verifying => {
                self.running = None;
                self.proved = None;
            }
            Event::Resolved { .. } => self.running = None,
            Event::Reopened { .. } => {
                self.running = None;
                self.proved = None;
                self.watched = None;
                self.ask_at = None;
            }
            _ => {}
        }
    }

    fn apply_own(&mut self, event: &ProofEvent, actor: &Actor, at: UtcMs) {
        match event {
            ProofEvent::Seen { cells, before } => self.see(cells, before),
            ProofEvent::Began { by, cells, rounds, lasts } => {
                self.proved = None;
                self.running = Some(Running {
                    by: *by,
                    began: at,
                    cells: cells.clone(),
                    rounds: *rounds,
                    lasts: Duration::from_secs(*lasts),
                    number: 0,
                    green: 0,
                    green_since: None,
                    red: 0,
                    next: at,
                });
            }
            ProofEvent::Round { number, outcome, cells, next } => {
                self.learn(cells);
                self.count(*number, *outcome, *next, at);
            }
            ProofEvent::Proved { since } => self.proved = Some(Proved { since: *since, at }),
            ProofEvent::Failed { tell_at, .. } => {
                self.running = None;
                self.proved = None;
                self.setback_due = *tell_at;
            }
            ProofEvent::SetbackTold => self.setback_due = None,
            ProofEvent::Ticked { cell } => {
                self.ticked.insert(cell.clone(), (actor.clone(), at));
            }
            ProofEvent::Overridden { why, open } => {
                let (by, why, open) = (actor.clone(), why.clone(), open.clone());
                self.overridden.push(Overridden { by, at, why, open });
            }
            ProofEvent::Aftercare { until, ask_at } => {
                let watched = |until| Watched { from: at, until, red: 0, relapsed: false };
                self.watched = until.map(watched);
                self.ask_at = *ask_at;
                self.setback_due = None;
            }
            ProofEvent::Asked { people } => {
                self.ask_at = None;
                self.asked.extend(people.iter().cloned());
            }
            ProofEvent::Answered { works } => {
                if let Some(by) = actor.person() {
                    self.answers.retain(|answer| answer.by.id != by.id);
                    self.answers.push(Answer { by: by.clone(), at, works: *works });
                }
            }
            ProofEvent::Relapsed { .. } => {
                if let Some(watched) = &mut self.watched {
                    watched.relapsed = true;
                }
            }
            ProofEvent::WatchEnded => self.watched = None,
        }
    }

    fn see(&mut self, cells: &[Measured], before: &[Measured]) {
        if self.before.is_empty() && !before.is_empty() {
            self.before = before.to_vec();
            let green = before.iter().filter(|measured| measured.state == State::Green);
            self.once_green.extend(green.map(|measured| measured.cell.clone()));
        }
        self.learn(cells);
        // A check that contradicts the proof ends what was counted; its rounds go on.
        if self.judge(cells) == Outcome::Red {
            self.proved = None;
            if let Some(running) = &mut self.running {
                running.green = 0;
                running.green_since = None;
            }
        }
    }

    fn count(&mut self, number: u32, outcome: Outcome, next: Option<UtcMs>, at: UtcMs) {
        if let Some(watched) = &mut self.watched {
            watched.red = if outcome == Outcome::Red { watched.red + 1 } else { 0 };
            watched.relapsed &= outcome != Outcome::Green;
        }
        let Some(running) = &mut self.running else { return };
        running.number = number;
        running.next = next.unwrap_or(at);
        match outcome {
            Outcome::Green => {
                running.green += 1;
                running.green_since.get_or_insert(at);
                running.red = 0;
            }
            Outcome::Red => {
                running.green = 0;
                running.green_since = None;
                running.red += 1;
                self.proved = None;
            }
            // Not measured: no step forward, and what was seen green stays seen.
            Outcome::Open => running.red = 0,
        }
    }
}

/// What comes due next for the proof of an incident: a round, a setback that is to be told, a question, the end of the
/// time of watching. None where nothing does.
pub fn due(incident: &Incident) -> Option<UtcMs> {
    let proof = &incident.proof;
    let watched = proof.watched.map(|watched| watched.until.min(watched.from + WATCH_EVERY));
    let running = proof.running.as_ref().map(|running| running.next);
    [running, proof.setback_due, proof.ask_at, watched].into_iter().flatten().min()
}

/// Whether a round is what has come due.
pub fn round_is_due(incident: &Incident, now: UtcMs) -> bool {
    let proof = &incident.proof;
    let running = proof.running.as_ref().is_some_and(|running| running.next <= now);
    running || proof.watched.is_some_and(|watched| watched.from + WATCH_EVERY <= now && now < watched.until)
}

/// Whether something else has come due.
pub fn other_is_due(incident: &Incident, now: UtcMs) -> bool {
    let proof = &incident.proof;
    let others = [proof.setback_due, proof.ask_at, proof.watched.map(|watched| watched.until)];
    others.into_iter().flatten().any(|at| at <= now)
}
