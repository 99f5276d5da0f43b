//! The picture as JSON, in the shape that readers of Statuspage's `summary.json` know.

use chrono_tz::Tz;
use serde_json::{Value, json};
use watchpost_texts::say;

use super::public::{Outage, Picture};
use crate::incident::Verdict;
use crate::incident::event::UpdateKind;
use crate::review::spell_out;
use crate::timeline::update_kind;

/// There is one page.
const PAGE: &str = "watchpost";

/// The summary.
pub fn write(picture: &Picture, address: &str, zone: Tz) -> String {
    let updated = picture.updated.map(|at| at.to_string());
    let (indicator, description) = indicator(picture);
    let capabilities = picture.capabilities.iter().map(|one| (one.name, one.state));
    let named = capabilities.chain(picture.components.iter().map(|one| (one.name.as_str(), one.state)));
    let components: Vec<Value> =
        named.zip(1..).map(|((name, state), position)| component(name, state, position)).collect();
    let document = json!({
        "page": {
            "id": PAGE, "name": picture.organisation, "url": address, "time_zone": zone.name(),
            "updated_at": updated,
        },
        "status": { "indicator": indicator, "description": description },
        "components": components,
        "incidents": picture.open.iter().map(|outage| incident(outage, indicator, zone)).collect::<Vec<_>>(),
        "scheduled_maintenances": [],
    });
    document.to_string()
}

fn component(name: &str, state: Verdict, position: u32) -> Value {
    json!({
        "id": slug(name), "name": name, "status": status(state), "description": null, "position": position,
        "page_id": PAGE, "group_id": null, "group": false, "showcase": true, "only_show_if_degraded": false,
        "created_at": null, "updated_at": null,
    })
}

/// What a program knows a component by: its name in small letters with hyphens.
fn slug(name: &str) -> String {
    let plain: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    plain.to_lowercase().split_whitespace().collect::<Vec<_>>().join("-")
}

fn incident(outage: &Outage, impact: &str, zone: Tz) -> Value {
    let updates: Vec<Value> = outage
        .words
        .iter()
        .map(|word| {
            let at = word.at.to_string();
            json!({
                "id": format!("{}-{}", outage.id, word.at.0), "incident_id": outage.id.to_string(),
                "status": stage(word.kind), "body": spell_out(&word.text, zone),
                "created_at": at, "updated_at": at, "display_at": at, "affected_components": null,
            })
        })
        .collect();
    let newest = outage.words.first();
    json!({
        "id": outage.id.to_string(),
        "name": say!("E-mail is disturbed"),
        "status": newest.map_or("investigating", |word| stage(word.kind)),
        "impact": impact,
        "page_id": PAGE,
        "shortlink": null,
        "created_at": outage.since.to_string(),
        "started_at": outage.since.to_string(),
        "updated_at": newest.map(|word| word.at.to_string()),
        "monitoring_at": null,
        "resolved_at": outage.until.map(|at| at.to_string()),
        "incident_updates": updates,
        "components": [],
    })
}

/// The four stages that readers of this shape know.
fn stage(kind: &str) -> &'static str {
    match kind {
        kind if kind == update_kind(UpdateKind::Works) => "monitoring",
        kind if kind == update_kind(UpdateKind::Resolution) => "resolved",
        kind if kind == update_kind(UpdateKind::Progress) => "identified",
        _ => "investigating",
    }
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
        (true, _) => ("none", say!("E-mail works")),
        (false, 0) => ("minor", say!("E-mail is disturbed")),
        (false, 1..=3) => ("major", say!("Parts of e-mail do not work")),
        (false, _) => ("critical", say!("E-mail does not work")),
    }
}
