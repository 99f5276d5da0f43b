//! What follows from a request about the proof. Pure.

use std::time::Duration;

use chrono::{Datelike, Timelike};
use watchpost_texts::say;

use super::state::other_is_due;
use super::words;
use super::{Outcome, ProofEvent, ProofRequest, Running, Trigger};
use crate::clock::UtcMs;
use crate::incident::action::{ActionEvent, Step};
use crate::incident::checklist;
use crate::incident::decide::{Context, Decided, FACT_LIMIT, end, judge, line, tell, while_open};
use crate::incident::event::{EntryKind, Event};
use crate::incident::{Incident, LastAssessment, Phase, reach};
use crate::person::Person;
use crate::proof::{Ask, Cell, Measured, Rules, State};
use crate::refusal::Refusal;

/// How long the lead has to tell a setback in their own time.
const SETBACK_PAUSE: Duration = Duration::from_secs(300);
/// From the earliest end of a proof to the last word that is promised: somebody reads, and closes.
const LAST_WORD: Duration = Duration::from_secs(300);
/// How soon a red round that may pass is looked at again.
const SECOND_LOOK: Duration = Duration::from_secs(60);
/// How soon a round that could not measure is tried again.
const NEXT_TRY: Duration = Duration::from_secs(120);

/// What follows from a request.
pub(in crate::incident) fn decide(
    incident: &Incident,
    request: ProofRequest,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    match request {
        ProofRequest::Seen { cells, before } => Ok(seen(incident, cells, before, context)),
        ProofRequest::Start { by } => start(incident, by, context),
        ProofRequest::Round { last, cells, confirmed } => {
            Ok(round(incident, *last, cells, confirmed, context))
        }
        ProofRequest::Due => Ok(due(incident, context)),
        ProofRequest::TellSetback => tell_setback(incident, context),
        ProofRequest::Tick { place } => tick(incident, place, context),
        ProofRequest::Override { why } => close_anyway(incident, &why, context),
        ProofRequest::Answer { works } => answer(incident, works, context),
    }
}

/// Refuses to close what is not proved.
///
/// # Errors
/// [`Refusal::NotProved`] with what is not green, in words.
pub fn gate(incident: &Incident) -> Result<(), Refusal> {
    match incident.proof.proved {
        Some(_) => Ok(()),
        None => Err(Refusal::NotProved { id: incident.id, why: words::not_yet(incident) }),
    }
}

fn own(context: &Context<'_>, event: ProofEvent) -> Decided {
    Decided::now(context, Event::Proof(event))
}

/// Recorded where it differs from what was known; and the probes' recovery begins the proof.
fn seen(
    incident: &Incident,
    cells: Vec<Measured>,
    before: Vec<Measured>,
    context: &Context<'_>,
) -> Vec<Decided> {
    let proof = &incident.proof;
    if !incident.phase.is_open() || cells.is_empty() {
        return Vec::new();
    }
    let mut events = Vec::new();
    let after = proof.knowing(&cells);
    let recovered = proof.running.is_none()
        && after.affected.iter().any(|cell| is_green(&cells, cell))
        && after.open_of(&cells).iter().all(|measured| measured.state == State::Unmeasured)
        && was_red(proof, &cells);
    // While a proof runs, its own rounds count; only what contradicts it is news.
    let contradicts = proof.running.is_some() && after.judge(&cells) == Outcome::Red;
    if contradicts || (proof.running.is_none() && !same_states(&proof.last, &cells)) {
        events.push(own(context, ProofEvent::Seen { cells, before }));
    }
    if recovered {
        events.extend(begin(incident, Trigger::Recovered, context));
    }
    events
}

fn same_states(one: &[Measured], other: &[Measured]) -> bool {
    let states = |cells: &[Measured]| -> Vec<_> {
        cells.iter().map(|measured| (measured.cell.clone(), measured.state)).collect()
    };
    states(one) == states(other)
}

fn is_green(cells: &[Measured], cell: &Cell) -> bool {
    cells.iter().any(|measured| measured.cell == *cell && measured.state == State::Green)
}

/// Something that was red when it was last looked at is not red any more.
fn was_red(proof: &super::Proof, now: &[Measured]) -> bool {
    let red =
        proof.last.iter().filter(|measured| measured.state == State::Red && proof.blocks(&measured.cell));
    red.map(|measured| &measured.cell).any(|cell| is_green(now, cell))
}

fn start(incident: &Incident, by: Trigger, context: &Context<'_>) -> Result<Vec<Decided>, Refusal> {
    while_open(incident)?;
    if context.policy.proof.cells_of(incident.service.as_ref()).is_empty() {
        return Err(Refusal::NothingToProve(incident.id));
    }
    if let (Some(running), Trigger::Person) = (&incident.proof.running, by) {
        let so_far = words::progress(running, incident.proof.proved.is_some());
        return Err(Refusal::NothingNew(say!("the proof is running. {so_far}")));
    }
    Ok(begin(incident, by, context))
}

fn begin(incident: &Incident, by: Trigger, context: &Context<'_>) -> Vec<Decided> {
    let rules = &context.policy.proof;
    let cells = rules.cells_of(incident.service.as_ref()).to_vec();
    if cells.is_empty() {
        return Vec::new();
    }
    let began = ProofEvent::Began { by, cells, rounds: rules.rounds, lasts: rules.lasts.as_secs() };
    let why = match by {
        Trigger::Person => say!("it is being proved").to_owned(),
        Trigger::Repair(_) => say!("the repair is being proved").to_owned(),
        Trigger::Recovered => say!("the probes are good again; it is being proved").to_owned(),
    };
    let phase = (incident.phase != Phase::Verifying)
        .then(|| Decided::now(context, Event::PhaseChanged { to: Phase::Verifying, why }));
    phase.into_iter().chain([own(context, began)]).collect()
}

fn round(
    incident: &Incident,
    last: LastAssessment,
    cells: Vec<Measured>,
    confirmed: bool,
    context: &Context<'_>,
) -> Vec<Decided> {
    let after = incident.proof.knowing(&cells);
    let outcome = after.judge(&cells);
    if !incident.phase.is_open() {
        return watched(incident, outcome, cells, confirmed, context);
    }
    let Some(running) = &incident.proof.running else { return Vec::new() };
    let number = running.number + 1;
    let mut events = judge::assessed(last.clone(), context);
    let next = Some(context.now + pause(running, outcome));
    events.push(own(context, ProofEvent::Round { number, outcome, cells: cells.clone(), next }));
    match outcome {
        Outcome::Green => {
            let since = running.green_since.unwrap_or(context.now);
            if running.green_since.is_none() {
                let mut now = incident.clone();
                now.assessment = Some(last);
                now.proof = after;
                events.extend(tell::works(&now, Some(since + running.lasts + LAST_WORD), context));
            } else {
                events.extend(reach::after_assessment(incident, &last.capabilities, context));
            }
            let long_enough = context.now >= since + running.lasts;
            if running.green + 1 >= running.rounds && long_enough && incident.proof.proved.is_none() {
                events.push(own(context, ProofEvent::Proved { since }));
            }
        }
        Outcome::Red if confirmed || running.red >= 1 => {
            let red = after.open_of(&cells).into_iter().filter(|measured| measured.state == State::Red);
            events.extend(failed(incident, red.cloned().collect(), context));
        }
        Outcome::Red | Outcome::Open => {}
    }
    events
}

fn pause(running: &Running, outcome: Outcome) -> Duration {
    let spacing = Rules::spacing(running.rounds, running.lasts);
    match outcome {
        Outcome::Green => spacing,
        Outcome::Red => spacing.min(SECOND_LOOK),
        Outcome::Open => spacing.min(NEXT_TRY),
    }
}

/// Back to troubleshooting, with the evidence; the repair that was being proved did not help.
fn failed(incident: &Incident, red: Vec<Measured>, context: &Context<'_>) -> Vec<Decided> {
    let evidence: String = words::evidence(&red).chars().take(FACT_LIMIT).collect();
    let told = incident.told.values().any(|told| told.works);
    let tell_at = told.then(|| context.now + SETBACK_PAUSE);
    let finding = Event::Logged { kind: EntryKind::Finding, text: say!("The proof failed: {evidence}") };
    let lines = checklist::of_proof(incident, &red, context);
    let mut events = vec![own(context, ProofEvent::Failed { red, tell_at }), Decided::now(context, finding)];
    events.extend(lines);
    if let Some(action) = incident.actions.last().filter(|action| action.step == Step::Done) {
        let failed = ActionEvent::Failed { number: action.number, why: evidence.clone() };
        events.push(Decided::now(context, Event::Action(failed)));
    }
    if incident.phase != Phase::Investigating {
        let why = say!("the proof failed: {evidence}");
        events.push(Decided::now(context, Event::PhaseChanged { to: Phase::Investigating, why }));
    }
    events
}

/// A look at a closed incident: kept only where it is not as it was left.
fn watched(
    incident: &Incident,
    outcome: Outcome,
    cells: Vec<Measured>,
    confirmed: bool,
    context: &Context<'_>,
) -> Vec<Decided> {
    let Some(watched) = incident.proof.watched else { return Vec::new() };
    let was_red = watched.red > 0;
    if outcome != Outcome::Red && !was_red {
        return Vec::new();
    }
    let red: Vec<Measured> = cells
        .iter()
        .filter(|measured| measured.state == State::Red && incident.proof.affected.contains(&measured.cell))
        .cloned()
        .collect();
    let mut events = vec![own(context, ProofEvent::Round { number: 0, outcome, cells, next: None })];
    let back = outcome == Outcome::Red && (confirmed || was_red) && !watched.relapsed && !red.is_empty();
    events.extend(back.then(|| own(context, ProofEvent::Relapsed { red })));
    events
}

/// Whatever else has come due. Nothing where it was done meanwhile.
fn due(incident: &Incident, context: &Context<'_>) -> Vec<Decided> {
    let proof = &incident.proof;
    let come = |at: Option<UtcMs>| at.is_some_and(|at| at <= context.now);
    let mut events = Vec::new();
    if !other_is_due(incident, context.now) {
        return events;
    }
    if come(proof.setback_due) {
        events.extend(tell::setback(incident, context));
        events.push(own(context, ProofEvent::SetbackTold));
    }
    if come(proof.ask_at) {
        events.push(own(context, ProofEvent::Asked { people: reporters(incident) }));
    }
    if come(proof.watched.map(|watched| watched.until)) {
        events.push(own(context, ProofEvent::WatchEnded));
    }
    events
}

fn tell_setback(incident: &Incident, context: &Context<'_>) -> Result<Vec<Decided>, Refusal> {
    while_open(incident)?;
    if incident.proof.setback_due.is_none() {
        return Err(Refusal::NothingNew(
            say!("nobody who was told that it works is waiting to hear").to_owned(),
        ));
    }
    let mut events = tell::setback(incident, context);
    events.push(own(context, ProofEvent::SetbackTold));
    Ok(events)
}

fn tick(incident: &Incident, place: usize, context: &Context<'_>) -> Result<Vec<Decided>, Refusal> {
    while_open(incident)?;
    let cells = context.policy.proof.cells_of(incident.service.as_ref());
    let cells = incident.proof.running.as_ref().map_or(cells, |running| running.cells.as_slice());
    let cell =
        cells.get(place).ok_or_else(|| Refusal::NothingNew(say!("that is no longer proved").to_owned()))?;
    if incident.proof.ticked.contains_key(cell) {
        return Err(Refusal::NothingNew(say!("“{cell}” is ticked already")));
    }
    Ok(vec![own(context, ProofEvent::Ticked { cell: cell.clone() })])
}

/// Only who leads may close on their own word; where nobody leads, whoever closes takes it.
fn close_anyway(incident: &Incident, why: &str, context: &Context<'_>) -> Result<Vec<Decided>, Refusal> {
    while_open(incident)?;
    let why = line(why, FACT_LIMIT)?;
    let asking = context.actor.person().map(|person| person.id);
    if let Some(lead) = incident.lead.as_ref().filter(|lead| Some(lead.id) != asking) {
        return Err(Refusal::OnlyTheLead { lead: lead.name.clone() });
    }
    if incident.proof.proved.is_some() {
        return end::resolve(incident, &why, context);
    }
    let open: Vec<Measured> = incident.proof.open_of(&incident.proof.last).into_iter().cloned().collect();
    let overridden = ProofEvent::Overridden { why: why.clone(), open };
    let mut events = vec![own(context, overridden)];
    events.extend(end::close(incident, why, context));
    Ok(events)
}

/// What is done after the end.
pub(in crate::incident) fn aftercare(incident: &Incident, context: &Context<'_>) -> Option<Decided> {
    if incident.drill {
        return None;
    }
    let rules = &context.policy.proof;
    let watched = !rules.cells_of(incident.service.as_ref()).is_empty() && !rules.watch.is_zero();
    let until = watched.then(|| context.now + rules.watch);
    let asks = rules.ask == Ask::Direct && !reporters(incident).is_empty();
    let ask_at = asks.then(|| outside_quiet_hours(rules, context.now));
    (until.is_some() || ask_at.is_some()).then(|| own(context, ProofEvent::Aftercare { until, ask_at }))
}

/// Who reported, each once; who was forgotten cannot be asked.
fn reporters(incident: &Incident) -> Vec<Person> {
    let mut people: Vec<Person> = Vec::new();
    for report in &incident.reports {
        let known = people.iter().chain(&incident.proof.asked).any(|person| person.id == report.by.id);
        if report.by.id.0 != 0 && !known {
            people.push(report.by.clone());
        }
    }
    people
}

/// The first minute from now on in which somebody may be disturbed; now, where the hours never end.
fn outside_quiet_hours(rules: &Rules, now: UtcMs) -> UtcMs {
    const MINUTES_OF_A_WEEK: u64 = 7 * 24 * 60;
    let quiet = |at: UtcMs| {
        let local = at.to_utc().with_timezone(&rules.zone);
        let time = local.time().with_second(0).unwrap_or_else(|| local.time());
        rules.quiet.iter().any(|hours| hours.contains(local.weekday(), time))
    };
    let later = (1..=MINUTES_OF_A_WEEK).map(|minutes| now + Duration::from_secs(minutes * 60));
    let begin = |at: UtcMs| if at == now { at } else { UtcMs(at.0 - at.0.rem_euclid(60_000)) };
    std::iter::once(now).chain(later).map(begin).find(|at| !quiet(*at)).unwrap_or(now)
}

fn answer(incident: &Incident, works: bool, context: &Context<'_>) -> Result<Vec<Decided>, Refusal> {
    let person = context.actor.person().map(|person| person.id);
    let asked = incident.proof.asked.iter().any(|asked| Some(asked.id) == person);
    if !asked {
        return Err(Refusal::NothingNew(
            say!("you were not asked about this one. /report tells us more").to_owned(),
        ));
    }
    let same = incident.proof.answers.iter().any(|given| Some(given.by.id) == person && given.works == works);
    if same {
        return Ok(Vec::new());
    }
    Ok(vec![own(context, ProofEvent::Answered { works })])
}
