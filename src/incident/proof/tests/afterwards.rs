//! After the end: who reported is asked, and the service is watched for a day.

use super::*;

fn reported(case: &mut Case, person: u64) {
    let report = Report {
        by: Person { id: PersonId(person), name: format!("person {person}") },
        at: case.now,
        symptom: Symptom::CannotSend,
        client: None,
        site: None,
        domain: None,
        service: None,
        text: None,
        people: 1,
    };
    case.ask_as(person, Request::Report(Box::new(report))).expect("counted");
}

#[test]
fn reporters_are_asked_outside_quiet_hours_and_each_once() {
    let mut case = Case::broken();
    case.policy.proof.quiet = vec!["22:00-07:30".parse().expect("hours")];
    for person in [50, 51, 50] {
        case.later(6);
        reported(&mut case, person);
    }
    case.start();
    case.round("GGGG");
    case.later(5).round("GGGG");
    case.later(5).round("GGGG");
    case.close().expect("closed");
    // The night begins at 00:00 UTC; half past seven is 450 minutes later.
    assert_eq!(case.incident.proof.ask_at, Some(UtcMs(450 * MINUTE)));
    case.now = UtcMs(450 * MINUTE);
    let plan = case.proof(ProofRequest::Due);
    let direct: Vec<_> = plan
        .enqueue
        .iter()
        .filter(|item| matches!(item.place, Place::Direct(_)))
        .map(|item| &item.message)
        .collect();
    assert_eq!(direct.len(), 2);
    assert!(direct[0].text.contains("You reported “cannot send”") && !direct[0].text.contains("node"));
    let stranger = case.ask_as(60, Request::Proof(ProofRequest::Answer { works: true }));
    assert_eq!(stranger.expect_err("was not asked").code(), "nothing-new");
    case.ask_as(50, Request::Proof(ProofRequest::Answer { works: true })).expect("counted");
    case.ask_as(51, Request::Proof(ProofRequest::Answer { works: false })).expect("counted");
    let said = words::answers(&case.incident).expect("answers");
    assert_eq!(said, "Asked who reported: 1 of 2 say that it works. 1 say no: person 51.");
}

#[test]
fn after_the_end_the_same_trouble_is_told_once_and_the_watch_ends() {
    let mut case = Case::proved();
    case.close().expect("closed");
    let until = case.incident.proof.watched.expect("watched").until;
    assert_eq!(until, case.now + Duration::from_secs(24 * 3_600));
    let before = case.incident.version;
    case.later(15).round("GGGG");
    case.later(15).looked("GGRG", true);
    assert!(!case.incident.proof.watched.expect("watched").relapsed, "another trouble is another incident");
    case.later(15).round("GGGG");
    case.later(15).looked("GRGG", true);
    case.later(15).looked("GRGG", true);
    let relapses = case.events.iter().filter(|recorded| {
        matches!(recorded.new.event, Event::Proof(ProofEvent::Relapsed { .. })) && recorded.version > before
    });
    assert_eq!(relapses.count(), 1);
    case.now = until;
    case.proof(ProofRequest::Due);
    assert_eq!((case.incident.proof.watched, due(&case.incident)), (None, None));
}
