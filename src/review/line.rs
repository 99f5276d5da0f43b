//! One line of the timeline for each event, with what was put right since.

use std::collections::BTreeMap;

use watchpost_texts::say;

use super::{Story, spell_out};
use crate::clock::UtcMs;
use crate::desk::is_housekeeping;
use crate::incident::amend::Amendment;
use crate::incident::call::CallEvent;
use crate::incident::checklist::ChecklistEvent;
use crate::incident::event::{Event, Recorded, UpdateKind};
use crate::incident::milestone::Basis;
use crate::incident::proof::ProofEvent;
use crate::incident::suspect::SuspectEvent;
use crate::timeline;

/// What sort of thing a line tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// The incident itself: declared, taken, handed over, judged, over.
    Course,
    /// What a check found.
    Check,
    /// What users told.
    Report,
    /// What audiences were told.
    Update,
    /// Whether that arrived.
    Delivery,
    /// What somebody wrote down.
    Log,
    /// What was done to fix it.
    Repair,
    /// Who was called, and who answered.
    Call,
    /// What proves that it works, or that it does not.
    Proof,
    /// The review, and what was put right.
    Review,
    /// The incident's home in the chat.
    Home,
    /// Anything else.
    Other,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 12] = [
        Kind::Course,
        Kind::Check,
        Kind::Report,
        Kind::Update,
        Kind::Delivery,
        Kind::Log,
        Kind::Repair,
        Kind::Call,
        Kind::Proof,
        Kind::Review,
        Kind::Home,
        Kind::Other,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Course => "course",
            Kind::Check => "check",
            Kind::Report => "report",
            Kind::Update => "update",
            Kind::Delivery => "delivery",
            Kind::Log => "log",
            Kind::Repair => "repair",
            Kind::Call => "call",
            Kind::Proof => "proof",
            Kind::Review => "review",
            Kind::Home => "home",
            Kind::Other => "other",
        }
    }

    fn of(event: &Event) -> Self {
        match event {
            Event::Declared { .. }
            | Event::Acknowledged
            | Event::HandedOver { .. }
            | Event::SeverityChanged { .. }
            | Event::PhaseChanged { .. }
            | Event::EtaChanged { .. }
            | Event::Resolved { .. }
            | Event::Reopened { .. } => Kind::Course,
            Event::Assessed { .. } => Kind::Check,
            Event::Reported(_) => Kind::Report,
            Event::UpdateIssued { .. } | Event::FactsChanged { .. } => Kind::Update,
            Event::UpdateDelivered { .. } | Event::UpdateUndelivered { .. } | Event::Reach(_) => {
                Kind::Delivery
            }
            Event::Logged { .. } => Kind::Log,
            Event::Action(_) => Kind::Repair,
            Event::Call(_) => Kind::Call,
            Event::Proof(_) => Kind::Proof,
            Event::Checklist(_) => Kind::Check,
            Event::Suspect(_) => Kind::Log,
            Event::Amended(_) | Event::FollowUp(_) | Event::Review(_) => Kind::Review,
            event if is_housekeeping(event) => Kind::Home,
            _ => Kind::Other,
        }
    }
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number: the version of the incident that it made.
    pub number: u64,
    /// When it happened.
    pub occurred: UtcMs,
    /// When it was written down.
    pub recorded: UtcMs,
    /// What the time rests on.
    pub basis: Basis,
    /// Who.
    pub who: String,
    /// What sort.
    pub kind: Kind,
    /// About which part of the mail service, where that is known.
    pub component: Option<&'static str>,
    /// What, in words.
    pub text: String,
    /// What stood there before it was corrected.
    pub was: Option<String>,
    /// Why it does not count.
    pub struck: Option<String>,
    /// Whether it stands in the short timeline.
    pub curated: bool,
}

/// All lines, in the order in which they were recorded.
pub fn lines(story: &Story<'_>) -> Vec<Line> {
    let mut lines = Vec::with_capacity(story.events.len());
    let (mut last_found, mut reports) = (None, 0_u32);
    let retimed: BTreeMap<u64, UtcMs> = story.events.iter().filter_map(retimed).collect();
    for recorded in story.events {
        let found = match &recorded.new.event {
            Event::Assessed { verdict, cause, .. } => Some((*verdict, *cause)),
            _ => None,
        };
        reports += u32::from(matches!(recorded.new.event, Event::Reported(_)));
        let news = match &recorded.new.event {
            Event::Assessed { .. } => found != last_found,
            Event::Reported(_) => reports == 1,
            other => is_news(other),
        };
        last_found = found.or(last_found);
        let mut line = line(recorded, story, news);
        if let Some(at) = retimed.get(&line.number) {
            (line.occurred, line.basis) = (*at, Basis::Entered);
        }
        lines.push(line);
    }
    lines
}

fn retimed(recorded: &Recorded) -> Option<(u64, UtcMs)> {
    match &recorded.new.event {
        Event::Suspect(SuspectEvent::Retimed { entry, at }) => Some((*entry, *at)),
        _ => None,
    }
}

/// The short timeline: what a meeting needs, in the order in which it happened.
pub fn curated(lines: &[Line]) -> Vec<&Line> {
    let mut short: Vec<&Line> = lines.iter().filter(|line| line.curated && line.struck.is_none()).collect();
    short.sort_by_key(|line| (line.occurred, line.number));
    short
}

fn line(recorded: &Recorded, story: &Story<'_>, news: bool) -> Line {
    let none = Amendment::default();
    let amended = story.incident.amended.get(&recorded.version).unwrap_or(&none);
    let said = spell_out(&timeline::sentence(&recorded.new), story.zone);
    let (text, was) = match &amended.text {
        Some((text, by)) => (say!("{text} (corrected by {by})"), Some(said)),
        None => (said, None),
    };
    Line {
        number: recorded.version,
        occurred: amended.at.unwrap_or(recorded.new.happened_at),
        recorded: recorded.recorded_at,
        basis: amended.at.map_or_else(|| Basis::of(recorded), |_| Basis::Entered),
        who: recorded.new.actor.to_string(),
        kind: Kind::of(&recorded.new.event),
        component: component(&recorded.new.event),
        text,
        was,
        struck: amended.struck.clone(),
        curated: amended.keep.unwrap_or(news),
    }
}

/// Whether an event stands in the short timeline where nobody has chosen.
fn is_news(event: &Event) -> bool {
    match event {
        Event::UpdateIssued { kind, .. } => {
            !matches!(kind, UpdateKind::Holding | UpdateKind::HoldingUnacknowledged | UpdateKind::Digest)
        }
        Event::Checklist(ChecklistEvent::Probed { .. }) => false,
        Event::Proof(event) => matches!(
            event,
            ProofEvent::Began { .. }
                | ProofEvent::Proved { .. }
                | ProofEvent::Failed { .. }
                | ProofEvent::Overridden { .. }
        ),
        Event::Call(CallEvent::Rung { .. } | CallEvent::Arrived { .. }) => false,
        event => {
            !matches!(Kind::of(event), Kind::Delivery | Kind::Review | Kind::Home)
                || matches!(event, Event::UpdateUndelivered { .. })
        }
    }
}

/// The layer of the mail service.
fn component(event: &Event) -> Option<&'static str> {
    use crate::cause::Layer;
    let Event::Assessed { cause: Some(cause), .. } = event else { return None };
    Some(match cause.layer() {
        Layer::Own => say!("own side"),
        Layer::Dns => "dns",
        Layer::Network => "network",
        Layer::Greeting => "greeting",
        Layer::Tls => "tls",
        Layer::Login => "login",
        Layer::Storage => "storage",
        Layer::Delivery => "delivery",
        Layer::Policy => "policy",
        Layer::User => "user",
    })
}
