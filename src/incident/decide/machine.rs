//! The state machine against a model: what people do in any order, with restarts between.
//!
//! The model knows nothing of events: it keeps, in its own words, what must be true, and says beforehand whether a
//! request is carried out or by which refusal it ends. A restart writes every event as the store does, reads it back,
//! and folds it anew.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::*;
use crate::due;
use crate::ids::{IncidentId, PersonId, Seq};
use crate::incident::action::{APPROVAL_HOLDS, Risk, Step};
use crate::incident::event::{NewEvent, Origin, Recorded};
use crate::incident::proof::ProofRequest;
use crate::incident::role::Role;
use crate::policy::GuildPolicy;

const GUILD: GuildId = GuildId(1);
const CASES: u32 = 500;
const STEPS: usize = 250;

/// A dice for each step: what, who, and two numbers for whatever it needs.
type Dice = (u8, u8, u8, u8);

#[derive(Debug, Clone)]
struct ModelAction {
    risk: Risk,
    step: Step,
    by: u64,
    approved: Option<UtcMs>,
}

/// What must be true.
#[derive(Debug, Clone)]
struct Model {
    phase: Phase,
    severity: Severity,
    lead: Option<u64>,
    writer: Option<u64>,
    inside: Option<BTreeSet<u64>>,
    entries: BTreeMap<u64, EntryKind>,
    confirmed: Option<u64>,
    actions: BTreeMap<u64, ModelAction>,
    links: BTreeSet<u64>,
    duplicate: bool,
}

struct Machine {
    policy: Policy,
    incident: Incident,
    events: Vec<Recorded>,
    model: Model,
    now: UtcMs,
}

impl Machine {
    fn new() -> Self {
        let policy = Policy {
            guilds: BTreeMap::from([(GUILD, GuildPolicy::default())]),
            services: vec!["main".into()],
            ..Policy::default()
        };
        let model = Model {
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
        };
        let incident = Incident::unborn(IncidentId(1));
        let mut machine = Machine { policy, incident, events: Vec::new(), model, now: UtcMs(1_000) };
        let said = Declaration { guild: GUILD, text: "No mail".into(), ..Declaration::default() };
        machine.ask(1, Request::Declare(said)).expect("declared");
        machine
    }

    fn ask(&mut self, by: u64, request: Request) -> Result<(), &'static str> {
        let actor = Actor::Person(Person { id: PersonId(by), name: format!("person {by}") });
        let context = Context { now: self.now, actor: &actor, policy: &self.policy };
        let decided = decide(&self.incident, request, &context).map_err(|refusal| refusal.code())?;
        for Decided { happened_at, event } in decided {
            let recorded = Recorded {
                seq: Seq(0),
                version: self.incident.version + 1,
                recorded_at: self.now,
                new: NewEvent {
                    incident: IncidentId(1),
                    happened_at,
                    actor: actor.clone(),
                    origin: Origin::Chat,
                    event,
                },
            };
            self.incident =
                std::mem::replace(&mut self.incident, Incident::unborn(IncidentId(1))).apply(&recorded);
            self.events.push(recorded);
        }
        Ok(())
    }

    /// Everything is read back as it was written.
    fn restart(&mut self) {
        let read: Vec<Recorded> = self
            .events
            .iter()
            .map(|event| serde_json::from_slice(&serde_json::to_vec(event).expect("written")).expect("read"))
            .collect();
        assert_eq!(read, self.events, "an event changed on its way");
        let after = Incident::from_events(IncidentId(1), &read);
        assert_eq!(after, self.incident, "a restart changes nothing");
        self.incident = after;
    }

    /// One step: the model says what must happen, then it is asked for.
    fn step(&mut self, (what, who, one, two): Dice) {
        let by = u64::from(who % 4) + 1;
        let next = self.incident.version + 1;
        let (request, expected) = match what % 24 {
            0 => (Request::Acknowledge, self.model.acknowledge(by)),
            1 => {
                let to = u64::from(one % 4) + 1;
                let person = Person { id: PersonId(to), name: format!("person {to}") };
                (Request::HandOver { to: person }, self.model.hand_over(by, to))
            }
            2 => {
                let to = Severity::ALL[usize::from(one % 4)];
                (Request::SetSeverity { to, why: "x".into() }, self.model.severity(by, to))
            }
            3 => {
                let open = [Phase::Investigating, Phase::Identified, Phase::Fixing, Phase::Verifying];
                let to = open[usize::from(one % 4)];
                (Request::SetPhase { to, why: "x".into() }, self.model.phase(by, to))
            }
            4..=6 => {
                let kinds = [EntryKind::Note, EntryKind::Finding, EntryKind::Cause, EntryKind::Suspect];
                let kind = kinds[usize::from(one % 4)];
                (Request::Log { kind, text: "x y z".into(), at: None }, self.model.log(by, kind, next))
            }
            7 => {
                let entry = self.model.entry(one);
                (
                    Request::Suspect(SuspectRequest::Raise { entry }),
                    self.model.judge(by, entry, EntryKind::Suspect),
                )
            }
            8 => {
                let entry = self.model.entry(one);
                let request = SuspectRequest::RuleOut { entry, why: String::new() };
                (Request::Suspect(request), self.model.judge(by, entry, EntryKind::RuledOut))
            }
            9 => {
                let entry = self.model.entry(one);
                (Request::Suspect(SuspectRequest::Confirm { entry }), self.model.confirm(by, entry))
            }
            10 | 11 => {
                let risk = if one % 2 == 0 { Risk::High } else { Risk::Low };
                let propose = ActionRequest::Propose {
                    text: "x".into(),
                    risk: Some(risk),
                    rollback: String::new(),
                    eta: None,
                    warnings: Vec::new(),
                };
                (Request::Action(propose), self.model.propose(by, risk, next))
            }
            12 => {
                let number = self.model.action(one);
                let change = ActionRequest::Change {
                    number,
                    text: "y".into(),
                    rollback: String::new(),
                    warnings: Vec::new(),
                };
                (Request::Action(change), self.model.change(by, number, next))
            }
            13 => {
                let number = self.model.action(one);
                (Request::Action(ActionRequest::Approve { number }), self.model.approve(by, number, self.now))
            }
            14 => {
                let number = self.model.action(one);
                let to = ActionRequest::Refuse { number, why: "x".into() };
                (
                    Request::Action(to),
                    self.model.ends(by, number, Step::Refused, &[Step::Proposed, Step::Approved]),
                )
            }
            15 => {
                let number = self.model.action(one);
                let alone = two % 3 == 0;
                let alone_because = alone.then(|| "nobody answers".to_owned());
                let start = ActionRequest::Start { number, alone_because };
                (Request::Action(start), self.model.start(by, number, alone, self.now))
            }
            16 => {
                let number = self.model.action(one);
                (Request::Action(ActionRequest::Done { number }), self.model.done(by, number, self.now))
            }
            17 => {
                let number = self.model.action(one);
                let from = [Step::Proposed, Step::Approved, Step::Started, Step::Done];
                let expected = self.model.ends(by, number, Step::Failed, &from);
                if expected.is_ok() {
                    self.model.phase = Phase::Investigating;
                }
                (Request::Action(ActionRequest::Fail { number, why: "x".into() }), expected)
            }
            18 => {
                let number = self.model.action(one);
                let from = [Step::Started, Step::Done, Step::Failed];
                (
                    Request::Action(ActionRequest::RollBack { number }),
                    self.model.ends(by, number, Step::RolledBack, &from),
                )
            }
            19 => (Request::Role(RoleRequest::Take { role: Role::Communications }), self.model.write(by)),
            20 => {
                let to = u64::from(one % 4) + 1;
                let who = Person { id: PersonId(to), name: format!("person {to}") };
                match two % 8 {
                    0 => (
                        Request::Restrict(RestrictRequest::Restrict { why: "x".into() }),
                        self.model.restrict(by),
                    ),
                    1..=3 => (Request::Restrict(RestrictRequest::LetIn { who }), self.model.let_in(by, to)),
                    _ => (
                        Request::Restrict(RestrictRequest::Open { why: "x".into() }),
                        self.model.unrestrict(by),
                    ),
                }
            }
            21 => {
                let other = u64::from(one % 5) + 1;
                (Request::Link(LinkRequest::Link { to: IncidentId(other) }), self.model.link(by, other))
            }
            22 if two % 3 == 0 => {
                let of = IncidentId(9);
                (Request::Link(LinkRequest::Duplicate { of, thread: None }), self.model.ends_as(by, true))
            }
            22 if two % 3 == 1 => {
                let close = ProofRequest::Override { why: "x".into() };
                (Request::Proof(close), self.model.ends_as(by, false))
            }
            22 => (Request::Reopen { why: "x".into() }, self.model.reopen(by)),
            _ => {
                self.now = self.now + std::time::Duration::from_secs(u64::from(one) * 10);
                return;
            }
        };
        let happened = self.ask(by, request.clone());
        assert_eq!(happened, expected, "{request:?} by {by} after {} events", self.incident.version);
        self.agree();
    }

    /// Incident and model say the same, and what must never be is not.
    fn agree(&self) {
        let (incident, model) = (&self.incident, &self.model);
        assert_eq!(incident.version, self.events.len() as u64);
        assert_eq!(incident.phase, model.phase);
        assert_eq!(incident.severity, model.severity);
        assert_eq!(incident.lead.as_ref().map(|lead| lead.id.0), model.lead);
        assert_eq!(incident.communications.as_ref().map(|writer| writer.id.0), model.writer);
        assert_eq!(incident.confirmed, model.confirmed);
        assert_eq!(incident.links.duplicate_of.is_some(), model.duplicate);
        assert_eq!(incident.resolved_at.is_some(), !incident.phase.is_open());
        let inside = incident.inside.as_ref().map(|all| all.iter().map(|one| one.id.0).collect());
        assert_eq!(inside, model.inside);
        let entries: BTreeMap<u64, EntryKind> = incident.entries.iter().map(|e| (e.number, e.kind)).collect();
        assert_eq!(entries, model.entries);
        let steps: BTreeMap<u64, Step> = incident.actions.iter().map(|a| (a.number, a.step)).collect();
        assert_eq!(steps, model.actions.iter().map(|(number, action)| (*number, action.step)).collect());
        let risky = incident.actions.iter().filter(|a| a.risk == Risk::High && a.step == Step::Started);
        assert!(risky.count() <= 1, "one risky thing at a time");
        if !incident.phase.is_open() || incident.is_restricted() {
            assert!(due::updates(incident, &self.policy).is_empty(), "nobody is told anything any more");
        }
        if let Some(number) = incident.confirmed {
            assert_eq!(entries.get(&number), Some(&EntryKind::Cause));
        }
    }
}

type Expected = Result<(), &'static str>;

impl Model {
    fn admits(&self, by: u64) -> Expected {
        match &self.inside {
            Some(inside) if !inside.contains(&by) => Err("no-such-incident"),
            _ => Ok(()),
        }
    }

    fn open_to(&self, by: u64) -> Expected {
        self.admits(by)?;
        if self.phase.is_open() { Ok(()) } else { Err("over") }
    }

    fn acknowledge(&mut self, by: u64) -> Expected {
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

    fn hand_over(&mut self, by: u64, to: u64) -> Expected {
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

    fn severity(&mut self, by: u64, to: Severity) -> Expected {
        self.open_to(by)?;
        if self.severity == to {
            return Err("nothing-new");
        }
        self.severity = to;
        Ok(())
    }

    fn phase(&mut self, by: u64, to: Phase) -> Expected {
        self.open_to(by)?;
        if self.phase == to {
            return Err("nothing-new");
        }
        self.phase = to;
        Ok(())
    }

    fn log(&mut self, by: u64, kind: EntryKind, number: u64) -> Expected {
        self.admits(by)?;
        self.entries.insert(number, kind);
        if kind == EntryKind::Cause {
            self.known(number);
        }
        Ok(())
    }

    fn known(&mut self, number: u64) {
        self.confirmed = Some(number);
        if self.phase == Phase::Investigating {
            self.phase = Phase::Identified;
        }
    }

    /// The number of some entry, or of none.
    fn entry(&self, dice: u8) -> u64 {
        let numbers: Vec<u64> = self.entries.keys().copied().chain([9_999]).collect();
        numbers[usize::from(dice) % numbers.len()]
    }

    fn action(&self, dice: u8) -> u64 {
        // Mostly one of the last: the older ones are over.
        let mut numbers: Vec<u64> = self.actions.keys().rev().take(4).copied().collect();
        numbers.push(if dice > 250 { 9_999 } else { numbers.first().copied().unwrap_or(9_999) });
        numbers[usize::from(dice) % numbers.len()]
    }

    fn judge(&mut self, by: u64, entry: u64, kind: EntryKind) -> Expected {
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

    fn confirm(&mut self, by: u64, entry: u64) -> Expected {
        self.open_to(by)?;
        if !self.entries.contains_key(&entry) || self.confirmed == Some(entry) {
            return Err("nothing-new");
        }
        self.entries.insert(entry, EntryKind::Cause);
        self.known(entry);
        Ok(())
    }

    fn propose(&mut self, by: u64, risk: Risk, number: u64) -> Expected {
        self.open_to(by)?;
        self.actions.insert(number, ModelAction { risk, step: Step::Proposed, by, approved: None });
        Ok(())
    }

    fn find(&self, by: u64, number: u64, from: &[Step]) -> Result<ModelAction, &'static str> {
        self.open_to(by)?;
        let action = self.actions.get(&number).filter(|action| from.contains(&action.step));
        action.cloned().ok_or("nothing-new")
    }

    fn change(&mut self, by: u64, number: u64, next: u64) -> Expected {
        let action = self.find(by, number, &[Step::Proposed, Step::Approved])?;
        self.set(number, Step::Changed);
        // "y" is of no known kind, which counts as risky.
        self.actions.insert(next, ModelAction { risk: Risk::High, step: Step::Proposed, by, approved: None });
        drop(action);
        Ok(())
    }

    fn set(&mut self, number: u64, step: Step) {
        if let Some(action) = self.actions.get_mut(&number) {
            action.step = step;
        }
    }

    fn ends(&mut self, by: u64, number: u64, to: Step, from: &[Step]) -> Expected {
        self.find(by, number, from)?;
        self.set(number, to);
        Ok(())
    }

    fn holds(action: &ModelAction, now: UtcMs) -> bool {
        action.step == Step::Approved && action.approved.is_some_and(|at| now <= at + APPROVAL_HOLDS)
    }

    fn approve(&mut self, by: u64, number: u64, now: UtcMs) -> Expected {
        let action = self.find(by, number, &[Step::Proposed, Step::Approved])?;
        if Self::holds(&action, now) {
            return Err("nothing-new");
        }
        if action.by == by {
            return Err("needs-second-person");
        }
        self.set(number, Step::Approved);
        if let Some(action) = self.actions.get_mut(&number) {
            action.approved = Some(now);
        }
        Ok(())
    }

    fn start(&mut self, by: u64, number: u64, alone: bool, now: UtcMs) -> Expected {
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

    fn done(&mut self, by: u64, number: u64, now: UtcMs) -> Expected {
        let action = self.find(by, number, &[Step::Proposed, Step::Approved, Step::Started])?;
        if action.risk == Risk::High && action.step != Step::Started && !Self::holds(&action, now) {
            return Err("needs-second-person");
        }
        self.set(number, Step::Done);
        self.phase = Phase::Verifying;
        Ok(())
    }

    fn write(&mut self, by: u64) -> Expected {
        self.open_to(by)?;
        if self.writer.or(self.lead) == Some(by) {
            return Err("nothing-new");
        }
        self.writer = Some(by).filter(|by| self.lead != Some(*by));
        Ok(())
    }

    fn restrict(&mut self, by: u64) -> Expected {
        self.open_to(by)?;
        if self.inside.is_some() {
            return Err("nothing-new");
        }
        // Person 1 declared it.
        self.inside = Some([Some(1), self.lead, Some(by), self.writer].into_iter().flatten().collect());
        Ok(())
    }

    fn let_in(&mut self, by: u64, to: u64) -> Expected {
        self.admits(by)?;
        let is_new = self.inside.as_mut().is_some_and(|inside| inside.insert(to));
        if is_new { Ok(()) } else { Err("nothing-new") }
    }

    fn unrestrict(&mut self, by: u64) -> Expected {
        self.admits(by)?;
        self.inside.take().map(drop).ok_or("nothing-new")
    }

    fn link(&mut self, by: u64, other: u64) -> Expected {
        self.admits(by)?;
        // 1 is this incident itself.
        if other == 1 || !self.links.insert(other) { Err("nothing-new") } else { Ok(()) }
    }

    fn ends_as(&mut self, by: u64, duplicate: bool) -> Expected {
        self.open_to(by)?;
        // Nobody but the lead closes without proof; a duplicate is not closed, it goes on elsewhere.
        if !duplicate && self.lead.is_some_and(|lead| lead != by) {
            return Err("only-the-lead");
        }
        self.phase = Phase::Resolved;
        self.duplicate = duplicate;
        Ok(())
    }

    fn reopen(&mut self, by: u64) -> Expected {
        self.admits(by)?;
        if self.phase.is_open() {
            return Err("not-over");
        }
        self.phase = Phase::Investigating;
        self.duplicate = false;
        Ok(())
    }
}

/// 125,000 steps in any order, each against the model, with restarts between them.
#[test]
fn whatever_people_do_in_whatever_order_the_model_holds() {
    let config =
        Config { cases: CASES, max_shrink_iters: 500, failure_persistence: None, ..Config::default() };
    assert!(CASES as usize * STEPS >= 100_000);
    let dice = prop::collection::vec(any::<Dice>(), STEPS);
    let played = TestRunner::new(config).run(&dice, |dice| {
        let mut machine = Machine::new();
        for (number, dice) in dice.into_iter().enumerate() {
            machine.step(dice);
            if number % 60 == 59 {
                machine.restart();
            }
        }
        machine.restart();
        Ok(())
    });
    if let Err(failure) = played {
        panic!("{failure}");
    }
}
