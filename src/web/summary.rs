//! The picture as JSON, in the shape that readers of Statuspage's `summary.json` know.

use serde_json::{Value, json};

use super::public::{Outage, Picture};
use crate::incident::Verdict;

/// The summary.
pub fn write(picture: &Picture, address: &str) -> String {
    let updated = picture.updated.map(|at| at.to_string());
    let (indicator, description) = indicator(picture);
    let components: Vec<Value> = picture
        .capabilities
        .iter()
        .map(|capability| json!({ "name": capability.name, "status": status(capability.state) }))
        .collect();
    let document = json!({
        "page": { "name": picture.organisation, "url": address, "updated_at": updated },
        "status": { "indicator": indicator, "description": description },
        "components": components,
        "incidents": picture.open.iter().map(incident).collect::<Vec<_>>(),
        "scheduled_maintenances": [],
    });
    document.to_string()
}

fn incident(outage: &Outage) -> Value {
    let updates: Vec<Value> = outage
        .words
        .iter()
        .map(|word| json!({ "created_at": word.at.to_string(), "status": word.kind, "body": word.text }))
        .collect();
    json!({
        "id": outage.id.to_string(),
        "name": "E-mail is disturbed",
        "status": "investigating",
        "started_at": outage.since.to_string(),
        "resolved_at": outage.until.map(|at| at.to_string()),
        "incident_updates": updates,
    })
}

fn status(state: Verdict) -> &'static str {
    match state {
        Verdict::Ok => "operational",
        Verdict::Degraded | Verdict::Unknown => "degraded_performance",
        Verdict::Down => "major_outage",
    }
}

fn indicator(picture: &Picture) -> (&'static str, &'static str) {
    let down = picture.capabilities.iter().filter(|capability| capability.state == Verdict::Down).count();
    match (picture.open.is_empty(), down) {
        (true, _) => ("none", "E-mail works"),
        (false, 0) => ("minor", "E-mail is disturbed"),
        (false, 1..=3) => ("major", "Parts of e-mail do not work"),
        (false, _) => ("critical", "E-mail does not work"),
    }
}
