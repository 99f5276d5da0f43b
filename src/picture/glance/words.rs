//! The glance in sentences, for whoever cannot see it.

use std::collections::BTreeMap;

use watchpost_texts::say;

use super::{Glance, Look, Row};
use crate::clock::UtcMs;

/// All of it: span, phases, milestones, rows, holes.
pub(super) fn say(glance: &Glance) -> String {
    let time = |at: UtcMs| at.to_utc().with_timezone(&glance.zone).format("%H:%M").to_string();
    let day = |at: UtcMs| at.to_utc().with_timezone(&glance.zone).format("%-d %b %Y %H:%M %Z").to_string();
    let mut said = vec![say!("{}, from {} to {}.", glance.title, day(glance.from), day(glance.to))];
    let bands: Vec<String> = glance
        .bands
        .iter()
        .map(|band| format!("{} {}–{}", band.phase.name(), time(band.from), time(band.to)))
        .collect();
    if !bands.is_empty() {
        said.push(say!("Phases: {}.", bands.join(", ")));
    }
    let stamps: Vec<String> =
        glance.stamps.iter().map(|(at, name)| format!("{name} {}", time(*at))).collect();
    if !stamps.is_empty() {
        said.push(say!("Milestones: {}.", stamps.join(", ")));
    }
    said.extend(glance.rows.iter().filter(|row| !row.dots.is_empty()).map(row_words));
    let holes: Vec<String> =
        glance.holes.iter().map(|(from, to)| format!("{}–{}", time(*from), time(*to))).collect();
    if !holes.is_empty() {
        said.push(say!("Nothing is recorded {}.", holes.join(" and ")));
    }
    said.join(" ")
}

fn row_words(row: &Row) -> String {
    let mut counts: BTreeMap<Look, u32> = BTreeMap::new();
    for dot in &row.dots {
        *counts.entry(dot.look).or_default() += dot.count;
    }
    let counted: Vec<String> =
        counts.into_iter().map(|(look, count)| format!("{count} {}", look.meaning())).collect();
    let mut name = row.name.to_owned();
    name.get_mut(..1).into_iter().for_each(str::make_ascii_uppercase);
    format!("{name}: {}.", counted.join("; "))
}
