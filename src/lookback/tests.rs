//! Looking back: figures worked out by hand.

use chrono_tz::Tz;

use super::*;
use crate::cause::Cause;
use crate::check::{Capabilities, Verdict};
use crate::ids::{GuildId, IncidentId, Seq};
use crate::incident::event::{Event, NewEvent, Origin, Recorded};
use crate::incident::{Phase, Severity};
use crate::person::Actor;

const HOUR: i64 = 3_600_000;

/// 2026-11-01 00:00 UTC.
const NOVEMBER: i64 = 1_793_491_200_000;

fn incident(id: u64, began: i64, hours: i64, cause: Option<Cause>, title: &str) -> Incident {
    let assessed = Event::Assessed {
        service: "main".into(),
        verdict: Verdict::Down,
        cause,
        summary: "down".to_owned(),
        capabilities: Capabilities::default(),
    };
    let declared = Event::Declared {
        guild: GuildId(1),
        title: title.to_owned(),
        service: Some("main".into()),
        severity: Severity::Sev2,
        since: Some(UtcMs(began)),
        drill: id == 99,
        procedure: None,
    };
    let end = began + hours * HOUR;
    let log = |text: &str| Event::Logged { kind: EntryKind::Cause, text: text.to_owned() };
    // One text in time, one five minutes late, with one before it that was never said.
    let told = |number, at: i64, missed| {
        let (text, planned) = ("down".to_owned(), UtcMs(began + 600_000 * i64::from(number)));
        let (audience, kind) = ("users".into(), crate::incident::event::UpdateKind::Progress);
        let event = Event::UpdateIssued {
            audience,
            number,
            kind,
            text,
            planned,
            next: None,
            missed,
            wording: Default::default(),
        };
        (at, event)
    };
    let events = [
        (began, declared),
        told(1, began + 600_000, 0),
        told(2, began + 1_500_000, 1),
        (began, assessed),
        (began + 1, log(&format!("the renewal of {id} failed"))),
        (end, Event::PhaseChanged { to: Phase::Verifying, why: "works".to_owned() }),
        (end, Event::Resolved { why: "works".to_owned() }),
    ];
    let recorded = events.into_iter().zip(1..).map(|((at, event), version)| Recorded {
        seq: Seq(version),
        version,
        recorded_at: UtcMs(at),
        new: NewEvent {
            incident: IncidentId(id),
            happened_at: UtcMs(at),
            actor: Actor::Watchpost,
            origin: Origin::Check,
            event,
        },
    });
    Incident::from_events(IncidentId(id), &recorded.collect::<Vec<_>>())
}

fn few() -> Vec<Incident> {
    vec![
        incident(1, NOVEMBER + 24 * HOUR, 2, Some(Cause::CertificateExpired), "Phones cannot send"),
        incident(2, NOVEMBER + 48 * HOUR, 3, Some(Cause::StorageFull), "Mailboxes are full"),
        incident(3, NOVEMBER + 72 * HOUR, 1, Some(Cause::CertificateExpired), "Laptops cannot send"),
        incident(99, NOVEMBER + 73 * HOUR, 9, Some(Cause::CertificateExpired), "A rehearsal"),
    ]
}

#[test]
fn fewer_than_ten_are_listed_and_drills_are_left_out() {
    let trends = trends(&few(), UtcMs(NOVEMBER + 240 * HOUR), Tz::UTC);
    assert_eq!(trends.count, 3);
    let hours = |hours: u64| std::time::Duration::from_secs(hours * 3_600);
    let each = vec![(IncidentId(1), hours(2)), (IncidentId(2), hours(3)), (IncidentId(3), hours(1))];
    assert_eq!(trends.recovery, Some(Recovery::Each(each)));
    assert_eq!(trends.again, [(Cause::CertificateExpired, 2)]);
    // Six of 240 hours.
    assert_eq!(trends.availability[0].hundredths(), 9_750);
    assert_eq!(trends.by_month.last(), Some(&("2026-11".to_owned(), 3)));
    assert_eq!(
        trends.promises[&"users".into()],
        Promises { due: 6, on_time: 3, missed: 3, worst: std::time::Duration::from_secs(300) }
    );
    let lines = trends.lines().join("\n");
    assert!(!lines.contains("mean"));
    assert!(
        lines.contains("Promises to users: 3 of 6 texts in time, 3 never said; the latest was 5 min late."),
        "{lines}"
    );
    assert!(
        lines.contains("Came again: certificate-expired 2 times.") && lines.contains("main 2026-11: 97.50 %"),
        "{lines}"
    );
}

#[test]
fn from_ten_on_the_median_stands_with_the_worst() {
    let many: Vec<Incident> = (1..=10)
        .map(|id: u64| {
            let hours = if id == 10 { 500 } else { i64::try_from(id).unwrap_or(1) };
            incident(id, NOVEMBER, hours, None, "x")
        })
        .collect();
    let hours = |hours: u64| std::time::Duration::from_secs(hours * 3_600);
    let expected = Recovery::Median { median: hours(5), worst: (IncidentId(10), hours(500)), count: 10 };
    assert_eq!(trends(&many, UtcMs(NOVEMBER + 9_000 * HOUR), Tz::UTC).recovery, Some(expected));
}

#[test]
fn what_is_like_it_is_found_with_what_fixed_it() {
    let past = few();
    let now =
        incident(4, NOVEMBER + 200 * HOUR, 1, Some(Cause::CertificateExpired), "Phones cannot send again");
    let like = similar(&now, &past);
    assert_eq!(like.iter().map(|like| like.id).collect::<Vec<_>>(), [IncidentId(1), IncidentId(3)]);
    assert!(like[0].because.contains(&"cause certificate-expired".to_owned()), "{:?}", like[0].because);
    assert_eq!(like[0].fixed_by, "The cause was: the renewal of 1 failed.");
    let other = incident(5, NOVEMBER + 201 * HOUR, 1, None, "Something else entirely");
    assert!(similar(&other, &past).is_empty(), "the same service alone is chance");
}

#[test]
fn search_finds_by_text_cause_and_time() {
    let past = few();
    let find = |words: &str, from: Option<i64>| {
        let query = Query { words: words.to_owned(), from: from.map(UtcMs), until: None };
        search(&past, &query).iter().map(|hit| hit.incident.id.0).collect::<Vec<_>>()
    };
    assert_eq!(find("CERTIFICATE-expired", None), [99, 3, 1]);
    assert_eq!(find("certificate phones", None), [1]);
    assert_eq!(find("storage-full", Some(NOVEMBER + 49 * HOUR)), Vec::<u64>::new());
    let query = Query { words: "renewal of 2".to_owned(), ..Query::default() };
    assert_eq!(search(&past, &query)[0].line.as_deref(), Some("the renewal of 2 failed"));
}
