//! What happened: clocks, what came before, checks, suspects, repairs, proof, the timeline.

use watchpost_texts::say;

use super::shown;
use crate::cause::Cause;
use crate::incident::action::ActionEvent;
use crate::incident::event::{EntryKind, Event};
use crate::incident::milestone::Milestone;
use crate::review::document::Document;
use crate::review::line::{Kind, Line, curated, lines};
use crate::review::{Story, belief, clock_time, hole, local, page, spell_out};

pub(super) fn clocks(document: &mut Document, story: &Story<'_>) {
    let milestones = &story.incident.milestones;
    let rows = Milestone::ALL.into_iter().map(|which| match milestones.get(which) {
        Some(mark) => {
            let hand = if milestones.is_by_hand(which) { say!(", set by hand") } else { "" };
            vec![which.name().to_owned(), local(mark.at, story.zone), format!("{}{hand}", mark.basis.name())]
        }
        None => vec![which.name().to_owned(), say!("not recorded").to_owned(), String::new()],
    });
    document.table(&["milestone", "when", say!("the time is")], rows.collect(), "");
    document.table(&["clock", say!("how long")], page::clock_rows(story, false), "");
    let holes = hole::holes(story).into_iter().map(|hole| page::say_hole(hole, story));
    document.list(holes.collect(), say!("No hole in the record."));
}

pub(super) fn lead_up(document: &mut Document, story: &Story<'_>) {
    document.small_heading(say!("Warnings that came before, and what became of them"));
    let warnings = story.around.warnings.iter().map(|warning| {
        let said = spell_out(&format!("{} {}", warning.text, warning.became), story.zone);
        format!("{}: {said}", local(warning.at, story.zone))
    });
    document.list(warnings.collect(), say!("None is recorded."));
    document.small_heading(say!("Recent changes"));
    document.list(logged(story, EntryKind::Change), say!("None was logged."));
}

fn logged(story: &Story<'_>, kind: EntryKind) -> Vec<String> {
    let entries = story.incident.entries.iter().filter(|entry| entry.kind == kind);
    entries.map(|entry| format!("{}: {} ({})", local(entry.at, story.zone), entry.text, entry.by)).collect()
}

pub(super) fn detection(document: &mut Document, story: &Story<'_>) {
    let incident = story.incident;
    let first_report = incident.reports.iter().map(|report| report.at).min();
    let first_bad = story.events.iter().find_map(|recorded| match &recorded.new.event {
        Event::Assessed { verdict, .. } if *verdict != crate::incident::Verdict::Ok => {
            Some(recorded.new.happened_at)
        }
        _ => None,
    });
    let by = match (&incident.declared_by, first_report) {
        (_, Some(report)) if report < incident.declared_at => say!("people who reported it").to_owned(),
        (crate::person::Actor::Watchpost, _) => "a check".to_owned(),
        (person, _) => say!("{person}, who declared it"),
    };
    let mut said = vec![say!("First noticed by {by}.")];
    if let Some(at) = first_report {
        said.push(say!("First report: {}.", local(at, story.zone)));
    }
    if let Some(at) = first_bad {
        said.push(say!("First check that was not good: {}.", local(at, story.zone)));
    }
    document.list(said, "");
    document.small_heading(say!("Who was called, and who answered"));
    shown::calls(document, story);
}

fn of_kind(story: &Story<'_>, kind: Kind) -> Vec<String> {
    let all = lines(story);
    let wanted = all.iter().filter(|line| line.kind == kind && line.struck.is_none());
    wanted.map(|line| format!("{}: {}", clock_time(line.occurred, story.zone), line.text)).collect()
}

pub(super) fn checks(document: &mut Document, story: &Story<'_>) {
    let rows = story.events.iter().filter_map(|recorded| {
        let Event::Assessed { verdict, cause, summary, .. } = &recorded.new.event else { return None };
        Some(vec![
            local(recorded.new.happened_at, story.zone),
            cause.map_or("–", Cause::name).to_owned(),
            format!("{verdict:?}").to_lowercase(),
            spell_out(summary, story.zone),
            recorded.new.actor.to_string(),
        ])
    });
    document.table(&["when", "cause", "verdict", "finding", "by"], rows.collect(), say!("None was done."));
}

pub(super) fn ruled_out(document: &mut Document, story: &Story<'_>) {
    document.small_heading("Suspects");
    document.list(logged(story, EntryKind::Suspect), say!("None was logged."));
    document.small_heading(say!("Ruled out"));
    document.list(logged(story, EntryKind::RuledOut), say!("None was logged."));
}

pub(super) fn tried(document: &mut Document, story: &Story<'_>) {
    let rows = story.incident.actions.iter().map(|action| {
        let steps = story.events.iter().filter_map(|recorded| {
            let Event::Action(event) = &recorded.new.event else { return None };
            let at = clock_time(recorded.new.happened_at, story.zone);
            let who = &recorded.new.actor;
            Some(match event {
                ActionEvent::Approved { number } if *number == action.number => {
                    say!("{at} approved by {who}")
                }
                ActionEvent::Refused { number, why } if *number == action.number => {
                    say!("{at} not approved by {who}: {why}")
                }
                ActionEvent::Started { number, alone_because: None } if *number == action.number => {
                    say!("{at} started by {who}")
                }
                ActionEvent::Started { number, alone_because: Some(why) } if *number == action.number => {
                    say!("{at} started alone by {who}: {why}")
                }
                ActionEvent::Done { number } if *number == action.number => say!("{at} done"),
                ActionEvent::Failed { number, why } if *number == action.number => {
                    say!("{at} did not help: {why}")
                }
                ActionEvent::RolledBack { number } if *number == action.number => say!("{at} rolled back"),
                _ => return None,
            })
        });
        let attempt =
            story.incident.milestones.attempts.iter().find(|attempt| attempt.repair == Some(action.number));
        let outcome = match attempt.map(|attempt| attempt.held) {
            Some(true) => "held",
            Some(false) => say!("did not hold"),
            None => action.step.name(),
        };
        vec![
            action.text.clone(),
            format!("{:?}", action.risk).to_lowercase(),
            steps.collect::<Vec<_>>().join("; "),
            outcome.to_owned(),
            if action.rollback.is_empty() { say!("not said").to_owned() } else { action.rollback.clone() },
        ]
    });
    document.table(
        &["what", "risk", say!("how it went"), "outcome", say!("way back")],
        rows.collect(),
        say!("Nothing was tried."),
    );
}

pub(super) fn proof(document: &mut Document, story: &Story<'_>) {
    if !shown::proofs(document, story) {
        let good = story.events.iter().filter_map(|recorded| match &recorded.new.event {
            Event::Assessed { verdict: crate::incident::Verdict::Ok, summary, .. } => Some(format!(
                "{}: {}",
                local(recorded.new.happened_at, story.zone),
                spell_out(summary, story.zone)
            )),
            Event::Resolved { why } => {
                Some(say!("{}: closed, because: {why}", local(recorded.new.happened_at, story.zone)))
            }
            _ => None,
        });
        document.list(good.collect(), say!("Nothing proves that it works."));
    }
    let rest = of_kind(story, Kind::Proof);
    if !rest.is_empty() {
        document.small_heading(say!("All of it, as it was recorded"));
        document.list(rest, "");
    }
}

pub(super) fn timeline(document: &mut Document, story: &Story<'_>) {
    let all = lines(story);
    document.small_heading(say!("In short, in the order in which it happened"));
    let rows = curated(&all).into_iter().map(|line| {
        vec![
            line.number.to_string(),
            local(line.occurred, story.zone),
            line.basis.name().to_owned(),
            line.text.clone(),
        ]
    });
    document.table(
        &["no.", "occurred", say!("the time is"), "what"],
        rows.collect(),
        say!("Nothing is chosen."),
    );
    document.small_heading(say!("What was believed, what was so, what a user saw"));
    document.table(
        &["since", "believed", say!("expected end"), say!("what was so"), say!("users read")],
        beliefs(story),
        "",
    );
    document.small_heading(say!("Everything, in the order in which it was recorded"));
    let rows = all.iter().map(|line| full(line, story));
    document.table(&["no.", "occurred", "recorded", say!("the time is"), "kind", "what"], rows.collect(), "");
}

/// More changes of belief than this stand in the full timeline only.
const BELIEFS: usize = 200;

fn beliefs(story: &Story<'_>) -> Vec<Vec<String>> {
    let beliefs = belief::beliefs(story).into_iter().take(BELIEFS).map(|belief| {
        let expected = match belief.expected {
            crate::incident::Eta::Unknown => "unknown".to_owned(),
            crate::incident::Eta::At(at) => clock_time(at, story.zone),
            crate::incident::Eta::Between(from, to) => {
                format!("{}–{}", clock_time(from, story.zone), clock_time(to, story.zone))
            }
        };
        vec![
            clock_time(belief.at, story.zone),
            belief.believed,
            expected,
            belief.was.to_owned(),
            spell_out(&belief.seen, story.zone),
        ]
    });
    beliefs.collect()
}

fn full(line: &Line, story: &Story<'_>) -> Vec<String> {
    let mut text = line.text.clone();
    if let Some(was) = &line.was {
        text.push_str(&say!(" [was: {was}]"));
    }
    if let Some(why) = &line.struck {
        text = say!("STRUCK ({why}): {text}");
    }
    vec![
        line.number.to_string(),
        local(line.occurred, story.zone),
        local(line.recorded, story.zone),
        line.basis.name().to_owned(),
        line.kind.name().to_owned(),
        text,
    ]
}
