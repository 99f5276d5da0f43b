//! A person is forgotten.
//!
//! 1. That it was ordered is entered in the book, by whom, and not about whom.
//! 2. The store destroys the key: nothing that is sealed under it can be read again, wherever a copy of it lies.
//! 3. What the desk has in memory is read anew, so that no name lives on there.
//! 4. That it was done is entered. An order without this was cut short; it can be given again.
//! 5. The cards of open incidents are drawn anew.

use std::sync::{Arc, PoisonError};

use super::{Desk, Entering};
use crate::book::BookRequest;
use crate::book::erasure::ErasureEvent;
use crate::ids::{IncidentId, PersonId};
use crate::incident::Incident;
use crate::incident::event::Origin;
use crate::person::Actor;
use crate::refusal::Refusal;
use crate::store::{DedupeKey, StoreError};

impl Desk {
    /// Forgets a person, for good.
    ///
    /// # Errors
    /// A [`Refusal`]; before anything was destroyed, or with the order in the book, so that it can be given again.
    pub async fn forget(&self, person: PersonId, by: Actor, once: Option<DedupeKey>) -> Result<(), Refusal> {
        let entering = |actor, once, event| Entering {
            actor,
            origin: Origin::Chat,
            once,
            request: BookRequest::Erasure(event),
        };
        self.enter(entering(by, once, ErasureEvent::Ordered)).await?;
        self.store.forget(person, self.clock.now()).await?;
        self.read_anew().await?;
        self.enter(entering(Actor::Watchpost, None, ErasureEvent::Done)).await?;
        self.redraw_cards().await?;
        Ok(())
    }

    /// Reads everything that is in memory from the store again, though its version is the same.
    async fn read_anew(&self) -> Result<(), StoreError> {
        self.load_book().await?;
        for id in self.in_memory() {
            let turn = self.turn(id);
            let _held = turn.lock().await;
            let incident = Arc::new(Incident::from_events(id, &self.all_events(id).await?));
            self.incidents.write().unwrap_or_else(PoisonError::into_inner).insert(id, incident);
        }
        Ok(())
    }

    fn in_memory(&self) -> Vec<IncidentId> {
        self.incidents.read().unwrap_or_else(PoisonError::into_inner).keys().copied().collect()
    }
}
