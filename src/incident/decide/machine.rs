//! The state machine against a model: what people do in any order, with restarts between.
//!
//! The model knows nothing of events: it keeps, in its own words, what must be true, and says beforehand whether a
//! request is carried out or by which refusal it ends. A restart writes every event as the store does, reads it back,
//! and folds it anew.

mod model;

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::*;
use crate::due;
use crate::ids::{IncidentId, PersonId, Seq};
use crate::incident::action::{Risk, Step};
use crate::incident::event::{NewEvent, Origin, Recorded};
use crate::incident::proof::ProofRequest;
use crate::incident::role::Role;
use crate::policy::GuildPolicy;
use model::Model;

const GUILD: GuildId = GuildId(1);
const CASES: u32 = 1_300;
const STEPS: usize = 250;
/// Transitions that must have been carried out in all; what is refused is no transition.
const TRANSITIONS: usize = 100_000;
/// What is approved has a handle that is no number of anything else.
const HANDLES: u64 = 1_000_000;

/// A dice for each step: what, who, and two numbers for whatever it needs.
type Dice = (u8, u8, u8, u8);

struct Machine {
    policy: Policy,
    incident: Incident,
    events: Vec<Recorded>,
    model: Model,
    now: UtcMs,
    carried_out: usize,
}

impl Machine {
    fn new() -> Self {
        let policy = Policy {
            guilds: BTreeMap::from([(GUILD, GuildPolicy::default())]),
            services: vec!["main".into()],
            ..Policy::default()
        };
        let model = Model::declared();
        let incident = Incident::unborn(IncidentId(1));
        let mut machine =
            Machine { policy, incident, events: Vec::new(), model, now: UtcMs(1_000), carried_out: 0 };
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
    #[expect(clippy::too_many_lines, reason = "a table: one row for each thing that people do")]
    fn step(&mut self, (what, who, one, two): Dice) {
        let by = u64::from(who % 4) + 1;
        let next = self.incident.version + 1;
        let (request, expected) = match what % 26 {
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
                    handle: next + HANDLES,
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
                    handle: next + HANDLES,
                };
                (Request::Action(change), self.model.change(by, number, next))
            }
            13 => {
                let number = self.model.action(one);
                // Sometimes the number itself, which approves nothing.
                let handle = if two > 240 { number } else { self.model.handle(number) };
                (Request::Action(ActionRequest::Approve { handle }), self.model.approve(by, handle, self.now))
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
            24 => {
                let number = self.model.action(one);
                let handle = next + HANDLES;
                let again = ActionRequest::AskAgain { number, handle };
                (Request::Action(again), self.model.ask_again(by, number, handle, self.now))
            }
            _ => {
                self.now = self.now + std::time::Duration::from_secs(u64::from(one) * 10);
                return;
            }
        };
        let happened = self.ask(by, request.clone());
        self.carried_out += usize::from(happened.is_ok());
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

/// At least 100,000 transitions in any order, each against the model, with restarts between them.
#[test]
fn whatever_people_do_in_whatever_order_the_model_holds() {
    let config =
        Config { cases: CASES, max_shrink_iters: 500, failure_persistence: None, ..Config::default() };
    let carried_out = std::cell::Cell::new(0);
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
        carried_out.set(carried_out.get() + machine.carried_out);
        Ok(())
    });
    if let Err(failure) = played {
        panic!("{failure}");
    }
    assert!(carried_out.get() >= TRANSITIONS, "{} transitions", carried_out.get());
}
