//! What one incident has to do with another: looked after where both can be seen.

use std::sync::Arc;

use watchpost_texts::say;

use super::{Ask, Desk, Outcome};
use crate::ids::{GuildId, IncidentId, PlaceId};
use crate::incident::Incident;
use crate::incident::decide::Request;
use crate::incident::event::Origin;
use crate::incident::link::{LinkRequest, SAME_AGAIN};
use crate::person::Actor;
use crate::refusal::Refusal;

impl Desk {
    /// As [`Desk::find`], for this one: an incident that does not admit them is not there.
    ///
    /// # Errors
    /// As [`Desk::find`].
    pub async fn find_for(
        &self,
        actor: &Actor,
        guild: GuildId,
        named: Option<IncidentId>,
        place: Option<PlaceId>,
    ) -> Result<Arc<Incident>, Refusal> {
        if named.is_none() && place.and_then(|place| self.incident_in(place)).is_none() {
            return match self.open_for(actor, guild).as_slice() {
                [] => Err(Refusal::NothingOpen),
                [only] => Ok(only.clone()),
                several => Err(Refusal::WhichIncident { open: several.len() }),
            };
        }
        let mut found = self.find(guild, named, place).await?;
        // The thread of a duplicate leads on.
        if let (None, Some((of, _))) = (named, found.links.duplicate_of) {
            found = self.find(guild, Some(of), None).await?;
        }
        if found.admits(actor) { Ok(found) } else { Err(Refusal::NoSuchIncident(found.id)) }
    }

    /// The open incidents of a server that admit this one, oldest first.
    pub fn open_for(&self, actor: &Actor, guild: GuildId) -> Vec<Arc<Incident>> {
        let mut open = self.open_incidents(guild);
        open.retain(|incident| incident.admits(actor));
        open
    }

    /// The other incident of a link must be there, for whoever asks; and a chain of duplicates ends nowhere.
    pub(super) async fn refuse_bad_link(&self, ask: &Ask) -> Result<(), Refusal> {
        let Request::Link(link) = &ask.request else { return Ok(()) };
        let other = self.find_for(&ask.actor, ask.guild, Some(link.other()), None).await?;
        match (link, other.links.duplicate_of) {
            (LinkRequest::Duplicate { .. }, Some((of, _))) => {
                Err(Refusal::NothingNew(say!("{} is a duplicate of {of} itself: choose that one", other.id)))
            }
            (LinkRequest::Duplicate { .. }, None) if !other.phase.is_open() => {
                Err(Refusal::Over { id: other.id, phase: other.phase })
            }
            _ => Ok(()),
        }
    }

    /// What follows for other incidents.
    pub(super) async fn follow_up(&self, ask: &Ask, outcome: Outcome) -> Outcome {
        match &ask.request {
            Request::Declare(_) => {
                let incident = self.join_waiting(&outcome.incident).await;
                Outcome { incident, ..outcome }
            }
            Request::Assessed(_) => {
                let incident = self.offer_reopening(&outcome.incident).await;
                Outcome { incident, ..outcome }
            }
            Request::Link(LinkRequest::Duplicate { of, .. }) => {
                let duplicate = outcome.incident.id;
                let people = outcome.incident.reports.iter().map(|report| report.people).sum();
                self.say(&outcome.incident, *of, LinkRequest::Has { duplicate, people }).await;
                outcome
            }
            _ => outcome,
        }
    }

    /// The same cause within a day: perhaps the earlier incident was not over.
    async fn offer_reopening(&self, incident: &Arc<Incident>) -> Arc<Incident> {
        let cause = incident.assessment.as_ref().and_then(|last| last.cause);
        let Some(cause) = cause.filter(|_| incident.links.resembles.is_none() && !incident.drill) else {
            return incident.clone();
        };
        let Ok(heads) = self.store.heads().await else { return incident.clone() };
        let earlier = heads.into_iter().find(|head| {
            let soon = head
                .resolved_at
                .is_some_and(|at| at <= incident.declared_at && incident.declared_at.since(at) <= SAME_AGAIN);
            let same = head.cause == Some(cause) && head.service == incident.service;
            head.id != incident.id && head.guild == incident.guild && !head.drill && soon && same
        });
        let Some((earlier, closed)) = earlier.and_then(|head| Some((head.id, head.resolved_at?))) else {
            return incident.clone();
        };
        let said = self.say(incident, incident.id, LinkRequest::Resembles { earlier, cause, closed }).await;
        said.unwrap_or_else(|| incident.clone())
    }

    async fn say(&self, of: &Incident, to: IncidentId, request: LinkRequest) -> Option<Arc<Incident>> {
        let ask = Ask {
            guild: of.guild,
            actor: Actor::Watchpost,
            origin: Origin::Check,
            once: None,
            incident: Some(to),
            request: Request::Link(request),
        };
        match self.carry_out(ask).await {
            Ok(outcome) => Some(outcome.incident),
            Err(refusal) => {
                tracing::warn!(id = %to, code = refusal.code(), "a link was not recorded");
                None
            }
        }
    }
}
