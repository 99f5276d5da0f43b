//! The incident at a glance, from its events.

use watchpost_texts::say;

use super::Story;
use super::hole::holes;
use crate::clock::UtcMs;
use crate::incident::action::ActionEvent;
use crate::incident::call::CallEvent;
use crate::incident::event::{Event, Recorded};
use crate::incident::milestone::Milestone;
use crate::incident::proof::ProofEvent;
use crate::incident::{Phase, Verdict};
use crate::picture::Scene;
use crate::picture::glance::{Band, Dot, Glance, Look, Row, draw};

/// The picture.
pub fn picture(story: &Story<'_>) -> Scene {
    draw(&glance(story))
}

/// What is to be seen: from a little before it began to a little after it was over.
pub fn glance(story: &Story<'_>) -> Glance {
    let incident = story.incident;
    let milestones = &incident.milestones;
    let known = Milestone::ALL.into_iter().filter_map(|which| milestones.at(which));
    let began = milestones.at(Milestone::ImpactStart).unwrap_or(incident.declared_at);
    let last =
        story.events.iter().filter(|recorded| during(recorded)).map(|recorded| recorded.new.happened_at);
    let ended = milestones.at(Milestone::Resolved).unwrap_or_else(|| last.max().unwrap_or(began));
    let ended = known.chain([ended]).max().unwrap_or(ended);
    let margin = (ended.since(began) / 20).max(std::time::Duration::from_secs(60));
    let drill = if incident.drill { "DRILL · " } else { "" };
    let title = match story.readers {
        super::Readers::Inside => incident.title.clone(),
        super::Readers::Outside => super::outside::Mask::of(story).text(&incident.title),
    };
    Glance {
        title: format!("{drill}{} · {} · {title}", incident.id, incident.severity),
        from: began - margin,
        to: ended + margin,
        zone: story.zone,
        bands: bands(story.events, ended),
        stamps: stamps(story),
        rows: rows(story),
        holes: holes(story).into_iter().map(|hole| (hole.from, hole.to)).collect(),
    }
}

/// What comes after the end belongs to the review, not to the picture.
fn during(recorded: &Recorded) -> bool {
    !matches!(recorded.new.event, Event::Amended(_) | Event::FollowUp(_) | Event::Review(_))
}

fn stamps(story: &Story<'_>) -> Vec<(UtcMs, &'static str)> {
    let short = |which| match which {
        Milestone::ImpactStart => "began",
        Milestone::Detected => "noticed",
        Milestone::Acknowledged => "taken",
        Milestone::FirstTold => say!("first word"),
        Milestone::Identified => say!("cause known"),
        Milestone::Mitigated => "works",
        Milestone::Verified => "proved",
        Milestone::Resolved => "closed",
    };
    let milestones = &story.incident.milestones;
    let mut stamps: Vec<(UtcMs, &str)> =
        Milestone::ALL.into_iter().filter_map(|which| Some((milestones.at(which)?, short(which)))).collect();
    stamps.sort_by_key(|(at, _)| *at);
    stamps
}

fn bands(events: &[Recorded], ended: UtcMs) -> Vec<Band> {
    let mut bands: Vec<Band> = Vec::new();
    let mut since: Option<(Phase, UtcMs)> = None;
    let mut change = |to: Option<Phase>, at: UtcMs| {
        if let Some((phase, from)) = since.filter(|(_, from)| *from < at) {
            bands.push(Band { phase, from, to: at });
        }
        since = to.map(|phase| (phase, at));
    };
    for recorded in events {
        let at = recorded.new.happened_at;
        match &recorded.new.event {
            Event::Declared { .. } | Event::Reopened { .. } => change(Some(Phase::Investigating), at),
            Event::PhaseChanged { to, .. } => change(Some(*to), at),
            Event::Resolved { .. } => change(Some(Phase::Resolved), at),
            _ => {}
        }
    }
    change(None, ended);
    bands
}

fn rows(story: &Story<'_>) -> Vec<Row> {
    let row = |name| Row { name, dots: Vec::new(), spans: Vec::new() };
    let mut rows = Rows {
        checks: row("checks"),
        reports: row("reports"),
        updates: row("updates"),
        calls: row("calls"),
        repairs: row("repairs"),
        log: row("log"),
    };
    for recorded in story.events {
        let amended = story.incident.amended.get(&recorded.version);
        if amended.is_some_and(|amended| amended.struck.is_some()) {
            continue;
        }
        let at = amended.and_then(|amended| amended.at).unwrap_or(recorded.new.happened_at);
        rows.add(recorded, at);
    }
    let Rows { checks, reports, updates, calls, repairs, log } = rows;
    vec![checks, reports, updates, calls, repairs, log]
}

struct Rows {
    checks: Row,
    reports: Row,
    updates: Row,
    calls: Row,
    repairs: Row,
    log: Row,
}

impl Rows {
    fn add(&mut self, recorded: &Recorded, at: UtcMs) {
        let dot = |look| Dot { at, look, count: 1 };
        match &recorded.new.event {
            Event::Assessed { verdict, .. } => self.checks.dots.push(dot(look(*verdict))),
            Event::Reported(report) => {
                self.reports.dots.push(Dot { at: report.at, look: Look::Told, count: report.people.max(1) });
            }
            Event::UpdateIssued { planned, .. } => {
                // Under a minute is on time.
                if at.since(*planned).as_secs() >= 60 {
                    self.updates.dots.push(Dot { at: *planned, look: Look::Due, count: 1 });
                    self.updates.spans.push((*planned, at));
                }
                self.updates.dots.push(dot(Look::Sent));
            }
            Event::UpdateUndelivered { .. } => self.updates.dots.push(dot(Look::Bad)),
            Event::Logged { .. } => self.log.dots.push(dot(Look::Told)),
            Event::Action(event) => self.add_repair(event, at),
            other => self.add_other(other, at),
        }
    }

    /// Calls and proofs.
    fn add_other(&mut self, event: &Event, at: UtcMs) {
        let dot = |look| Dot { at, look, count: 1 };
        match event {
            Event::Call(CallEvent::Rung { .. }) => self.calls.dots.push(dot(Look::Called)),
            Event::Call(CallEvent::Answered { .. }) => self.calls.dots.push(dot(Look::Good)),
            Event::Proof(ProofEvent::Proved { .. }) => self.checks.dots.push(dot(Look::Good)),
            Event::Proof(ProofEvent::Failed { .. }) => self.checks.dots.push(dot(Look::Bad)),
            Event::Call(CallEvent::NotArrived { .. }) => self.calls.dots.push(dot(Look::Bad)),
            _ => {}
        }
    }

    fn add_repair(&mut self, event: &ActionEvent, at: UtcMs) {
        let look = match event {
            ActionEvent::Proposed { .. }
            | ActionEvent::Approved { .. }
            | ActionEvent::Asked { .. }
            | ActionEvent::Changed { .. } => return,
            ActionEvent::Started { .. } => {
                self.repairs.spans.push((at, at));
                return;
            }
            ActionEvent::Done { .. } => Look::Good,
            ActionEvent::Failed { .. } => Look::Bad,
            ActionEvent::RolledBack { .. } => Look::Partly,
            ActionEvent::Refused { .. } => Look::Unknown,
        };
        if let Some((from, to)) = self.repairs.spans.last_mut()
            && from == to
        {
            *to = at;
        }
        self.repairs.dots.push(Dot { at, look, count: 1 });
    }
}

fn look(verdict: Verdict) -> Look {
    match verdict {
        Verdict::Ok => Look::Good,
        Verdict::Degraded => Look::Partly,
        Verdict::Down => Look::Bad,
        Verdict::Unknown => Look::Unknown,
    }
}
