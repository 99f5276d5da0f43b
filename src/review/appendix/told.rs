//! Who was told what: the log with lateness and the expected end at that time, promises, and the texts themselves.

use std::collections::BTreeMap;

use watchpost_texts::say;

use crate::clock::UtcMs;
use crate::incident::Eta;
use crate::incident::event::{Event, Recorded};
use crate::incident::reach::ReachEvent;
use crate::review::clocks::spoken;
use crate::review::document::Document;
use crate::review::{Story, clock_time, local, spell_out};
use crate::timeline;

/// From this on an update was late.
const LATE: u64 = 60;

pub(super) fn log(document: &mut Document, story: &Story<'_>) {
    let delivered = deliveries(story);
    let mut eta = Eta::Unknown;
    let mut rows = Vec::new();
    for recorded in story.events {
        match &recorded.new.event {
            Event::EtaChanged { eta: new } => eta = *new,
            Event::UpdateIssued { audience, number, kind, planned, .. } => {
                let late = recorded.new.happened_at.since(*planned);
                let late = if late.as_secs() < LATE {
                    say!("on time").to_owned()
                } else {
                    say!("{} late", spoken(late))
                };
                let arrived = delivered.get(&(audience.as_str(), *number)).cloned().unwrap_or_default();
                rows.push(vec![
                    local(recorded.new.happened_at, story.zone),
                    audience.as_str().to_owned(),
                    number.to_string(),
                    timeline::update_kind(*kind).to_owned(),
                    clock_time(*planned, story.zone),
                    late,
                    said_eta(eta, story),
                    if arrived.is_empty() { "nowhere".to_owned() } else { arrived.join("; ") },
                ]);
            }
            _ => {}
        }
    }
    let head = ["issued", "audience", "no.", "kind", "due", "lateness", say!("expected end then"), "arrived"];
    document.table(&head, rows, say!("Nobody was told anything."));
    document.small_heading(say!("Expected ends, and those that were withdrawn"));
    document.list(slips(story), say!("No end was ever named."));
}

/// By audience and number: where it arrived, and where not.
fn deliveries<'s>(story: &Story<'s>) -> BTreeMap<(&'s str, u32), Vec<String>> {
    let mut delivered: BTreeMap<(&str, u32), Vec<String>> = BTreeMap::new();
    for recorded in story.events {
        match &recorded.new.event {
            Event::UpdateDelivered { audience, number, destination, .. } => {
                delivered
                    .entry((audience.as_str(), *number))
                    .or_default()
                    .push(destination.as_str().to_owned());
            }
            Event::UpdateUndelivered { audience, number, destination, why } => {
                let text = say!("NOT {}: {why}", destination.as_str());
                delivered.entry((audience.as_str(), *number)).or_default().push(text);
            }
            Event::Reach(ReachEvent::Suspended { audience, number, destination, .. }) => {
                let text = say!("NOT {}: it needed what was broken", destination.as_str());
                delivered.entry((audience.as_str(), *number)).or_default().push(text);
            }
            _ => {}
        }
    }
    delivered
}

fn said_eta(eta: Eta, story: &Story<'_>) -> String {
    match eta {
        Eta::Unknown => "unknown".to_owned(),
        Eta::At(at) => clock_time(at, story.zone),
        Eta::Between(from, to) => format!("{}–{}", clock_time(from, story.zone), clock_time(to, story.zone)),
    }
}

/// Every change of the expected end: kept, moved or withdrawn.
fn slips(story: &Story<'_>) -> Vec<String> {
    let mut named: Option<Eta> = None;
    let mut said = Vec::new();
    for recorded in story.events {
        let Event::EtaChanged { eta } = &recorded.new.event else { continue };
        let at = clock_time(recorded.new.happened_at, story.zone);
        let new = said_eta(*eta, story);
        said.push(match (named.filter(|eta| *eta != Eta::Unknown), eta) {
            (Some(old), Eta::Unknown) => say!("{at}: {} withdrawn, end unknown", said_eta(old, story)),
            (Some(old), _) => say!("{at}: {} moved to {new}", said_eta(old, story)),
            (None, _) => say!("{at}: {new}"),
        });
        named = Some(*eta);
    }
    said
}

/// How the promise "next word by" was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Kept {
    /// Texts that were due.
    pub due: u32,
    /// In time.
    pub on_time: u32,
    /// Words that were never said, because nothing was running.
    pub missed: u32,
    /// The worst, in seconds.
    pub worst: u64,
}

/// By audience.
pub fn kept(events: &[Recorded]) -> BTreeMap<&str, Kept> {
    let mut kept: BTreeMap<&str, Kept> = BTreeMap::new();
    for recorded in events {
        let Event::UpdateIssued { audience, planned, missed, .. } = &recorded.new.event else { continue };
        let late = recorded.new.happened_at.since(*planned).as_secs();
        let kept = kept.entry(audience.as_str()).or_default();
        kept.due += 1;
        kept.on_time += u32::from(late < LATE);
        kept.missed += missed;
        kept.worst = kept.worst.max(late);
    }
    kept
}

pub(super) fn promises(document: &mut Document, story: &Story<'_>) {
    let rows = kept(story.events).into_iter().map(|(audience, kept)| {
        let share = u64::from(kept.on_time) * 100 / u64::from(kept.due.max(1));
        vec![
            audience.to_owned(),
            kept.due.to_string(),
            format!("{} ({share} %)", kept.on_time),
            kept.missed.to_string(),
            spoken(std::time::Duration::from_secs(kept.worst)),
        ]
    });
    let head = ["audience", "texts", say!("on time"), say!("missed before"), say!("worst lateness")];
    document.table(&head, rows.collect(), say!("Nothing was promised."));
}

pub(super) fn messages(document: &mut Document, story: &Story<'_>) {
    let mut by_audience: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for recorded in story.events {
        if let Event::UpdateIssued { audience, number, kind, text, .. } = &recorded.new.event {
            let at: UtcMs = recorded.new.happened_at;
            by_audience.entry(audience.as_str()).or_default().push(say!(
                "{} (update {number}, {}): {}",
                clock_time(at, story.zone),
                timeline::update_kind(*kind),
                spell_out(text, story.zone)
            ));
        }
    }
    if by_audience.is_empty() {
        document.text("None.");
    }
    for (audience, texts) in by_audience {
        document.small_heading(say!("To {audience}"));
        document.list(texts, "");
    }
}
