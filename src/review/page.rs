//! The one page for the meeting: what it was, how long each step took, why, what is missing, what follows.

use std::fmt::Write;

use watchpost_texts::{said, say};

use super::clocks::{self, Length};
use super::document::{Block, Document};
use super::hole::{Hole, holes};
use super::{Story, clock_time, glance, local};
use crate::clock::UtcMs;
use crate::incident::Incident;
use crate::incident::event::{EntryKind, Event};
use crate::incident::follow_up::{FollowUp, State};
use crate::incident::milestone::{Basis, Milestone};
use crate::incident::review::Part;
use crate::report::groups::sentence_of;

/// More than this of one kind stands in the appendix only.
const MOST: usize = 8;

/// The page.
pub fn page(story: &Story<'_>) -> Document {
    let incident = story.incident;
    let drill = if incident.drill { " (drill)" } else { "" };
    let mut page =
        Document { title: format!("{}{drill}: {}", incident.id, incident.title), ..Document::default() };
    for over in &incident.proof.overridden {
        page.text(say!(
            "Closed without proof by {} at {}: {}",
            over.by,
            local(over.at, story.zone),
            over.why
        ));
    }
    page.text(identity(story));
    page.blocks.push(Block::Picture(Box::new(glance::picture(story))));
    page.heading("Impact");
    page.list(impact(story), "");
    page.heading(say!("The clocks"));
    page.table(&["clock", say!("how long")], clock_rows(story, true), "");
    page.heading("Cause");
    page.text(cause(incident).unwrap_or_else(|| say!("Undetermined so far.").to_owned()));
    page.heading(say!("What went well, what went badly"));
    page.list(answers(incident, 1), waiting(incident));
    page.heading(say!("Holes in the record"));
    let found: Vec<String> = holes(story).into_iter().take(MOST).map(|hole| say_hole(hole, story)).collect();
    page.list(found, say!("None: something is recorded all along."));
    page.heading(say!("Open questions"));
    page.list(open_questions(story), "None.");
    page.heading("Follow-ups");
    page.text(follow_up_summary(incident));
    let open: Vec<String> = incident.follow_ups.iter().take(MOST).map(|one| follow_up(one, story)).collect();
    if !open.is_empty() {
        page.list(open, "");
    }
    page
}

/// Severity, span, lead, state of the review.
fn identity(story: &Story<'_>) -> String {
    let incident = story.incident;
    let milestones = &incident.milestones;
    let began = milestones.at(Milestone::ImpactStart).unwrap_or(incident.declared_at);
    let over = milestones.at(Milestone::Resolved);
    let over = over.map_or(say!("not over").to_owned(), |at| local(at, story.zone));
    let lead = incident.lead.as_ref().map_or("nobody", |lead| lead.name.as_str());
    let mut said = say!(
        "{} ({}). From {} to {over}. Led by {lead}. Review: {}.",
        incident.severity,
        incident.severity.meaning(),
        local(began, story.zone),
        incident.review.state.name()
    );
    if let Some(meeting) = incident.review.meeting {
        let _ = write!(said, "{}", say!(" Meeting: {}.", local(meeting, story.zone)));
    }
    said
}

/// What readers noticed, for how long, how many told so.
pub(super) fn impact(story: &Story<'_>) -> Vec<String> {
    let incident = story.incident;
    let milestones = &incident.milestones;
    let noticed = match (incident.facts.impact.as_str(), incident.cause()) {
        ("", Some(cause)) => cause.users().to_owned(),
        ("", None) => incident.title.clone(),
        (written, _) => written.to_owned(),
    };
    let length = |from, to| clocks::between(milestones.at(from), milestones.at(to));
    let mut said = vec![noticed];
    if let Length::Took(length) = length(Milestone::ImpactStart, Milestone::Mitigated) {
        said.push(say!("Mail was disturbed for {}.", clocks::spoken(length)));
    }
    let minutes: Vec<String> = minutes_by_severity(story)
        .into_iter()
        .map(|(severity, minutes)| say!("{severity} for {}", clocks::spoken(minutes)))
        .collect();
    if !minutes.is_empty() {
        said.push(format!("{}.", minutes.join(", ")));
    }
    let reports = sentence_of(&incident.reports);
    said.push(if reports.is_empty() {
        say!("Nobody reported it.").to_owned()
    } else {
        say!("Reported by {reports}.")
    });
    if let Some(written) = incident.review.part(Part::Impact) {
        said.push(written.to_owned());
    }
    said
}

/// How long it had each severity, from the declaration to the end.
pub(super) fn minutes_by_severity(
    story: &Story<'_>,
) -> Vec<(crate::incident::Severity, std::time::Duration)> {
    let mut spans: std::collections::BTreeMap<_, std::time::Duration> = std::collections::BTreeMap::new();
    let mut since: Option<(crate::incident::Severity, UtcMs)> = None;
    let mut change = |to, at: UtcMs| {
        if let Some((severity, from)) = since {
            *spans.entry(severity).or_default() += at.since(from);
        }
        since = to;
    };
    let mut severity = None;
    for recorded in story.events {
        let at = recorded.new.happened_at;
        match &recorded.new.event {
            Event::Declared { severity: first, .. } => {
                severity = Some(*first);
                change(Some((*first, at)), at);
            }
            Event::SeverityChanged { to, .. } => {
                severity = Some(*to);
                change(Some((*to, at)), at);
            }
            Event::Resolved { .. } => change(None, at),
            Event::Reopened { .. } => change(severity.map(|severity| (severity, at)), at),
            _ => {}
        }
    }
    spans.into_iter().collect()
}

/// The clocks; without those that never ran where only the page is written.
pub(super) fn clock_rows(story: &Story<'_>, short: bool) -> Vec<Vec<String>> {
    let milestones = &story.incident.milestones;
    let clocks = clocks::all(milestones).into_iter();
    let mut rows: Vec<Vec<String>> = clocks
        .filter(|clock| !short || clock.length != Length::NotRecorded)
        .map(|clock| vec![said(clock.name).to_owned(), clock.length.spoken()])
        .collect();
    let tried = milestones.attempts.iter().filter(|attempt| attempt.identified.is_some());
    for (number, attempt) in (1..).zip(tried.clone()) {
        if tried.clone().count() < 2 && attempt.held {
            continue;
        }
        let became = if attempt.held { "held" } else { say!("did not hold") };
        let length = clocks::between(attempt.identified, Some(attempt.at)).spoken();
        rows.push(vec![say!("identified to mitigated, attempt {number} ({became})"), length]);
    }
    rows
}

/// The cause, as people have it; else as the checks have it.
pub(super) fn cause(incident: &Incident) -> Option<String> {
    if let Some(written) = incident.review.part(Part::Factors) {
        return Some(written.to_owned());
    }
    let said = incident.entries.iter().rev().find(|entry| entry.kind == EntryKind::Cause);
    let named = incident.cause();
    match (said, named) {
        (Some(said), Some(named)) => Some(format!("{} ({})", said.text, named.name())),
        (Some(said), None) => Some(said.text.clone()),
        (None, Some(named)) => Some(say!("{} ({}, named by a check)", named.meaning(), named.name())),
        (None, None) => None,
    }
}

/// What people answered to one of the questions, once it may be read.
pub(super) fn answers(incident: &Incident, question: usize) -> Vec<String> {
    let review = &incident.review;
    if !review.is_open_to_read() {
        return Vec::new();
    }
    let said = |answer: &crate::incident::review::Answer| {
        let text = answer.answers.get(question).filter(|text| !text.is_empty())?;
        Some(format!("{}: {text}", answer.by.name))
    };
    review.answers.iter().filter_map(said).collect()
}

/// Why there are no answers.
pub(super) fn waiting(incident: &Incident) -> &'static str {
    match (incident.review.asked.is_empty(), incident.review.is_open_to_read()) {
        (true, _) => say!("Nobody was asked yet."),
        (false, false) => say!("Answers are shown when all have answered, or when the review begins."),
        (false, true) => say!("Nobody said anything to this."),
    }
}

/// A hole, as a question.
pub fn say_hole(hole: Hole, story: &Story<'_>) -> String {
    let (from, to) = (clock_time(hole.from, story.zone), clock_time(hole.to, story.zone));
    say!("Nothing is recorded {from}–{to} ({}). What happened?", clocks::spoken(hole.to.since(hole.from)))
}

/// What the meeting must settle.
pub(super) fn open_questions(story: &Story<'_>) -> Vec<String> {
    let incident = story.incident;
    let review = &incident.review;
    let mut open = Vec::new();
    if cause(incident).is_none() {
        open.push(say!("What was the cause?").to_owned());
    }
    let guessed = Milestone::ALL
        .into_iter()
        .filter(|which| incident.milestones.get(*which).is_some_and(|mark| mark.basis == Basis::Estimated));
    for which in guessed {
        open.push(say!("“{}” is estimated. When was it?", which.name()));
    }
    if review.part(Part::Impact).is_none() {
        open.push(say!("How many people and mails did it concern? Was mail lost, or only late?").to_owned());
    }
    if review.part(Part::Elsewhere).is_none() {
        open.push(say!("Where else does the same fault wait?").to_owned());
    }
    let silent: Vec<&str> = review.waits_for().into_iter().map(|person| person.name.as_str()).collect();
    if !silent.is_empty() {
        open.push(say!("Not answered yet by {}.", silent.join(", ")));
    }
    open
}

/// How many, and what is missing of them.
pub(super) fn follow_up_summary(incident: &Incident) -> String {
    let all = &incident.follow_ups;
    let misses = |name: &str| all.iter().filter(|one| one.misses().contains(&name)).count();
    match all.len() {
        0 => say!("None yet.").to_owned(),
        count => {
            let missing: Vec<String> = [say!("an owner"), "a date", say!("how one will see that it worked")]
                .into_iter()
                .filter_map(|name| Some((name, misses(name))).filter(|(_, count)| *count > 0))
                .map(|(name, count)| say!("{count} without {name}"))
                .collect();
            let missing = if missing.is_empty() {
                say!("all with owner, date and proof").to_owned()
            } else {
                missing.join(", ")
            };
            say!("{count} follow-up{}: {missing}.", if count == 1 { "" } else { "s" })
        }
    }
}

pub(super) fn follow_up(one: &FollowUp, story: &Story<'_>) -> String {
    let said = &one.said;
    let owner = said.owner.as_ref().map_or(say!("no owner"), |owner| owner.name.as_str());
    let due = said.due.map_or(say!("no date").to_owned(), |due| super::day(due, story.zone));
    let proof = if said.shown_by.is_empty() { String::new() } else { say!(" Shown by: {}.", said.shown_by) };
    let state = match &one.state {
        State::Open => String::new(),
        State::Done(seen) => say!(" Done: {seen}."),
        State::Dropped(why) => say!(" Dropped: {why}."),
    };
    say!("{} ({}, {owner}, {due}).{proof}{state}", said.text, said.sort.name())
}
