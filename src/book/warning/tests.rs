//! When a certificate is told, and what is said of it.

use super::*;
use crate::book::{BookEvent, BookRequest};
use crate::ids::{IncidentId, PersonId, Seq};
use crate::incident::event::{Event, NewEvent, Origin, Recorded};
use crate::person::{Actor, Person};
use crate::policy::Policy;

struct Case {
    book: Book,
    now: UtcMs,
}

impl Case {
    fn new() -> Self {
        Case { book: Book::default(), now: UtcMs(0) }
    }

    /// Asks, and gives what was told of it in few words.
    fn ask(&mut self, request: WarningRequest) -> Vec<String> {
        let policy = Policy::default();
        let actor = Actor::Person(Person { id: PersonId(7), name: "ana".to_owned() });
        let context = Context { now: self.now, actor: &actor, policy: &policy };
        let decided =
            crate::book::decide(&self.book, BookRequest::Warning(request), &context).expect("decided");
        let mut told = Vec::new();
        for decided in decided {
            let Event::Book(BookEvent::Warning(event)) = &decided.event else { panic!("a warning") };
            match event {
                WarningEvent::Raised { days, text, .. } => told.push(format!("raised {days:?} {text}")),
                WarningEvent::Reminded { days, text, .. } => told.push(format!("reminded {days} {text}")),
                WarningEvent::Gone { .. } => told.push("gone".to_owned()),
                _ => {}
            }
            let new = NewEvent {
                incident: IncidentId(0),
                happened_at: self.now,
                actor: actor.clone(),
                origin: Origin::Check,
                event: decided.event,
            };
            let version = self.book.version + 1;
            let recorded = Recorded { seq: Seq(version), version, recorded_at: self.now, new };
            self.book = self.book.clone().apply(&recorded);
        }
        told
    }

    /// Looks at one place every six hours until a day; gives the days on which something was told.
    fn until(&mut self, day: i64, fingerprint: &str, ends: i64) -> Vec<String> {
        let mut told = Vec::new();
        while self.now.0 < day * 86_400_000 {
            let at = self.now.0 / 86_400_000;
            let words = self.ask(seen(&[place("mail.example.org", fingerprint, ends)]));
            told.extend(words.into_iter().map(|text| format!("{at}: {text}")));
            self.now = self.now + Duration::from_secs(6 * 3_600);
        }
        told
    }
}

fn place(host: &str, fingerprint: &str, ends: i64) -> Certificate {
    Certificate {
        place: format!("{host} 192.0.2.1:465"),
        host: host.to_owned(),
        fingerprint: fingerprint.to_owned(),
        issuer: "R3".to_owned(),
        until: UtcMs(ends * 86_400_000),
    }
}

fn seen(certificates: &[Certificate]) -> WarningRequest {
    WarningRequest::Certificates { service: "main".into(), seen: certificates.to_vec() }
}

fn days(told: &[String]) -> Vec<String> {
    told.iter().map(|line| line.split(' ').take(3).collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn a_certificate_is_told_at_the_agreed_days_and_with_what_was_done_before() {
    let mut case = Case::new();
    let told = case.until(90, "first", 90);
    assert_eq!(
        days(&told),
        ["69: raised Some(21)", "76: reminded 14", "83: reminded 7", "87: reminded 3", "89: reminded 1"]
            .map(|text| text.split(' ').take(3).collect::<Vec<_>>().join(" "))
    );

    // Replaced 30 days before its end; the next one is not.
    let mut case = Case::new();
    assert_eq!(case.until(60, "first", 90), Vec::<String>::new());
    let told = case.until(131, "second", 150);
    assert_eq!(days(&told), ["129: raised Some(21)"]);
    assert!(told[0].contains("Earlier ones were replaced 30 days before; this one was not."), "{told:?}");
    // It is replaced at last.
    assert_eq!(case.ask(seen(&[place("mail.example.org", "third", 240)])), ["gone"]);
}

#[test]
fn where_it_is_always_done_late_nothing_is_said_too_early() {
    let mut case = Case::new();
    case.until(80, "first", 90);
    let told = case.until(168, "second", 180);
    // The first was told of, and is gone. Ten days are usual there: 21 and 14 days say nothing.
    assert_eq!(days(&told), ["80: gone"]);
    assert_eq!(days(&case.until(174, "second", 180)), ["173: raised Some(7)"]);
}

#[test]
fn others_on_the_same_way_are_named() {
    let mut case = Case::new();
    let told = case.ask(seen(&[
        place("mail.example.org", "one", 13),
        place("imap.example.org", "two", 14),
        place("old.example.org", "three", 40),
    ]));
    assert!(told[0].contains("The same way of renewal has: imap.example.org."), "{told:?}");
    assert!(!told[0].contains("old.example.org"), "{told:?}");
}

#[test]
fn who_sees_to_it_is_left_alone_until_three_days_and_a_silence_holds_to_the_end() {
    let mut case = Case::new();
    case.until(70, "first", 90);
    let number = case.book.warnings.open[0].number;
    case.ask(WarningRequest::Take { number });
    assert_eq!(days(&case.until(90, "first", 90)), ["87: reminded 3", "89: reminded 1"]);

    let mut case = Case::new();
    case.until(70, "first", 90);
    let number = case.book.warnings.open[0].number;
    let until = UtcMs(88 * 86_400_000);
    case.ask(WarningRequest::Silence { number, until, why: "switched off on Friday".to_owned() });
    assert_eq!(days(&case.until(90, "first", 90)), ["88: reminded 3", "89: reminded 1"]);
    insta::assert_snapshot!(
        words::history(&case.book.warnings.open[0]),
        @"Warned before, in the operations channel: certificate-expiring (mail.example.org first), told <t:5961600:f>, <t:7603200:f>, <t:7689600:f>. ana silenced it until <t:7603200:f>: switched off on Friday."
    );
}
