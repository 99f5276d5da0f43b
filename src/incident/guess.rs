//! What sort of entry a text is, where nobody says: at three in the morning one line must do.
//!
//! A text that names a component of the checklist and says that something is wrong with it is a finding. Everything else
//! is a note. Both have the same buttons, so a wrong guess costs one click.

use watchpost_texts::to_say;

use super::event::EntryKind;
use crate::sop::Procedure;

/// How people say that something is wrong; the beginnings of words.
const WRONG: &[&str] = &[
    "fail",
    "broke",
    "expired",
    to_say!("is full"),
    "down",
    "refus",
    "reject",
    "error",
    "crash",
    "dead",
    "stuck",
    to_say!("timed out"),
    "timeout",
    "missing",
    "wrong",
    "corrupt",
    to_say!("does not"),
    "cannot",
];
/// How they say that nothing is.
const RIGHT: &[&str] = &[
    to_say!("not full"),
    to_say!("is fine"),
    to_say!("is ok"),
    "works",
    to_say!("no error"),
    to_say!("not failing"),
    to_say!("not expired"),
    to_say!("looks good"),
];

/// The kind that the words point at.
pub fn kind_of(text: &str, procedure: &Procedure) -> EntryKind {
    let lower = text.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| starts_a_word(&lower, word));
    let finding = says(WRONG) && !says(RIGHT) && !lower.contains('?') && procedure.line_about(text).is_some();
    if finding { EntryKind::Finding } else { EntryKind::Note }
}

fn starts_a_word(text: &str, word: &str) -> bool {
    let begins = |at: usize| text[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric());
    text.match_indices(word).any(|(at, _)| begins(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_that_a_component_is_wrong_is_a_finding() {
        let procedure = Procedure::default();
        let table = [
            ("renewal timer failing since 12 Oct", EntryKind::Finding),
            ("certificate expired on node 2", EntryKind::Finding),
            ("the queue is stuck", EntryKind::Finding),
            ("the queue works", EntryKind::Note),
            ("is the certificate expired?", EntryKind::Note),
            ("called the registrar", EntryKind::Note),
            ("ana is down the hall", EntryKind::Note),
            ("looked at the queue", EntryKind::Note),
        ];
        for (text, kind) in table {
            assert_eq!(kind_of(text, &procedure), kind, "{text}");
        }
    }
}
