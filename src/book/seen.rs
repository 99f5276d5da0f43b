//! How the cells of each service stand while no incident of it is open: so that a proof knows what was green before.
//! Kept when it changes, not at each check.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Book;
use crate::clock::UtcMs;
use crate::ids::ServiceName;
use crate::incident::proof::words::in_few_words;
use crate::proof::{Cell, Measured, State};

/// What can happen to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum SeenEvent {
    /// A check saw it otherwise than before.
    Changed {
        /// The service.
        service: ServiceName,
        /// As it is now.
        cells: Vec<Measured>,
    },
}

/// What is wanted.
#[derive(Debug, Clone, PartialEq)]
pub enum SeenRequest {
    /// A check ended.
    Check {
        /// The service.
        service: ServiceName,
        /// What it measured.
        cells: Vec<Measured>,
    },
}

/// How the cells of each service stand.
pub type Seen = BTreeMap<ServiceName, Vec<Standing>>;

/// How a cell stands, and since when.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// As it is.
    pub measured: Measured,
    /// Since when it is in this state.
    pub since: UtcMs,
    /// Whether it was ever seen green.
    pub once_green: bool,
}

/// What is bad for longer than this is no part of an incident that is declared now.
const OLD_TROUBLE: Duration = Duration::from_secs(24 * 3_600);

/// How the cells of a service stood before an incident that is declared now. What broke a moment ago is what the incident
/// is about: it counts as it was before that.
pub fn before(seen: &Seen, service: &ServiceName, now: UtcMs) -> Vec<Measured> {
    let standing = seen.get(service).map_or(&[][..], Vec::as_slice);
    let as_it_was = |standing: &Standing| {
        let green = standing.measured.state == State::Green;
        match (green || standing.since + OLD_TROUBLE <= now, standing.once_green) {
            (true, _) => Some(standing.measured.clone()),
            (false, true) => Some(Measured::of(&standing.measured.cell, State::Green, "")),
            (false, false) => None,
        }
    };
    standing.iter().filter_map(as_it_was).collect()
}

/// Only what was measured counts: a check that could measure less takes nothing back.
pub(super) fn decide(book: &Book, request: SeenRequest) -> Vec<SeenEvent> {
    let SeenRequest::Check { service, cells } = request;
    let known = book.seen.get(&service).map_or(&[][..], Vec::as_slice);
    let of = |cell: &Cell| known.iter().map(|known| &known.measured).find(|known| known.cell == *cell);
    let merged: Vec<Measured> = cells
        .into_iter()
        .map(|measured| match of(&measured.cell) {
            Some(known) if measured.state == State::Unmeasured => known.clone(),
            _ => measured,
        })
        .collect();
    let same = |(one, other): (&Measured, &Standing)| {
        (&one.cell, one.state) == (&other.measured.cell, other.measured.state)
    };
    if merged.len() == known.len() && merged.iter().zip(known).all(same) {
        return Vec::new();
    }
    vec![SeenEvent::Changed { service, cells: merged }]
}

pub(super) fn apply(kept: &mut Seen, event: &SeenEvent, at: UtcMs) {
    let SeenEvent::Changed { service, cells } = event;
    let known = kept.remove(service).unwrap_or_default();
    let standing = |measured: &Measured| {
        let before = known.iter().find(|known| known.measured.cell == measured.cell);
        let same = before.filter(|before| before.measured.state == measured.state);
        Standing {
            measured: measured.clone(),
            since: same.map_or(at, |same| same.since),
            once_green: measured.state == State::Green || before.is_some_and(|before| before.once_green),
        }
    };
    kept.insert(service.clone(), cells.iter().map(standing).collect());
}

pub(super) fn sentence(event: &SeenEvent) -> String {
    let SeenEvent::Changed { service, cells } = event;
    format!("{service}: {}", in_few_words(cells))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_broke_a_moment_ago_counts_as_it_was_before() {
        let service = ServiceName::from("main");
        let imap = |state| Measured::of(&Cell::Imap, state, "");
        let hour = |hours: i64| UtcMs(hours * 3_600_000);
        let mut seen = Seen::new();
        let mut changed = |state, at| {
            let cells = vec![imap(state)];
            apply(&mut seen, &SeenEvent::Changed { service: service.clone(), cells }, at);
            seen.clone()
        };
        let red_from_the_start = changed(State::Red, hour(0));
        assert_eq!(before(&red_from_the_start, &service, hour(1)), [], "nobody knows how it was");
        assert_eq!(before(&red_from_the_start, &service, hour(24)), [imap(State::Red)]);
        changed(State::Green, hour(30));
        let broken = changed(State::Red, hour(40));
        assert_eq!(before(&broken, &service, hour(41)), [imap(State::Green)]);
        assert_eq!(before(&broken, &service, hour(70)), [imap(State::Red)], "it is an old trouble by then");
    }

    #[test]
    fn the_same_again_and_less_is_no_news() {
        let service = ServiceName::from("main");
        let check = |state| {
            let cells = vec![Measured::of(&Cell::Imap, state, "")];
            SeenRequest::Check { service: service.clone(), cells }
        };
        let mut book = Book::default();
        for (state, news) in [
            (State::Green, 1),
            (State::Green, 0),
            (State::Unmeasured, 0),
            (State::Red, 1),
            (State::Unmeasured, 0),
        ] {
            let events = decide(&book, check(state));
            assert_eq!(events.len(), news, "{state:?}");
            events.iter().for_each(|event| apply(&mut book.seen, event, UtcMs(0)));
        }
    }
}
