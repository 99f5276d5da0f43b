//! Nights in virtual time: what was said to whom and when, as a script. The incident, its timers and its outbox are the
//! real ones; only time is stepped, and everything that leaves arrives.

mod clocks;
mod kills;
mod outages;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Duration;

use chrono::{NaiveDate, TimeZone as _};
use chrono_tz::{Europe::Berlin, Tz};

use super::TellingRequest;
use crate::cause::Cause;
use crate::clock::UtcMs;
use crate::config::{Approval, Hours, Needs, Texts};
use crate::desk::{plan, request_of};
use crate::ids::{AudienceName, GuildId, IncidentId, MessageId, PersonId, PlaceId, Seq};
use crate::incident::decide::{Context, Decided, Declaration, News, Request, decide, tell};
use crate::incident::event::{Event, HomePart, NewEvent, Origin, Recorded};
use crate::incident::proof::ProofRequest;
use crate::incident::{Capabilities, Eta, Facts, Incident, LastAssessment, Severity, Verdict};
use crate::outbox::{Item, Place, Purpose};
use crate::person::{Actor, Person};
use crate::policy::{
    Alternative, Audience, Cadence, Calling, GuildPolicy, People, Policy, Responder, RingRoute, Target, Way,
};
use crate::refusal::Refusal;
use crate::store::TimerKey;

const GUILD: GuildId = GuildId(1);
const OK: Verdict = Verdict::Ok;
const DOWN: Verdict = Verdict::Down;

/// What is measured: receive, send, read.
type Measured = (Verdict, Verdict, Verdict);

/// The night of 24 November 2026 in Berlin; hours from 24 on are of the day after.
fn at(hour: u32, minute: u32) -> UtcMs {
    let day = NaiveDate::from_ymd_opt(2026, 11, 24 + hour / 24).expect("a day");
    let local = day.and_hms_opt(hour % 24, minute, 0).expect("a time");
    UtcMs::from(Berlin.from_local_datetime(&local).single().expect("one moment").to_utc())
}

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes * 60)
}

pub(super) fn policy(zone: Tz) -> Policy {
    let audience = |name: &str, texts, channel, approval| Audience {
        quiet_hours: vec!["22:00-06:30".parse::<Hours>().expect("hours")],
        approval,
        ..Audience::new(
            name.into(),
            texts,
            vec![Target { name: name.into(), place: Place::Channel(PlaceId(channel)) }],
        )
    };
    let cadence = |first, users, partners| Cadence {
        first: minutes(first),
        each: BTreeMap::from([
            ("users".into(), minutes(users)),
            ("management".into(), minutes(users)),
            ("partners".into(), minutes(partners)),
        ]),
    };
    let responder = |number, name: &str| Responder {
        person: Person { id: PersonId(number), name: name.into() },
        duty: vec!["00:00-00:00".parse::<Hours>().expect("hours")],
        routes: vec![RingRoute { name: "dm".into(), way: Way::Direct }],
    };
    let alternative = |text: &str, needs: &[Needs], audience: &str| Alternative {
        text: text.into(),
        confirmed: NaiveDate::from_ymd_opt(2026, 11, 1).expect("a day"),
        needs: needs.to_vec(),
        audiences: vec![audience.into()],
    };
    let guild = GuildPolicy { operations: PlaceId(10), incidents: PlaceId(10), ..GuildPolicy::default() };
    Policy {
        guilds: BTreeMap::from([(GUILD, guild)]),
        services: vec!["main".into()],
        audiences: vec![
            audience("users", Texts::Users, 20, Approval::None),
            audience("management", Texts::Management, 21, Approval::None),
            audience("partners", Texts::Partners, 22, Approval::SecondPerson),
        ],
        cadences: BTreeMap::from([
            (Severity::Sev1, cadence(10, 30, 60)),
            (Severity::Sev2, cadence(15, 60, 120)),
            (Severity::Sev3, cadence(30, 240, 480)),
        ]),
        distance: minutes(10),
        alternatives: vec![
            alternative("Webmail works; send there.", &[Needs::Read], "users"),
            alternative("Urgent: 030 1234.", &[], "partners"),
        ],
        people: BTreeMap::from([("main".into(), People { count: Some(800), label: "people".into() })]),
        zone,
        responders: vec![responder(7, "ana"), responder(8, "ben")],
        call: Calling { wait: minutes(5), rounds: 1, ..Calling::default() },
        ..Policy::default()
    }
}

/// One incident in virtual time.
struct Play {
    incident: Incident,
    timers: BTreeMap<TimerKey, UtcMs>,
    now: UtcMs,
    policy: Policy,
    /// What the probes see, again every five minutes; none: nothing is measured.
    seen: Option<(Option<Cause>, Measured)>,
    page: String,
    /// Every text that arrived: when, at whom, silently or not.
    arrived: Vec<(UtcMs, AudienceName, Item)>,
    keys: BTreeSet<String>,
}

impl Play {
    fn new(now: UtcMs, policy: Policy) -> Self {
        Play {
            incident: Incident::unborn(IncidentId(42)),
            timers: BTreeMap::new(),
            now,
            policy,
            seen: None,
            page: String::new(),
            arrived: Vec::new(),
            keys: BTreeSet::new(),
        }
    }

    fn declared(
        since: UtcMs,
        now: UtcMs,
        policy: Policy,
        severity: Severity,
        seen: (Option<Cause>, Measured),
    ) -> Self {
        let mut play = Play::new(now, policy);
        play.seen = Some(seen);
        let text = "Mail is disturbed".to_owned();
        let said = Declaration {
            guild: GUILD,
            text,
            since: Some(since),
            severity: Some(severity),
            ..Declaration::default()
        };
        play.line("confirmed");
        play.by_itself(Request::Declare(said));
        let placed = |part, message| Request::Placed { part, place: PlaceId(100), message };
        play.by_itself(placed(HomePart::Thread, None));
        play.by_itself(placed(HomePart::Card, Some(MessageId(101))));
        play.look();
        play
    }

    fn line(&mut self, text: &str) {
        let local = self.now.to_utc().with_timezone(&self.policy.zone);
        writeln!(self.page, "{} {text}", local.format("%H:%M")).expect("written");
    }

    /// The probes look.
    fn look(&mut self) {
        let Some((cause, (receive, send, read))) = self.seen else { return };
        let capabilities = Capabilities { receive, send, read, internal: Verdict::Unknown };
        let last = LastAssessment {
            at: self.now,
            service: "main".into(),
            verdict: if cause.is_some() { DOWN } else { OK },
            cause,
            summary: String::new(),
            capabilities,
        };
        self.by_itself(Request::Assessed(Box::new(last)));
    }

    fn by_itself(&mut self, request: Request) {
        self.ask(&Actor::Watchpost, request).expect("carried out");
    }

    fn ana() -> Actor {
        Actor::Person(Person { id: PersonId(7), name: "ana".into() })
    }

    fn ben() -> Actor {
        Actor::Person(Person { id: PersonId(8), name: "ben".into() })
    }

    fn ask(&mut self, actor: &Actor, request: Request) -> Result<(), Refusal> {
        let policy = self.policy.clone();
        let context = Context { now: self.now, actor, policy: &policy };
        let decided = decide(&self.incident, request, &context)?;
        self.happens(actor, decided);
        Ok(())
    }

    /// What another part of the house decides by these functions.
    fn decides(&mut self, decide: impl FnOnce(&Incident, &Context<'_>) -> Vec<Decided>) {
        let policy = self.policy.clone();
        let context = Context { now: self.now, actor: &Actor::Watchpost, policy: &policy };
        let decided = decide(&self.incident, &context);
        self.happens(&Actor::Watchpost, decided);
    }

    fn happens(&mut self, actor: &Actor, decided: Vec<Decided>) {
        if decided.is_empty() {
            return;
        }
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
        let plan = plan::plan(&before, &self.incident, &recorded, &self.policy, self.now);
        for (key, due) in plan.timers {
            match due {
                Some(due) => drop(self.timers.insert(key, due)),
                None => drop(self.timers.remove(&key)),
            }
        }
        for recorded in &recorded {
            match &recorded.new.event {
                Event::Telling(event @ super::TellingEvent::Reminded { .. }) => {
                    let said = super::sentence(actor, event);
                    self.say(&said);
                }
                Event::Call(event) => {
                    let said = crate::incident::call::sentence(actor, event);
                    self.say(&said);
                }
                _ => {}
            }
        }
        for item in plan.enqueue {
            self.arrives(item);
        }
    }

    fn say(&mut self, text: &str) {
        let text = crate::update::tests::seen(text, self.now, self.policy.zone);
        self.line(&format!("  ({text})"));
    }

    fn arrives(&mut self, item: Item) {
        let Purpose::Update { audience, number, destination } = &item.purpose else { return };
        assert!(self.keys.insert(item.key.0.clone()), "{} is said once", item.key);
        let silent = if item.message.silent { ", silently" } else { "" };
        let text = item.message.block.as_ref().map(|block| block.text.clone()).unwrap_or_default();
        let kind = self.incident.told[audience].kind.word();
        let text = crate::update::tests::seen(&text, self.now, self.policy.zone);
        self.line(&format!("  {audience} ({kind}{silent}): {text}"));
        self.arrived.push((self.now, audience.clone(), item.clone()));
        let (audience, number, destination) = (audience.clone(), *number, destination.clone());
        self.by_itself(Request::Delivered { audience, number, destination, proof: "message 1".into() });
    }

    /// Time passes; what comes due is carried out, and the probes look every five minutes.
    fn until(&mut self, moment: UtcMs) {
        let raster = 5 * 60_000;
        loop {
            let next = self.timers.values().min().copied().unwrap_or(UtcMs(i64::MAX));
            let look = UtcMs((self.now.0 / raster + 1) * raster);
            let step = next.max(self.now).min(if self.seen.is_some() { look } else { UtcMs(i64::MAX) });
            if step > moment {
                self.now = moment;
                return;
            }
            self.now = step;
            if step == look && self.seen.is_some() && self.incident.phase.is_open() {
                self.look();
            }
            self.carry_out_due();
        }
    }

    fn carry_out_due(&mut self) {
        let due: Vec<(TimerKey, UtcMs)> = self
            .timers
            .iter()
            .filter(|(_, at)| **at <= self.now)
            .map(|(key, at)| (key.clone(), *at))
            .collect();
        for (key, since) in due {
            let Some((_, request)) = request_of(&key, since) else { continue };
            let version = self.incident.version;
            self.by_itself(request);
            if self.incident.version == version {
                // As the desk does: set anew, or taken away.
                let anew =
                    crate::due::timers(&self.incident, &self.policy).remove(&key).filter(|at| *at > self.now);
                match anew {
                    Some(at) => drop(self.timers.insert(key, at)),
                    None => drop(self.timers.remove(&key)),
                }
            }
        }
    }

    fn tell(&mut self, who: &Actor, sentence: &str, eta: Option<Eta>) {
        let facts = Facts { sentence: sentence.into(), ..self.incident.facts.clone() };
        let news = News { facts: Some(facts), eta, ..News::default() };
        self.ask(who, Request::Tell(news)).expect("told");
    }

    fn telling(&mut self, who: &Actor, request: TellingRequest) -> Result<(), Refusal> {
        self.ask(who, Request::Telling(request))
    }

    fn count(&self, audience: &str) -> usize {
        self.arrived.iter().filter(|(_, name, _)| name.as_str() == audience).count()
    }
}

fn certificate_night() -> Play {
    let seen = (Some(Cause::CertificateExpired), (OK, DOWN, OK));
    Play::declared(at(2, 10), at(2, 12), policy(Berlin), Severity::Sev2, seen)
}

#[test]
fn a_night_in_which_nobody_answers_until_half_past_three() {
    let mut play = certificate_night();
    play.until(at(3, 31));
    play.line("ana has it");
    play.ask(&Play::ana(), Request::Acknowledge).expect("acknowledged");
    play.until(at(4, 40));
    play.line("ana writes");
    play.tell(&Play::ana(), "The certificate is renewed on one of two nodes", Some(Eta::At(at(5, 0))));
    play.until(at(5, 0));
    play.line("the proof begins");
    play.seen = Some((None, (OK, OK, OK)));
    play.look();
    let last_word = at(5, 15);
    play.decides(|incident, context| tell::works(incident, Some(last_word), context));
    play.until(at(5, 12));
    play.line("ana closes it");
    play.ask(&Play::ana(), Request::Proof(ProofRequest::Override { why: "proved".into() })).expect("closed");
    play.until(at(9, 0));
    insta::assert_snapshot!(play.page);
    assert!(play.timers.is_empty(), "nothing is owed any more: {:?}", play.timers);
}

#[test]
fn a_proof_that_fails_is_told_only_to_those_who_were_told_that_it_works() {
    let mut play = certificate_night();
    play.ask(&Play::ana(), Request::Acknowledge).expect("acknowledged");
    play.until(at(2, 30));
    play.decides(|incident, context| tell::works(incident, Some(at(2, 50)), context));
    play.until(at(2, 45));
    play.decides(tell::setback);
    let users: Vec<UtcMs> =
        play.arrived.iter().filter(|(_, name, _)| name.as_str() == "users").map(|(at, _, _)| *at).collect();
    assert_eq!(users, [at(2, 27), at(2, 30), at(2, 45)], "{}", play.page);
    assert!(!play.incident.told.contains_key(&"partners".into()), "partners heard nothing of it");
}

#[test]
fn no_phase_severity_or_log_makes_a_text() {
    let mut play = certificate_night();
    play.ask(&Play::ana(), Request::Acknowledge).expect("acknowledged");
    play.until(at(2, 40));
    let before = play.arrived.len();
    let phase = Request::SetPhase { to: crate::incident::Phase::Identified, why: "found".into() };
    play.ask(&Play::ana(), phase).expect("set");
    play.ask(&Play::ana(), Request::SetSeverity { to: Severity::Sev3, why: "few".into() }).expect("set");
    let log =
        Request::Log { kind: crate::incident::event::EntryKind::Finding, text: "timer".into(), at: None };
    play.ask(&Play::ana(), log).expect("logged");
    play.until(at(3, 0));
    assert_eq!(play.arrived.len(), before, "{}", play.page);
}

#[test]
fn what_gets_worse_is_told_at_once_and_never_within_ten_minutes() {
    let mut play = certificate_night();
    play.until(at(2, 33));
    play.seen = Some((Some(Cause::HostDown), (DOWN, DOWN, DOWN)));
    play.look();
    play.until(at(2, 50));
    let users: Vec<UtcMs> =
        play.arrived.iter().filter(|(_, name, _)| name.as_str() == "users").map(|(at, _, _)| *at).collect();
    assert_eq!(users, [at(2, 27), at(2, 37)], "ten minutes after the first text: {}", play.page);
    // Better news wait for the proof: nobody is told that it works because one probe said so.
    play.seen = Some((Some(Cause::CertificateExpired), (OK, DOWN, OK)));
    play.until(at(3, 20));
    assert_eq!(play.count("users"), 2, "{}", play.page);
}

#[test]
fn two_texts_without_a_word_call_the_next_responder() {
    let mut play = certificate_night();
    play.until(at(4, 0));
    assert_eq!(play.incident.telling.unwritten, 1, "{}", play.page);
    assert!(!play.page.contains("nobody has written"));
    let mut play = certificate_night();
    play.until(at(4, 30));
    assert!(play.page.contains("nobody has written a word"), "{}", play.page);
    assert!(play.page.contains("ben") || play.page.contains("ana"), "{}", play.page);
    // A word of a person begins the count anew.
    let mut play = certificate_night();
    play.ask(&Play::ana(), Request::Acknowledge).expect("acknowledged");
    play.until(at(3, 40));
    play.tell(&Play::ana(), "We wait for the registrar", None);
    play.until(at(5, 10));
    assert!(!play.page.contains("nobody has written"), "{}", play.page);
}

#[test]
fn later_moves_one_due_time_and_never_the_cadence() {
    let mut play = certificate_night();
    play.ask(&Play::ana(), Request::Acknowledge).expect("acknowledged");
    play.until(at(3, 21));
    play.telling(&Play::ana(), TellingRequest::Later).expect("moved");
    play.until(at(3, 39));
    assert_eq!(play.count("users"), 1, "{}", play.page);
    play.until(at(3, 41));
    assert_eq!(play.count("users"), 2, "{}", play.page);
    assert_eq!(play.incident.told[&"users".into()].next, Some(at(4, 40)), "an hour, as before");
}

#[test]
fn a_draft_is_shown_once_and_send_is_a_persons_word() {
    let mut play = certificate_night();
    play.ask(&Play::ana(), Request::Acknowledge).expect("acknowledged");
    play.policy.audiences.truncate(2);
    play.until(at(3, 22));
    assert_eq!(play.page.matches("draft for").count(), 2, "one before each: {}", play.page);
    play.telling(&Play::ana(), TellingRequest::Send).expect("sent");
    assert_eq!(play.count("users"), 2, "{}", play.page);
    assert_eq!(play.incident.telling.unwritten, 0);
    let refused = play.telling(&Play::ana(), TellingRequest::Send).expect_err("a moment ago");
    assert_eq!(refused.code(), "too-soon");
}

#[test]
fn a_pause_needs_a_reason_and_shows_on_the_card() {
    let mut play = certificate_night();
    let empty =
        play.telling(&Play::ana(), TellingRequest::Pause { why: "  ".into() }).expect_err("no reason");
    assert_eq!(empty.code(), "empty-text");
    play.telling(&Play::ana(), TellingRequest::Pause { why: "the director tells everybody".into() })
        .expect("paused");
    let card = crate::card::card(&play.incident, &play.policy);
    let shown = card.block.expect("a block").fields.into_iter().find(|field| field.name == "Next update");
    let shown = shown.expect("the field").value;
    assert!(shown.contains("PAUSED by ana") && shown.contains("the director tells everybody"), "{shown}");
    play.until(at(6, 0));
    assert_eq!(play.arrived.len(), 0, "{}", play.page);
    play.telling(&Play::ana(), TellingRequest::Continue).expect("goes on");
    play.until(at(6, 1));
    assert_eq!(play.count("users"), 1, "what was kept back is said once: {}", play.page);
}

#[test]
fn slowing_down_is_offered_after_two_hours_and_never_done() {
    let mut play = certificate_night();
    play.ask(&Play::ana(), Request::Acknowledge).expect("acknowledged");
    play.until(at(3, 0));
    let refused = play.telling(&Play::ana(), TellingRequest::Slow).expect_err("too early");
    assert_eq!(refused.code(), "too-early-to-slow");
    play.until(at(6, 0));
    assert_eq!(play.count("users"), 4, "every hour, however long it lasts: {}", play.page);
    play.telling(&Play::ana(), TellingRequest::Slow).expect("slower");
    play.until(at(12, 0));
    let times: Vec<UtcMs> =
        play.arrived.iter().filter(|(_, name, _)| name.as_str() == "users").map(|(at, _, _)| *at).collect();
    let apart = times[times.len() - 1].since(times[times.len() - 2]);
    assert_eq!(apart, minutes(120), "{}", play.page);
}

#[test]
fn what_was_typed_for_outsiders_waits_for_a_second_person_who_is_awake() {
    let mut play = certificate_night();
    play.ask(&Play::ana(), Request::Acknowledge).expect("acknowledged");
    play.until(at(2, 40));
    // Nobody else is awake: nothing is held.
    play.tell(&Play::ana(), "We are on it", None);
    assert_eq!(play.count("partners"), 1, "{}", play.page);
    play.until(at(3, 0));
    let log = Request::Log { kind: crate::incident::event::EntryKind::Note, text: "here".into(), at: None };
    play.ask(&Play::ben(), log).expect("logged");
    play.tell(&Play::ana(), "All will be well by noon", None);
    assert_eq!((play.count("users"), play.count("partners")), (3, 1), "{}", play.page);
    let refused = play.telling(&Play::ana(), TellingRequest::Approve).expect_err("the author");
    assert_eq!(refused.code(), "needs-second-reader");
    play.until(at(3, 5));
    play.telling(&Play::ben(), TellingRequest::Approve).expect("approved");
    assert_eq!(play.count("partners"), 2, "{}", play.page);
    // Refused: it never reaches them, and what they are told meanwhile is what they were told before.
    play.until(at(3, 20));
    let log = Request::Log { kind: crate::incident::event::EntryKind::Note, text: "here".into(), at: None };
    play.ask(&Play::ben(), log).expect("logged");
    play.tell(&Play::ana(), "It was ben", None);
    play.telling(&Play::ben(), TellingRequest::Refuse { why: "no names".into() }).expect("refused");
}

#[test]
fn facts_that_betray_a_host_or_a_name_are_refused() {
    let mut play = certificate_night();
    play.policy.hosts = vec!["mx1.example.org".into()];
    play.ask(&Play::ana(), Request::Acknowledge).expect("acknowledged");
    for sentence in ["mx1.example.org is restarted", "Ana restarts it", "192.0.2.7 is away"] {
        let facts = Facts { sentence: sentence.into(), ..Facts::default() };
        let news = News { facts: Some(facts), ..News::default() };
        assert_eq!(
            play.ask(&Play::ana(), Request::Tell(news)).expect_err(sentence).code(),
            "not-for-outsiders"
        );
    }
}

#[test]
fn a_newer_text_supersedes_one_that_is_still_on_its_way() {
    let mut play = certificate_night();
    play.policy.audiences[0]
        .destinations
        .push(Target { name: "hall".into(), place: Place::Route("hall".into()) });
    play.until(at(3, 30));
    let first = &play
        .incident
        .telling
        .updates
        .iter()
        .find(|issued| issued.audience.as_str() == "users")
        .expect("told")
        .clone();
    assert_eq!(first.arrivals.len(), 2, "{first:?}");
    // Now the hall's screen is away: nothing is proved there.
    let mut play = certificate_night();
    let policy = play.policy.clone();
    play.until(at(2, 20));
    play.policy.audiences[0]
        .destinations
        .push(Target { name: "hall".into(), place: Place::Route("hall".into()) });
    let context = Context { now: play.now, actor: &Actor::Watchpost, policy: &play.policy };
    let news = News { only: Some("users".into()), ..News::default() };
    let first = decide(&play.incident, Request::Tell(news), &context).expect("told");
    play.policy = policy;
    play.happens(&Actor::Watchpost, first);
    play.policy.audiences[0]
        .destinations
        .push(Target { name: "hall".into(), place: Place::Route("hall".into()) });
    play.until(at(3, 30));
    let first = &play.incident.telling.updates[0];
    assert_eq!(first.superseded, ["hall".into()], "{first:?}");
    assert!(first.is_settled(&"users".into()) && first.is_settled(&"hall".into()));
}

#[test]
fn what_a_night_without_people_says_to_everybody_is_in_the_history() {
    let mut play = certificate_night();
    play.until(at(7, 0));
    for issued in &play.incident.telling.updates {
        assert!(issued.lateness() < Duration::from_secs(1), "{issued:?}");
        assert_eq!(issued.arrivals.len(), 1);
        assert_eq!(issued.arrivals[0].proof, "message 1");
        assert!(issued.short.chars().count() <= crate::update::SHORT);
    }
}
