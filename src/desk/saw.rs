//! What a check saw of the cells of a service, brought to where it belongs: the open incidents of the service, or the book,
//! which knows how the cells stood before an incident.

use super::{Ask, Desk, Entering};
use crate::book::BookRequest;
use crate::book::seen::{self, SeenRequest};
use crate::ids::ServiceName;
use crate::incident::decide::Request;
use crate::incident::event::Origin;
use crate::incident::proof::ProofRequest;
use crate::person::Actor;
use crate::proof::Measured;

impl Desk {
    /// A check that is no round of a proof has measured these cells.
    pub async fn saw(&self, service: &ServiceName, cells: &[Measured]) {
        if cells.is_empty() {
            return;
        }
        let guilds: Vec<_> = self.policy().guilds.keys().copied().collect();
        let open = guilds.into_iter().flat_map(|guild| self.open_incidents(guild));
        let open: Vec<_> = open.filter(|incident| incident.service.as_ref() == Some(service)).collect();
        if open.is_empty() {
            let check = SeenRequest::Check { service: service.clone(), cells: cells.to_vec() };
            let (actor, origin, once) = (Actor::Watchpost, Origin::Check, None);
            let entering = Entering { actor, origin, once, request: BookRequest::Seen(check) };
            if let Err(refusal) = self.enter(entering).await {
                tracing::warn!(%service, code = refusal.code(), "how the cells stand was not kept");
            }
        }
        for incident in open {
            let before = seen::before(&self.book().seen, service, incident.declared_at);
            let ask = Ask {
                guild: incident.guild,
                actor: Actor::Watchpost,
                origin: Origin::Check,
                once: None,
                incident: Some(incident.id),
                request: Request::Proof(ProofRequest::Seen { cells: cells.to_vec(), before }),
            };
            if let Err(refusal) = self.ask(ask).await {
                tracing::warn!(id = %incident.id, code = refusal.code(), "how the cells stand was not recorded");
            }
        }
    }
}
