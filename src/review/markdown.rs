//! The story to read: what it was, its clocks, who was told what and when, and everything in order.

use std::fmt::Write;

use super::clocks::{Milestones, spoken};
use super::{Story, local, spell_out};
use crate::desk::is_housekeeping;
use crate::incident::event::{Event, Recorded};
use crate::timeline;

/// The story as Markdown.
pub fn write(story: &Story<'_>) -> String {
    let mut out = String::new();
    head(&mut out, story);
    clocks(&mut out, story);
    told(&mut out, story);
    events(&mut out, story);
    out
}

fn head(out: &mut String, story: &Story<'_>) {
    let incident = story.incident;
    let drill = if incident.drill { " (drill)" } else { "" };
    line(out, &format!("# {}{drill}: {}", incident.id, plain(&incident.title)));
    line(out, "");
    for over in &incident.proof.overridden {
        let (by, at) = (plain(&over.by.to_string()), local(over.at, story.zone));
        line(out, &format!("- **closed without proof** by {by} at {at}: {}", plain(&over.why)));
    }
    line(out, &format!("- severity: {} ({})", incident.severity, incident.severity.meaning()));
    line(out, &format!("- phase: {}", incident.phase));
    line(out, &format!("- began: {}", local(incident.began(), story.zone)));
    if let Some(service) = &incident.service {
        line(out, &format!("- service: {}", plain(service.as_str())));
    }
    if let Some(lead) = &incident.lead {
        line(out, &format!("- lead: {}", plain(&lead.name)));
    }
    if let Some(last) = &incident.assessment {
        let cause = last.cause.map_or("not known", |cause| cause.name());
        line(out, &format!("- likely cause: {cause}"));
        line(out, &format!("- last check: {}", plain(&spell_out(&last.summary, story.zone))));
    }
}

fn clocks(out: &mut String, story: &Story<'_>) {
    line(out, "\n## Clocks\n");
    for (name, length) in Milestones::of(story.incident, story.events).clocks() {
        line(out, &format!("- {name}: {}", length.map_or("not recorded".to_owned(), spoken)));
    }
}

fn told(out: &mut String, story: &Story<'_>) {
    line(out, "\n## Who was told what\n");
    line(out, "| issued | audience | no. | kind | planned | late | text |\n|---|---|---|---|---|---|---|");
    let mut any = false;
    for recorded in story.events {
        if let Event::UpdateIssued { audience, number, kind, text, planned, .. } = &recorded.new.event {
            any = true;
            let issued = recorded.new.happened_at;
            let row = [
                local(issued, story.zone),
                plain(audience.as_str()),
                number.to_string(),
                timeline::update_kind(*kind).to_owned(),
                local(*planned, story.zone),
                spoken(issued.since(*planned)),
                plain(&spell_out(text, story.zone)),
            ];
            line(out, &format!("| {} |", row.join(" | ")));
        }
    }
    if !any {
        line(out, "| | | | | | | nobody was told anything |");
    }
}

fn events(out: &mut String, story: &Story<'_>) {
    line(out, "\n## Timeline\n");
    line(out, "| no. | occurred | recorded | what |\n|---|---|---|---|");
    for recorded in story.events.iter().filter(|recorded| !is_housekeeping(&recorded.new.event)) {
        line(out, &row(recorded, story));
    }
}

fn row(recorded: &Recorded, story: &Story<'_>) -> String {
    let what = plain(&spell_out(&timeline::sentence(&recorded.new), story.zone));
    let occurred = local(recorded.new.happened_at, story.zone);
    let recorded_at = local(recorded.recorded_at, story.zone);
    format!("| {} | {occurred} | {recorded_at} | {what} |", recorded.version)
}

fn line(out: &mut String, text: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{text}");
}

/// User text, so that it stays text: no markup, no link, no row of a table, no line of its own.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\n' | '\r' | '\t' => out.push(' '),
            letter if letter.is_control() => {}
            // Bidirectional controls and zero-width signs could show another text than the one that is there.
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => {}
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '|' | '!' | '~' => {
                out.push('\\');
                out.push(letter);
            }
            letter => out.push(letter),
        }
    }
    out
}
