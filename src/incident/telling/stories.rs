//! Nights in virtual time: what was said to whom and when, as a script. The incident, its timers and its outbox are the
//! real ones; only time is stepped, and everything that leaves arrives.

mod clocks;
mod kills;
mod nights;
mod outages;
mod reach;

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
    /// Nothing arrives any more.
    deaf: bool,
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
            deaf: false,
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
        if self.deaf {
            return;
        }
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
            let Some((_, request)) = request_of(&key, since) else {
                // The work of another concern, such as the review.
                self.timers.remove(&key);
                continue;
            };
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
