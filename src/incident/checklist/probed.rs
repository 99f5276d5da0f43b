//! From what checks saw to how the lines stand.

use serde::{Deserialize, Serialize};
use watchpost_texts::say;

use super::{Checklist, Marked, State};
use crate::cause::Cause;
use crate::check::{Finding, Verdict};
use crate::person::Actor;
use crate::sop::{Line, Procedure};

/// What one check saw at one target, as far as the checklist needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probed {
    /// The check's name.
    pub check: String,
    /// Where.
    pub target: String,
    /// How it stands.
    pub verdict: Verdict,
    /// Why, where something is to be said.
    #[serde(default)]
    pub cause: Option<Cause>,
}

impl Probed {
    /// What the findings of a run say.
    pub fn of(findings: &[Finding]) -> Vec<Probed> {
        let probed = |finding: &Finding| Probed {
            check: finding.check.to_owned(),
            target: finding.target.clone(),
            verdict: finding.verdict,
            cause: finding.cause,
        };
        findings.iter().map(probed).collect()
    }

    fn fails(&self) -> bool {
        matches!(self.verdict, Verdict::Down | Verdict::Degraded)
    }
}

/// The lines that stand otherwise after this than before.
pub(super) fn changes(before: &Checklist, procedure: &Procedure, probed: &[Probed]) -> Vec<Marked> {
    let seen: Vec<(&Line, State, String)> =
        procedure.lines.iter().filter_map(|line| judge(line, procedure, probed)).collect();
    let broken: Vec<&str> = seen
        .iter()
        .filter(|(_, state, _)| *state == State::Finding)
        .map(|(line, ..)| line.key.as_str())
        .collect();
    let inhibited = |(line, state, text): (&Line, State, String)| {
        let root = broken.iter().find(|key| procedure.needs(&line.key, key));
        let state = match (&state, root) {
            (State::Finding, Some(root)) => State::Consequence((*root).to_owned()),
            _ => state,
        };
        Marked { line: line.key.clone(), name: line.name.clone(), state, seen: text }
    };
    seen.into_iter().map(inhibited).filter(|mark| replaces(before, mark)).collect()
}

/// How a line stands by what was seen; none where no check looks at it.
fn judge<'p>(line: &'p Line, procedure: &Procedure, probed: &[Probed]) -> Option<(&'p Line, State, String)> {
    let lies_here = |seen: &&Probed| seen.cause.is_some_and(|cause| line.causes.contains(&cause));
    let asked: Vec<&Probed> = probed
        .iter()
        .filter(|seen| line.checks.contains(&seen.check) || (seen.fails() && lies_here(seen)))
        .collect();
    if asked.is_empty() {
        return None;
    }
    let failing = || asked.iter().copied().filter(|seen| seen.fails());
    // What fails by a cause of another line is that line's matter.
    let elsewhere = |seen: &Probed| {
        seen.cause.and_then(|cause| procedure.line_of(cause)).filter(|other| other.key != line.key)
    };
    if let Some(own) = failing().find(|seen| elsewhere(seen).is_none()) {
        return Some((line, State::Finding, words(own)));
    }
    if let Some(other) = failing().find_map(elsewhere) {
        return Some((line, State::Consequence(other.key.clone()), String::new()));
    }
    if asked.iter().all(|seen| seen.verdict == Verdict::Unknown) {
        return None;
    }
    Some((line, State::RuledOut, say!("the checks are good").to_owned()))
}

fn words(seen: &Probed) -> String {
    match seen.cause {
        Some(cause) => format!("{}: {}", seen.target, cause.name()),
        None => format!("{}: {}", seen.target, seen.verdict.word()),
    }
}

/// What a check says counts where it says something else; what a person said only gives way to something worse.
fn replaces(before: &Checklist, mark: &Marked) -> bool {
    let Some(line) = before.lines.get(&mark.line) else { return true };
    if line.state == mark.state {
        return false;
    }
    let by_a_person = matches!(line.by, Actor::Person(_)) && line.state != State::Open;
    !by_a_person || (mark.state == State::Finding && line.state == State::RuledOut)
}
