//! Who was rung and who answered, and the proof round by round.

use std::collections::BTreeMap;

use watchpost_texts::say;

use crate::incident::call::CallEvent;
use crate::incident::event::{Event, Recorded};
use crate::incident::proof::{Outcome, ProofEvent};
use crate::proof::{Measured, State};
use crate::review::document::Document;
use crate::review::{Story, clock_time, local};

/// Every ring: whom, by which way, whether it arrived; and who answered.
pub(super) fn calls(document: &mut Document, story: &Story<'_>) {
    let called = |recorded: &Recorded| match &recorded.new.event {
        Event::Call(event) => Some((recorded.new.happened_at, recorded.new.actor.to_string(), event.clone())),
        _ => None,
    };
    let calls: Vec<_> = story.events.iter().filter_map(called).collect();
    let arrived = |wanted: u32| {
        calls.iter().find_map(|(_, _, event)| match event {
            CallEvent::Arrived { number, .. } if *number == wanted => Some("arrived".to_owned()),
            CallEvent::NotArrived { number, why } if *number == wanted => Some(say!("did not arrive: {why}")),
            _ => None,
        })
    };
    let row =
        |at, what: String, way: String, became: String| vec![clock_time(at, story.zone), what, way, became];
    let none = String::new;
    let rows = calls.iter().filter_map(|(at, by, event)| match event {
        CallEvent::Begun { why, .. } => Some(row(*at, say!("{by} calls"), none(), why.clone())),
        CallEvent::Rung { number, whom, route, round, .. } => {
            let became = arrived(*number).unwrap_or_else(|| say!("no sign of arrival").to_owned());
            Some(row(*at, say!("{} was rung, round {round}", whom.name), route.clone(), became))
        }
        CallEvent::Arrived { .. } | CallEvent::NotArrived { .. } => None,
        CallEvent::NobodyAnswered { round } => {
            Some(row(*at, say!("nobody answered in round {round}"), none(), none()))
        }
        CallEvent::NobodyOnDuty { .. } => {
            Some(row(*at, say!("nobody is on duty").to_owned(), none(), none()))
        }
        CallEvent::Answered { rings } => {
            Some(row(*at, say!("{by} answered"), none(), say!("after {rings} rings")))
        }
        CallEvent::Capped { rings } => {
            Some(row(*at, say!("given up").to_owned(), none(), say!("after {rings} rings")))
        }
    });
    document.table(
        &["when", "who", "by", say!("what became of it")],
        rows.collect(),
        say!("Nobody was called beside the message in the channel."),
    );
}

/// One proof, from its beginning to its end.
#[derive(Default)]
struct Tried<'e> {
    began: Option<&'e Recorded>,
    rounds: Vec<(&'e Recorded, u32, Outcome, &'e [Measured])>,
    ended: String,
}

/// A table for each proof: what must work, and how it was in each round. Whether there was any.
pub(super) fn proofs(document: &mut Document, story: &Story<'_>) -> bool {
    let mut all: Vec<Tried<'_>> = Vec::new();
    for recorded in story.events {
        let Event::Proof(event) = &recorded.new.event else { continue };
        let at = local(recorded.new.happened_at, story.zone);
        match (event, all.last_mut()) {
            (ProofEvent::Began { .. }, _) => all.push(Tried { began: Some(recorded), ..Tried::default() }),
            (ProofEvent::Round { number, outcome, cells, .. }, Some(last)) => {
                last.rounds.push((recorded, *number, *outcome, cells));
            }
            (ProofEvent::Proved { since }, Some(last)) => {
                last.ended = say!("Proved at {at}: it works since {}.", local(*since, story.zone));
            }
            (ProofEvent::Failed { red, .. }, Some(last)) => {
                let red: Vec<String> = red.iter().map(|one| one.cell.label().to_owned()).collect();
                last.ended = say!("Failed at {at}, and sent us back: {}.", red.join(", "));
            }
            _ => {}
        }
    }
    for (number, tried) in (1..).zip(&all) {
        write(document, number, tried, story);
    }
    !all.is_empty()
}

fn write(document: &mut Document, number: u32, tried: &Tried<'_>, story: &Story<'_>) {
    let began = tried.began.map(|recorded| local(recorded.new.happened_at, story.zone));
    document.small_heading(say!("Proof {number}, begun {}", began.unwrap_or_default()));
    let mut cells: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut why: BTreeMap<&str, &str> = BTreeMap::new();
    for (_, round, _, measured) in &tried.rounds {
        for one in *measured {
            cells.entry(one.cell.label()).or_default().push(format!("{round} {}", word(one.state)));
            if !one.why.is_empty() && one.state != State::Green {
                why.insert(one.cell.label(), &one.why);
            }
        }
    }
    let rows = cells.into_iter().map(|(cell, rounds)| {
        let reason = why.get(cell).copied().unwrap_or_default().to_owned();
        vec![cell.to_owned(), rounds.join(", "), reason]
    });
    document.table(
        &[say!("what must work"), say!("in round"), say!("last reason why not")],
        rows.collect(),
        say!("No round was finished."),
    );
    let rounds = tried.rounds.iter().map(|(recorded, round, outcome, _)| {
        let outcome = match outcome {
            Outcome::Green => say!("all works"),
            Outcome::Red => say!("something does not work"),
            Outcome::Open => say!("neither good nor bad"),
        };
        say!("Round {round}, {}: {outcome}.", clock_time(recorded.new.happened_at, story.zone))
    });
    let mut said: Vec<String> = rounds.collect();
    said.extend(Some(tried.ended.clone()).filter(|ended| !ended.is_empty()));
    document.list(said, "");
}

fn word(state: State) -> &'static str {
    match state {
        State::Green => "works",
        State::Amber => say!("works with limits"),
        State::Red => say!("does not work"),
        State::Unmeasured => say!("not measured"),
    }
}
