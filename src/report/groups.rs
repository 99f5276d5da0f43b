//! Several groups at once: one outage rarely comes alone, and two groups in one sentence would say nothing of either.
//!
//! 1. Reports go by direction: out, in, log in, else.
//! 2. Where nearly all go the same way there is one sentence, as [`common`] says it.
//! 3. Else each group of at least two people has its own, the largest first; the rest is counted.

use std::collections::BTreeMap;

use watchpost_texts::say;

use super::common::{common, people};
use super::{Report, Symptom};

/// Groups that are told.
const MOST: usize = 3;

/// Which way mail does not go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Direction {
    Out,
    In,
    LogIn,
    Else,
}

impl Direction {
    fn of(symptom: Symptom) -> Self {
        match symptom {
            Symptom::CannotSend | Symptom::Bounced => Direction::Out,
            Symptom::CannotReceive | Symptom::Delayed => Direction::In,
            Symptom::CannotLogIn => Direction::LogIn,
            Symptom::Else => Direction::Else,
        }
    }
}

/// What the reports have in common, in one line for the people who work on it; empty where nobody reported.
pub fn sentence_of(reports: &[Report]) -> String {
    let all = common(reports);
    let mut groups: BTreeMap<Direction, Vec<&Report>> = BTreeMap::new();
    for report in reports {
        groups.entry(Direction::of(report.symptom)).or_default().push(report);
    }
    let mut groups: Vec<(u32, Vec<&Report>)> =
        groups.into_values().map(|group| (people(group.iter().copied()), group)).collect();
    groups.retain(|(people, _)| *people > 1);
    if all.symptom.is_some() || groups.len() < 2 {
        return all.sentence();
    }
    groups.sort_by_key(|(people, _)| std::cmp::Reverse(*people));
    groups.truncate(MOST);
    let count = groups.len();
    let told: u32 = groups.iter().map(|(people, _)| *people).sum();
    let mut lines: Vec<String> = groups.into_iter().map(|(_, group)| common(group).sentence()).collect();
    if let rest @ 1.. = all.people.saturating_sub(told) {
        lines.push(say!("{rest} more with something else"));
    }
    say!("{count} groups. {}", lines.join(". "))
}

#[cfg(test)]
mod tests {
    use super::super::Client::{Phone, Webmail};
    use super::super::Symptom::{Bounced, CannotLogIn, CannotSend, Else};
    use super::super::common::tests::report;
    use super::*;

    #[track_caller]
    fn check(reports: &[Report], expected: &str) {
        assert_eq!(sentence_of(reports), expected);
    }

    #[test]
    fn two_groups_at_once_are_told_apart() {
        check(&[], "");
        check(
            &[
                report(0, CannotSend, Some(Phone), "Bonn", 6),
                report(5, CannotSend, Some(Phone), "Köln", 2),
                report(12, CannotSend, Some(Phone), "Trier", 1),
            ],
            "9 people in 12 min, all cannot send, all phone, 3 sites: looks like submission (587 or 465)",
        );
        check(
            &[
                report(0, CannotLogIn, Some(Webmail), "Bonn", 3),
                report(2, CannotSend, Some(Phone), "Bonn", 6),
                report(9, CannotLogIn, Some(Webmail), "Köln", 1),
                report(9, Else, None, "", 1),
            ],
            "2 groups. 6 people, all cannot send, all phone, Bonn: looks like submission (587 or 465). 4 people in 9 min, \
             all cannot log in, all webmail, 2 sites: looks like webmail or the directory. 1 more with something else",
        );
        check(
            &[report(0, CannotSend, None, "", 1), report(1, CannotLogIn, None, "", 1)],
            "2 people in 1 min",
        );
    }

    #[test]
    fn a_partner_whom_all_name_is_named() {
        let to = |minute, symptom, domain: &str| Report {
            domain: Some(domain.to_owned()),
            ..report(minute, symptom, None, "", 1)
        };
        check(
            &[
                to(0, Bounced, "partner.example"),
                to(4, Bounced, "partner.example"),
                to(6, Bounced, "partner.example"),
            ],
            "3 people in 6 min, all came back with an error, all to partner.example: looks like trouble between us and \
             partner.example, not our own service",
        );
        check(
            &[to(0, Bounced, "a.example"), to(1, Bounced, "b.example")],
            "2 people in 1 min, all came back with an error: looks like a refusal; paste one of the texts into /explain",
        );
    }
}
