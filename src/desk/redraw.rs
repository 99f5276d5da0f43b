//! The cards of all open incidents, drawn anew: where something beside the incidents has changed what stands on them.

use std::sync::{Arc, PoisonError};

use super::Desk;
use crate::card;
use crate::clock::UtcMs;
use crate::incident::Incident;
use crate::outbox::{Item, ItemKey, Message, Place, Post, Purpose};
use crate::store::{Commit, StoreError};

impl Desk {
    /// All incidents that are open, in every guild.
    pub fn all_open(&self) -> Vec<Arc<Incident>> {
        let incidents = self.incidents.read().unwrap_or_else(PoisonError::into_inner);
        incidents.values().filter(|incident| incident.phase.is_open()).cloned().collect()
    }

    /// Puts the card of each open incident into the outbox as it is now.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn redraw_cards(&self) -> Result<(), StoreError> {
        for open in self.all_open() {
            // Its turn: a card that is newer than this one must not be overtaken by it.
            let turn = self.turn(open.id);
            let _held = turn.lock().await;
            let now = self.clock.now();
            let Some(incident) = self.incident(open.id) else { continue };
            let message = card::card(&incident, &self.policy());
            let Some(item) = card_item(&incident, message, now) else { continue };
            self.store.commit(Commit { recorded_at: now, enqueue: vec![item], ..Commit::default() }).await?;
            self.changed.notify_waiters();
        }
        Ok(())
    }
}

/// The item that puts this message in place of an incident's card, where it has one.
pub(crate) fn card_item(incident: &Incident, message: Message, now: UtcMs) -> Option<Item> {
    let (place, card) = (incident.home.thread?, incident.home.card?);
    let id = incident.id;
    Some(Item {
        key: ItemKey(format!("{id}/card@{}/{}", incident.version, now.0)),
        // That of every other change of the card.
        slot: format!("{id}/card@"),
        incident: Some(id),
        purpose: Purpose::CardRefresh,
        place: Place::Channel(place),
        post: Post::Edit(card),
        message,
        due: now,
    })
}
