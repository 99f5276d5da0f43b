//! The fold: the warnings after one more event. It cannot fail.

use super::{Certificate, KEPT, Place, Warning, WarningEvent, Warnings};
use crate::ids::ServiceName;
use crate::incident::event::Recorded;

impl Warnings {
    pub(super) fn keep_certificate(
        &mut self,
        service: &ServiceName,
        certificate: &Certificate,
        replaced: Option<i64>,
    ) {
        let key = (service.clone(), certificate.place.clone());
        let new = || Place { certificate: certificate.clone(), replaced: Vec::new() };
        let place = self.places.entry(key).or_insert_with(new);
        place.certificate = certificate.clone();
        place.replaced.extend(replaced);
        let surplus = place.replaced.len().saturating_sub(12);
        place.replaced.drain(..surplus);
    }

    /// The warnings after one more event.
    pub(in crate::book) fn apply(&mut self, event: &WarningEvent, recorded: &Recorded) {
        let at = recorded.new.happened_at;
        match event {
            WarningEvent::Raised { service, check, cause, subject, text, ends, days } => {
                self.open.push(Warning {
                    number: recorded.version,
                    service: service.clone(),
                    check: check.clone(),
                    cause: *cause,
                    subject: subject.clone(),
                    told: vec![(at, text.clone())],
                    ends: *ends,
                    days: *days,
                    taken: None,
                    silenced: None,
                    gone: None,
                });
            }
            WarningEvent::Reminded { number, text, days } => self.change(*number, |one| {
                one.told.push((at, text.clone()));
                one.days = Some(*days);
            }),
            WarningEvent::Taken { number } => {
                self.change(*number, |one| one.taken = Some((recorded.new.actor.to_string(), at)));
            }
            WarningEvent::Silenced { number, until, why } => self.change(*number, |one| {
                one.silenced = Some((recorded.new.actor.to_string(), *until, why.clone()));
            }),
            WarningEvent::Gone { number } => {
                let Some(index) = self.open.iter().position(|one| one.number == *number) else { return };
                let gone = self.open.remove(index);
                self.past.push(Warning { gone: Some(at), ..gone });
                let surplus = self.past.len().saturating_sub(KEPT);
                self.past.drain(..surplus);
            }
            WarningEvent::Certificate { service, certificate, replaced } => {
                self.keep_certificate(service, certificate, *replaced);
            }
        }
    }

    fn change(&mut self, number: u64, change: impl FnOnce(&mut Warning)) {
        if let Some(warning) = self.open.iter_mut().find(|one| one.number == number) {
            change(warning);
        }
    }
}
