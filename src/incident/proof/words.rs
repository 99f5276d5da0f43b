//! The proof in words: for the timeline, the card, and whoever wants to close.

use watchpost_texts::say;

use super::{Outcome, ProofEvent, Running, Trigger};
use crate::incident::Incident;
use crate::person::Actor;
use crate::proof::{Measured, State};
use crate::update::time;

/// Longest reason of one cell on the card, in characters.
const REASON: usize = 160;

/// What happened, as one sentence.
pub fn sentence(who: &Actor, event: &ProofEvent) -> String {
    match event {
        ProofEvent::Seen { cells, .. } => say!("Seen: {}", in_few_words(cells)),
        ProofEvent::Began { by, rounds, lasts, .. } => {
            let why = match by {
                Trigger::Person => say!("{who} began the proof"),
                Trigger::Repair(number) => say!("The proof of repair {number} began"),
                Trigger::Recovered => say!("The probes are good again; the proof began").to_owned(),
            };
            say!("{why}: {rounds} green rounds over {}.", length(*lasts))
        }
        ProofEvent::Round { number: 0, outcome, cells, .. } => {
            say!("Watched after the end: {}; {}", outcome.word(), in_few_words(cells))
        }
        ProofEvent::Round { number, outcome, cells, .. } => {
            say!("Round {number} of the proof is {}: {}", outcome.word(), in_few_words(cells))
        }
        ProofEvent::Proved { since } => say!("Proved: mail works since {}.", time(*since)),
        ProofEvent::Failed { red, tell_at } => {
            let told = match tell_at {
                Some(at) => say!("Who was told that it works hears of it by {}.", time(*at)),
                None => say!("Nobody was told that it works.").to_owned(),
            };
            say!("The proof failed: {}. {told}", evidence(red))
        }
        ProofEvent::SetbackTold => say!("Who was told that it works was told that it does not.").to_owned(),
        ProofEvent::Ticked { cell } => say!("{who} has seen it: {cell}."),
        ProofEvent::Overridden { why, open } => {
            let open = match open.as_slice() {
                [] => say!("nothing was proved").to_owned(),
                open => say!("not green: {}", evidence(open)),
            };
            say!("{who} CLOSED IT WITHOUT PROOF ({open}): {why}")
        }
        ProofEvent::Aftercare { until, ask_at } => {
            let watched = until.map(|until| say!("It is watched until <t:{}:f>.", until.seconds()));
            let asked = ask_at.map(|at| say!("Who reported is asked at {}.", time(at)));
            [watched, asked].into_iter().flatten().collect::<Vec<_>>().join(" ")
        }
        ProofEvent::Asked { people } => match people.len() {
            1 => say!("One person who reported is asked whether it works now.").to_owned(),
            several => say!("{several} people who reported are asked whether it works now."),
        },
        ProofEvent::Answered { works: true } => say!("{who} says that it works."),
        ProofEvent::Answered { works: false } => say!("{who} says that it does not work."),
        ProofEvent::Relapsed { red } => say!("It is back: {}", evidence(red)),
        ProofEvent::WatchEnded => say!("The time of watching is over.").to_owned(),
    }
}

impl Outcome {
    /// The outcome in a few words.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Green => "green",
            Outcome::Red => "red",
            Outcome::Open => say!("open, not everything was measured"),
        }
    }
}

/// How far a proof is.
pub fn progress(running: &Running, proved: bool) -> String {
    match (proved, running.green, running.number) {
        (true, ..) => say!("It is proved, and goes on being looked at until it is closed.").to_owned(),
        (false, 0, 0) => say!("The first round is under way.").to_owned(),
        (false, 0, number) => {
            say!("Round {number} was not green; the next is due {}.", time(running.next))
        }
        (false, green, _) => {
            let since = running.green_since.map(|since| say!(", green since {}", time(since)));
            let end = running.earliest_end().map(|end| say!("; earliest end {}", time(end)));
            let shown = green.min(running.rounds);
            let (since, end) = (since.unwrap_or_default(), end.unwrap_or_default());
            say!("Round {shown} of {}{since}{end}.", running.rounds)
        }
    }
}

/// Why it cannot be closed yet, with the red cells named.
pub fn not_yet(incident: &Incident) -> String {
    let proof = &incident.proof;
    let open = proof.open_of(&proof.last);
    let state_of = |wanted| -> Vec<Measured> {
        open.iter().filter(|measured| measured.state == wanted).map(|measured| (*measured).clone()).collect()
    };
    let mut said = Vec::new();
    for (state, words) in [
        (State::Red, say!("Does not work")),
        (State::Amber, say!("Works with limits only")),
        (State::Unmeasured, say!("Not measured, so not green")),
    ] {
        let cells = state_of(state);
        said.extend((!cells.is_empty()).then(|| format!("{words}: {}.", evidence(&cells))));
    }
    match &proof.running {
        Some(running) => said.push(progress(running, false)),
        None => said.push(say!("No proof is running.").to_owned()),
    }
    said.join(" ")
}

/// Cells that are not green, each with its reason.
pub fn evidence(cells: &[Measured]) -> String {
    let one = |measured: &Measured| match measured.why.as_str() {
        "" => measured.cell.label().to_owned(),
        why => format!("{} ({why})", measured.cell),
    };
    cells.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// All cells in few words: what works together, what does not with its reason.
pub fn in_few_words(cells: &[Measured]) -> String {
    let of = |state| -> Vec<&Measured> { cells.iter().filter(|measured| measured.state == state).collect() };
    let mut said = Vec::new();
    let green: Vec<&str> = of(State::Green).into_iter().map(|measured| measured.cell.label()).collect();
    said.extend((!green.is_empty()).then(|| format!("✓ {}", green.join(", "))));
    for state in [State::Red, State::Amber] {
        said.extend(of(state).into_iter().map(|measured| {
            let mark = state.mark();
            match measured.why.as_str() {
                "" => format!("{mark} {}", measured.cell),
                why => format!("{mark} {}: {why}", measured.cell),
            }
        }));
    }
    let unmeasured = of(State::Unmeasured).len();
    said.extend((unmeasured > 0).then(|| say!("? {unmeasured} not measured")));
    said.join(" · ")
}

/// What the card says of the proof; none before there is anything to say.
pub fn card(incident: &Incident) -> Option<String> {
    let proof = &incident.proof;
    if let Some(over) = proof.overridden.last().filter(|_| !incident.phase.is_open()) {
        let why: String = over.why.chars().take(REASON).collect();
        return Some(say!("{} closed it without proof: {why}", over.by));
    }
    let head = match (&proof.running, proof.proved) {
        (_, Some(proved)) => Some(say!("Proved at {}: works since {}.", time(proved.at), time(proved.since))),
        (Some(running), None) => Some(progress(running, false)),
        (None, None) => None,
    };
    let mut lines: Vec<String> = vec![head?];
    if incident.phase.is_open() {
        lines.extend(matrix(incident));
    }
    lines.extend(answers(incident));
    Some(lines.join("\n"))
}

/// The matrix, a line each for what is not green.
pub fn matrix(incident: &Incident) -> Vec<String> {
    let proof = &incident.proof;
    let good: Vec<&str> = proof
        .last
        .iter()
        .filter(|measured| measured.state == State::Green)
        .map(|measured| measured.cell.label())
        .collect();
    let mut lines = Vec::new();
    lines.extend((!good.is_empty()).then(|| say!("✓ works: {}", good.join(", "))));
    for measured in proof.last.iter().filter(|measured| measured.state != State::Green) {
        let why: String = measured.why.chars().take(REASON).collect();
        lines.push(match (proof.ticked.get(&measured.cell), measured.state) {
            (Some((by, at)), State::Unmeasured) => {
                say!("✓ {}: seen by {by} at {}", measured.cell, time(*at))
            }
            (_, State::Unmeasured) if proof.blocks(&measured.cell) => {
                say!("? {}: not measured, so not green ({why})", measured.cell)
            }
            (_, State::Unmeasured) => say!("? {}: not measured ({why})", measured.cell),
            (_, state) if proof.blocks(&measured.cell) => {
                format!("{} {}: {} ({why})", state.mark(), measured.cell, state.word())
            }
            (_, state) => {
                say!("! {}: {}, does not count here ({why})", measured.cell, state.word())
            }
        });
    }
    lines
}

/// What those who reported say: "2 of 3 say that it works".
pub fn answers(incident: &Incident) -> Option<String> {
    let proof = &incident.proof;
    let asked = proof.asked.len();
    let yes = proof.answers.iter().filter(|answer| answer.works).count();
    let no: Vec<&str> =
        proof.answers.iter().filter(|answer| !answer.works).map(|answer| answer.by.name.as_str()).collect();
    let no = match no.as_slice() {
        [] => String::new(),
        names => say!(" {} say no: {}.", names.len(), names.join(", ")),
    };
    (asked > 0).then(|| say!("Asked who reported: {yes} of {asked} say that it works.{no}"))
}

fn length(seconds: u64) -> String {
    match seconds {
        seconds if seconds < 120 => say!("{seconds} seconds"),
        seconds => say!("{} minutes", seconds / 60),
    }
}
