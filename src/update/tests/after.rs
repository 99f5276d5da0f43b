//! The last word: what happened to mail, in figures where there are some, and unknown where nobody knows.

use super::*;
use crate::incident::Entry;
use crate::incident::event::EntryKind;
use crate::person::Actor;
use crate::report::{Report, Symptom};

const UNKNOWN: Verdict = Verdict::Unknown;

fn logged(incident: &mut Incident, text: &str) {
    let (by, at) = (Actor::Watchpost, at(3, 10));
    incident.entries.push(Entry { number: 5, at, by, kind: EntryKind::Finding, text: text.to_owned() });
}

fn reported(incident: &mut Incident, person: u64, symptom: Symptom) {
    incident.reports.push(Report {
        by: Person { id: PersonId(person), name: "somebody".to_owned() },
        at: at(2, 40),
        symptom,
        client: None,
        site: None,
        domain: None,
        service: None,
        text: None,
        people: 1,
    });
}

/// The last words for each audience, after what happened here.
fn last_words(measured: Measured, cause: Cause, happens: impl FnOnce(&mut Incident)) -> Vec<String> {
    let policy = policy();
    let (mut incident, now, next) = scene(UpdateKind::Resolution, cause, measured, &policy);
    happens(&mut incident);
    let moment = Moment { now, next, works_since: None };
    let words = policy.audiences.iter().map(|audience| {
        let words = compose(&incident, audience, UpdateKind::Resolution, &moment, &policy).expect("a text");
        assert!(words.short.chars().count() <= SHORT, "{}", words.short);
        words.text.split_once(". ").map(|(_, rest)| rest.to_owned()).unwrap_or_default()
    });
    words.collect()
}

#[test]
fn what_nobody_measured_is_said_to_be_unknown() {
    let words = last_words((UNKNOWN, UNKNOWN, UNKNOWN), Cause::OwnNetwork, |_| {});
    assert_eq!(
        words,
        [
            "Check your outbox; press Send if mail remains there. Whether mail to you was late is not known.",
            "What happened to mail meanwhile is not known.",
            "Whether your mail to us was late is not known. Late replies may follow; resend nothing.",
        ]
    );
    let words = last_words((OK, UNKNOWN, OK), Cause::OwnNetwork, |_| {});
    assert_eq!(words[1], "Incoming mail unaffected; what happened to outgoing mail is not known.");
    let words = last_words((UNKNOWN, DOWN, OK), Cause::CertificateExpired, |_| {});
    assert_eq!(
        words[1],
        "What happened to incoming mail is not known; unsent mail stayed on devices, number unknown."
    );
}

#[test]
fn queue_figures_and_reports_are_counted_for_management() {
    let happens = |incident: &mut Incident| {
        logged(incident, "queue 900");
        logged(incident, "postqueue: 1,840 mails deferred");
        logged(incident, "port 25 answers at 03:10");
        for person in [50, 51, 52] {
            reported(incident, person, Symptom::CannotSend);
        }
    };
    let words = last_words((SLOW, SLOW, OK), Cause::QueueStuck, happens);
    assert_eq!(
        words[1],
        "Incoming mail came late; outgoing mail left late; at most 1,840 mails waited in the queue; people who reported that they could not send: 3."
    );
    assert!(
        !words[0].contains("1,840") && !words[2].contains("1,840"),
        "figures are for management: {words:?}"
    );
    let words = last_words((OK, DOWN, OK), Cause::CertificateExpired, |incident| {
        reported(incident, 50, Symptom::CannotSend);
        reported(incident, 51, Symptom::CannotReceive);
    });
    assert_eq!(
        words[1],
        "Incoming mail unaffected; unsent mail stayed on devices, number unknown; people who reported it: 2, of whom 1 could not send."
    );
}
