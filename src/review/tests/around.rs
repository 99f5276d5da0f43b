//! What is known around an incident: warnings before it and what became of them, proposals of its review.

use super::*;
use crate::book::procedure::{ProcedureEvent, Suggestion};
use crate::book::warning::WarningEvent;
use crate::book::{Book, BookEvent};
use crate::cause::Cause;

/// What was known around it.
pub(super) fn around() -> Around {
    let warned = crate::review::around::Warning {
        at: UtcMs(MIDNIGHT - 3 * 86_400_000),
        text: "The certificate of node 2 ends in 3 days.".to_owned(),
        became: "ana saw to it. It held when this began. This is what broke.".to_owned(),
    };
    let like = crate::review::around::Like {
        id: IncidentId(17),
        title: "Phones cannot send".to_owned(),
        began: UtcMs(MIDNIGHT - 90 * 86_400_000),
        because: vec!["cause certificate-expired".to_owned()],
        fixed_by: "Fixed by: renew the certificate.".to_owned(),
    };
    Around {
        warnings: vec![warned],
        delivery: vec![(minute(0), Some(2_400)), (minute(15), None), (minute(45), None), (minute(126), Some(65_000))],
        similar: vec![like],
        procedure: Some("watchpost 1 (0123456789abcdef)".to_owned()),
        proposals: vec!["Proposal 7 by cho: “one node” becomes “every node”, because: it was node 3. It was accepted by ana: “watchpost 1 ~7” is followed.".to_owned()],
        hosts: vec!["mx2.example.org".to_owned()],
        chain: None,
        texts: [("users".into(), crate::config::Texts::Users)].into(),
    }
}

/// The book after these, each on its own day before the night.
fn book(events: Vec<(i64, BookEvent)>) -> Book {
    let ana = Actor::Person(person(1, "ana"));
    let recorded = events.into_iter().zip(1..).map(|((days, event), version)| Recorded {
        seq: Seq(version),
        version,
        recorded_at: minute(0),
        new: NewEvent {
            incident: crate::book::STREAM,
            happened_at: UtcMs(MIDNIGHT - days * 86_400_000),
            actor: ana.clone(),
            origin: Origin::Chat,
            event: Event::Book(event),
        },
    });
    Book::from_events(&recorded.collect::<Vec<_>>())
}

fn raised(service: &str, subject: &str, cause: Cause) -> BookEvent {
    BookEvent::Warning(WarningEvent::Raised {
        service: service.into(),
        check: "certificate".to_owned(),
        cause,
        subject: subject.to_owned(),
        text: format!("{subject} ends soon."),
        ends: Some(minute(5)),
        days: Some(14),
    })
}

#[test]
fn warnings_before_it_stand_with_what_became_of_them() {
    let taken = BookEvent::Warning(WarningEvent::Taken { number: 1 });
    let gone = |number| BookEvent::Warning(WarningEvent::Gone { number });
    let book = book(vec![
        (14, raised("main", "node 2", Cause::CertificateExpiring)),
        (12, raised("main", "node 1", Cause::CertificateExpiring)),
        (12, raised("other", "node 9", Cause::CertificateExpiring)),
        (90, raised("main", "long gone", Cause::DomainExpiring)),
        (80, gone(4)),
        (11, taken),
        (3, gone(2)),
        (-1, raised("main", "afterwards", Cause::CertificateExpiring)),
    ]);
    let mut tape = two_hours::tape();
    let incident = tape.incident();
    let around = Around::default().with_book(&book, &incident);
    let said: Vec<(&str, &str)> =
        around.warnings.iter().map(|one| (one.text.as_str(), one.became.as_str())).collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert_eq!(said[0].0, "node 2 ends soon.");
    assert!(
        said[0].1.starts_with("ana saw to it from") && said[0].1.ends_with("This is what broke."),
        "{said:?}"
    );
    assert!(
        said[1].1.starts_with("Nobody saw to it.") && said[1].1.contains("before this began"),
        "{said:?}"
    );
    // They reach the document.
    let ana = person(1, "ana");
    tape.by(
        900,
        &ana,
        Event::Review(crate::incident::review::ReviewEvent::Moved {
            to: crate::incident::review::ReviewState::InReview,
        }),
    );
    let incident = tape.incident();
    let text = crate::review::markdown::write(&crate::review::document::whole(&story(
        &incident,
        &tape,
        &around,
        Readers::Inside,
    )));
    assert!(text.contains("node 2 ends soon") && text.contains("This is what broke"), "{text}");
}

#[test]
fn what_its_review_proposed_stands_with_what_became_of_it() {
    let said = Suggestion {
        incident: ID,
        guild: GuildId(1),
        place: None,
        old: "one node".to_owned(),
        new: "every node".to_owned(),
        why: "it was node 3".to_owned(),
    };
    let other = Suggestion { incident: IncidentId(7), ..said.clone() };
    let refused = ProcedureEvent::Refused { number: 1, why: "too long".to_owned() };
    let events = [ProcedureEvent::Proposed(said), ProcedureEvent::Proposed(other), refused];
    let book = book(events.into_iter().map(|event| (-1, BookEvent::Procedure(event))).collect());
    let around = Around::default().with_book(&book, &two_hours::tape().incident());
    assert_eq!(
        around.proposals,
        [
            "Proposal 1 by ana: “one node” becomes “every node”, because: it was node 3. It was refused by ana: too long."
        ]
    );
}
