//! From what a failed proof saw to the lines concerned: each keeps what does not work as its evidence.
//!
//! 1. A red cell belongs to the line in which its cause lies; where the cause is not known, to the line of its check.
//! 2. The line of its check is a consequence, where the cause lies in another.
//! 3. A line that stands as a finding already gets the newer evidence; a person who ruled it out or looks at it is
//!    contradicted by what was measured.

use std::collections::BTreeMap;

use watchpost_texts::say;

use super::{Checklist, ChecklistEvent, Marked, State};
use crate::incident::Incident;
use crate::incident::decide::{Context, Decided};
use crate::incident::event::Event;
use crate::incident::proof::words;
use crate::person::Actor;
use crate::proof::Measured;
use crate::sop::{Line, Procedure};

/// Longest evidence on a line, in characters.
const MOST: usize = 300;

/// What the checklist keeps of the cells that did not work; none where no line is concerned.
pub(in crate::incident) fn of_proof(
    incident: &Incident,
    red: &[Measured],
    context: &Context<'_>,
) -> Option<Decided> {
    let procedure = &context.policy.procedure;
    let lines = marks(&incident.checklist, procedure, red);
    let named = format!("{} ({})", procedure.version, procedure.hash);
    let event = ChecklistEvent::Probed { procedure: named, lines };
    let changed = matches!(&event, ChecklistEvent::Probed { lines, .. } if !lines.is_empty());
    changed.then(|| Decided::now(context, Event::Checklist(event)))
}

fn marks(before: &Checklist, procedure: &Procedure, red: &[Measured]) -> Vec<Marked> {
    let mut findings: BTreeMap<&str, (&Line, Vec<Measured>)> = BTreeMap::new();
    let mut follow: BTreeMap<&str, (&Line, &Line)> = BTreeMap::new();
    for measured in red {
        let own = measured.cell.check().and_then(|check| line_of_check(procedure, check));
        let root = measured.cause.and_then(|cause| procedure.line_of(cause)).or(own);
        let Some(root) = root else { continue };
        findings.entry(&root.key).or_insert((root, Vec::new())).1.push(measured.clone());
        if let Some(own) = own.filter(|own| own.key != root.key) {
            follow.insert(&own.key, (own, root));
        }
    }
    follow.retain(|key, _| !findings.contains_key(key));
    let found = findings.into_values().map(|(line, cells)| {
        let seen = say!("the proof failed: {}", words::evidence(&cells));
        mark(line, State::Finding, seen.chars().take(MOST).collect())
    });
    let follow = follow.into_values().map(|(line, root)| {
        mark(line, State::Consequence(root.key.clone()), say!("the proof failed here").to_owned())
    });
    found.chain(follow).filter(|mark| is_news(before, mark)).collect()
}

fn mark(line: &Line, state: State, seen: String) -> Marked {
    Marked { line: line.key.clone(), name: line.name.clone(), state, seen }
}

fn line_of_check<'p>(procedure: &'p Procedure, check: &str) -> Option<&'p Line> {
    procedure.lines.iter().find(|line| line.checks.iter().any(|known| known == check))
}

/// What a person said gives way to a finding, and to nothing less.
fn is_news(before: &Checklist, mark: &Marked) -> bool {
    let Some(line) = before.lines.get(&mark.line) else { return true };
    let by_a_person = matches!(line.by, Actor::Person(_)) && line.state != State::Open;
    let same = line.state == mark.state && line.seen == mark.seen;
    !same && (mark.state == State::Finding || !by_a_person)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cause::Cause;
    use crate::clock::UtcMs;
    use crate::ids::PersonId;
    use crate::incident::checklist::apply;
    use crate::person::Person;
    use crate::proof::{Cell, State as Stands};

    fn red(cell: Cell, cause: Option<Cause>) -> Measured {
        Measured { cause, ..Measured::of(&cell, Stands::Red, "587 on node 2: the certificate has expired") }
    }

    fn stand(before: &Checklist, red: &[Measured]) -> Vec<String> {
        let marks = marks(before, &Procedure::default(), red);
        marks.iter().map(|mark| format!("{}: {:?} {}", mark.line, mark.state, mark.seen)).collect()
    }

    fn after(mark: Marked, by: &Actor) -> Checklist {
        let mut checklist = Checklist::default();
        let event = ChecklistEvent::Marked { mark, entry: None };
        apply(&mut checklist, &event, by, UtcMs(0));
        checklist
    }

    #[test]
    fn each_red_cell_lies_on_the_line_of_its_cause_or_of_its_check() {
        let new = Checklist::default();
        let expired = Some(Cause::CertificateExpired);
        assert_eq!(
            stand(&new, &[red(Cell::Submission, expired), red(Cell::Imap, None)]),
            [
                "store: Finding the proof failed: read by IMAP (587 on node 2: the certificate has expired)",
                "tls: Finding the proof failed: log in and hand in mail (587 on node 2: the certificate has expired)",
                "submission: Consequence(\"tls\") the proof failed here",
            ]
        );
        assert_eq!(
            stand(&new, &[red(Cell::Manual("my phone sends".to_owned()), None)]),
            Vec::<String>::new()
        );
    }

    #[test]
    fn every_cell_that_is_measured_has_a_line() {
        let text = || "x".to_owned();
        for cell in [
            Cell::Outside,
            Cell::In,
            Cell::Submission,
            Cell::Out,
            Cell::Internal,
            Cell::Imap,
            Cell::Pop3,
            Cell::Mailbox(text()),
            Cell::Page(text()),
            Cell::Attachment,
            Cell::Delay,
            Cell::Lists,
        ] {
            assert_eq!(stand(&Checklist::default(), &[red(cell.clone(), None)]).len(), 1, "{cell}");
        }
    }

    #[test]
    fn newer_evidence_replaces_older_and_a_person_gives_way_to_a_finding_only() {
        let ana = Actor::Person(Person { id: PersonId(7), name: "ana".to_owned() });
        let of = |state: State, by: &Actor| {
            let procedure = Procedure::default();
            let line = procedure.line("tls").expect("a line");
            after(mark(line, state, "renewed".to_owned()), by)
        };
        let failed = [red(Cell::Submission, Some(Cause::CertificateExpired))];
        for state in [State::RuledOut, State::Running, State::Finding] {
            assert!(stand(&of(state.clone(), &ana), &failed)[0].starts_with("tls: Finding"), "{state:?}");
        }
        let by_us =
            after(marks(&Checklist::default(), &Procedure::default(), &failed).remove(0), &Actor::Watchpost);
        assert!(stand(&by_us, &failed).iter().all(|line| !line.starts_with("tls")), "the same is no news");
        let procedure = Procedure::default();
        let submission = procedure.line("submission").expect("a line");
        let ruled_out = after(mark(submission, State::RuledOut, "it listens".to_owned()), &ana);
        assert!(stand(&ruled_out, &failed).iter().all(|line| !line.starts_with("submission")));
    }
}
