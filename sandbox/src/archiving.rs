//! Threads that nobody writes in are put away by themselves (topics/threads, "Active & Archived Threads").

use crate::core::Core;
use crate::gateway::events;
use crate::id::Id;
use crate::world::Channel;

impl Core {
    /// Archives what is due by the clock. Called before anybody looks or acts, because nothing here sleeps.
    pub(crate) fn settle(&mut self) {
        let now = self.now_ms();
        let due: Vec<Id> = self
            .places
            .channels
            .values()
            .filter(|channel| self.is_due(channel, now))
            .map(|it| it.id)
            .collect();
        for id in due {
            if let Some(thread) =
                self.places.channels.get_mut(&id).and_then(|channel| channel.thread.as_mut())
            {
                thread.archived = true;
                thread.archive_ms = now;
                events::channel_updated(self, id);
                self.touch();
            }
        }
    }

    fn is_due(&self, channel: &Channel, now_ms: u64) -> bool {
        let Some(thread) = channel.thread.as_ref().filter(|thread| !thread.archived) else {
            return false;
        };
        let newest = channel.last_message.and_then(|id| self.places.messages.get(&id));
        let active_ms = newest.map_or(0, |message| message.created_ms).max(thread.archive_ms);
        now_ms >= active_ms.saturating_add(thread.auto_archive_minutes.saturating_mul(60_000))
    }
}
