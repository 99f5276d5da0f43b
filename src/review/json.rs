//! The story for programs: everything, as it is stored.

use serde::Serialize;

use super::Story;
use crate::incident::event::Recorded;
use crate::store::Head;

/// Names the schema; it changes when a field changes its meaning or goes.
pub const SCHEMA: &str = "watchpost-incident/1";

#[derive(Serialize)]
struct Document<'d> {
    schema: &'static str,
    incident: String,
    time_zone: &'static str,
    head: Head,
    events: &'d [Recorded],
}

/// The story as JSON, two spaces deep, with a line's end.
pub fn write(story: &Story<'_>) -> String {
    let document = Document {
        schema: SCHEMA,
        incident: story.incident.id.to_string(),
        time_zone: story.zone.name(),
        head: story.incident.head(),
        events: story.events,
    };
    let mut text = serde_json::to_string_pretty(&document).expect("these types have string keys only");
    text.push('\n');
    text
}
