//! The fold: what is confirmed of each service after one more event. It cannot fail.

use std::collections::BTreeMap;

use super::{Alarm, Beside, Foreign, KEPT, Posted, WatchEvent, Watched};
use crate::cause::Cause;
use crate::clock::UtcMs;
use crate::ids::ServiceName;
use crate::incident::event::Recorded;
use crate::incident::{Capabilities, LastAssessment, Verdict};

impl Watched {
    /// The services after one more event.
    pub(in crate::book) fn apply(&mut self, event: &WatchEvent, recorded: &Recorded) {
        let at = recorded.new.happened_at;
        match event {
            WatchEvent::Broke { since, assessment, independent, joins, held, incident } => {
                let number = joins.unwrap_or(recorded.version);
                self.join(number, at, *since, assessment, independent, *held);
                if let (Some(alarm), Some(_)) =
                    (self.alarms.iter_mut().find(|one| one.number == number), incident)
                {
                    alarm.incident = *incident;
                }
                let standing = self.services.entry(assessment.service.clone()).or_default();
                (standing.alarm, standing.seen_by_us) = (Some(number), true);
            }
            WatchEvent::Also(Beside { service, cause, summary }) => {
                if let Some(alarm) = self.alarm_mut_of(service) {
                    alarm.causes.push(*cause);
                    alarm.beside.push(summary.clone());
                }
            }
            WatchEvent::Recovered { service } => {
                let standing = self.services.entry(service.clone()).or_default();
                standing.seen_by_us = false;
                self.perhaps_over(service, at);
            }
            WatchEvent::Blind { service } => {
                self.services.entry(service.clone()).or_default().blind = Some(at);
            }
            WatchEvent::Sighted { service } => {
                self.services.entry(service.clone()).or_default().blind = None;
            }
            WatchEvent::Doubted { service, .. } => {
                self.services.entry(service.clone()).or_default().doubted = Some(at);
            }
            WatchEvent::Foreign { said, held } if said.firing => self.apply_foreign(said, *held, recorded),
            WatchEvent::Foreign { said, .. } => {
                let standing = self.services.entry(said.service.clone()).or_default();
                standing.foreign.remove(&said.name());
                self.perhaps_over(&said.service, at);
            }
            other => self.apply_said(other, recorded),
        }
    }

    fn apply_said(&mut self, event: &WatchEvent, recorded: &Recorded) {
        let (WatchEvent::Raised { alarm }
        | WatchEvent::Dismissed { alarm, .. }
        | WatchEvent::Held { alarm, .. }
        | WatchEvent::Declared { alarm, .. }
        | WatchEvent::Posted(Posted { alarm, .. })) = event
        else {
            return;
        };
        let Some(alarm) = self.alarms.iter_mut().find(|one| one.number == *alarm) else { return };
        match event {
            WatchEvent::Raised { .. } => alarm.held = None,
            WatchEvent::Dismissed { why, .. } => {
                alarm.dismissed = Some((recorded.new.actor.to_string(), why.clone()));
            }
            WatchEvent::Held { window, .. } => alarm.held = Some(*window),
            WatchEvent::Declared { incident, .. } => alarm.incident = Some(*incident),
            WatchEvent::Posted(Posted { place, message, .. }) => alarm.post = Some((*place, *message)),
            _ => {}
        }
    }

    fn alarm_mut_of(&mut self, service: &ServiceName) -> Option<&mut Alarm> {
        let number = self.services.get(service)?.alarm?;
        self.alarms.iter_mut().find(|alarm| alarm.number == number)
    }

    fn join(
        &mut self,
        number: u64,
        at: UtcMs,
        since: UtcMs,
        assessment: &LastAssessment,
        independent: &[Cause],
        held: Option<u64>,
    ) {
        if let Some(alarm) = self.alarms.iter_mut().find(|alarm| alarm.number == number) {
            alarm.services.insert(assessment.service.clone(), true);
            alarm.since = alarm.since.min(since);
            alarm.causes.extend(assessment.cause.into_iter().chain(independent.iter().copied()));
            return;
        }
        self.alarms.push(Alarm {
            number,
            at,
            since,
            services: BTreeMap::from([(assessment.service.clone(), true)]),
            assessment: assessment.clone(),
            beside: independent.iter().map(|cause| cause.meaning().to_owned()).collect(),
            causes: assessment.cause.into_iter().chain(independent.iter().copied()).collect(),
            held,
            dismissed: None,
            incident: None,
            post: None,
            over: None,
        });
        let over = self.alarms.iter().filter(|alarm| alarm.over.is_some()).count();
        let mut surplus = over.saturating_sub(KEPT);
        self.alarms.retain(|alarm| {
            let drop = alarm.over.is_some() && surplus > 0;
            surplus -= usize::from(drop);
            !drop
        });
    }

    fn apply_foreign(&mut self, said: &Foreign, held: Option<u64>, recorded: &Recorded) {
        let (at, service, text) = (recorded.new.happened_at, &said.service, &said.text);
        let standing = self.services.entry(service.clone()).or_default();
        standing.foreign.insert(said.name(), text.clone());
        let number = standing.alarm;
        if number.is_some() {
            if let Some(alarm) = self.alarm_mut_of(service) {
                alarm.beside.push(text.clone());
            }
            return;
        }
        standing.alarm = Some(recorded.version);
        let assessment = LastAssessment {
            at,
            service: service.clone(),
            verdict: Verdict::Degraded,
            cause: None,
            summary: text.clone(),
            capabilities: Capabilities::default(),
        };
        self.join(recorded.version, at, at, &assessment, &[], held);
    }

    /// It is over for a service when neither we nor anybody else finds it broken.
    fn perhaps_over(&mut self, service: &ServiceName, at: UtcMs) {
        let Some(standing) = self.services.get_mut(service) else { return };
        if standing.seen_by_us || !standing.foreign.is_empty() {
            return;
        }
        let number = standing.alarm.take();
        let Some(alarm) = self.alarms.iter_mut().find(|alarm| Some(alarm.number) == number) else { return };
        alarm.services.insert(service.clone(), false);
        if alarm.services.values().all(|broken| !broken) {
            alarm.over = Some(at);
        }
    }
}
