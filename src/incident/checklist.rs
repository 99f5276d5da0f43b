//! Step 3: the component checklist. Each line of the [`Procedure`] is open, looked at, a finding,
//! ruled out, or a consequence of another line.
//!
//! 1. A check or a failed proof says what it saw ([`ChecklistRequest::Probed`]); only lines that change are recorded.
//! 2. What lies under a broken line is its consequence, so that one fault is not listed twelve times.
//! 3. People take a line, find something, rule it out or open it again. What a person said gives way to a worse
//!    result of a check, never to a better one.
//! 4. What is logged as finding, suspect or ruled out marks the line that its words name.

mod probed;
mod proved;

#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use watchpost_texts::say;

use super::Incident;
use super::decide::{Context, Decided, FACT_LIMIT, line, while_open};
use super::event::{EntryKind, Event};
use crate::clock::UtcMs;
use crate::person::Actor;
use crate::refusal::Refusal;
use crate::sop::{Line, Procedure};
pub use probed::Probed;
pub(super) use proved::of_proof;
pub use words::{mark, sentence};

/// Files that an incident keeps: what fits into a store and into a reader's patience.
const MOST_EVIDENCE: usize = 40;

/// How a line stands.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nobody has looked.
    #[default]
    Open,
    /// Somebody looks.
    Running,
    /// Something is wrong here.
    Finding,
    /// It is not this.
    RuledOut,
    /// It fails because of this other line, by its key.
    Consequence(String),
}

/// How a line came to stand so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marked {
    /// Key of the line.
    pub line: String,
    /// Its name at the time.
    pub name: String,
    /// How it stands.
    pub state: State,
    /// What was seen, in words.
    #[serde(default)]
    pub seen: String,
}

/// A file that was kept as evidence: its bytes lie in the store's folder under their hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The name under which it came.
    pub name: String,
    /// SHA-256 of its bytes, in hex.
    pub sha256: String,
    /// How many bytes.
    pub bytes: u64,
}

/// What can happen to the checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum ChecklistEvent {
    /// A check saw these lines.
    Probed {
        /// Names the procedure that was followed.
        procedure: String,
        /// Lines that stand otherwise than before.
        lines: Vec<Marked>,
    },
    /// A person, or what a person logged, says how a line stands.
    Marked {
        /// Which line, how it stands, and why.
        mark: Marked,
        /// The log entry that says so, where it was one.
        #[serde(default)]
        entry: Option<u64>,
    },
    /// A file was kept.
    Kept {
        /// Key of the line; none where it is about the whole incident.
        #[serde(default)]
        line: Option<String>,
        /// Its name at the time.
        #[serde(default)]
        name: String,
        /// Which file.
        evidence: Evidence,
    },
}

/// What somebody, or a check, wants of the checklist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChecklistRequest {
    /// Checks have seen this.
    Probed(Vec<Probed>),
    /// "I look at it."
    Take {
        /// Key of the line.
        line: String,
    },
    /// It stands like this.
    Mark {
        /// Key of the line.
        line: String,
        /// How.
        state: State,
        /// What was seen.
        seen: String,
    },
    /// A file is kept.
    Keep {
        /// Key of the line, where it is about one.
        line: Option<String>,
        /// Which file.
        evidence: Evidence,
    },
}

/// A line as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineNow {
    /// Its name when it was last marked.
    pub name: String,
    /// How it stands.
    pub state: State,
    /// What was seen.
    pub seen: String,
    /// Who said so last.
    pub by: Actor,
    /// Since when.
    pub at: UtcMs,
    /// Who looks at it, or did.
    pub owner: Option<Actor>,
    /// The log entries about it.
    pub entries: Vec<u64>,
    /// The files about it.
    pub evidence: Vec<Evidence>,
}

/// The checklist as it is now: what was never marked is open.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Checklist {
    /// Lines that were marked, by key.
    pub lines: BTreeMap<String, LineNow>,
    /// Files about the whole incident.
    pub evidence: Vec<Evidence>,
    /// Names the procedure that was followed, once one was.
    pub procedure: Option<String>,
}

impl Checklist {
    /// How a line stands.
    pub fn state(&self, key: &str) -> &State {
        self.lines.get(key).map_or(&State::Open, |line| &line.state)
    }

    /// The lines of a procedure that stand like this.
    pub fn with<'p>(&self, procedure: &'p Procedure, fits: impl Fn(&State) -> bool) -> Vec<&'p Line> {
        procedure.lines.iter().filter(|line| fits(self.state(&line.key))).collect()
    }

    /// Every file that was kept, with the name of the line that it is about.
    pub fn all_evidence(&self) -> impl Iterator<Item = (Option<&str>, &Evidence)> {
        let of_lines = self
            .lines
            .values()
            .flat_map(|line| line.evidence.iter().map(|evidence| (Some(line.name.as_str()), evidence)));
        self.evidence.iter().map(|evidence| (None, evidence)).chain(of_lines)
    }

    /// One line for the card: findings and consequences by name, the rest counted.
    pub fn summary(&self, procedure: &Procedure, cause_known: bool) -> String {
        if self.lines.is_empty() {
            return String::new();
        }
        let names =
            |lines: Vec<&Line>| lines.iter().map(|line| line.name.as_str()).collect::<Vec<_>>().join(", ");
        let findings = self.with(procedure, |state| *state == State::Finding);
        let follow = self.with(procedure, |state| matches!(state, State::Consequence(_)));
        let running = self.with(procedure, |state| *state == State::Running);
        let ruled_out = self.with(procedure, |state| *state == State::RuledOut).len();
        let open = procedure.lines.len() - findings.len() - follow.len() - running.len() - ruled_out;
        let mut parts = Vec::new();
        if !findings.is_empty() {
            parts.push(say!("✗ finding: {}", names(findings)));
        }
        if !follow.is_empty() {
            parts.push(say!("↳ follows from it: {}", names(follow)));
        }
        if cause_known {
            let rest = running.len() + ruled_out + open;
            parts.push(say!("the cause is known; the other {rest} lines are folded away"));
        } else {
            if !running.is_empty() {
                parts.push(say!("… being looked at: {}", names(running)));
            }
            parts.push(say!("✓ ruled out: {ruled_out} · ☐ open: {open}"));
        }
        parts.join("\n")
    }
}

/// The checklist after one more event.
pub(super) fn apply(checklist: &mut Checklist, event: &ChecklistEvent, by: &Actor, at: UtcMs) {
    match event {
        ChecklistEvent::Probed { procedure, lines } => {
            checklist.procedure = Some(procedure.clone());
            for mark in lines {
                set(checklist, mark, by, at);
            }
        }
        ChecklistEvent::Marked { mark, entry } => {
            let line = set(checklist, mark, by, at);
            line.entries.extend(entry);
            if mark.state == State::Running {
                line.owner = Some(by.clone());
            }
        }
        ChecklistEvent::Kept { line, name, evidence } => {
            let kept = match line {
                Some(key) => &mut touched(checklist, key, name, by, at).evidence,
                None => &mut checklist.evidence,
            };
            kept.push(evidence.clone());
        }
    }
}

/// The line, also where nothing was said of it before.
fn touched<'c>(
    checklist: &'c mut Checklist,
    key: &str,
    name: &str,
    by: &Actor,
    at: UtcMs,
) -> &'c mut LineNow {
    checklist.lines.entry(key.to_owned()).or_insert_with(|| LineNow {
        name: name.to_owned(),
        state: State::Open,
        seen: String::new(),
        by: by.clone(),
        at,
        owner: None,
        entries: Vec::new(),
        evidence: Vec::new(),
    })
}

fn set<'c>(checklist: &'c mut Checklist, mark: &Marked, by: &Actor, at: UtcMs) -> &'c mut LineNow {
    let line = touched(checklist, &mark.line, &mark.name, by, at);
    line.name.clone_from(&mark.name);
    line.state = mark.state.clone();
    if !mark.seen.is_empty() {
        line.seen.clone_from(&mark.seen);
    }
    (line.by, line.at) = (by.clone(), at);
    line
}

/// What follows from a request about the checklist.
pub(super) fn decide(
    incident: &Incident,
    request: ChecklistRequest,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    let procedure = &context.policy.procedure;
    let event = match request {
        ChecklistRequest::Probed(probed) => {
            let lines = probed::changes(&incident.checklist, procedure, &probed);
            let procedure = procedure.named();
            let changed = !lines.is_empty() && incident.phase.is_open();
            return Ok(changed
                .then(|| Decided::now(context, Event::Checklist(ChecklistEvent::Probed { procedure, lines })))
                .into_iter()
                .collect());
        }
        ChecklistRequest::Take { line } => {
            while_open(incident)?;
            let known = find(procedure, &line)?;
            let now = incident.checklist.lines.get(&line);
            if now.is_some_and(|now| now.state == State::Running && now.owner.as_ref() == Some(context.actor))
            {
                return Err(Refusal::NothingNew(say!("you look at {} already", known.name)));
            }
            marked(known, State::Running, String::new(), None)
        }
        ChecklistRequest::Mark { line: key, state, seen } => {
            while_open(incident)?;
            let known = find(procedure, &key)?;
            let seen = if state == State::Open { seen } else { line(&seen, FACT_LIMIT)? };
            marked(known, state, seen, None)
        }
        ChecklistRequest::Keep { line, evidence } => {
            let line = line.map(|key| find(procedure, &key)).transpose()?;
            let mut kept = incident.checklist.all_evidence();
            if kept.any(|(_, kept)| kept.sha256 == evidence.sha256) {
                return Err(Refusal::NothingNew(say!("{} is kept already", evidence.name)));
            }
            if incident.checklist.all_evidence().count() >= MOST_EVIDENCE {
                return Err(Refusal::NothingNew(say!(
                    "{MOST_EVIDENCE} files are kept, and no more are taken"
                )));
            }
            let name = line.map(|line| line.name.clone()).unwrap_or_default();
            ChecklistEvent::Kept { line: line.map(|line| line.key.clone()), name, evidence }
        }
    };
    Ok(vec![Decided::now(context, Event::Checklist(event))])
}

fn find<'p>(procedure: &'p Procedure, key: &str) -> Result<&'p Line, Refusal> {
    procedure.line(key).ok_or_else(|| {
        Refusal::NothingNew(
            say!("this line is not in the procedure any more; open the checklist anew").to_owned(),
        )
    })
}

fn marked(line: &Line, state: State, seen: String, entry: Option<u64>) -> ChecklistEvent {
    let mark = Marked { line: line.key.clone(), name: line.name.clone(), state, seen };
    ChecklistEvent::Marked { mark, entry }
}

/// What a log entry says of the line that its words name; nothing where the line stands so already.
pub(super) fn of_entry(
    incident: &Incident,
    kind: EntryKind,
    text: &str,
    entry: u64,
    context: &Context<'_>,
) -> Option<Decided> {
    let state = match kind {
        EntryKind::Finding | EntryKind::Cause => State::Finding,
        EntryKind::RuledOut => State::RuledOut,
        EntryKind::Suspect => State::Running,
        EntryKind::Note | EntryKind::Change | EntryKind::FollowUp => return None,
    };
    let line = context.policy.procedure.line_about(text)?;
    let stands = incident.checklist.state(&line.key);
    // A suspicion does not unsay a finding.
    if *stands == state || (state == State::Running && *stands == State::Finding) {
        return None;
    }
    let seen = text.chars().take(200).collect();
    Some(Decided::now(context, Event::Checklist(marked(line, state, seen, Some(entry)))))
}
