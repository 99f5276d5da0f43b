//! How lines come to stand as they do.

use super::*;
use crate::cause::Cause;
use crate::check::Verdict;
use crate::ids::PersonId;
use crate::person::Person;

fn saw(check: &str, verdict: Verdict, cause: Option<Cause>) -> Probed {
    Probed { check: check.to_owned(), target: format!("mail.example.org {check}"), verdict, cause }
}

fn changed(before: &Checklist, seen: &[Probed]) -> Vec<(String, State)> {
    let changes = probed::changes(before, &Procedure::default(), seen);
    changes.into_iter().map(|mark| (mark.line, mark.state)).collect()
}

fn after(before: &Checklist, by: &Actor, marks: &[(&str, State)]) -> Checklist {
    let mut checklist = before.clone();
    for (line, state) in marks {
        let mark = Marked {
            line: (*line).to_owned(),
            name: (*line).to_owned(),
            state: state.clone(),
            seen: "seen".to_owned(),
        };
        apply(&mut checklist, &ChecklistEvent::Marked { mark, entry: None }, by, UtcMs(1));
    }
    checklist
}

fn ana() -> Actor {
    Actor::Person(Person { id: PersonId(7), name: "ana".to_owned() })
}

#[test]
fn an_expired_certificate_is_one_finding_with_its_consequences() {
    let expired = Some(Cause::CertificateExpired);
    let seen = [
        saw("mx", Verdict::Ok, None),
        saw("submission", Verdict::Down, expired),
        saw("imap", Verdict::Ok, None),
    ];
    let of = |key: &str| State::Consequence(key.to_owned());
    assert_eq!(
        changed(&Checklist::default(), &seen),
        [
            ("dns".to_owned(), State::RuledOut),
            ("tls".to_owned(), State::Finding),
            ("submission".to_owned(), of("tls")),
            ("store".to_owned(), State::RuledOut),
        ]
    );
}

#[test]
fn what_lies_under_a_broken_line_follows_from_it() {
    let seen = [
        saw("submission", Verdict::Down, Some(Cause::LoginBackendDown)),
        saw("imap", Verdict::Down, Some(Cause::MailboxServerDown)),
    ];
    let changes = changed(&Checklist::default(), &seen);
    assert!(changes.contains(&("directory".to_owned(), State::Finding)), "{changes:?}");
    assert!(
        changes.contains(&("store".to_owned(), State::Consequence("directory".to_owned()))),
        "the store needs the directory: {changes:?}"
    );
}

#[test]
fn what_is_not_known_marks_nothing_and_what_is_the_same_is_no_change() {
    assert!(changed(&Checklist::default(), &[saw("mx", Verdict::Unknown, None)]).is_empty());
    let before = after(&Checklist::default(), &Actor::Watchpost, &[("dns", State::RuledOut)]);
    assert!(changed(&before, &[saw("mx", Verdict::Ok, None)]).is_empty());
}

#[test]
fn a_persons_word_gives_way_to_worse_only() {
    let good = [saw("mx", Verdict::Ok, None)];
    let bad = [saw("mx", Verdict::Down, Some(Cause::MxMissing))];
    let found = after(&Checklist::default(), &ana(), &[("dns", State::Finding)]);
    assert!(changed(&found, &good).is_empty(), "a good check does not unsay what a person found");
    let ruled_out = after(&Checklist::default(), &ana(), &[("dns", State::RuledOut)]);
    assert_eq!(changed(&ruled_out, &bad), [("dns".to_owned(), State::Finding)]);
    let checked = after(&Checklist::default(), &Actor::Watchpost, &[("dns", State::Finding)]);
    assert_eq!(changed(&checked, &good), [("dns".to_owned(), State::RuledOut)]);
}

#[test]
fn the_card_names_findings_and_counts_the_rest() {
    let checklist = after(
        &Checklist::default(),
        &ana(),
        &[
            ("tls", State::Finding),
            ("submission", State::Consequence("tls".to_owned())),
            ("queue", State::Running),
            ("dns", State::RuledOut),
        ],
    );
    let procedure = Procedure::default();
    assert_eq!(
        checklist.summary(&procedure, false),
        "✗ finding: TLS\n↳ follows from it: Submission\n… being looked at: Queue\n✓ ruled out: 1 · ☐ open: 12"
    );
    assert_eq!(
        checklist.summary(&procedure, true),
        "✗ finding: TLS\n↳ follows from it: Submission\nthe cause is known; the other 14 lines are folded away"
    );
    assert_eq!(Checklist::default().summary(&procedure, false), "");
}
