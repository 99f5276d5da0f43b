//! What follows from what: one table, one `check`.

use std::collections::BTreeMap;
use std::time::Duration;

use super::*;
use crate::config::Texts;
use crate::desk::plan;
use crate::ids::{IncidentId, PersonId, Seq};
use crate::incident::action::{Risk, Step};
use crate::incident::checklist::State;
use crate::incident::event::{NewEvent, Origin, Recorded, UpdateKind};
use crate::incident::role::Role;
use crate::outbox::{Place, Post, Purpose};
use crate::policy::{Alternative, Audience, Cadence, GuildPolicy, Target};
use crate::store::TimerKey;

const GUILD: GuildId = GuildId(1);
const MINUTE: i64 = 60_000;

fn policy() -> Policy {
    let audience = |name: &str, texts, channel| {
        let target = Target { name: name.into(), place: Place::Channel(PlaceId(channel)) };
        Audience::new(name.into(), texts, vec![target])
    };
    let each = |minutes: u64| {
        BTreeMap::from([
            (AudienceName::from("users"), Duration::from_secs(minutes * 60)),
            (AudienceName::from("management"), Duration::from_secs(minutes * 60)),
        ])
    };
    let cadence =
        |first: u64, minutes| Cadence { first: Duration::from_secs(first * 60), each: each(minutes) };
    Policy {
        guilds: BTreeMap::from([(
            GUILD,
            GuildPolicy { operations: PlaceId(10), incidents: PlaceId(10), ..GuildPolicy::default() },
        )]),
        services: vec!["main".into()],
        audiences: vec![audience("users", Texts::Users, 20), audience("management", Texts::Management, 21)],
        cadences: BTreeMap::from([(Severity::Sev1, cadence(10, 30)), (Severity::Sev2, cadence(15, 60))]),
        distance: Duration::from_secs(600),
        alternatives: vec![Alternative {
            text: "Use webmail".to_owned(),
            confirmed: chrono::NaiveDate::default(),
            needs: Vec::new(),
            audiences: Vec::new(),
        }],
        ..Policy::default()
    }
}

/// An incident under test, with its clock.
struct Case {
    incident: Incident,
    events: Vec<Recorded>,
    now: UtcMs,
    policy: Policy,
}

impl Case {
    fn declared() -> Self {
        let mut case = Case::new();
        let said = Declaration { guild: GUILD, text: "Phones cannot send".into(), ..Declaration::default() };
        case.ask(Request::Declare(said)).expect("declared");
        case
    }

    fn new() -> Self {
        let incident = Incident::unborn(IncidentId(1));
        Case { incident, events: Vec::new(), now: UtcMs(0), policy: policy() }
    }

    fn after(mut self, minutes: i64) -> Self {
        self.now = UtcMs(self.now.0 + minutes * MINUTE);
        self
    }

    fn with(mut self, request: Request) -> Self {
        self.ask(request).expect("a request that is carried out");
        self
    }

    fn ask(&mut self, request: Request) -> Result<plan::Plan, Refusal> {
        self.ask_as(7, request)
    }

    fn ask_as(&mut self, person: u64, request: Request) -> Result<plan::Plan, Refusal> {
        let actor = Actor::Person(Person { id: PersonId(person), name: format!("person {person}") });
        let policy = self.policy.clone();
        let context = Context { now: self.now, actor: &actor, policy: &policy };
        let decided = decide(&self.incident, request, &context)?;
        let before = self.incident.clone();
        let new = |decided: Decided| NewEvent {
            incident: before.id,
            happened_at: decided.happened_at,
            actor: actor.clone(),
            origin: Origin::Chat,
            event: decided.event,
        };
        let recorded: Vec<Recorded> = (before.version + 1..)
            .zip(decided)
            .map(|(version, decided)| Recorded {
                seq: Seq(0),
                version,
                recorded_at: self.now,
                new: new(decided),
            })
            .collect();
        self.incident = recorded.iter().fold(before.clone(), Incident::apply);
        self.events.extend(recorded.clone());
        Ok(plan::plan(&before, &self.incident, &recorded, &policy, self.now))
    }
}

#[track_caller]
fn refused(mut case: Case, request: Request, code: &str) {
    let before = case.incident.clone();
    let refusal = case.ask(request).expect_err("a refusal");
    assert_eq!(refusal.code(), code, "{refusal}");
    assert_eq!(case.incident, before, "a refusal changes nothing");
}

fn say(text: &str) -> Request {
    Request::Log { kind: EntryKind::Note, text: text.into(), at: None }
}

fn due(audience: &str, since: i64) -> Request {
    Request::Due { audience: audience.into(), since: UtcMs(since * MINUTE) }
}

fn over() -> Case {
    Case::declared().with(on_my_word("renewed the certificate"))
}

/// Closed without proof: what a proof needs has its own tests.
fn on_my_word(why: &str) -> Request {
    Request::Proof(ProofRequest::Override { why: why.into() })
}

#[test]
fn what_makes_no_sense_is_refused_with_its_reason() {
    let declare = |guild, text: &str, service: Option<&str>| {
        let service = service.map(Into::into);
        Request::Declare(Declaration { guild, text: text.into(), service, ..Declaration::default() })
    };
    let fresh = Case::declared;
    refused(fresh(), declare(GuildId(2), "x", None), "unknown-guild");
    refused(fresh(), declare(GUILD, "  \n ", None), "empty-text");
    refused(fresh(), declare(GUILD, &"x".repeat(6_000), None), "too-long");
    refused(fresh(), declare(GUILD, "x", Some("other")), "no-such-service");
    refused(fresh(), say(""), "empty-text");
    refused(fresh(), say(&"x".repeat(3_501)), "too-long");
    let later = Request::Log { kind: EntryKind::Note, text: "x".into(), at: Some(UtcMs(1)) };
    refused(fresh(), later, "wrong-time");
    refused(fresh().with(Request::Acknowledge), Request::Acknowledge, "nothing-new");
    refused(fresh(), Request::SetSeverity { to: Severity::Sev2, why: "x".into() }, "nothing-new");
    refused(fresh(), Request::SetPhase { to: Phase::Resolved, why: "x".into() }, "nothing-new");
    refused(fresh(), Request::Reopen { why: "x".into() }, "not-over");
    refused(fresh(), Request::Resolve { why: " ".into() }, "empty-text");
    refused(over(), Request::Acknowledge, "over");
    refused(over(), Request::Tell(News::default()), "over");
    refused(over(), Request::Resolve { why: "again".into() }, "over");
    let past = News { eta: Some(Eta::At(UtcMs(0))), ..News::default() };
    refused(fresh().after(1), Request::Tell(past), "wrong-time");
}

#[test]
fn the_second_who_takes_it_is_told_who_has_it() {
    let mut case = Case::declared().with(Request::Acknowledge);
    let refusal = case.ask_as(8, Request::Acknowledge).expect_err("taken");
    assert_eq!(refusal.code(), "already-led");
    assert!(refusal.to_string().contains("person 7"), "{refusal}");
}

#[test]
fn a_cause_that_is_logged_makes_it_identified() {
    let logged = Request::Log { kind: EntryKind::Cause, text: "the certificate expired".into(), at: None };
    let case = Case::declared().with(logged);
    assert_eq!(case.incident.phase, Phase::Identified);
}

#[test]
fn the_log_stays_open_after_the_end() {
    assert_eq!(over().with(say("the timer had failed since October")).incident.entries.len(), 1);
}

#[test]
fn declaring_sets_the_first_due_time_of_everybody() {
    let mut case = Case::new();
    let said = Declaration {
        guild: GUILD,
        text: "No mail".into(),
        severity: Some(Severity::Sev1),
        ..Declaration::default()
    };
    let plan = case.ask(Request::Declare(said)).expect("declared");
    let at = |name: &str| (TimerKey::Update(IncidentId(1), name.into()), Some(UtcMs(10 * MINUTE)));
    let draft = (TimerKey::Reminder(IncidentId(1)), Some(UtcMs(5 * MINUTE)));
    assert_eq!(plan.timers, [at("management"), at("users"), draft]);
    assert!(matches!(plan.enqueue[0].purpose, Purpose::Home(HomePart::Headline)));
    assert_eq!(case.incident.service, Some("main".into()), "the only service is meant");
}

#[test]
fn what_is_due_and_unwritten_goes_out_by_itself_and_names_the_next_time() {
    let mut case = Case::declared().after(15);
    let plan = case.ask(due("users", 15)).expect("issued");
    let at = |name: &str| (TimerKey::Update(IncidentId(1), name.into()), Some(UtcMs(75 * MINUTE)));
    let draft = (TimerKey::Reminder(IncidentId(1)), Some(UtcMs(70 * MINUTE)));
    assert_eq!(plan.timers, [at("management"), at("users"), draft], "who is due too rides along");
    assert_eq!(plan.enqueue.len(), 2);
    let told = &case.incident.told[&AudienceName::from("users")];
    insta::assert_snapshot!(told.text, @"E-mail is disturbed since <t:0:t>. Use webmail. We are finding out how far it goes. End unknown. Next <t:4500:t>.");
    let mut case = case.after(60);
    case.ask(due("users", 75)).expect("issued");
    insta::assert_snapshot!(case.incident.told[&AudienceName::from("users")].text, @"E-mail is disturbed since <t:0:t>. The engineer is being called. Use webmail. Next <t:8100:t>.");
}

#[test]
fn what_was_missed_is_caught_up_once_and_counted() {
    let mut case = Case::declared().after(15);
    case.ask(due("users", 15)).expect("issued");
    let mut case = case.after(60 * 5);
    let plan = case.ask(due("users", 75)).expect("issued");
    let issued = case.events.iter().rev().find(|last| matches!(last.new.event, Event::UpdateIssued { .. }));
    let Some(Event::UpdateIssued { missed, planned, .. }) = issued.map(|last| &last.new.event) else {
        panic!("an update");
    };
    assert_eq!((*missed, *planned), (4, UtcMs(75 * MINUTE)));
    let updates = plan.enqueue.iter().filter(|item| matches!(item.purpose, Purpose::Update { .. }));
    assert_eq!(updates.count(), 2, "once each, not five times");
    assert_eq!(plan.timers[0].1, Some(UtcMs((315 + 60) * MINUTE)), "from now on at the old distance");
}

#[test]
fn news_go_out_at_once_but_not_too_often() {
    let news = |impact: &str, correction| {
        let facts = Facts { impact: impact.into(), ..Facts::default() };
        Request::Tell(News { facts: Some(facts), correction, ..News::default() })
    };
    let case = Case::declared().with(news("Phones cannot send", false));
    let mut case = case.after(5);
    let plan = case.ask(news("Nobody can send", false)).expect("recorded");
    assert_eq!(case.incident.told[&AudienceName::from("users")].number, 1, "not yet told");
    assert!(
        plan.timers.iter().any(|(_, at)| *at == Some(UtcMs(10 * MINUTE))),
        "as soon as ten minutes are over"
    );
    let mut soon = Case {
        incident: case.incident.clone(),
        events: Vec::new(),
        now: UtcMs(10 * MINUTE),
        policy: policy(),
    };
    soon.ask(due("users", 10)).expect("issued");
    assert_eq!(soon.incident.told[&AudienceName::from("users")].kind, UpdateKind::Progress);
    case.ask(news("Nobody at all can send", true)).expect("a correction need not wait");
    let told = &case.incident.told[&AudienceName::from("users")];
    insta::assert_snapshot!(told.text, @"We wrote “Phones cannot send”. Nobody at all can send. Use webmail. Next <t:3900:t>.");
    assert_eq!(told.number, 2);
}

#[test]
fn the_end_is_told_to_those_who_were_told_the_beginning() {
    let mut case = Case::declared();
    let only = News { only: Some("users".into()), ..News::default() };
    case.ask(Request::Tell(only)).expect("issued");
    let plan = case.ask(on_my_word("renewed")).expect("resolved");
    let updates: Vec<_> =
        plan.enqueue.iter().filter(|item| matches!(item.purpose, Purpose::Update { .. })).collect();
    assert_eq!(updates.len(), 1, "management heard nothing yet");
    let told = |timer: &TimerKey| !matches!(timer, TimerKey::Review(_));
    let owed = plan.timers.iter().any(|(timer, at)| told(timer) && at.is_some());
    assert!(!owed, "no word is due any more: {:?}", plan.timers);
    let plan = case.ask(Request::Reopen { why: "587 on the second node".into() }).expect("reopened");
    assert_eq!(case.incident.told[&AudienceName::from("users")].number, 3, "a setback is told at once");
    assert!(plan.timers.iter().any(|(_, at)| at.is_some()));
}

#[test]
fn the_home_is_built_step_by_step_each_when_the_one_before_is_proved() {
    let mut case = Case::declared();
    let mut placed = |part, place: u64, message: Option<u64>| {
        let message = message.map(MessageId);
        let plan = case.ask(Request::Placed { part, place: PlaceId(place), message }).expect("recorded");
        plan.enqueue.into_iter().filter(|item| matches!(item.purpose, Purpose::Home(_))).collect::<Vec<_>>()
    };
    let thread = placed(HomePart::Headline, 10, Some(100));
    assert!(matches!(&thread[..], [one] if matches!(one.post, Post::Thread { under: MessageId(100), .. })));
    let card = placed(HomePart::Thread, 100, None);
    assert!(matches!(&card[..], [one] if one.place == Place::Channel(PlaceId(100)) && one.post == Post::New));
    let pin = placed(HomePart::Card, 100, Some(101));
    assert!(matches!(&pin[..], [one] if one.post == Post::Pin(MessageId(101))));
    assert!(placed(HomePart::Pin, 0, Some(101)).is_empty());
    assert!(placed(HomePart::Headline, 10, Some(100)).is_empty(), "said twice, nothing is made twice");
}

#[test]
fn a_card_that_cannot_be_edited_is_posted_anew() {
    let place = |part, place: u64, message: Option<u64>| Request::Placed {
        part,
        place: PlaceId(place),
        message: message.map(MessageId),
    };
    let mut case = Case::declared()
        .with(place(HomePart::Headline, 10, Some(100)))
        .with(place(HomePart::Thread, 100, None))
        .with(place(HomePart::Card, 100, Some(101)));
    let refused = Request::NotPlaced { part: HomePart::Card, why: "the message is gone".into() };
    let plan = case.ask(refused).expect("recorded");
    assert!(
        plan.enqueue
            .iter()
            .any(|item| item.post == Post::New && item.purpose == Purpose::Home(HomePart::Card))
    );
}

#[test]
fn no_drill_reaches_a_stakeholder() {
    let mut case = Case::new();
    let said = Declaration { guild: GUILD, text: "rehearsal".into(), drill: true, ..Declaration::default() };
    case.ask(Request::Declare(said)).expect("declared");
    let mut case = case.after(15);
    let plan = case.ask(due("users", 15)).expect("issued");
    assert!(!plan.enqueue.iter().any(|item| matches!(item.purpose, Purpose::Update { .. })));
    assert!(case.incident.told[&AudienceName::from("users")].text.starts_with("DRILL"));
}

fn act(request: ActionRequest) -> Request {
    Request::Action(request)
}

fn propose(text: &str) -> Request {
    act(ActionRequest::Propose {
        text: text.into(),
        risk: None,
        rollback: "start the old process".into(),
        eta: None,
        warnings: Vec::new(),
        handle: 0,
    })
}

fn start(number: u64, alone_because: Option<&str>) -> Request {
    act(ActionRequest::Start { number, alone_because: alone_because.map(Into::into) })
}

#[test]
fn a_risky_action_needs_a_second_person_or_a_reason() {
    let mut case = Case::declared().with(propose("restart node 2"));
    let number = case.incident.version;
    assert_eq!(case.incident.actions[0].risk, Risk::High);
    assert_eq!(case.ask(start(number, None)).expect_err("alone").code(), "needs-second-person");
    let approve = act(ActionRequest::Approve { handle: number });
    assert_eq!(case.ask(approve.clone()).expect_err("the same person").code(), "needs-second-person");
    case.ask_as(8, approve).expect("somebody else");
    case.ask(start(number, None)).expect("started");
    assert_eq!(case.incident.phase, Phase::Fixing);

    let mut alone = Case::declared().with(propose("restart node 2"));
    let number = alone.incident.version;
    alone.ask(start(number, Some("nobody answers"))).expect("started alone");
    let loud = crate::timeline::sentence(&alone.events[2].new);
    assert_eq!(loud, "person 7 STARTED ACTION 2 ALONE, without a second person: nobody answers");
}

#[test]
fn low_risk_needs_nobody_and_done_starts_the_proof() {
    let mut case = Case::declared().with(propose("renew certificate, reload"));
    case.ask(act(ActionRequest::Done { number: 2 })).expect("done");
    assert_eq!((case.incident.phase, case.incident.actions[0].step), (Phase::Verifying, Step::Done));
    case.ask(act(ActionRequest::Fail { number: 2, why: "587 still serves the old one".into() }))
        .expect("failed");
    assert_eq!(case.incident.phase, Phase::Investigating, "back to troubleshooting");
    case.ask(act(ActionRequest::RollBack { number: 2 })).expect("rolled back");
    refused(case, act(ActionRequest::RollBack { number: 2 }), "nothing-new");
}

#[test]
fn one_risky_thing_at_a_time() {
    let mut case = Case::declared().with(propose("restart node 1")).with(propose("restart node 2"));
    case.ask(start(2, Some("nobody answers"))).expect("started");
    assert_eq!(case.ask(start(3, Some("nobody answers"))).expect_err("a second").code(), "one-at-a-time");
    case.ask(act(ActionRequest::Done { number: 2 })).expect("done");
    case.ask(start(3, Some("nobody answers"))).expect("now it may");
}

#[test]
fn a_report_is_counted_once_in_five_minutes() {
    let report = |at: i64| {
        Request::Report(Box::new(Report {
            by: Person { id: PersonId(9), name: "uwe".into() },
            at: UtcMs(at * MINUTE),
            symptom: crate::report::Symptom::CannotSend,
            client: None,
            site: None,
            domain: None,
            service: None,
            text: None,
            people: 1,
        }))
    };
    let mut case = Case::declared();
    case.ask(report(0)).expect("counted");
    assert_eq!(case.ask(report(0)).expect_err("again").code(), "reported-already");
    let mut case = case.after(5);
    case.ask(report(5)).expect("counted again");
    assert_eq!(case.incident.reports.len(), 2);
}

#[test]
fn in_a_forum_the_card_is_the_first_message_of_the_post() {
    let mut case = Case::new();
    let guild = case.policy.guilds.get_mut(&GUILD).expect("the guild");
    (guild.home, guild.incidents) = (crate::config::Home::Forum, PlaceId(30));
    let said = Declaration { guild: GUILD, text: "Phones cannot send".into(), ..Declaration::default() };
    let plan = case.ask(Request::Declare(said)).expect("declared");
    let places: Vec<_> = plan.enqueue.iter().map(|item| (item.place.clone(), item.post.clone())).collect();
    let topic = Post::Topic { name: "INC-1 Phones cannot send".into() };
    let (operations, forum) = (Place::Channel(PlaceId(10)), Place::Channel(PlaceId(30)));
    assert_eq!(places, [(operations, Post::New), (forum, topic)], "the alarm, and the post with the card");
    let placed = Request::Placed { part: HomePart::Thread, place: PlaceId(300), message: None };
    let plan = case.ask(placed).expect("recorded");
    assert_eq!(case.incident.home.card, Some(MessageId(300)));
    assert!(plan.enqueue.iter().any(|item| item.post == Post::Pin(MessageId(300))), "pinned");
    assert!(!plan.enqueue.iter().any(|item| item.post == Post::New), "and not posted twice");
}

fn suspect(request: SuspectRequest) -> Request {
    Request::Suspect(request)
}

#[test]
fn a_suspect_is_raised_ruled_out_and_confirmed() {
    let mut case = Case::declared().with(say("renewal timer failing since 12 Oct"));
    case.ask(suspect(SuspectRequest::Raise { entry: 2 })).expect("raised");
    assert_eq!(case.incident.suspects().count(), 1);
    case.ask(suspect(SuspectRequest::Confirm { entry: 2 })).expect("confirmed");
    assert_eq!(case.incident.phase, Phase::Identified, "confirming sets the phase");
    assert_eq!(case.incident.cause_entry().map(|entry| entry.number), Some(2));
    let again = case.ask(suspect(SuspectRequest::Confirm { entry: 2 })).expect_err("once");
    assert_eq!(again.code(), "nothing-new");
    case.ask(suspect(SuspectRequest::RuleOut { entry: 2, why: String::new() })).expect("ruled out");
    assert_eq!(
        (case.incident.phase, case.incident.confirmed),
        (Phase::Investigating, None),
        "the search is open"
    );
    refused(case, suspect(SuspectRequest::Raise { entry: 9 }), "nothing-new");
    let closed = over().with(say("the timer had failed"));
    let number = closed.incident.version;
    refused(closed, suspect(SuspectRequest::Confirm { entry: number }), "over");
}

#[test]
fn the_time_of_an_entry_is_corrected_and_the_entry_stays() {
    let mut case = Case::declared().after(60).with(say("node 2 was restarted"));
    case.ask(suspect(SuspectRequest::Retime { entry: 2, at: UtcMs(20 * MINUTE) })).expect("corrected");
    assert_eq!(case.incident.entries[0].at, UtcMs(20 * MINUTE));
    assert_eq!(
        case.events[1].new.happened_at,
        UtcMs(60 * MINUTE),
        "what was written stays as it was written"
    );
    refused(case, suspect(SuspectRequest::Retime { entry: 2, at: UtcMs(61 * MINUTE) }), "wrong-time");
}

#[test]
fn a_logged_finding_marks_the_component_that_it_names() {
    let found = Request::Log { kind: EntryKind::Finding, text: "LDAP does not answer".into(), at: None };
    let case = Case::declared().with(found);
    let line = &case.incident.checklist.lines["directory"];
    assert_eq!((line.state.clone(), line.entries.as_slice()), (State::Finding, &[2][..]));
    let not = Request::Log { kind: EntryKind::RuledOut, text: "the directory is fine".into(), at: None };
    assert_eq!(*case.with(not).incident.checklist.state("directory"), State::RuledOut);
}

#[test]
fn a_component_is_taken_and_judged_by_a_person() {
    let of = |request| Request::Checklist(request);
    let mut case = Case::declared().with(of(ChecklistRequest::Take { line: "queue".into() }));
    assert_eq!(
        case.incident.checklist.lines["queue"].owner.as_ref().map(ToString::to_string).as_deref(),
        Some("person 7")
    );
    let again = case.ask(of(ChecklistRequest::Take { line: "queue".into() })).expect_err("taken");
    assert_eq!(again.code(), "nothing-new");
    let mark = |seen: &str| {
        of(ChecklistRequest::Mark { line: "queue".into(), state: State::RuledOut, seen: seen.into() })
    };
    assert_eq!(case.ask(mark(" ")).expect_err("why?").code(), "empty-text");
    case.ask_as(8, mark("it is empty")).expect("ruled out");
    assert_eq!(*case.incident.checklist.state("queue"), State::RuledOut);
    let told = crate::timeline::sentence(&case.events[2].new);
    assert_eq!(told, "person 8: Queue is ruled out (it is empty).");
    refused(case, of(ChecklistRequest::Take { line: "nothing".into() }), "nothing-new");
}

fn change(number: u64, text: &str) -> Request {
    let (text, rollback) = (text.into(), String::new());
    act(ActionRequest::Change { number, text, rollback, warnings: Vec::new(), handle: 0 })
}

#[test]
fn a_change_voids_the_approval_and_old_buttons_approve_nothing() {
    let mut case = Case::declared().with(propose("restart node 2"));
    case.ask_as(8, act(ActionRequest::Approve { handle: 2 })).expect("approved");
    case.ask(change(2, "restart node 1 and node 2")).expect("changed");
    let new = case.incident.actions.last().expect("the new one");
    assert_eq!((new.number, new.step, new.risk), (4, Step::Proposed, Risk::High));
    assert_eq!(case.ask(start(4, None)).expect_err("not approved").code(), "needs-second-person");
    let old = case.ask_as(8, act(ActionRequest::Approve { handle: 2 })).expect_err("the old button");
    assert_eq!(old.code(), "nothing-new");
    assert_eq!(case.ask(start(2, None)).expect_err("replaced").code(), "nothing-new");
    case.ask(change(4, "renew certificate")).expect("changed");
    assert_eq!(
        case.incident.actions.last().map(|new| new.risk),
        Some(Risk::High),
        "never less risky by that"
    );
}

#[test]
fn an_approval_is_over_after_ten_minutes() {
    let mut case = Case::declared().with(propose("restart node 2"));
    case.ask_as(8, act(ActionRequest::Approve { handle: 2 })).expect("approved");
    let mut case = case.after(11);
    assert_eq!(case.ask(start(2, None)).expect_err("too late").code(), "approval-over");
    let used = case.ask_as(8, act(ActionRequest::Approve { handle: 2 })).expect_err("the old button");
    assert_eq!(used.code(), "nothing-new");
    case.ask(act(ActionRequest::AskAgain { number: 2, handle: 77 })).expect("asked anew");
    assert_eq!(case.incident.actions[0].step, Step::Proposed);
    case.ask_as(8, act(ActionRequest::Approve { handle: 77 })).expect("once more");
    case.ask(start(2, None)).expect("started");
}

#[test]
fn an_approval_needs_the_handle_and_uses_it_up() {
    let mut case = Case::declared();
    let propose = |text: &str, handle| {
        let (text, rollback) = (text.into(), String::new());
        act(ActionRequest::Propose { text, risk: None, rollback, eta: None, warnings: Vec::new(), handle })
    };
    case.ask(propose("restart node 2", 4_711)).expect("proposed");
    let approve = |handle| act(ActionRequest::Approve { handle });
    for guessed in [0, 2, 4_710] {
        assert_eq!(case.ask_as(8, approve(guessed)).expect_err("guessed").code(), "nothing-new", "{guessed}");
    }
    case.ask_as(8, approve(4_711)).expect("approved");
    assert_eq!(case.ask_as(9, approve(4_711)).expect_err("used up").code(), "nothing-new");
    let again = act(ActionRequest::AskAgain { number: 2, handle: 5 });
    assert_eq!(case.ask(again).expect_err("it holds").code(), "nothing-new");
}

#[test]
fn an_end_that_a_repair_names_is_told_at_once_and_one_that_is_withdrawn_too() {
    let issued = |case: &Case, from: usize| {
        let new = case.events[from..].iter().filter_map(|recorded| match &recorded.new.event {
            Event::UpdateIssued { audience, .. } => Some(audience.to_string()),
            _ => None,
        });
        new.collect::<Vec<_>>()
    };
    let fix = |eta| {
        let (text, rollback) = ("renew certificate".into(), String::new());
        act(ActionRequest::Propose { text, risk: None, rollback, eta, warnings: Vec::new(), handle: 1 })
    };
    let at = |minute: i64| Some(Eta::At(UtcMs(minute * MINUTE)));
    let mut case = Case::declared();
    let before = case.events.len();
    case.ask(fix(at(90))).expect("proposed");
    assert!(issued(&case, before).is_empty(), "who has heard nothing yet is not told of an end");
    let mut case = case.after(15).with(due("users", 15));
    let before = case.events.len();
    case.ask(fix(at(95))).expect("proposed");
    assert!(issued(&case, before).is_empty(), "two texts are ten minutes apart");
    let mut case = case.after(11);
    let before = case.events.len();
    case.ask(fix(at(120))).expect("proposed");
    assert_eq!(issued(&case, before), ["users", "management"]);
    let before = case.events.len();
    case.ask(Request::Tell(News { eta: Some(Eta::Unknown), ..News::default() })).expect("withdrawn");
    assert!(issued(&case, before).contains(&"users".to_owned()), "a withdrawn end does not wait");
    assert!(case.ask(fix(at(1))).is_err(), "an end that has passed is none");
}

#[test]
fn every_slip_of_the_end_is_kept_and_a_withdrawn_one_is_known() {
    let eta = |eta| Request::Tell(News { eta: Some(eta), only: Some("nobody".into()), ..News::default() });
    let at = |minute: i64| Eta::At(UtcMs(minute * MINUTE));
    let case = Case::declared().with(eta(at(30))).with(eta(at(60))).with(eta(at(50)));
    assert_eq!((case.incident.slips(), case.incident.withdrawn()), (1, None), "earlier is no slip");
    let case = case.with(eta(Eta::Unknown));
    assert_eq!((case.incident.slips(), case.incident.withdrawn()), (2, Some(at(50))));
    assert_eq!(case.with(eta(at(90))).incident.withdrawn(), None);
}

#[test]
fn a_role_is_split_off_only_when_a_second_person_takes_it() {
    let take = || Request::Role(RoleRequest::Take { role: Role::Communications });
    let mut case = Case::declared().with(Request::Acknowledge);
    assert_eq!(case.ask(take()).expect_err("has it").code(), "nothing-new", "who leads writes as well");
    case.ask_as(8, take()).expect("a second person");
    assert_eq!(case.incident.led_by(), "person 7; person 8 writes the updates");
    case.ask(take()).expect("the lead takes it back");
    assert_eq!(case.incident.led_by(), "person 7");
}

#[test]
fn a_restricted_incident_is_not_there_for_others_and_tells_nobody() {
    let restrict = Request::Restrict(RestrictRequest::Restrict { why: "an account was taken over".into() });
    let mut case = Case::declared().with(Request::Acknowledge);
    let plan = case.ask(restrict).expect("restricted");
    assert!(plan.timers.iter().all(|(_, at)| at.is_none()), "nothing is due any more: {:?}", plan.timers);
    for item in &plan.enqueue {
        assert!(!format!("{:?}", item.message).contains("Phones"), "shown to everybody: {:?}", item.message);
    }
    for request in [say("x"), Request::Acknowledge, Request::Resolve { why: "x".into() }] {
        assert_eq!(case.ask_as(8, request).expect_err("outside").code(), "no-such-incident");
    }
    assert_eq!(case.ask(Request::Tell(News::default())).expect_err("told nobody").code(), "restricted");
    let due = case.ask(due("users", 15)).expect("nothing follows");
    assert!(due.enqueue.is_empty());
    let who = Person { id: PersonId(8), name: "person 8".into() };
    case.ask(Request::Restrict(RestrictRequest::LetIn { who })).expect("let in");
    case.ask_as(8, say("I am inside")).expect("inside");
    let plan = case.ask(on_my_word("the password is changed")).expect("closed");
    assert!(!plan.enqueue.iter().any(|item| matches!(item.purpose, Purpose::Update { .. })));
}

#[test]
fn a_duplicate_ends_without_a_word_and_reopening_takes_it_back() {
    let duplicate =
        |of| Request::Link(LinkRequest::Duplicate { of: IncidentId(of), thread: Some(PlaceId(70)) });
    let mut case = Case::declared().after(15);
    case.ask(due("users", 15)).expect("told");
    assert_eq!(case.ask(duplicate(1)).expect_err("itself").code(), "nothing-new");
    let plan = case.ask(duplicate(9)).expect("a duplicate");
    assert_eq!(case.incident.phase, Phase::Resolved);
    assert!(!plan.enqueue.iter().any(|item| matches!(item.purpose, Purpose::Update { .. })), "INC-9 speaks");
    assert_eq!(case.ask(duplicate(9)).expect_err("over").code(), "over");
    case.ask(Request::Reopen { why: "another fault".into() }).expect("taken back");
    assert_eq!(case.incident.links.duplicate_of, None);
}

#[test]
fn a_report_against_the_published_text_is_offered_once_as_a_correction() {
    let report = |person: u64, client| {
        Request::Report(Box::new(Report {
            by: Person { id: PersonId(person), name: "uwe".into() },
            at: UtcMs(0),
            symptom: crate::report::Symptom::CannotSend,
            client: Some(client),
            site: None,
            domain: None,
            service: None,
            text: None,
            people: 1,
        }))
    };
    let offered = |case: &Case| {
        case.events.iter().filter(|event| matches!(event.new.event, Event::Contradicted(_))).count()
    };
    let mut case = Case::declared();
    case.ask_as(9, report(9, crate::report::Client::Desktop)).expect("counted");
    assert_eq!(offered(&case), 0, "nothing is published yet");
    let facts = Facts { impact: "Phones cannot send".into(), ..Facts::default() };
    case.ask(Request::Tell(News { facts: Some(facts), ..News::default() })).expect("told");
    case.ask_as(10, report(10, crate::report::Client::Phone)).expect("counted");
    assert_eq!(offered(&case), 0, "a phone is what was published");
    case.ask_as(11, report(11, crate::report::Client::Desktop)).expect("counted");
    case.ask_as(12, report(12, crate::report::Client::Desktop)).expect("counted");
    assert_eq!(offered(&case), 1, "once");
}
