//! What must be true of an incident, in words of its own: no event, no fold.

use std::collections::{BTreeMap, BTreeSet};

use crate::clock::UtcMs;
use crate::incident::action::{APPROVAL_HOLDS, Risk, Step};
use crate::incident::event::EntryKind;
use crate::incident::{Phase, Severity};

#[derive(Debug, Clone)]
pub(super) struct ModelAction {
    pub(super) risk: Risk,
    pub(super) step: Step,
    pub(super) by: u64,
    pub(super) approved: Option<UtcMs>,
    pub(super) handle: Option<u64>,
}

/// What must be true.
#[derive(Debug, Clone)]
pub(super) struct Model {
    pub(super) phase: Phase,
    pub(super) severity: Severity,
    pub(super) lead: Option<u64>,
    pub(super) writer: Option<u64>,
    pub(super) inside: Option<BTreeSet<u64>>,
    pub(super) entries: BTreeMap<u64, EntryKind>,
    pub(super) confirmed: Option<u64>,
    pub(super) actions: BTreeMap<u64, ModelAction>,
    pub(super) links: BTreeSet<u64>,
    pub(super) duplicate: bool,
}

pub(super) type Expected = Result<(), &'static str>;

impl Model {
    /// As it is when person 1 has declared it.
    pub(super) fn declared() -> Self {
        Model {
            phase: Phase::Investigating,
            severity: Severity::Sev2,
            lead: None,
            writer: None,
            inside: None,
            entries: BTreeMap::new(),
            confirmed: None,
            actions: BTreeMap::new(),
            links: BTreeSet::new(),
            duplicate: false,
        }
    }

    pub(super) fn admits(&self, by: u64) -> Expected {
        match &self.inside {
            Some(inside) if !inside.contains(&by) => Err("no-such-incident"),
            _ => Ok(()),
        }
    }

    pub(super) fn open_to(&self, by: u64) -> Expected {
        self.admits(by)?;
        if self.phase.is_open() { Ok(()) } else { Err("over") }
    }

    pub(super) fn acknowledge(&mut self, by: u64) -> Expected {
        self.open_to(by)?;
        match self.lead {
            None => {
                self.lead = Some(by);
                Ok(())
            }
            Some(lead) if lead == by => Err("nothing-new"),
            Some(_) => Err("already-led"),
        }
    }

    pub(super) fn hand_over(&mut self, by: u64, to: u64) -> Expected {
        self.open_to(by)?;
        if self.lead == Some(to) {
            return Err("nothing-new");
        }
        self.lead = Some(to);
        self.writer = self.writer.filter(|writer| *writer != to);
        if let Some(inside) = &mut self.inside {
            inside.insert(to);
        }
        Ok(())
    }

    pub(super) fn severity(&mut self, by: u64, to: Severity) -> Expected {
        self.open_to(by)?;
        if self.severity == to {
            return Err("nothing-new");
        }
        self.severity = to;
        Ok(())
    }

    pub(super) fn phase(&mut self, by: u64, to: Phase) -> Expected {
        self.open_to(by)?;
        if self.phase == to {
            return Err("nothing-new");
        }
        self.phase = to;
        Ok(())
    }

    pub(super) fn log(&mut self, by: u64, kind: EntryKind, number: u64) -> Expected {
        self.admits(by)?;
        self.entries.insert(number, kind);
        if kind == EntryKind::Cause {
            self.known(number);
        }
        Ok(())
    }

    pub(super) fn known(&mut self, number: u64) {
        self.confirmed = Some(number);
        if self.phase == Phase::Investigating {
            self.phase = Phase::Identified;
        }
    }

    /// The number of some entry, or of none.
    pub(super) fn entry(&self, dice: u8) -> u64 {
        let numbers: Vec<u64> = self.entries.keys().copied().chain([9_999]).collect();
        numbers[usize::from(dice) % numbers.len()]
    }

    pub(super) fn action(&self, dice: u8) -> u64 {
        // Mostly one of the last: the older ones are over.
        let mut numbers: Vec<u64> = self.actions.keys().rev().take(4).copied().collect();
        numbers.push(if dice > 250 { 9_999 } else { numbers.first().copied().unwrap_or(9_999) });
        numbers[usize::from(dice) % numbers.len()]
    }

    pub(super) fn judge(&mut self, by: u64, entry: u64, kind: EntryKind) -> Expected {
        self.open_to(by)?;
        match self.entries.get_mut(&entry) {
            None => return Err("nothing-new"),
            Some(before) if *before == kind => return Err("nothing-new"),
            Some(before) => *before = kind,
        }
        if self.confirmed == Some(entry) {
            self.confirmed = None;
            if kind == EntryKind::RuledOut && self.phase == Phase::Identified {
                self.phase = Phase::Investigating;
            }
        }
        Ok(())
    }

    pub(super) fn confirm(&mut self, by: u64, entry: u64) -> Expected {
        self.open_to(by)?;
        if !self.entries.contains_key(&entry) || self.confirmed == Some(entry) {
            return Err("nothing-new");
        }
        self.entries.insert(entry, EntryKind::Cause);
        self.known(entry);
        Ok(())
    }

    pub(super) fn propose(&mut self, by: u64, risk: Risk, number: u64) -> Expected {
        self.open_to(by)?;
        let handle = Some(number + super::HANDLES);
        self.actions.insert(number, ModelAction { risk, step: Step::Proposed, by, approved: None, handle });
        Ok(())
    }

    pub(super) fn find(&self, by: u64, number: u64, from: &[Step]) -> Result<ModelAction, &'static str> {
        self.open_to(by)?;
        let action = self.actions.get(&number).filter(|action| from.contains(&action.step));
        action.cloned().ok_or("nothing-new")
    }

    pub(super) fn change(&mut self, by: u64, number: u64, next: u64) -> Expected {
        self.find(by, number, &[Step::Proposed, Step::Approved])?;
        self.set(number, Step::Changed);
        // "y" is of no known kind, which counts as risky.
        self.propose(by, Risk::High, next)?;
        Ok(())
    }

    pub(super) fn set(&mut self, number: u64, step: Step) {
        if let Some(action) = self.actions.get_mut(&number) {
            action.step = step;
        }
    }

    pub(super) fn ends(&mut self, by: u64, number: u64, to: Step, from: &[Step]) -> Expected {
        self.find(by, number, from)?;
        self.set(number, to);
        Ok(())
    }

    pub(super) fn holds(action: &ModelAction, now: UtcMs) -> bool {
        action.step == Step::Approved && action.approved.is_some_and(|at| now <= at + APPROVAL_HOLDS)
    }

    /// What approves an action; its number where nothing does any more.
    pub(super) fn handle(&self, number: u64) -> u64 {
        self.actions.get(&number).and_then(|action| action.handle).unwrap_or(number)
    }

    pub(super) fn approve(&mut self, by: u64, handle: u64, now: UtcMs) -> Expected {
        self.open_to(by)?;
        let action = self.actions.values_mut().find(|action| action.handle == Some(handle));
        let action = action.filter(|action| action.step == Step::Proposed).ok_or("nothing-new")?;
        if action.by == by {
            return Err("needs-second-person");
        }
        (action.step, action.approved, action.handle) = (Step::Approved, Some(now), None);
        Ok(())
    }

    pub(super) fn ask_again(&mut self, by: u64, number: u64, handle: u64, now: UtcMs) -> Expected {
        let action = self.find(by, number, &[Step::Proposed, Step::Approved])?;
        if Self::holds(&action, now) {
            return Err("nothing-new");
        }
        if let Some(action) = self.actions.get_mut(&number) {
            (action.step, action.approved, action.handle) = (Step::Proposed, None, Some(handle));
        }
        Ok(())
    }

    pub(super) fn start(&mut self, by: u64, number: u64, alone: bool, now: UtcMs) -> Expected {
        let action = self.find(by, number, &[Step::Proposed, Step::Approved])?;
        if action.risk == Risk::High {
            let busy = self.actions.values().any(|a| a.risk == Risk::High && a.step == Step::Started);
            match (busy, alone || Self::holds(&action, now), action.step) {
                (true, ..) => return Err("one-at-a-time"),
                (_, false, Step::Approved) => return Err("approval-over"),
                (_, false, _) => return Err("needs-second-person"),
                _ => {}
            }
        }
        self.set(number, Step::Started);
        self.phase = Phase::Fixing;
        Ok(())
    }

    pub(super) fn done(&mut self, by: u64, number: u64, now: UtcMs) -> Expected {
        let action = self.find(by, number, &[Step::Proposed, Step::Approved, Step::Started])?;
        if action.risk == Risk::High && action.step != Step::Started && !Self::holds(&action, now) {
            return Err("needs-second-person");
        }
        self.set(number, Step::Done);
        self.phase = Phase::Verifying;
        Ok(())
    }

    pub(super) fn write(&mut self, by: u64) -> Expected {
        self.open_to(by)?;
        if self.writer.or(self.lead) == Some(by) {
            return Err("nothing-new");
        }
        self.writer = Some(by).filter(|by| self.lead != Some(*by));
        Ok(())
    }

    pub(super) fn restrict(&mut self, by: u64) -> Expected {
        self.open_to(by)?;
        if self.inside.is_some() {
            return Err("nothing-new");
        }
        // Person 1 declared it.
        self.inside = Some([Some(1), self.lead, Some(by), self.writer].into_iter().flatten().collect());
        Ok(())
    }

    pub(super) fn let_in(&mut self, by: u64, to: u64) -> Expected {
        self.admits(by)?;
        let is_new = self.inside.as_mut().is_some_and(|inside| inside.insert(to));
        if is_new { Ok(()) } else { Err("nothing-new") }
    }

    pub(super) fn unrestrict(&mut self, by: u64) -> Expected {
        self.admits(by)?;
        self.inside.take().map(drop).ok_or("nothing-new")
    }

    pub(super) fn link(&mut self, by: u64, other: u64) -> Expected {
        self.admits(by)?;
        // 1 is this incident itself.
        if other == 1 || !self.links.insert(other) { Err("nothing-new") } else { Ok(()) }
    }

    pub(super) fn ends_as(&mut self, by: u64, duplicate: bool) -> Expected {
        self.open_to(by)?;
        // Nobody but the lead closes without proof; a duplicate is not closed, it goes on elsewhere.
        if !duplicate && self.lead.is_some_and(|lead| lead != by) {
            return Err("only-the-lead");
        }
        self.phase = Phase::Resolved;
        self.duplicate = duplicate;
        Ok(())
    }

    pub(super) fn reopen(&mut self, by: u64) -> Expected {
        self.admits(by)?;
        if self.phase.is_open() {
            return Err("not-over");
        }
        self.phase = Phase::Investigating;
        self.duplicate = false;
        Ok(())
    }
}
