//! The story for programs, and for reading back: `docs/export-schema.md` describes it.
//!
//! Inside, it holds every event as it is stored, so that [`read`] gives an incident that exports the same. For outside it
//! holds the lines of the timeline instead, without names, hosts and addresses.

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use watchpost_texts::say;

use super::clocks::{self, Length};
use super::hole::holes;
use super::line::lines;
use super::outside::Mask;
use super::{Around, Readers, Story};
use crate::clock::UtcMs;
use crate::ids::IncidentId;
use crate::incident::Incident;
use crate::incident::event::Recorded;
use crate::incident::milestone::Milestone;
use crate::store::Head;

/// Names the schema; it changes when a field changes its meaning or goes.
pub const SCHEMA: &str = "watchpost-incident/1";
/// The same for outside.
pub const OUTSIDE: &str = "watchpost-incident-outside/1";
/// A file that is larger is none of ours: 100,000 events are about 60 MB.
const LARGEST: usize = 512 * 1024 * 1024;

#[derive(Serialize)]
struct Document<'d> {
    schema: &'static str,
    incident: String,
    time_zone: &'static str,
    head: Head,
    #[serde(skip_serializing_if = "Option::is_none")]
    chain_head: Option<&'d str>,
    around: &'d Around,
    milestones: Vec<Moment>,
    clocks: Vec<Clock>,
    holes: Vec<[String; 2]>,
    events: &'d [Recorded],
}

#[derive(Serialize)]
struct ForOutside {
    schema: &'static str,
    incident: String,
    title: String,
    severity: String,
    phase: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    chain_head: Option<String>,
    milestones: Vec<Moment>,
    clocks: Vec<Clock>,
    timeline: Vec<OutsideLine>,
}

#[derive(Serialize)]
struct Moment {
    name: &'static str,
    at: String,
    time_is: &'static str,
}

#[derive(Serialize)]
struct Clock {
    name: &'static str,
    /// None where one of its moments is not recorded; negative where the end came first.
    seconds: Option<i64>,
}

#[derive(Serialize)]
struct OutsideLine {
    occurred: String,
    kind: &'static str,
    text: String,
}

/// The story as JSON, two spaces deep, with a line's end.
pub fn write(story: &Story<'_>) -> String {
    let text = match story.readers {
        Readers::Inside => serde_json::to_string_pretty(&Document {
            schema: SCHEMA,
            incident: story.incident.id.to_string(),
            time_zone: story.zone.name(),
            head: story.incident.head(),
            chain_head: story.around.chain.as_deref(),
            around: story.around,
            milestones: milestones(story),
            clocks: clocks(story),
            holes: holes(story).iter().map(|hole| [hole.from.to_string(), hole.to.to_string()]).collect(),
            events: story.events,
        }),
        Readers::Outside => serde_json::to_string_pretty(&for_outside(story)),
    };
    let mut text = text.expect("these types have string keys only");
    text.push('\n');
    text
}

fn for_outside(story: &Story<'_>) -> ForOutside {
    let mask = Mask::of(story);
    let lines = lines(story);
    let told = lines.iter().filter(|line| line.struck.is_none());
    ForOutside {
        schema: OUTSIDE,
        incident: story.incident.id.to_string(),
        title: mask.text(&story.incident.title),
        severity: story.incident.severity.to_string(),
        phase: story.incident.phase.name(),
        chain_head: story.around.chain.clone(),
        milestones: milestones(story),
        clocks: clocks(story),
        timeline: told
            .map(|line| OutsideLine {
                occurred: line.occurred.to_string(),
                kind: line.kind.name(),
                text: mask.text(&line.text),
            })
            .collect(),
    }
}

fn milestones(story: &Story<'_>) -> Vec<Moment> {
    let mark = |which| story.incident.milestones.get(which);
    Milestone::ALL
        .into_iter()
        .filter_map(|which| {
            let mark = mark(which)?;
            Some(Moment { name: which.name(), at: mark.at.to_string(), time_is: mark.basis.name() })
        })
        .collect()
}

fn clocks(story: &Story<'_>) -> Vec<Clock> {
    let seconds = |length| match length {
        Length::Took(length) => i64::try_from(length.as_secs()).ok(),
        Length::Before(length) => i64::try_from(length.as_secs()).ok().map(|seconds| -seconds),
        Length::NotRecorded => None,
    };
    let clock = |clock: clocks::Clock| Clock { name: clock.name, seconds: seconds(clock.length) };
    clocks::all(&story.incident.milestones).into_iter().map(clock).collect()
}

/// What was read back.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// The incident.
    pub incident: Incident,
    /// Its events.
    pub events: Vec<Recorded>,
    /// Where its readers were.
    pub zone: Tz,
    /// What was known around it, with the head of the hash chain, when it was written.
    pub around: Around,
}

/// Why a file cannot be read back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotRead {
    /// It is no JSON, or not of this form.
    #[error("{}", say!("this is no export of Watchpost: {0}. Take one that `watchpost export --format json` wrote", _0))]
    Form(String),
    /// It has another schema.
    #[error("{}", say!("this file has the schema “{0}”; this version reads “{SCHEMA}”", _0))]
    Schema(String),
    /// Its events do not fit together.
    #[error("{}", say!("the events of this file do not fit together: {0}. It was changed after it was written", _0))]
    Events(String),
}

#[derive(Deserialize)]
struct Named {
    schema: String,
}

#[derive(Deserialize)]
struct Back {
    time_zone: String,
    #[serde(default)]
    chain_head: Option<String>,
    #[serde(default)]
    around: Around,
    events: Vec<Recorded>,
}

/// Reads an export back.
///
/// # Errors
/// [`NotRead`] says what is wrong with it.
pub fn read(text: &str) -> Result<Read, NotRead> {
    let form = |error: serde_json::Error| NotRead::Form(error.to_string());
    if text.len() > LARGEST {
        return Err(NotRead::Form(say!("it is too large").to_owned()));
    }
    let Named { schema } = serde_json::from_str(text).map_err(form)?;
    if schema != SCHEMA {
        return Err(NotRead::Schema(schema.chars().take(60).collect()));
    }
    let Back { time_zone, chain_head: chain, around, events } = serde_json::from_str(text).map_err(form)?;
    let zone =
        time_zone.parse().map_err(|_| NotRead::Form(say!("its time zone is unknown here").to_owned()))?;
    let id = whole(&events)?;
    let around = Around { chain, ..around };
    Ok(Read { incident: Incident::from_events(id, &events), events, zone, around })
}

/// One incident, from its first event to its last, none missing.
fn whole(events: &[Recorded]) -> Result<IncidentId, NotRead> {
    let wrong = |why: String| Err(NotRead::Events(why));
    let Some(first) = events.first() else { return wrong(say!("there is none").to_owned()) };
    let id = first.new.incident;
    for (recorded, version) in events.iter().zip(1..) {
        if recorded.new.incident != id {
            return wrong(say!("number {version} is of {}", recorded.new.incident));
        }
        if recorded.version != version {
            return wrong(say!("number {version} is missing"));
        }
        if !(UtcMs(-62_135_596_800_000)..=UtcMs(253_402_300_799_000)).contains(&recorded.new.happened_at) {
            return wrong(say!("number {version} happened at no time of ours"));
        }
    }
    Ok(id)
}
