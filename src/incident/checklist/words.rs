//! What happened to the checklist, and how its lines stand, in words.

use watchpost_texts::say;

use super::{ChecklistEvent, State};
use crate::person::Actor;

/// What happened to the checklist, in words.
pub fn sentence(who: &Actor, event: &ChecklistEvent) -> String {
    match event {
        ChecklistEvent::Probed { lines, .. } => {
            let each: Vec<String> = lines
                .iter()
                .map(|mark| format!("{} {}", mark.name, state_words(&mark.state, &mark.seen)))
                .collect();
            say!("The checks say: {}.", each.join("; "))
        }
        ChecklistEvent::Marked { mark, .. } => match mark.state {
            State::Running => say!("{who} looks at {}.", mark.name),
            _ => {
                format!("{who}: {} {}.", mark.name, state_words(&mark.state, mark.seen.trim_end_matches('.')))
            }
        },
        ChecklistEvent::Kept { evidence, .. } => {
            say!("{who} kept {} ({} bytes, SHA-256 {}).", evidence.name, evidence.bytes, evidence.sha256)
        }
    }
}

fn state_words(state: &State, seen: &str) -> String {
    let seen = if seen.is_empty() { String::new() } else { format!(" ({seen})") };
    match state {
        State::Open => say!("is open again{seen}"),
        State::Running => say!("is being looked at{seen}"),
        State::Finding => say!("is a finding{seen}"),
        State::RuledOut => say!("is ruled out{seen}"),
        State::Consequence(of) => say!("follows from {of}{seen}"),
    }
}

/// A state as a sign and a word, for lists.
pub fn mark(state: &State) -> &'static str {
    match state {
        State::Open => "☐ open",
        State::Running => say!("… being looked at"),
        State::Finding => "✗ finding",
        State::RuledOut => say!("✓ ruled out"),
        State::Consequence(_) => say!("↳ follows from another"),
    }
}
