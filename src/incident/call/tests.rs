//! Who is rung when: one table, one `check`.

use std::collections::BTreeMap;
use std::time::Duration;

use super::*;
use crate::desk::plan;
use crate::ids::{GuildId, IncidentId, PersonId, PlaceId, Seq};
use crate::incident::action::ActionRequest;
use crate::incident::decide::{self, Declaration, Request};
use crate::incident::event::{NewEvent, Origin};
use crate::incident::proof::ProofRequest;
use crate::outbox::{Item, Place, Purpose};
use crate::policy::{Calling, GuildPolicy, Responder, RingRoute, Way};
use crate::store::TimerKey;

const GUILD: GuildId = GuildId(1);
const MINUTE: i64 = 60_000;

/// Ana by mention and telephone, ben by direct message, cem by mention; `duty` is that of all three.
fn policy(duty: &str) -> Policy {
    let route = |name: &str, way| RingRoute { name: name.to_owned(), way };
    let phone = Way::Place { place: Place::Route("phone-ana".into()), keeps_alarm: true };
    let who = |id, name: &str, routes| Responder {
        person: Person { id: PersonId(id), name: name.to_owned() },
        duty: vec![duty.parse().expect("hours")],
        routes,
    };
    let guild = GuildPolicy { operations: PlaceId(10), incidents: PlaceId(10), ..GuildPolicy::default() };
    Policy {
        guilds: BTreeMap::from([(GUILD, guild)]),
        services: vec!["main".into()],
        responders: vec![
            who(1, "ana", vec![route("mention", Way::Mention), route("phone-ana", phone)]),
            who(2, "ben", vec![route("dm", Way::Direct)]),
            who(3, "cem", vec![route("mention", Way::Mention)]),
        ],
        call: Calling { wait: Duration::from_secs(120), rounds: 2, severity: Severity::Sev2 },
        ..Policy::default()
    }
}

/// An incident under test, with its clock and all that left.
struct Case {
    incident: Incident,
    said: Vec<String>,
    items: Vec<Item>,
    timer: Option<UtcMs>,
    now: UtcMs,
    policy: Policy,
}

impl Case {
    /// Declared by nobody (0) or by a person.
    fn declared(by: u64, policy: Policy, declaration: Declaration) -> Self {
        let mut case = Case {
            incident: Incident::unborn(IncidentId(1)),
            said: Vec::new(),
            items: Vec::new(),
            timer: None,
            now: UtcMs(0),
            policy,
        };
        case.ask(by, Request::Declare(declaration)).expect("declared");
        case
    }

    fn by_itself() -> Self {
        Case::declared(0, policy("00:00-00:00"), outage())
    }

    fn ask(&mut self, person: u64, request: Request) -> Result<(), Refusal> {
        let actor = match person {
            0 => Actor::Watchpost,
            id => Actor::Person(Person { id: PersonId(id), name: format!("person {id}") }),
        };
        let policy = self.policy.clone();
        let context = Context { now: self.now, actor: &actor, policy: &policy };
        let decided = decide::decide(&self.incident, request, &context)?;
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
        self.incident = recorded.iter().fold(before.clone(), Incident::apply);
        let minute = self.now.0 / MINUTE;
        let calls = recorded.iter().filter_map(|one| match &one.new.event {
            Event::Call(event) => Some(format!("{minute}: {}", short(event))),
            _ => None,
        });
        self.said.extend(calls);
        let plan = plan::plan(&before, &self.incident, &recorded, &policy, self.now);
        self.items.extend(plan.enqueue);
        for (key, at) in plan.timers {
            if key == TimerKey::Escalation(IncidentId(1)) {
                self.timer = at;
            }
        }
        Ok(())
    }

    /// Carries out what comes due until then, as the desk does.
    fn until(mut self, minute: i64) -> Self {
        let end = UtcMs(minute * MINUTE);
        while let Some(at) = self.timer.filter(|at| *at <= end) {
            self.now = at.max(self.now);
            self.ask(0, Request::Call(CallRequest::Due)).expect("due");
            assert!(self.timer.is_none_or(|next| next > at), "the timer moves on");
        }
        self.now = end;
        self
    }

    fn with(mut self, person: u64, request: Request) -> Self {
        self.ask(person, request).expect("carried out");
        self
    }

    #[track_caller]
    fn says(&self, expected: &[&str]) {
        assert_eq!(self.said, expected);
    }
}

fn outage() -> Declaration {
    Declaration { guild: GUILD, text: "No mail".to_owned(), ..Declaration::default() }
}

fn next(why: &str, about: Option<u64>) -> Request {
    Request::Call(CallRequest::Next { why: why.to_owned(), about })
}

fn short(event: &CallEvent) -> String {
    match event {
        CallEvent::Begun { why, .. } => format!("begun, {why}"),
        CallEvent::Rung { whom, route, .. } => format!("{} {route}", whom.name),
        CallEvent::Arrived { number, .. } => format!("{number} arrived"),
        CallEvent::NotArrived { number, .. } => format!("{number} lost"),
        CallEvent::NobodyAnswered { round } => format!("nobody {round}"),
        CallEvent::NobodyOnDuty { next } => format!("no duty until {:?}", next.map(|at| at.0 / MINUTE)),
        CallEvent::Answered { rings } => format!("answered {rings}"),
        CallEvent::Capped { rings } => format!("capped {rings}"),
    }
}

const BEGUN: &str = "0: begun, nobody has it yet";

#[test]
fn each_way_then_each_person_then_all_again_and_then_it_is_given_up_loudly() {
    let case = Case::by_itself().until(60);
    case.says(&[
        BEGUN,
        "0: ana mention",
        "2: ana phone-ana",
        "4: ben dm",
        "6: cem mention",
        "8: nobody 1",
        "8: ana mention",
        "10: ana phone-ana",
        "12: ben dm",
        "14: cem mention",
        "16: nobody 2",
        "16: capped 8",
    ]);
    let loud = case.items.iter().rfind(|item| item.purpose == Purpose::Notice).expect("a post");
    assert!(loud.message.text.contains("GIVEN UP AFTER 8 RINGS"), "{}", loud.message.text);
    assert_eq!(case.timer, None, "nothing is due any more");
}

#[test]
fn nobody_else_is_rung_after_somebody_has_it() {
    let case = Case::by_itself().until(5).with(3, Request::Acknowledge).until(60);
    case.says(&[BEGUN, "0: ana mention", "2: ana phone-ana", "4: ben dm", "5: answered 3"]);
    let rung: Vec<&Place> = case
        .items
        .iter()
        .filter(|item| matches!(item.purpose, Purpose::Ring { .. }))
        .map(|item| &item.place)
        .collect();
    let (phone, ben) = (Place::Route("phone-ana".into()), Place::Direct(PersonId(2)));
    assert_eq!(rung, [&Place::Channel(PlaceId(10)), &phone, &ben]);
    let told: Vec<&Item> = case.items.iter().filter(|item| item.purpose == Purpose::RingAnswered).collect();
    assert_eq!((told.len(), &told[0].place), (1, &phone), "what keeps an alarm is told");
}

#[test]
fn who_declares_it_has_a_moment_to_take_it() {
    Case::declared(7, policy("00:00-00:00"), outage())
        .until(2)
        .says(&["2: begun, nobody has it yet", "2: ana mention"]);
    Case::declared(7, policy("00:00-00:00"), outage()).with(7, Request::Acknowledge).until(60).says(&[]);
}

#[test]
fn small_things_and_drills_ring_nobody() {
    let small = Declaration { severity: Some(Severity::Sev3), ..outage() };
    Case::declared(0, policy("00:00-00:00"), small.clone()).until(60).says(&[]);
    let drill = Declaration { drill: true, ..outage() };
    let mut drill = Case::declared(0, policy("00:00-00:00"), drill).until(60);
    drill.says(&[]);
    assert!(drill.ask(7, next("help", None)).is_err());
    Case::declared(0, policy("00:00-00:00"), small)
        .with(7, Request::SetSeverity { to: Severity::Sev1, why: "all of it".to_owned() })
        .until(1)
        .says(&[BEGUN, "0: ana mention"]);
}

#[test]
fn outside_the_hours_of_duty_the_next_ones_are_waited_for_loudly() {
    // 1970-01-01 was a Thursday.
    let case = Case::declared(0, policy("Mon-Fri 08:00-18:00"), outage()).until(481);
    case.says(&[BEGUN, "0: no duty until Some(480)", "480: ana mention"]);
    assert!(case.items.iter().any(|item| item.message.text.contains("NOBODY IS ON DUTY")));
}

#[test]
fn what_cannot_be_brought_is_not_waited_for() {
    let lost = Request::Call(CallRequest::NotArrived { number: 1, why: "closed".to_owned() });
    let case = Case::by_itself().until(0).with(0, lost);
    case.says(&[BEGUN, "0: ana mention", "0: 1 lost", "0: ana phone-ana"]);
    assert_eq!(case.timer, Some(UtcMs(2 * MINUTE)));
    // An old one that comes late changes nothing.
    let late = Request::Call(CallRequest::NotArrived { number: 1, why: "closed".to_owned() });
    let case = Case::by_itself().until(2).with(0, late);
    case.says(&[BEGUN, "0: ana mention", "2: ana phone-ana", "2: 1 lost"]);
}

#[test]
fn the_next_is_called_for_help_and_not_who_asks() {
    let mut case = Case::by_itself().until(0).with(1, Request::Acknowledge);
    case.ask(1, next("a second pair of eyes", None)).expect("called");
    case.until(60).says(&[
        BEGUN,
        "0: ana mention",
        "0: answered 1",
        "0: begun, a second pair of eyes",
        "0: ben dm",
        "2: cem mention",
        "4: nobody 1",
        "4: ben dm",
        "6: cem mention",
        "8: nobody 2",
        "8: capped 4",
    ]);
}

#[test]
fn who_decides_what_they_were_rung_for_has_answered() {
    let propose = ActionRequest::Propose {
        text: "restart node 2".to_owned(),
        risk: None,
        rollback: "start the old process".to_owned(),
        eta: None,
        warnings: Vec::new(),
        handle: 4_711,
    };
    let case = Case::by_itself().until(0).with(1, Request::Acknowledge).with(1, Request::Action(propose));
    // Proposing what is risky calls by itself.
    let ring = case.items.last().expect("a ring");
    insta::assert_snapshot!(ring.message.text, @"**INC-1** SEV2 since <t:0:t>: No mail. person 1 needs you: a second person must agree. Asked: restart node 2. Sending or reading stops for about a minute; open connections break. Way back: start the old process. Answer there: <#10>");
    let case = case.until(1).with(2, Request::Action(ActionRequest::Approve { handle: 4_711 })).until(60);
    assert_eq!(case.said.last().map(String::as_str), Some("0: ben dm"));
}

#[test]
fn what_was_given_up_is_begun_again_by_a_person_or_after_a_while() {
    let mut soon = Case::by_itself().until(30);
    assert!(soon.ask(0, next("nobody writes", None)).is_err());
    let mut case = Case::by_itself().until(60);
    assert!(case.ask(0, next("nobody writes", None)).is_ok(), "half an hour later for a new reason");
    let mut case = Case::by_itself().until(60);
    case.said.clear();
    case.ask(7, next("please", None)).expect("called");
    case.says(&["60: begun, please", "60: ana mention"]);
    let over = ProofRequest::Override { why: "over".to_owned() };
    case.ask(0, Request::Proof(over)).expect("resolved");
    let case = case.until(600);
    assert_eq!(case.said.len(), 2);
    assert!(case.items.iter().any(|item| item.purpose == Purpose::RingOver));
}

#[test]
fn what_is_rung_with_says_what_is_wrong_and_what_is_wanted() {
    let case = Case::by_itself().until(4);
    let texts: Vec<String> = case
        .items
        .iter()
        .filter(|item| matches!(item.purpose, Purpose::Ring { .. }))
        .map(|item| item.message.block.as_ref().map_or(item.message.text.clone(), |block| block.text.clone()))
        .collect();
    insta::assert_snapshot!(texts.join("\n"), @r"
    <@1> **INC-1** SEV2 since <t:0:t>: No mail. You are called because nobody has it yet.
    SEV2 since <t:0:t>: No mail. You are called because nobody has it yet. Answer in Discord: [I have it] on the card.
    **INC-1** SEV2 since <t:0:t>: No mail. You are called because nobody has it yet. Answer there: <#10>
    ");
    assert_eq!(
        field(&case.incident).as_deref(),
        Some(
            "<t:0:t> ana (a mention)\n<t:120:t> ana (phone-ana)\n<t:240:t> ben (direct message)\nnext <t:360:t>"
        )
    );
}
