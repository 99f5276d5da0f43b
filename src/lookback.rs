//! Looking back over all incidents: what was like this one, what there was about a word, where it goes.
//!
//! 1. The desk reads the incidents of a server ([`crate::desk::Desk::past`]); drills are left out of every figure.
//! 2. [`search`] finds by text, cause, component and time. [`similar`] finds what has causes, symptoms, services and words in
//!    common, and says what fixed it.
//! 3. [`trends`] counts. A time is shown as a list, and from ten incidents on as the median with the worst: never as a mean,
//!    which one long night would spoil.

mod similar;
mod trends;

use watchpost_texts::say;

use crate::clock::UtcMs;
use crate::incident::Incident;
use crate::incident::action::Step;
use crate::incident::event::EntryKind;

pub use similar::similar;
pub use trends::{Availability, FEWEST, Promises, Recovery, Trends, trends};

/// Incidents that are looked through, the newest first.
pub const MOST: usize = 500;

/// What is looked for. Everything that is given must fit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// Words that must all stand somewhere in it.
    pub words: String,
    /// Not before.
    pub from: Option<UtcMs>,
    /// Not after.
    pub until: Option<UtcMs>,
}

/// An incident that fits.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit<'i> {
    /// Which.
    pub incident: &'i Incident,
    /// A line of it with the first word, where that is not its title.
    pub line: Option<String>,
}

/// The incidents that fit, the newest first.
pub fn search<'i>(incidents: &'i [Incident], query: &Query) -> Vec<Hit<'i>> {
    let words: Vec<String> = query.words.split_whitespace().map(str::to_lowercase).collect();
    let fits_time = |incident: &&Incident| {
        query.from.is_none_or(|from| incident.began() >= from)
            && query.until.is_none_or(|until| incident.began() <= until)
    };
    let mut hits: Vec<Hit<'_>> = incidents
        .iter()
        .filter(fits_time)
        .filter_map(|incident| {
            let texts = texts(incident);
            let lower: Vec<String> = texts.iter().map(|text| text.to_lowercase()).collect();
            let all = words.iter().all(|word| lower.iter().any(|text| text.contains(word)));
            let first = words.first().and_then(|word| lower.iter().position(|text| text.contains(word)));
            all.then(|| Hit {
                incident,
                line: first.filter(|place| *place > 0).map(|place| texts[place].clone()),
            })
        })
        .collect();
    hits.sort_by_key(|hit| std::cmp::Reverse(hit.incident.id));
    hits
}

/// Everything of an incident that a word may stand in; the title first.
fn texts(incident: &Incident) -> Vec<String> {
    let mut texts = vec![incident.title.clone(), incident.id.to_string()];
    texts.extend(incident.cause().map(|cause| format!("{} ({:?})", cause.name(), cause.layer())));
    texts.extend(incident.service.as_ref().map(|service| service.as_str().to_owned()));
    texts.extend(incident.entries.iter().map(|entry| entry.text.clone()));
    texts.extend(incident.actions.iter().map(|action| action.text.clone()));
    texts.extend(incident.reports.iter().map(|report| report.symptom.label().to_owned()));
    texts.extend(incident.follow_ups.iter().map(|one| one.said.text.clone()));
    texts.extend(incident.review.parts.iter().map(|(_, text)| text.clone()));
    texts
}

/// What fixed it: the last repair that held, else what was said at the end.
pub fn fixed_by(incident: &Incident) -> String {
    let held = incident.milestones.attempts.iter().rev().find(|attempt| attempt.held);
    let number = held.and_then(|attempt| attempt.repair);
    let repair =
        incident.actions.iter().find(|action| Some(action.number) == number && action.step == Step::Done);
    let cause = incident.entries.iter().rev().find(|entry| entry.kind == EntryKind::Cause);
    match (repair, cause, incident.phase.is_open()) {
        (Some(repair), ..) => say!("Fixed by: {}.", repair.text.trim_end_matches('.')),
        (None, Some(cause), _) => say!("The cause was: {}.", cause.text.trim_end_matches('.')),
        (None, None, true) => say!("It is not over yet.").to_owned(),
        (None, None, false) => say!("What fixed it is not recorded.").to_owned(),
    }
}

#[cfg(test)]
mod tests;
