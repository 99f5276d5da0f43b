//! Who was forgotten is not written down, only that somebody was, when, and at whose order: so that an auditor sees it.

use serde::{Deserialize, Serialize};
use watchpost_texts::say;

use crate::clock::UtcMs;

/// What can happen to the data of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum ErasureEvent {
    /// It is to be forgotten. The one who ordered it is the event's actor.
    Ordered,
    /// The key is destroyed.
    Done,
}

/// The erasures so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Erasures {
    /// How many were ordered.
    pub ordered: u64,
    /// How many were carried out.
    pub done: u64,
    /// When the last one was carried out.
    pub last: Option<UtcMs>,
}

pub(super) fn apply(kept: &mut Erasures, event: &ErasureEvent, at: UtcMs) {
    match event {
        ErasureEvent::Ordered => kept.ordered += 1,
        ErasureEvent::Done => {
            kept.done += 1;
            kept.last = Some(at);
        }
    }
}

pub(super) fn sentence(event: &ErasureEvent) -> String {
    match event {
        ErasureEvent::Ordered => say!("It was ordered to forget a person.").to_owned(),
        ErasureEvent::Done => say!(
            "The key of a person was destroyed: what was stored under their name cannot be read any more."
        )
        .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_ordered_and_what_was_done_are_counted_apart() {
        let mut kept = Erasures::default();
        apply(&mut kept, &ErasureEvent::Ordered, UtcMs(1));
        assert_eq!(kept, Erasures { ordered: 1, done: 0, last: None });
        apply(&mut kept, &ErasureEvent::Done, UtcMs(2));
        assert_eq!(kept, Erasures { ordered: 1, done: 1, last: Some(UtcMs(2)) });
    }

    #[test]
    fn the_form_in_the_journal_stays() {
        let json = serde_json::to_string(&ErasureEvent::Ordered).expect("JSON");
        assert_eq!(json, r#"{"step":"ordered"}"#);
    }
}
