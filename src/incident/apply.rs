//! What an event makes of an incident. It cannot fail and reads no clock.

use super::event::{EntryKind, Event, HomePart, Recorded};
use super::follow_up::{self, FollowUpEvent};
use super::{
    Entry, Incident, LastAssessment, Phase, Told, action, amend, checklist, link, reach, restrict, review,
    role, suspect, telling,
};
use crate::clock::UtcMs;
use crate::ids::{MessageId, PlaceId};

impl Incident {
    /// The incident after one more event.
    #[must_use]
    pub fn apply(mut self, recorded: &Recorded) -> Self {
        self.version = recorded.version;
        self.proof.apply(recorded);
        let at = recorded.new.happened_at;
        let actor = &recorded.new.actor;
        self.calls.apply(recorded);
        telling::apply(&mut self, recorded);
        self.milestones.apply(recorded);
        self.note_person(recorded);
        match &recorded.new.event {
            Event::Declared { guild, title, service, severity, since, drill, procedure } => {
                self.guild = *guild;
                self.title.clone_from(title);
                self.service.clone_from(service);
                self.severity = *severity;
                self.since = *since;
                self.drill = *drill;
                self.procedure.clone_from(procedure);
                self.declared_at = at;
                self.declared_by = actor.clone();
            }
            Event::Acknowledged => {
                self.acknowledged_at.get_or_insert(at);
                self.lead = actor.person().cloned();
            }
            Event::HandedOver { to } => {
                // Who leads has every role that nobody else took.
                self.communications = self.communications.take().filter(|writer| writer.id != to.id);
                restrict::let_in(&mut self, to);
                self.lead = Some(to.clone());
            }
            Event::Link(event) => link::apply(&mut self, event, at),
            Event::Role(event) => role::apply(&mut self, event, actor),
            Event::Restrict(event) => restrict::apply(&mut self, event),
            Event::Reach(event) => reach::apply(&mut self, event, actor, at),
            Event::Contradicted(said) => self.contradicted.push(said.reported.clone()),
            Event::SeverityChanged { to, .. } => self.severity = *to,
            Event::PhaseChanged { to, .. } => self.phase = *to,
            Event::Assessed { .. } => self.apply_assessment(at, &recorded.new.event),
            Event::Logged { kind, text } => {
                if *kind == EntryKind::Cause {
                    self.confirmed = Some(recorded.version);
                }
                if *kind == EntryKind::FollowUp {
                    let said = follow_up::Said { text: text.clone(), ..follow_up::Said::default() };
                    let event = FollowUpEvent::Added(said);
                    follow_up::apply(&mut self.follow_ups, &event, recorded.version, actor);
                }
                self.entries.push(Entry {
                    number: recorded.version,
                    at,
                    by: actor.clone(),
                    kind: *kind,
                    text: text.clone(),
                });
            }
            Event::Checklist(event) => checklist::apply(&mut self.checklist, event, actor, at),
            Event::Suspect(event) => suspect::apply(&mut self, event),
            Event::Action(event) => {
                action::apply(&mut self.actions, event, recorded.version, actor, at);
            }
            Event::Amended(event) => amend::apply(&mut self, event, actor),
            Event::FollowUp(event) => {
                follow_up::apply(&mut self.follow_ups, event, recorded.version, actor);
            }
            Event::Review(event) => review::apply(&mut self, event, actor, at),
            Event::Reported(report) => self.reports.push(report.clone()),
            Event::FactsChanged { facts } => self.facts = facts.clone(),
            Event::EtaChanged { eta } => self.note_estimate(at, *eta),
            Event::UpdateIssued { .. } | Event::UpdateDelivered { .. } | Event::UpdateUndelivered { .. } => {
                self.apply_update(at, &recorded.new.event);
            }
            Event::Placed { part, place, message } => self.apply_placed(*part, *place, *message),
            Event::NotPlaced { .. }
            | Event::Book(_)
            | Event::File(_)
            | Event::Call(_)
            | Event::Proof(_)
            | Event::Telling(_) => {}
            Event::Resolved { .. } => {
                self.phase = Phase::Resolved;
                self.resolved_at = Some(at);
            }
            Event::Reopened { .. } => {
                self.phase = Phase::Investigating;
                self.resolved_at = None;
                self.links.duplicate_of = None;
            }
        }
        self
    }

    /// Whoever reports has no part in the work.
    fn note_person(&mut self, recorded: &Recorded) {
        if matches!(recorded.new.event, Event::Reported(_) | Event::Review(_)) {
            return;
        }
        if let Some(person) = recorded.new.actor.person()
            && !self.people.iter().any(|known| known.id == person.id)
        {
            self.people.push(person.clone());
        }
    }

    fn apply_assessment(&mut self, at: UtcMs, event: &Event) {
        if let Event::Assessed { service, verdict, cause, summary, capabilities } = event {
            self.assessment = Some(LastAssessment {
                at,
                service: service.clone(),
                verdict: *verdict,
                cause: *cause,
                summary: summary.clone(),
                capabilities: *capabilities,
            });
        }
    }

    fn apply_update(&mut self, at: UtcMs, event: &Event) {
        match event {
            Event::UpdateIssued { audience, number, kind, text, next, wording, .. } => {
                let worked = self.told.get(audience).is_some_and(|told| told.works);
                let told = Told {
                    number: *number,
                    kind: *kind,
                    text: text.clone(),
                    at,
                    next: *next,
                    works: kind.says_it_works().unwrap_or(worked),
                    said: wording.said.clone(),
                    delivered: Vec::new(),
                    undelivered: Vec::new(),
                };
                self.told.insert(audience.clone(), told);
                reach::issued(self, audience);
            }
            Event::UpdateDelivered { audience, number, destination, .. } => {
                if let Some(told) = self.told.get_mut(audience).filter(|told| told.number == *number) {
                    told.delivered.push(destination.clone());
                }
            }
            Event::UpdateUndelivered { audience, number, destination, .. } => {
                if let Some(told) = self.told.get_mut(audience).filter(|told| told.number == *number) {
                    told.undelivered.push(destination.clone());
                }
            }
            _ => {}
        }
    }

    fn apply_placed(&mut self, part: HomePart, place: PlaceId, message: Option<MessageId>) {
        match part {
            HomePart::Headline => self.home.headline = message.map(|message| (place, message)),
            HomePart::Thread => self.home.thread = Some(place),
            HomePart::Card => self.home.card = message,
            HomePart::Pin => self.home.pinned = true,
        }
    }
}
