//! The dead-man's switch through the real outbox: an item that is always due again. When nothing leaves any more, for
//! whatever reason, it stops too, and the other side says so.

#[cfg(test)]
mod tests;

use super::Desk;
use crate::broadcast::heartbeat;
use crate::outbox::{Item, ItemKey, Message, Place, Post, Purpose};
use crate::store::{Commit, StoreError, TimerKey};

/// Its timer.
pub(super) const TIMER: &str = "heartbeat";

impl Desk {
    /// Begins, or goes on, with the configuration that holds; without one it stops.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn beat(&self) -> Result<(), StoreError> {
        let (now, timer) = (self.clock.now(), TimerKey::Other(TIMER.to_owned()));
        let Some(every) = self.policy().heartbeat else {
            return self.cancel(timer).await;
        };
        let item = Item {
            key: ItemKey(format!("heartbeat/{}", now.0)),
            // One that could not be brought is replaced by the next.
            slot: "heartbeat".to_owned(),
            incident: None,
            purpose: Purpose::Notice,
            place: Place::Route(heartbeat::name()),
            post: Post::New,
            message: Message::default(),
            due: now,
        };
        let commit = Commit {
            recorded_at: now,
            enqueue: vec![item],
            timers: vec![(timer, Some(now + every))],
            ..Commit::default()
        };
        self.store.commit(commit).await?;
        self.changed.notify_waiters();
        Ok(())
    }
}
