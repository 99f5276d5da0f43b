//! The timeline to take away: Markdown to read, JSON for programs. Both hold every event, in order.

use chrono_tz::Tz;
use serde_json::{Value, json};

use super::sentence;
use crate::clock::UtcMs;
use crate::incident::Incident;
use crate::incident::event::Recorded;

/// Version of the JSON's form; fields are only added.
const FORMAT: u32 = 1;

/// All of it as Markdown: what is known on top, then one line an event, times in UTC and in the organisation's zone.
pub fn markdown(incident: &Incident, events: &[Recorded], zone: Tz) -> String {
    let mut text = format!("# {}: {}\n\n", incident.id, escaped(&incident.title));
    for (name, value) in summary(incident, zone) {
        text.push_str(&format!("- {name}: {}\n", escaped(&value)));
    }
    text.push_str(&format!("\n## Timeline\n\n| # | UTC | {zone} | who | what |\n|---|---|---|---|---|\n"));
    for event in events {
        let at = event.new.happened_at;
        text.push_str(&format!(
            "| {} | {} | {} | {} | {}{} |\n",
            event.version,
            at,
            local(at, zone),
            escaped(&event.new.actor.to_string()),
            escaped(&with_plain_times(&sentence(&event.new), zone)),
            written_later(event),
        ));
    }
    text
}

/// All of it as JSON: the incident's main values and every event as it is stored.
pub fn json(incident: &Incident, events: &[Recorded]) -> String {
    let value = json!({
        "format": FORMAT,
        "incident": incident.id.to_string(),
        "title": incident.title,
        "service": incident.service,
        "severity": incident.severity,
        "phase": incident.phase,
        "drill": incident.drill,
        "began": incident.began().to_string(),
        "declared": incident.declared_at.to_string(),
        "acknowledged": incident.acknowledged_at.map(|at| at.to_string()),
        "resolved": incident.resolved_at.map(|at| at.to_string()),
        "events": events.iter().map(event).collect::<Vec<_>>(),
    });
    let mut text = serde_json::to_string_pretty(&value).unwrap_or_default();
    text.push('\n');
    text
}

fn event(recorded: &Recorded) -> Value {
    json!({
        "number": recorded.version,
        "at": recorded.new.happened_at.to_string(),
        "recorded": recorded.recorded_at.to_string(),
        "who": recorded.new.actor.to_string(),
        "origin": recorded.new.origin,
        "what": sentence(&recorded.new),
        "event": recorded.new.event,
    })
}

fn summary(incident: &Incident, zone: Tz) -> Vec<(&'static str, String)> {
    let both = |at: UtcMs| format!("{at} ({} {zone})", local(at, zone));
    let mut values = vec![
        ("Severity", format!("{} ({})", incident.severity, incident.severity.meaning())),
        ("Phase", incident.phase.to_string()),
        ("Began", both(incident.began())),
        ("Declared", format!("{} by {}", both(incident.declared_at), incident.declared_by)),
    ];
    if incident.drill {
        values.insert(0, ("Drill", "nothing was wrong".to_owned()));
    }
    values.extend(incident.acknowledged_at.map(|at| ("Acknowledged", both(at))));
    values.extend(incident.lead.as_ref().map(|lead| ("Lead", lead.name.clone())));
    let cause = incident.assessment.as_ref().and_then(|last| last.cause);
    values.extend(cause.map(|cause| ("Likely cause", format!("{} ({})", cause.name(), cause.meaning()))));
    values.extend(incident.resolved_at.map(|at| ("Resolved", both(at))));
    values
}

/// What was written down more than a minute after it happened says so: it was remembered, not observed.
fn written_later(recorded: &Recorded) -> String {
    let late = recorded.recorded_at.since(recorded.new.happened_at);
    if late.as_secs() < 60 { String::new() } else { format!(" (written down {})", recorded.recorded_at) }
}

fn local(at: UtcMs, zone: Tz) -> String {
    at.to_utc().with_timezone(&zone).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// `<t:SECONDS:t>` is for the chat only.
fn with_plain_times(text: &str, zone: Tz) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("<t:") {
        plain.push_str(&rest[..start]);
        let inside = &rest[start + 3..];
        let end = inside.find('>').unwrap_or(0);
        match inside[..end].split(':').next().and_then(|seconds| seconds.parse::<i64>().ok()) {
            Some(seconds) => {
                plain.push_str(&local(UtcMs(seconds.saturating_mul(1_000)), zone));
                rest = &inside[end + 1..];
            }
            None => {
                plain.push_str("<t:");
                rest = inside;
            }
        }
    }
    plain.push_str(rest);
    plain
}

/// Text that Markdown shows as it is, on one line of a table.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\r' | '\t' => escaped.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '!' | '~' => {
                escaped.push('\\');
                escaped.push(character);
            }
            other if other.is_control() => {}
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{GuildId, IncidentId, PersonId, Seq};
    use crate::incident::Severity;
    use crate::incident::event::{EntryKind, Event, NewEvent, Origin};
    use crate::person::{Actor, Person};

    fn night() -> (Incident, Vec<Recorded>) {
        let ana = Actor::Person(Person { id: PersonId(7), name: "ana | *root*".into() });
        let declared = Event::Declared {
            guild: GuildId(1),
            title: "phones | cannot <b>send</b>".into(),
            service: None,
            severity: Severity::Sev2,
            since: None,
            drill: false,
        };
        let logged = Event::Logged { kind: EntryKind::Finding, text: "timer failing\nsince <t:0:t>".into() };
        let recorded = |version: u64, at: i64, event| Recorded {
            seq: Seq(version),
            version,
            recorded_at: UtcMs(600_000),
            new: NewEvent {
                incident: IncidentId(1),
                happened_at: UtcMs(at),
                actor: ana.clone(),
                origin: Origin::Chat,
                event,
            },
        };
        let events = vec![recorded(1, 599_000, declared), recorded(2, 0, logged)];
        (Incident::from_events(IncidentId(1), &events), events)
    }

    #[test]
    fn markdown_has_every_event_on_a_line_of_its_own() {
        let (incident, events) = night();
        let text = markdown(&incident, &events, chrono_tz::Europe::Berlin);
        let rows: Vec<&str> =
            text.lines().filter(|line| line.starts_with("| 1 ") || line.starts_with("| 2 ")).collect();
        assert_eq!(rows.len(), 2, "{text}");
        assert_eq!(
            rows[1],
            r"| 2 | 1970-01-01T00:00:00Z | 1970-01-01 01:00:00 | ana \| \*root\* | ana \| \*root\* logged a finding: timer failing since 1970-01-01 01:00:00 (written down 1970-01-01T00:10:00Z) |"
        );
        assert!(text.starts_with(r"# INC-1: phones \| cannot \<b\>send\</b\>"), "{text}");
    }

    #[test]
    fn json_reads_back_with_every_event() {
        let (incident, events) = night();
        let value: Value = serde_json::from_str(&json(&incident, &events)).expect("JSON");
        assert_eq!(value["format"], 1);
        assert_eq!(value["events"].as_array().map(Vec::len), Some(2));
        assert_eq!(value["events"][1]["at"], "1970-01-01T00:00:00Z");
        assert_eq!(value["events"][1]["event"]["type"], "logged");
    }
}
