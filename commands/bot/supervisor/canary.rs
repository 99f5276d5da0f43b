//! The end-to-end canary: acknowledged heartbeats do not show that events arrive (in February 2026 some bots got none for
//! hours on living sessions). So a message of our own is edited over REST, and the edit must come back on the gateway.

use std::time::Duration;

use async_trait::async_trait;
use serenity::all::{
    AutoArchiveDuration, ChannelId, ChannelType, CreateAllowedMentions, CreateMessage, CreateThread,
    EditMessage, GetMessages, GuildChannel, GuildId, Message, MessageFlags, MessageId,
};
use serenity::http::Http;
use tokio::sync::{Mutex, broadcast, watch};
use tokio::time::{Instant, sleep, timeout_at};
use watchpost_texts::{say, to_say};

use super::observed::Stage;
use super::relay::Relay;

/// Something that makes Discord send an event.
#[async_trait]
pub trait Canary: Send + Sync + 'static {
    /// Edits a message. Returns its id, or `None` when REST does not let it: then nothing is known of the gateway.
    async fn sing(&self) -> Option<u64>;
}

/// How often, and how long it may take.
#[derive(Clone, Debug)]
pub struct CanaryPace {
    /// Between two songs. Short enough that two that were not heard are noticed within five minutes.
    pub every: Duration,
    /// After one that was not heard.
    pub again: Duration,
    /// From the edit to the event.
    pub heard_within: Duration,
}

impl Default for CanaryPace {
    fn default() -> Self {
        Self {
            every: Duration::from_secs(4 * 60),
            again: Duration::from_secs(30),
            heard_within: Duration::from_secs(10),
        }
    }
}

/// What came of the songs of one client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Songs {
    pub heard: u32,
    pub missed_in_a_row: u32,
}

/// Sings for ever and tells what was heard.
pub(crate) async fn listen(
    canary: &dyn Canary,
    relay: &Relay,
    pace: &CanaryPace,
    songs: &watch::Sender<Songs>,
) {
    loop {
        let missed = songs.borrow().missed_in_a_row;
        sleep(if missed == 0 { pace.every } else { pace.again }).await;
        if relay.gateway().stage != Stage::Connected {
            continue;
        }
        let mut edited = relay.edited();
        let Some(id) = canary.sing().await else { continue };
        let heard = heard(&mut edited, id, Instant::now() + pace.heard_within).await;
        // A connection that was lost meanwhile is not deaf.
        if heard || relay.gateway().stage == Stage::Connected {
            songs.send_modify(|songs| *songs = songs.after(heard));
        }
    }
}

impl Songs {
    fn after(self, heard: bool) -> Self {
        if heard {
            Self { heard: self.heard.saturating_add(1), missed_in_a_row: 0 }
        } else {
            Self { missed_in_a_row: self.missed_in_a_row.saturating_add(1), ..self }
        }
    }
}

async fn heard(edited: &mut broadcast::Receiver<u64>, id: u64, until: Instant) -> bool {
    loop {
        match timeout_at(until, edited.recv()).await {
            Ok(Ok(other)) if other != id => {}
            // So many edits came that some were dropped: it is certainly not deaf.
            Ok(Ok(_) | Err(broadcast::error::RecvError::Lagged(_))) => return true,
            Ok(Err(broadcast::error::RecvError::Closed)) | Err(_) => return false,
        }
    }
}

/// Begins each canary message, so that one of an earlier run is found again.
const MARK: &str = to_say!("Watchpost listens here.");

/// Discord limits edits of messages older than an hour (error 30046): a message is replaced before.
const REPLACE_AFTER: Duration = Duration::from_secs(50 * 60);

/// The thread's name: what a person reads who wonders about it.
const THREAD: &str = to_say!("Watchpost listens here");

/// A canary that edits one message in a thread of its own.
pub struct ThreadCanary {
    http: Http,
    guild: GuildId,
    parent: ChannelId,
    message: Mutex<Option<Song>>,
}

#[derive(Clone, Copy)]
struct Song {
    channel: ChannelId,
    message: MessageId,
    born: Instant,
    number: u64,
}

impl ThreadCanary {
    /// In a thread below `parent`, which is opened where there is none: nobody is in it, so nobody sees it as unread.
    /// `http` speaks through the gate; the bot must be allowed to open threads there.
    #[must_use]
    pub fn new(http: Http, guild: GuildId, parent: ChannelId) -> Self {
        Self { http, guild, parent, message: Mutex::new(None) }
    }

    async fn channel(&self) -> Option<ChannelId> {
        let (guild, parent) = (self.guild, self.parent);
        let active = self.http.get_guild_active_threads(guild).await.ok()?.threads;
        let own = |thread: &&GuildChannel| thread.parent_id == Some(parent) && thread.name == THREAD;
        if let Some(thread) = active.iter().find(own) {
            return Some(thread.id);
        }
        let thread = CreateThread::new(THREAD)
            .kind(ChannelType::PublicThread)
            .auto_archive_duration(AutoArchiveDuration::OneWeek);
        match parent.create_thread(&self.http, thread).await {
            Ok(thread) => Some(thread.id),
            Err(error) => {
                // serenity's own words of it may hold a token.
                let why = crate::bot::gate::RestFailure::read(&error);
                tracing::warn!(?why, "nothing can be posted to learn whether Discord's events arrive");
                None
            }
        }
    }

    async fn create(&self, before: Option<Song>) -> Option<Song> {
        let channel = match before {
            Some(before) => before.channel,
            None => self.channel().await?,
        };
        let leftovers = match before {
            Some(before) => vec![before.message],
            None => self.leftovers(channel).await,
        };
        for message in leftovers {
            // A canary too many does no harm.
            let _ = channel.delete_message(&self.http, message).await;
        }
        let message = CreateMessage::new()
            .content(MARK)
            .flags(MessageFlags::SUPPRESS_NOTIFICATIONS)
            .allowed_mentions(CreateAllowedMentions::new());
        let message = channel.send_message(&self.http, message).await.ok()?.id;
        Some(Song { channel, message, born: Instant::now(), number: 0 })
    }

    async fn leftovers(&self, channel: ChannelId) -> Vec<MessageId> {
        let Ok(me) = self.http.get_current_user().await else {
            return Vec::new();
        };
        let recent = channel.messages(&self.http, GetMessages::new().limit(20)).await.unwrap_or_default();
        let mine = |message: &&Message| message.author.id == me.id && message.content.starts_with(MARK);
        recent.iter().filter(mine).map(|message| message.id).collect()
    }
}

#[async_trait]
impl Canary for ThreadCanary {
    async fn sing(&self) -> Option<u64> {
        let mut current = self.message.lock().await;
        let now = Instant::now();
        let before = *current;
        let song = match before.filter(|song| now < song.born + REPLACE_AFTER) {
            Some(song) => song,
            // One that cannot be replaced is looked for anew the next time.
            None => {
                *current = None;
                self.create(before).await?
            }
        };
        // The text must change, or Discord may send no event.
        let edit = EditMessage::new()
            .content(say!("{MARK} Check {} since this message.", song.number + 1))
            .allowed_mentions(CreateAllowedMentions::new());
        let edited = song.channel.edit_message(&self.http, song.message, edit).await;
        // One that was deleted is posted anew the next time.
        *current = edited.is_ok().then_some(Song { number: song.number + 1, ..song });
        edited.ok().map(|message| message.id.get())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn only_the_own_message_within_the_time_counts() {
        let sender = broadcast::Sender::new(4);
        let mut edited = sender.subscribe();
        let until = || Instant::now() + Duration::from_secs(10);
        for id in [1, 2, 7] {
            sender.send(id).unwrap();
        }
        assert!(heard(&mut edited, 7, until()).await);
        sender.send(8).unwrap();
        assert!(!heard(&mut edited, 7, until()).await, "it was heard only once");
        for id in 0..10 {
            sender.send(id).unwrap();
        }
        assert!(heard(&mut edited, 77, until()).await, "some were dropped");
    }

    #[test]
    fn one_that_is_heard_ends_the_row() {
        let songs = Songs::default().after(false).after(false);
        assert_eq!(songs, Songs { heard: 0, missed_in_a_row: 2 });
        assert_eq!(songs.after(true), Songs { heard: 1, missed_in_a_row: 0 });
    }
}
