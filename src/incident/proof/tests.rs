//! When it is proved, when it goes back, and when it may be closed: tables, and one property over everything.

use std::collections::BTreeMap;
use std::time::Duration;

use super::*;
use crate::cause::Cause;
use crate::check::{Capabilities, Verdict};
use crate::config::Texts;
use crate::desk::plan::{self, Plan};
use crate::ids::{GuildId, IncidentId, PersonId, PlaceId, Seq, ServiceName};
use crate::incident::action::{ActionRequest, Step};
use crate::incident::decide::{Context, Declaration, Request, decide};
use crate::incident::event::{Event, NewEvent, Origin, Recorded, UpdateKind};
use crate::incident::{Incident, Phase, checklist};
use crate::outbox::Place;
use crate::person::Actor;
use crate::policy::{Audience, Cadence, GuildPolicy, Policy, Target};
use crate::proof::{Rules, State};
use crate::refusal::Refusal;
use crate::report::{Report, Symptom};
use crate::store::TimerKey;

mod afterwards;
mod never;

const GUILD: GuildId = GuildId(1);
const MINUTE: i64 = 60_000;
const MATRIX: [Cell; 4] = [Cell::In, Cell::Submission, Cell::Imap, Cell::Lists];

fn policy() -> Policy {
    let target = Target { name: "users".into(), place: Place::Channel(PlaceId(20)) };
    let users = Audience::new("users".into(), Texts::Users, vec![target]);
    let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
    let each = BTreeMap::from([("users".into(), minutes(60))]);
    let mut cells = MATRIX.to_vec();
    cells.push(Cell::Manual("my phone sends".to_owned()));
    let mut policy = Policy::default();
    policy.guilds.insert(GUILD, GuildPolicy::default());
    policy.services = vec!["main".into()];
    policy.audiences = vec![users];
    policy.cadences.insert(crate::incident::Severity::Sev2, Cadence { first: minutes(15), each });
    policy.proof = Rules { cells: BTreeMap::from([("main".into(), cells)]), ..Rules::default() };
    policy
}

/// How the four cells stand, a letter each: Green, Red (lasting), Passing red, Amber, Unmeasured.
fn cells(states: &str) -> Vec<Measured> {
    let one = |(cell, letter): (&Cell, char)| {
        let (state, lasting) = match letter {
            'G' => (State::Green, false),
            'R' => (State::Red, true),
            'P' => (State::Red, false),
            'A' => (State::Amber, false),
            _ => (State::Unmeasured, false),
        };
        let why = if state == State::Red { "587 on node 2: the certificate has expired" } else { "" };
        let cause = (state == State::Red).then_some(Cause::CertificateExpired);
        Measured { lasting, cause, ..Measured::of(cell, state, why) }
    };
    MATRIX.iter().zip(states.chars()).map(one).collect()
}

struct Case {
    incident: Incident,
    events: Vec<Recorded>,
    now: UtcMs,
    policy: Policy,
}

impl Case {
    fn declared() -> Self {
        let incident = Incident::unborn(IncidentId(1));
        let mut case = Case { incident, events: Vec::new(), now: UtcMs(0), policy: policy() };
        let said = Declaration { guild: GUILD, text: "Phones cannot send".into(), ..Declaration::default() };
        case.ask(Request::Declare(said)).expect("declared");
        case.ask(Request::Acknowledge).expect("taken");
        case
    }

    /// Phones cannot send, and users were told.
    fn broken() -> Self {
        let mut case = Case::declared();
        case.proof(ProofRequest::Seen { cells: cells("GRGG"), before: Vec::new() });
        let due = Request::Due { audience: "users".into(), since: UtcMs(15 * MINUTE) };
        case.later(15).ask(due).expect("told");
        case
    }

    fn later(&mut self, minutes: i64) -> &mut Self {
        self.now = UtcMs(self.now.0 + minutes * MINUTE);
        self
    }

    fn ask(&mut self, request: Request) -> Result<Plan, Refusal> {
        self.ask_as(7, request)
    }

    fn ask_as(&mut self, person: u64, request: Request) -> Result<Plan, Refusal> {
        let actor = Actor::Person(Person { id: PersonId(person), name: format!("person {person}") });
        let policy = self.policy.clone();
        let context = Context { now: self.now, actor: &actor, policy: &policy };
        let decided = decide(&self.incident, request, &context)?;
        let before = self.incident.clone();
        let recorded: Vec<Recorded> = (before.version + 1..)
            .zip(decided)
            .map(|(version, decided)| Recorded {
                seq: Seq(0),
                version,
                recorded_at: self.now,
                new: NewEvent {
                    incident: before.id,
                    happened_at: decided.happened_at,
                    actor: actor.clone(),
                    origin: Origin::Chat,
                    event: decided.event,
                },
            })
            .collect();
        // As the store keeps them: what cannot be read back is no event.
        let kept = recorded.iter().map(|recorded| {
            serde_json::from_str(&serde_json::to_string(recorded).expect("JSON")).expect("reads back")
        });
        let recorded: Vec<Recorded> = kept.collect();
        self.incident = recorded.iter().fold(before.clone(), Incident::apply);
        self.events.extend(recorded.clone());
        Ok(plan::plan(&before, &self.incident, &recorded, &policy, self.now))
    }

    fn proof(&mut self, request: ProofRequest) -> Plan {
        self.ask(Request::Proof(request)).expect("carried out")
    }

    fn round(&mut self, states: &str) -> Plan {
        self.looked(states, false)
    }

    fn looked(&mut self, states: &str, confirmed: bool) -> Plan {
        let last = LastAssessment {
            at: self.now,
            service: ServiceName::from("main"),
            verdict: Verdict::Ok,
            cause: None,
            summary: "looked".to_owned(),
            capabilities: Capabilities::default(),
        };
        self.proof(ProofRequest::Round { last: Box::new(last), cells: cells(states), confirmed })
    }

    fn start(&mut self) -> Plan {
        self.proof(ProofRequest::Start { by: Trigger::Person })
    }

    fn close(&mut self) -> Result<Plan, Refusal> {
        self.ask(Request::Resolve { why: "renewed the certificate".into() })
    }

    fn told(&self) -> Vec<UpdateKind> {
        let kinds = self.events.iter().filter_map(|recorded| match &recorded.new.event {
            Event::UpdateIssued { kind, .. } => Some(*kind),
            _ => None,
        });
        kinds.collect()
    }

    fn proved() -> Self {
        let mut case = Case::broken();
        case.start();
        case.round("GGGG");
        case.later(5).round("GGGG");
        case.later(5).round("GGGG");
        case
    }
}

#[test]
fn what_a_round_shows_decides_how_it_ends() {
    // In, submission, IMAP, lists; the incident broke submission; the others were green, the list was not.
    let table = [
        ("GGGG", Outcome::Green),
        ("GGGA", Outcome::Green),
        ("GGGR", Outcome::Green),
        ("GRGG", Outcome::Red),
        ("GPGG", Outcome::Red),
        ("GGRG", Outcome::Red),
        ("GAGG", Outcome::Open),
        ("GUGG", Outcome::Open),
        ("UGUG", Outcome::Open),
        ("UUUU", Outcome::Open),
        ("URUU", Outcome::Red),
    ];
    for (states, expected) in table {
        let case = Case::broken();
        let proof = case.incident.proof.knowing(&cells(states));
        assert_eq!(proof.judge(&cells(states)), expected, "{states}");
    }
}

#[test]
fn what_was_bad_before_does_not_count() {
    let mut case = Case::declared();
    let request = ProofRequest::Seen { cells: cells("GRRG"), before: cells("GGRG") };
    case.proof(request);
    assert!(!case.incident.proof.blocks(&Cell::Imap), "IMAP was down before, for another reason");
    assert!(case.incident.proof.blocks(&Cell::Submission) && case.incident.proof.blocks(&Cell::In));
    case.start();
    case.round("GGRG");
    assert_eq!(case.incident.proof.running.as_ref().map(|running| running.green), Some(1));
    let shown = words::matrix(&case.incident).join("\n");
    assert!(shown.contains("! read by IMAP: does not work, does not count here"), "{shown}");
}

#[test]
fn three_green_rounds_over_ten_minutes_prove_it_and_only_then_it_closes() {
    let mut case = Case::broken();
    let plan = case.start();
    assert!(plan.timers.contains(&(TimerKey::Proof(IncidentId(1)), Some(case.now))), "{:?}", plan.timers);
    assert_eq!(case.incident.phase, Phase::Verifying);
    for (round, minutes) in [(1, 0), (2, 5), (3, 4)] {
        let plan = case.later(minutes).round("GGGG");
        let next = Some(UtcMs(case.now.0 + 5 * MINUTE));
        assert!(plan.timers.contains(&(TimerKey::Proof(IncidentId(1)), next)), "round {round}");
        assert_eq!(case.close().expect_err("not proved").code(), "not-proved", "round {round}");
    }
    // Three are green, but not for ten minutes.
    case.later(1).round("GGGG");
    assert_eq!(case.incident.proof.proved.map(|proved| proved.since), Some(UtcMs(15 * MINUTE)));
    case.close().expect("closed");
    assert_eq!(case.incident.phase, Phase::Resolved);
    assert_eq!(case.told(), [UpdateKind::First, UpdateKind::Works, UpdateKind::Resolution]);
}

#[test]
fn red_rounds_go_back_by_themselves() {
    // What the rounds show, and after which of them it goes back.
    type Row<'r> = (&'r [(&'r str, bool)], Option<usize>);
    let table: [Row<'_>; 6] = [
        (&[("GRGG", true)], Some(1)),
        (&[("GRGG", false), ("GRGG", false)], Some(2)),
        (&[("GPGG", false), ("GPGG", false)], Some(2)),
        (&[("GPGG", false), ("GGGG", false), ("GPGG", false)], None),
        (&[("GPGG", false), ("GUGG", false), ("GPGG", false)], None),
        (&[("GGGR", true), ("GGGR", true)], None),
    ];
    for (rounds, expected) in table {
        let mut case = Case::broken();
        case.start();
        let mut back = None;
        for (number, (states, confirmed)) in rounds.iter().enumerate() {
            case.later(1).looked(states, *confirmed);
            if back.is_none() && case.incident.phase == Phase::Investigating {
                back = Some(number + 1);
            }
        }
        assert_eq!(back, expected, "{rounds:?}");
        assert_eq!(back.is_some(), case.incident.proof.running.is_none(), "{rounds:?}");
    }
}

#[test]
fn a_failed_proof_leaves_its_evidence_and_the_repair_did_not_help() {
    let mut case = Case::broken();
    let propose = ActionRequest::Propose {
        text: "renew certificate".into(),
        risk: None,
        rollback: String::new(),
        warnings: Vec::new(),
        handle: 1,
        eta: None,
    };
    case.ask(Request::Action(propose)).expect("proposed");
    let number = case.incident.actions[0].number;
    case.ask(Request::Action(ActionRequest::Done { number })).expect("done");
    case.proof(ProofRequest::Start { by: Trigger::Repair(number) });
    case.looked("GRGG", true);
    assert_eq!(case.incident.actions[0].step, Step::Failed);
    let entry = case.incident.entries.last().expect("an entry");
    assert!(entry.text.contains("587 on node 2: the certificate has expired"), "{}", entry.text);
    let tls = &case.incident.checklist.lines["tls"];
    assert_eq!(tls.state, checklist::State::Finding);
    assert!(tls.seen.contains("log in and hand in mail (587 on node 2"), "on its line: {}", tls.seen);
    assert_eq!(*case.incident.checklist.state("submission"), checklist::State::Consequence("tls".to_owned()));
    assert_eq!(case.told(), [UpdateKind::First], "nobody was told that it works, so nobody hears more");
    assert_eq!(case.incident.proof.setback_due, None);
}

#[test]
fn only_who_was_told_that_it_works_hears_that_it_does_not() {
    let mut case = Case::broken();
    case.start();
    case.round("GGGG");
    let plan = case.later(5).looked("GRGG", true);
    let due = case.now + Duration::from_secs(300);
    assert_eq!(case.told(), [UpdateKind::First, UpdateKind::Works], "the lead has five minutes");
    assert!(plan.timers.contains(&(TimerKey::Proof(IncidentId(1)), Some(due))));
    let mut by_hand =
        Case { incident: case.incident.clone(), events: case.events.clone(), ..Case::declared() };
    by_hand.now = case.now;
    by_hand.proof(ProofRequest::TellSetback);
    assert_eq!(by_hand.told().last(), Some(&UpdateKind::Setback));
    let again = by_hand.ask(Request::Proof(ProofRequest::TellSetback)).expect_err("told already");
    assert_eq!(again.code(), "nothing-new");
    case.later(4).proof(ProofRequest::Due);
    assert_eq!(case.told().len(), 2, "too early");
    case.later(1).proof(ProofRequest::Due);
    assert_eq!(case.told(), [UpdateKind::First, UpdateKind::Works, UpdateKind::Setback]);
    assert_eq!(due_of(&case), None);
}

fn due_of(case: &Case) -> Option<UtcMs> {
    due(&case.incident)
}

#[test]
fn the_probes_recovery_begins_the_proof_and_a_healthy_look_does_not() {
    let mut case = Case::declared();
    case.proof(ProofRequest::Seen { cells: cells("GGGG"), before: Vec::new() });
    assert_eq!(case.incident.proof.running, None, "nothing was broken");
    case.proof(ProofRequest::Seen { cells: cells("GRGG"), before: Vec::new() });
    case.proof(ProofRequest::Seen { cells: cells("GAGG"), before: Vec::new() });
    assert_eq!(case.incident.proof.running, None, "works with limits is not good");
    case.proof(ProofRequest::Seen { cells: cells("GRGG"), before: Vec::new() });
    case.proof(ProofRequest::Seen { cells: cells("GGGG"), before: Vec::new() });
    let running = case.incident.proof.running.as_ref().expect("a proof");
    assert_eq!((running.by, case.incident.phase), (Trigger::Recovered, Phase::Verifying));
    let before = case.incident.version;
    case.proof(ProofRequest::Seen { cells: cells("GGGG"), before: Vec::new() });
    assert_eq!(case.incident.version, before, "the same again is no news");
}

#[test]
fn a_check_that_contradicts_takes_the_proof_away() {
    let mut case = Case::proved();
    case.proof(ProofRequest::Seen { cells: cells("GRGG"), before: Vec::new() });
    let refusal = case.close().expect_err("not proved any more");
    let said = refusal.to_string();
    assert!(said.contains("log in and hand in mail (587 on node 2: the certificate has expired)"), "{said}");
    case.later(1).looked("GRGG", true);
    assert_eq!(case.incident.phase, Phase::Investigating);
}

#[test]
fn the_lead_closes_without_proof_and_it_is_said_loudly() {
    let mut case = Case::broken();
    let why = || "the probe account is locked".to_owned();
    let refusal = case.ask_as(8, Request::Proof(ProofRequest::Override { why: why() }));
    assert_eq!(refusal.expect_err("does not lead").code(), "only-the-lead");
    let empty = case.ask(Request::Proof(ProofRequest::Override { why: " ".into() }));
    assert_eq!(empty.expect_err("no reason").code(), "empty-text");
    case.proof(ProofRequest::Override { why: why() });
    assert_eq!(case.incident.phase, Phase::Resolved);
    let over = &case.incident.proof.overridden[0];
    assert_eq!((over.why.as_str(), over.open.len()), ("the probe account is locked", 1));
    let said = case.events.iter().map(|recorded| crate::timeline::sentence(&recorded.new));
    assert!(said.into_iter().any(|line| line.contains("CLOSED IT WITHOUT PROOF")));
}

#[test]
fn a_person_ticks_what_only_they_can_see() {
    let mut case = Case::broken();
    case.start();
    let ticks = notice::ticks(&case.incident);
    assert_eq!(ticks.len(), 1, "{ticks:?}");
    case.proof(ProofRequest::Tick { place: 4 });
    let again = case.ask(Request::Proof(ProofRequest::Tick { place: 4 })).expect_err("ticked");
    assert_eq!(again.code(), "nothing-new");
    assert_eq!(
        case.ask(Request::Proof(ProofRequest::Tick { place: 9 })).expect_err("none").code(),
        "nothing-new"
    );
    assert!(notice::ticks(&case.incident).is_empty());
}

#[test]
fn without_a_service_nothing_can_be_proved() {
    let mut case = Case::declared();
    case.policy.proof.cells.clear();
    let refusal = case.ask(Request::Proof(ProofRequest::Start { by: Trigger::Person }));
    assert_eq!(refusal.expect_err("nothing to prove").code(), "nothing-to-prove");
    assert_eq!(case.close().expect_err("not proved").code(), "not-proved");
}
