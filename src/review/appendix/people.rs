//! What people decide and know: identity, summary, causes, answers, recurrence, follow-ups, procedure.

use std::time::Duration;

use watchpost_texts::say;

use crate::clock::UtcMs;
use crate::incident::event::Event;
use crate::incident::follow_up::State;
use crate::incident::milestone::Milestone;
use crate::incident::review::Part;
use crate::picture::course::{self, Course};
use crate::review::clocks::{self, Length};
use crate::review::document::{Block, Document};
use crate::review::{Story, day, local, page};

pub(super) fn identity(document: &mut Document, story: &Story<'_>) {
    let incident = story.incident;
    let name = |person: Option<&crate::person::Person>| {
        person.map_or("nobody".to_owned(), |person| person.name.clone())
    };
    let mut rows = vec![
        row("id", incident.id.to_string()),
        row("title", incident.title.clone()),
        row(
            "service",
            incident.service.as_ref().map_or(say!("not named").to_owned(), |name| name.as_str().to_owned()),
        ),
        row("severity", severities(story)),
        row("phase", incident.phase.name().to_owned()),
        row("drill", if incident.drill { say!("yes: counts in no figure") } else { "no" }.to_owned()),
        row(say!("declared by"), incident.declared_by.to_string()),
        row(say!("lead at the end"), name(incident.lead.as_ref())),
        row(
            say!("took part"),
            incident.people.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join(", "),
        ),
        row("review", incident.review.state.name().to_owned()),
    ];
    if let Some((by, at)) = &incident.review.moved {
        rows.push(row(say!("review moved by"), format!("{by}, {}", local(*at, story.zone))));
    }
    if let Some(meeting) = incident.review.meeting {
        rows.push(row("meeting", local(meeting, story.zone)));
    }
    rows.push(row(
        "procedure",
        story.around.procedure.clone().unwrap_or_else(|| say!("as built in").to_owned()),
    ));
    if let Some(chain) = &story.around.chain {
        rows.push(row(say!("head of the chain over all events"), chain.clone()));
    }
    document.table(&["", ""], rows, "");
}

fn row(name: &str, value: String) -> Vec<String> {
    vec![name.to_owned(), value]
}

fn severities(story: &Story<'_>) -> String {
    let mut said = Vec::new();
    for recorded in story.events {
        match &recorded.new.event {
            Event::Declared { severity, .. } => said.push(severity.to_string()),
            Event::SeverityChanged { to, why } => {
                said.push(say!("{to} from {} ({why})", local(recorded.new.happened_at, story.zone)));
            }
            _ => {}
        }
    }
    said.join(", then ")
}

pub(super) fn summary(document: &mut Document, story: &Story<'_>) {
    let incident = story.incident;
    if let Some(written) = incident.review.part(Part::Summary) {
        document.text(written);
        return;
    }
    let milestones = &incident.milestones;
    let recovery = clocks::between(milestones.at(Milestone::ImpactStart), milestones.at(Milestone::Verified));
    let over = match recovery {
        Length::Took(length) => say!(" It worked again, proved, after {}.", clocks::spoken(length)),
        _ => String::new(),
    };
    let cause = page::cause(incident)
        .map_or(say!("The cause is undetermined.").to_owned(), |cause| say!("Cause: {cause}."));
    let again = match milestones.reopened {
        0 => String::new(),
        1 => say!(" It was closed too early once.").to_owned(),
        count => say!(" It was closed too early {count} times."),
    };
    document.text(format!("{}. {cause}{over}{again}", incident.title.trim_end_matches('.')));
}

pub(super) fn impact(document: &mut Document, story: &Story<'_>) {
    let incident = story.incident;
    let mut rows: Vec<Vec<String>> = page::minutes_by_severity(story)
        .into_iter()
        .map(|(severity, length)| row(&say!("time at {severity}"), clocks::spoken(length)))
        .collect();
    let people: u64 = incident.reports.iter().map(|report| u64::from(report.people)).sum();
    rows.push(row(say!("reports received"), say!("{}, for {people} people", incident.reports.len())));
    let mut symptoms: std::collections::BTreeMap<&str, u32> = std::collections::BTreeMap::new();
    for report in &incident.reports {
        *symptoms.entry(report.symptom.label()).or_default() += report.people;
    }
    for (symptom, count) in symptoms {
        rows.push(row(&say!("of these, {symptom}"), count.to_string()));
    }
    let known = incident.review.part(Part::Impact).unwrap_or(say!("not entered"));
    rows.push(row(say!("people, mails delayed, bounced or lost, partners, tickets"), known.to_owned()));
    document.table(&["measure", "value"], rows, "");
    document.small_heading(say!("How long mail took"));
    if story.around.delivery.is_empty() {
        document.text(say!("Nothing was measured: no probe mail was sent around that time."));
        return;
    }
    document.text(delivery_in_words(&story.around.delivery, story));
    document.blocks.push(Block::Picture(Box::new(course::draw(&delivery(story)))));
}

/// The course of the probe mails.
fn delivery(story: &Story<'_>) -> Course {
    let seconds = |millis: u64| Duration::from_millis(millis).as_secs_f64();
    let points = story.around.delivery.iter().map(|(at, took)| (*at, took.map(seconds)));
    Course {
        title: say!("Mail to oneself: from handing in to finding it").to_owned(),
        unit: "s",
        zone: story.zone,
        points: points.collect(),
        limit: None,
        top: None,
    }
}

/// How many arrived, and the slowest.
fn delivery_in_words(all: &[(UtcMs, Option<u64>)], story: &Story<'_>) -> String {
    let arrived = all.iter().filter_map(|(at, took)| took.map(|took| (took, *at)));
    let lost = all.len() - arrived.clone().count();
    let slowest = arrived.max().map_or(String::new(), |(took, at)| {
        let took = match took {
            0..10_000 => format!("{}.{} s", took / 1_000, took % 1_000 / 100),
            _ => clocks::spoken(Duration::from_millis(took)),
        };
        say!(" The slowest of the others took {took}, at {}.", local(at, story.zone))
    });
    say!("Of {} probe mails {lost} did not arrive in time.{slowest}", all.len())
}

pub(super) fn factors(document: &mut Document, story: &Story<'_>) {
    let incident = story.incident;
    document.text(page::cause(incident).unwrap_or_else(|| "Undetermined.".to_owned()));
    if let Some(cause) = incident.cause() {
        document.text(say!("{} means: {}.", cause.name(), cause.meaning().trim_end_matches('.')));
    }
    if let Some(written) = incident.review.part(Part::LeadUp) {
        document.text(say!("How it came about: {written}"));
    }
}

pub(super) fn answers(document: &mut Document, story: &Story<'_>) {
    let incident = story.incident;
    if incident.review.questions.is_empty() {
        document.text(page::waiting(incident));
    }
    for (number, question) in incident.review.questions.iter().enumerate() {
        document.small_heading(question.clone());
        document.list(page::answers(incident, number), page::waiting(incident));
    }
}

pub(super) fn recurrence(document: &mut Document, story: &Story<'_>) {
    let like = story.around.similar.iter().map(|like| {
        let because = like.because.join(", ");
        say!(
            "{} ({}): {}. Same: {because}. {}",
            like.id,
            day(like.began, story.zone),
            like.title,
            like.fixed_by
        )
    });
    document.list(like.collect(), say!("No earlier incident is like it."));
    let elsewhere = story.incident.review.part(Part::Elsewhere);
    document.text(
        elsewhere.map_or(say!("Where else the same fault waits is not entered.").to_owned(), |text| {
            say!("Where else the same fault waits: {text}")
        }),
    );
}

pub(super) fn follow_ups(document: &mut Document, story: &Story<'_>) {
    document.text(page::follow_up_summary(story.incident));
    let rows = story.incident.follow_ups.iter().map(|one| {
        let said = &one.said;
        let state = match &one.state {
            State::Open => "open".to_owned(),
            State::Done(seen) => say!("done: {seen}"),
            State::Dropped(why) => say!("dropped: {why}"),
        };
        vec![
            one.number.to_string(),
            said.text.clone(),
            said.sort.name().to_owned(),
            said.owner.as_ref().map_or("nobody".to_owned(), |owner| owner.name.clone()),
            said.due.map_or(say!("no date").to_owned(), |due| day(due, story.zone)),
            if said.shown_by.is_empty() { say!("not said").to_owned() } else { said.shown_by.clone() },
            state,
        ]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    if !rows.is_empty() {
        document.table(
            &["no.", "what", say!("good for"), "owner", "due", say!("shown by"), "state"],
            rows,
            "",
        );
    }
}

pub(super) fn procedure(document: &mut Document, story: &Story<'_>) {
    document.list(story.around.proposals.clone(), say!("None was proposed."));
}
