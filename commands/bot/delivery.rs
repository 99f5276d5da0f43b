//! Brings the outbox's items to Discord, and says what became of each.
//!
//! 1. A new message carries a nonce that is the same whenever the same item is brought ([`nonce`]), so that a second
//!    attempt within minutes gives the first message again instead of a second one.
//! 2. Edits, threads and pins are the same thing done twice: repeating them changes nothing.
//! 3. A refusal or a lost answer becomes a [`Delivery`] with a sentence that says what to do ([`outcome`]).
//! 4. What may have arrived is looked for in the channel itself ([`find`]).

mod find;
mod outcome;
mod pin;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serenity::builder::{CreateForumPost, CreateThread, EditThread};
use serenity::http::Http;
use serenity::model::channel::AutoArchiveDuration;
use serenity::model::id::{ChannelId, MessageId as DiscordMessage, UserId};
use sha2::{Digest, Sha256};
use watchpost::ids::{MessageId, PersonId, PlaceId};
use watchpost::outbox::{Delivery, Item, ItemKey, Place, Post, Proof, Purpose, Transport};
use watchpost_texts::say;

use super::rendering::limits::{THREAD_NAME, cut};
use super::rendering::{Rendered, plain};
use outcome::{ARCHIVED, PUBLISHED, THREAD_EXISTS};

pub use outcome::Failure;

/// The bound that [`Transport`] promises.
const LONGEST: Duration = Duration::from_secs(10);

/// Brings items to channels, threads and people of Discord.
#[derive(Debug, Clone)]
pub struct DiscordDelivery {
    http: Arc<Http>,
    /// For words to stakeholders and calls: what this program is for waits behind no card.
    urgent: Arc<Http>,
    pins: pin::Pins,
}

impl DiscordDelivery {
    /// Over this client, which leads through the gate.
    pub fn new(http: Arc<Http>) -> Self {
        let pins = pin::Pins::default();
        DiscordDelivery { urgent: http.clone(), http, pins }
    }

    /// With a way of its own for what is urgent, which may use all that Discord allows.
    #[must_use]
    pub fn urgent(self, urgent: Arc<Http>) -> Self {
        DiscordDelivery { urgent, ..self }
    }

    fn way(&self, item: &Item) -> &Http {
        match item.purpose {
            Purpose::Update { .. } | Purpose::Ring { .. } => &self.urgent,
            _ => &self.http,
        }
    }

    async fn bring(&self, item: &Item) -> Result<Proof, Failure> {
        let place = self.place(&item.place).await?;
        match &item.post {
            Post::New => self.post(place, item).await,
            Post::Announce => {
                let proof = self.post(place, item).await?;
                publish(self.way(item), &proof).await?;
                Ok(proof)
            }
            Post::Edit(message) => self.edit(place, *message, item).await,
            Post::Thread { under, name } => self.thread(place, *under, name).await,
            Post::Topic { name } => self.topic(place, name, item).await,
            Post::Pin(message) => self.pin(place, *message).await,
        }
    }

    async fn place(&self, place: &Place) -> Result<ChannelId, Failure> {
        match place {
            Place::Channel(channel) => known(channel.0).map(ChannelId::new),
            Place::Direct(person) => self.direct(*person).await,
            Place::Route(name) => Err(Failure::dead(say!("“{name}” is not a place in Discord"))),
        }
    }

    async fn direct(&self, person: PersonId) -> Result<ChannelId, Failure> {
        let person = UserId::new(known(person.0)?);
        Ok(person.create_dm_channel(&*self.http).await.map_err(Failure::from)?.id)
    }

    async fn post(&self, place: ChannelId, item: &Item) -> Result<Proof, Failure> {
        let message = Rendered::of(&item.message).create(Some(nonce(&item.key)));
        let sent = place.send_message(self.way(item), message).await?;
        Ok(proof(sent.channel_id, sent.id))
    }

    async fn edit(&self, place: ChannelId, message: MessageId, item: &Item) -> Result<Proof, Failure> {
        let message = DiscordMessage::new(known(message.0)?);
        let edit = || place.edit_message(&*self.http, message, Rendered::of(&item.message).edit());
        let edited = match edit().await.map_err(Failure::from) {
            Err(failure) if failure.is(ARCHIVED) => {
                self.wake(place).await?;
                edit().await?
            }
            other => other?,
        };
        Ok(proof(edited.channel_id, edited.id))
    }

    async fn thread(&self, place: ChannelId, under: MessageId, name: &str) -> Result<Proof, Failure> {
        let under = DiscordMessage::new(known(under.0)?);
        let name = cut(&plain::line(name), THREAD_NAME);
        let thread = CreateThread::new(name).auto_archive_duration(AutoArchiveDuration::OneWeek);
        match place.create_thread_from_message(&*self.http, under, thread).await.map_err(Failure::from) {
            Ok(thread) => Ok(Proof::Thread(PlaceId(thread.id.get()))),
            // A thread that hangs from a message has that message's number (resources/channel).
            Err(failure) if failure.is(THREAD_EXISTS) => Ok(Proof::Thread(PlaceId(under.get()))),
            Err(failure) => Err(failure),
        }
    }

    /// A post of its own in a forum. Discord takes no nonce for it: one that may be there is looked for by its name.
    async fn topic(&self, forum: ChannelId, name: &str, item: &Item) -> Result<Proof, Failure> {
        let name = cut(&plain::line(name), THREAD_NAME);
        let post = CreateForumPost::new(name, Rendered::of(&item.message).create(None))
            .auto_archive_duration(AutoArchiveDuration::OneWeek);
        let made = forum.create_forum_post(&*self.http, post).await?;
        Ok(Proof::Thread(PlaceId(made.id.get())))
    }

    async fn pin(&self, place: ChannelId, message: MessageId) -> Result<Proof, Failure> {
        let message = DiscordMessage::new(known(message.0)?);
        match self.pins.pin(&self.http, place, message).await {
            Err(failure) if failure.is(ARCHIVED) => {
                self.wake(place).await?;
                self.pins.pin(&self.http, place, message).await?;
            }
            other => other?,
        }
        Ok(proof(place, message))
    }

    /// A thread that nobody wrote into for a week is archived, and refuses edits and pins.
    async fn wake(&self, thread: ChannelId) -> Result<(), Failure> {
        thread.edit_thread(&*self.http, EditThread::new().archived(false)).await?;
        Ok(())
    }
}

#[async_trait]
impl Transport for DiscordDelivery {
    async fn deliver(&self, item: &Item) -> Delivery {
        match tokio::time::timeout(LONGEST, self.bring(item)).await {
            Ok(Ok(proof)) => Delivery::Sent(proof),
            Ok(Err(failure)) => failure.into_delivery(&item.post),
            Err(_) => {
                Delivery::Uncertain { why: say!("Discord did not answer within ten seconds").to_owned() }
            }
        }
    }

    async fn find(&self, item: &Item) -> Option<Proof> {
        let place = self.place(&item.place).await.ok()?;
        let look = async {
            match &item.post {
                Post::New => find::message(&self.http, place, item).await,
                Post::Announce => {
                    let found = find::message(&self.http, place, item).await?;
                    // It stands in the channel, so it was said; a second post would be worse than followers who miss it.
                    if publish(&self.http, &found).await.is_err() {
                        tracing::warn!(key = %item.key, "an announcement stands in its channel and was not published");
                    }
                    Some(found)
                }
                Post::Topic { name } => {
                    find::topic(&self.http, place, &cut(&plain::line(name), THREAD_NAME)).await
                }
                // These leave no trace of their own, and repeating them does no harm.
                Post::Edit(_) | Post::Thread { .. } | Post::Pin(_) => None,
            }
        };
        tokio::time::timeout(LONGEST, look).await.ok()?
    }
}

/// 24 characters from the item's key: the same for the same item, for ever (a nonce has at most 25,
/// resources/message, create message).
pub fn nonce(key: &ItemKey) -> String {
    let digest = Sha256::digest(key.0.as_bytes());
    digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}

/// Publishes a post to those who follow its channel. What is published already stays so.
async fn publish(http: &Http, proof: &Proof) -> Result<(), Failure> {
    let Proof::Message { place, message } = proof else { return Ok(()) };
    let (place, message) = (ChannelId::new(known(place.0)?), DiscordMessage::new(known(message.0)?));
    match http.crosspost_message(place, message).await.map_err(Failure::from) {
        Ok(_) => Ok(()),
        Err(failure) if failure.is(PUBLISHED) => Ok(()),
        // Posted it is: whatever was in the way, it is looked for next, and published then.
        Err(_) => Err(Failure::uncertain(
            say!("it was posted, and could not be published to its followers yet").to_owned(),
        )),
    }
}

fn proof(place: ChannelId, message: DiscordMessage) -> Proof {
    Proof::Message { place: PlaceId(place.get()), message: MessageId(message.get()) }
}

/// serenity's numbers panic at zero.
fn known(number: u64) -> Result<u64, Failure> {
    match number {
        0 => Err(Failure::dead(say!("no channel, message or person is named").to_owned())),
        number => Ok(number),
    }
}

#[cfg(test)]
mod tests;
