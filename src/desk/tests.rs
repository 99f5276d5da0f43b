//! What the desk holds together: crowds of reports, incidents that belong together, and who is inside.

use std::collections::BTreeMap;

use super::*;
use crate::cause::Cause;
use crate::clock::UtcMs;
use crate::ids::PersonId;
use crate::incident::decide::Declaration;
use crate::incident::link::LinkRequest;
use crate::incident::proof::ProofRequest;
use crate::incident::restrict::RestrictRequest;
use crate::incident::{Capabilities, LastAssessment, Phase, Verdict};
use crate::person::Person;
use crate::policy::GuildPolicy;
use crate::report::{Report, Symptom};
use crate::store::MemoryStore;

const HERE: GuildId = GuildId(1);

fn person(number: u64) -> Person {
    Person { id: PersonId(number), name: format!("person {number}") }
}

async fn desk(store: &Arc<MemoryStore>, clock: &Clock) -> Arc<Desk> {
    let guild = GuildPolicy { operations: PlaceId(10), incidents: PlaceId(10), ..GuildPolicy::default() };
    let policy = Policy {
        guilds: BTreeMap::from([(HERE, guild)]),
        services: vec!["main".into()],
        ..Policy::default()
    };
    Desk::open(store.clone(), policy, clock.clone()).await.expect("a desk")
}

async fn asked(desk: &Desk, by: u64, incident: Option<u64>, request: Request) -> Result<Outcome, Refusal> {
    let ask = Ask {
        guild: HERE,
        actor: Actor::Person(person(by)),
        origin: Origin::Chat,
        once: None,
        incident: incident.map(IncidentId),
        request,
    };
    desk.ask(ask).await
}

async fn declared(desk: &Desk, text: &str) -> Arc<Incident> {
    let said = Declaration { guild: HERE, text: text.into(), ..Declaration::default() };
    asked(desk, 7, None, Request::Declare(said)).await.expect("declared").incident
}

fn reporting(by: u64, symptom: Symptom, now: UtcMs) -> Reporting {
    let report = Report {
        by: person(by),
        at: now,
        symptom,
        client: None,
        site: None,
        domain: None,
        service: None,
        text: None,
        people: 1,
    };
    Reporting { guild: HERE, report, once: Some(DedupeKey(format!("interaction/{by}/{symptom:?}"))) }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_reports_in_a_minute_are_all_counted_or_refused() {
    let (store, clock) = (Arc::new(MemoryStore::default()), Clock::stepped(UtcMs(1_000_000)));
    let desk = desk(&store, &clock).await;
    declared(&desk, "No mail").await;
    let crowd = (0..10_000).map(|number| {
        let (desk, now) = (desk.clone(), clock.now());
        tokio::spawn(async move { desk.report(reporting(1_000 + number, Symptom::CannotSend, now)).await })
    });
    let crowd: Vec<_> = crowd.collect();
    let (mut counted, mut refused) = (0, 0);
    for one in crowd {
        match one.await.expect("no panic") {
            Ok(_) => counted += 1,
            Err(Refusal::ReportsFlood) => refused += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(counted + refused, 10_000);
    let incident = desk.incident(IncidentId(1)).expect("the incident");
    assert_eq!(incident.reports.len(), counted, "what was said to be counted is");
    assert!(counted > 5_000, "{counted}");
    assert!(incident.version > 5_000);
}

#[tokio::test]
async fn one_person_cannot_drown_the_others() {
    let (store, clock) = (Arc::new(MemoryStore::default()), Clock::stepped(UtcMs(1_000_000)));
    let desk = desk(&store, &clock).await;
    declared(&desk, "No mail").await;
    let mut codes = Vec::new();
    for symptom in [Symptom::CannotSend, Symptom::CannotSend, Symptom::Delayed, Symptom::Bounced] {
        let once = desk.report(reporting(5, symptom, clock.now())).await;
        codes.push(once.map_or_else(|refusal| refusal.code(), |_| "counted"));
    }
    assert_eq!(codes, ["counted", "nothing-new", "counted", "reports-too-often"]);
    clock.step(Duration::from_secs(61));
    assert!(desk.report(reporting(5, Symptom::Else, clock.now())).await.is_ok(), "a minute later");
}

#[tokio::test]
async fn reports_before_an_incident_wait_and_count_for_it_then() {
    let (store, clock) = (Arc::new(MemoryStore::default()), Clock::stepped(UtcMs(1_000_000)));
    let first = desk(&store, &clock).await;
    for by in 1..=5 {
        let told = first.report(reporting(by, Symptom::CannotSend, clock.now())).await.expect("waits");
        let Reported::Waiting { people, proposed } = told else { panic!("no incident is open") };
        assert_eq!((u64::from(people), proposed), (by, by == 5));
    }
    let again = first.report(reporting(1, Symptom::CannotSend, clock.now())).await.expect_err("again");
    assert_eq!(again.code(), "reported-already");
    // A restart between them loses nothing.
    let second = desk(&store, &clock).await;
    let incident = declared(&second, "Nobody can send").await;
    assert_eq!(incident.reports.len(), 5, "they count for the incident");
    assert!(second.book().reports.is_empty(), "and wait no longer");
}

#[tokio::test]
async fn the_thread_of_a_duplicate_leads_on_also_after_a_restart() {
    let (store, clock) = (Arc::new(MemoryStore::default()), Clock::stepped(UtcMs(1_000_000)));
    let first = desk(&store, &clock).await;
    declared(&first, "No mail").await;
    declared(&first, "Nobody can send").await;
    let thread = Request::Placed {
        part: crate::incident::event::HomePart::Thread,
        place: PlaceId(200),
        message: None,
    };
    asked(&first, 7, Some(2), thread).await.expect("placed");
    let duplicate = |of| Request::Link(LinkRequest::Duplicate { of: IncidentId(of), thread: None });
    assert_eq!(asked(&first, 7, Some(2), duplicate(9)).await.expect_err("none").code(), "no-such-incident");
    asked(&first, 7, Some(2), duplicate(1)).await.expect("a duplicate");
    assert_eq!(first.incident(IncidentId(1)).expect("there").links.duplicates, [(IncidentId(2), 0)]);
    let chain = asked(&first, 7, Some(1), duplicate(2)).await.expect_err("a chain");
    assert!(chain.to_string().contains("choose that one"), "{chain}");
    let second = desk(&store, &clock).await;
    let actor = Actor::Person(person(7));
    let found = second.find_for(&actor, HERE, None, Some(PlaceId(200))).await.expect("leads on");
    assert_eq!(found.id, IncidentId(1));
    let named = second.find_for(&actor, HERE, Some(IncidentId(2)), None).await.expect("by its name");
    assert_eq!(named.id, IncidentId(2));
}

/// Closed without proof: what a proof needs has its own tests.
fn on_my_word() -> Request {
    Request::Proof(ProofRequest::Override { why: "renewed".into() })
}

fn assessed(cause: Cause) -> Request {
    Request::Assessed(Box::new(LastAssessment {
        at: UtcMs(0),
        service: "main".into(),
        verdict: Verdict::Down,
        cause: Some(cause),
        summary: "down".into(),
        capabilities: Capabilities::default(),
    }))
}

#[tokio::test]
async fn the_same_cause_within_a_day_is_offered_as_a_reopening() {
    let (store, clock) = (Arc::new(MemoryStore::default()), Clock::stepped(UtcMs(1_000_000)));
    let desk = desk(&store, &clock).await;
    declared(&desk, "No mail").await;
    asked(&desk, 7, Some(1), assessed(Cause::CertificateExpired)).await.expect("assessed");
    asked(&desk, 7, Some(1), on_my_word()).await.expect("closed");
    clock.step(Duration::from_secs(3_600));
    declared(&desk, "No mail again").await;
    let other = asked(&desk, 7, Some(2), assessed(Cause::StorageFull)).await.expect("assessed");
    assert_eq!(other.incident.links.resembles, None);
    let same = asked(&desk, 7, Some(2), assessed(Cause::CertificateExpired)).await.expect("assessed");
    assert_eq!(same.incident.links.resembles.map(|(earlier, _)| earlier), Some(IncidentId(1)));
    clock.step(Duration::from_secs(25 * 3_600));
    let late = declared(&desk, "And again").await;
    clock.step(Duration::from_secs(60));
    asked(&desk, 7, Some(2), on_my_word()).await.expect("closed");
    let late = asked(&desk, 7, Some(late.id.0), assessed(Cause::CertificateExpired)).await.expect("assessed");
    assert_eq!(
        late.incident.links.resembles, None,
        "the first is too long ago, and the second was closed after this one began"
    );
    assert_eq!(late.incident.phase, Phase::Investigating);
}

#[tokio::test]
async fn who_is_outside_finds_no_restricted_incident() {
    let (store, clock) = (Arc::new(MemoryStore::default()), Clock::stepped(UtcMs(1_000_000)));
    let desk = desk(&store, &clock).await;
    declared(&desk, "The account of Uwe").await;
    let restrict = Request::Restrict(RestrictRequest::Restrict { why: "personal".into() });
    asked(&desk, 7, None, restrict).await.expect("restricted");
    let (inside, outside) = (Actor::Person(person(7)), Actor::Person(person(8)));
    assert!(desk.find_for(&inside, HERE, None, None).await.is_ok());
    for named in [None, Some(IncidentId(1))] {
        let refused = desk.find_for(&outside, HERE, named, None).await.expect_err("outside");
        assert!(["nothing-open", "no-such-incident"].contains(&refused.code()), "{refused}");
    }
    assert!(desk.open_for(&outside, HERE).is_empty());
    let reported = desk.report(reporting(50, Symptom::CannotLogIn, clock.now())).await.expect("taken");
    assert!(matches!(reported, Reported::Waiting { .. }), "a report learns nothing of it");
}
