//! The words of these events in the timeline.

use watchpost_texts::say;

use super::{DraftOutcome, TellingEvent};
use crate::person::Actor;
use crate::update::time;

/// What happened, as one sentence.
pub fn sentence(who: &Actor, event: &TellingEvent) -> String {
    match event {
        TellingEvent::Reminded { due, audiences } => {
            let names: Vec<&str> = audiences.iter().map(|name| name.as_str()).collect();
            say!("The draft for {}, due {}, was shown.", names.join(", "), time(*due))
        }
        TellingEvent::Moved { audience, to } => {
            say!("{who} moved the next word to {audience} to {}.", time(*to))
        }
        TellingEvent::Paused { why } => say!("{who} paused the updates: {why}"),
        TellingEvent::Continued => say!("{who} let the updates go on."),
        TellingEvent::Slowed => say!("{who} made the updates half as frequent."),
        TellingEvent::Drafted(draft) if draft.held.is_empty() => {
            say!("{who} drafted an update: {}", said(draft))
        }
        TellingEvent::Drafted(draft) => {
            let names: Vec<&str> = draft.held.iter().map(|name| name.as_str()).collect();
            say!("{who} asks a second person to approve what {} will read: {}", names.join(", "), said(draft))
        }
        TellingEvent::DraftClosed { outcome, why } => match outcome {
            DraftOutcome::Sent => say!("{who} sent the draft."),
            DraftOutcome::Approved => say!("{who} approved the text for outsiders."),
            DraftOutcome::Refused => say!("{who} did not approve the text for outsiders: {why}"),
            DraftOutcome::Dropped => say!("{who} dropped the draft."),
        },
        TellingEvent::Superseded { audience, number, destination } => {
            say!(
                "Update {number} to {audience} is not brought to {destination} any more: a newer one takes its place."
            )
        }
        TellingEvent::ClockSetBack { by } => {
            say!(
                "The clock was set back by {} minutes; what is due comes that much earlier by it.",
                by / 60_000
            )
        }
        TellingEvent::NobodyWrote { texts } => {
            say!("{texts} holding texts went out and nobody wrote a word: the next responder is called.")
        }
    }
}

fn said(draft: &super::Draft) -> String {
    let facts = &draft.facts;
    let texts = [&facts.impact, &facts.instead, &facts.sentence];
    texts.into_iter().filter(|text| !text.is_empty()).map(String::as_str).collect::<Vec<_>>().join(" · ")
}
