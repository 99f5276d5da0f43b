//! What happens when Discord is away: people are told elsewhere, the rest goes on, and afterwards there is one message for
//! each channel.
//!
//! 1. The supervisor says that Discord is down, the gate that the token is revoked, the client that it is refused.
//! 2. That is entered in the book, and told by the routes that need no Discord; what is meant for Discord is parked
//!    ([`Parked`]): nothing is tried while it cannot succeed.
//! 3. Timers, checks, the other destinations, the status page and `watchpost ctl` do not notice.
//! 4. When Discord answers again, what was parked gives way to one message for each channel, and only then is anything
//!    brought there.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;
use watchpost::book::BookRequest;
use watchpost::book::chat::{ChatRequest, WhyLost};
use watchpost::clock::UtcMs;
use watchpost::desk::{Desk, Entering};
use watchpost::incident::event::Origin;
use watchpost::outbox::{Delivery, Item, ItemKey, Proof, Transport};
use watchpost::person::Actor;
use watchpost_texts::say;

use super::gate::{GateState, RestHealth};
use super::supervisor::{DiscordHealth, Fatal};

/// How long what is parked lies before it is looked at again.
const PARKED: Duration = Duration::from_secs(15);
/// How long to wait when the store does not take that Discord is away.
const AGAIN: Duration = Duration::from_secs(5);

/// Where Discord is, for what is meant for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Things are brought.
    There,
    /// Things are parked.
    Away,
    /// Things wait a moment: what is to be said first is just being put together.
    Returning,
}

/// The transport to Discord, which brings nothing while Discord is away.
pub struct Parked {
    chat: Arc<dyn Transport>,
    presence: watch::Receiver<Presence>,
    /// Items that may have arrived before Discord was lost: they are looked for when it is back.
    uncertain: Mutex<BTreeSet<ItemKey>>,
}

impl Parked {
    /// Over `chat`, while it is there.
    pub fn new(chat: Arc<dyn Transport>, presence: watch::Receiver<Presence>) -> Self {
        Parked { chat, presence, uncertain: Mutex::default() }
    }

    /// Whether things can be brought, after a moment where that is just being decided.
    async fn is_there(&self) -> bool {
        let mut presence = self.presence.clone();
        let decided = presence.wait_for(|presence| *presence != Presence::Returning);
        match tokio::time::timeout(AGAIN, decided).await {
            Ok(Ok(presence)) => *presence == Presence::There,
            _ => false,
        }
    }

    fn uncertain(&self) -> std::sync::MutexGuard<'_, BTreeSet<ItemKey>> {
        self.uncertain.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Transport for Parked {
    async fn deliver(&self, item: &Item) -> Delivery {
        if self.is_there().await {
            return self.chat.deliver(item).await;
        }
        let why = say!("Discord cannot be reached; it is brought when Discord is back").to_owned();
        match self.uncertain().remove(&item.key) {
            true => Delivery::Uncertain { why },
            false => Delivery::Retry { after: PARKED, why },
        }
    }

    async fn find(&self, item: &Item) -> Option<Proof> {
        if self.is_there().await {
            return self.chat.find(item).await;
        }
        // The relay asks this only of what may have arrived, and brings it next.
        self.uncertain().insert(item.key.clone());
        None
    }
}

/// Everything that tells whether Discord is there.
pub struct Signs {
    /// By the supervisor.
    pub health: watch::Receiver<DiscordHealth>,
    /// By the gate.
    pub gate: watch::Receiver<GateState>,
    /// By every request.
    pub rest: watch::Receiver<RestHealth>,
    /// Why no client is started any more.
    pub refused: watch::Receiver<Option<WhyLost>>,
}

impl Signs {
    fn lost(&self) -> Option<WhyLost> {
        if *self.gate.borrow() == GateState::Revoked {
            return Some(WhyLost::Token);
        }
        let refused = *self.refused.borrow();
        refused.or_else(|| self.health.borrow().is_down().then_some(WhyLost::NoAnswer))
    }

    fn answers(&self) -> bool {
        self.rest.borrow().answered_at.is_some()
    }

    async fn change(&mut self) {
        let changed = tokio::select! {
            changed = self.health.changed() => changed,
            changed = self.gate.changed() => changed,
            changed = self.rest.changed() => changed,
            changed = self.refused.changed() => changed,
        };
        if changed.is_err() {
            // The bot ends; nothing changes any more.
            std::future::pending::<()>().await;
        }
    }
}

/// Why nothing is started any more, for those who are told.
pub fn why(fatal: Fatal) -> WhyLost {
    match fatal {
        Fatal::Token => WhyLost::Token,
        Fatal::Setup(_) | Fatal::Intents(_) | Fatal::Address => WhyLost::Refused,
    }
}

/// Watches the signs for as long as the bot lives; `presence` holds back what is meant for Discord.
pub async fn watch(desk: Arc<Desk>, mut signs: Signs, presence: watch::Sender<Presence>) {
    loop {
        let entered = match (signs.lost(), desk.book().chat) {
            (Some(because), _) => {
                presence.send_replace(Presence::Away);
                enter(&desk, ChatRequest::Lose(because)).await
            }
            // After a restart nothing is known until Discord has answered once.
            (None, Some(_)) if !signs.answers() => true,
            (None, Some(since)) => {
                presence.send_replace(Presence::Returning);
                let back = welcome_back(&desk, since.since).await;
                presence.send_replace(if back { Presence::There } else { Presence::Away });
                back
            }
            (None, None) => {
                presence.send_replace(Presence::There);
                true
            }
        };
        tokio::select! {
            () = signs.change() => {}
            () = tokio::time::sleep(AGAIN), if !entered => {}
        }
    }
}

/// Takes back what was parked, says so, and lets everything go.
async fn welcome_back(desk: &Arc<Desk>, since: UtcMs) -> bool {
    match desk.catch_up(since).await {
        Ok(messages) => tracing::info!(messages, "Discord is back: one message for each channel"),
        Err(error) => {
            tracing::error!(%error, "what was missed in Discord waits for the store");
            return false;
        }
    }
    enter(desk, ChatRequest::Return).await
}

async fn enter(desk: &Desk, request: ChatRequest) -> bool {
    let entering = Entering {
        actor: Actor::Watchpost,
        origin: Origin::Outbox,
        once: None,
        request: BookRequest::Chat(request),
    };
    match desk.enter(entering).await {
        Ok(_) => {
            desk.chat_changed().await;
            true
        }
        Err(refusal) => {
            tracing::error!(code = refusal.code(), "that Discord is away or back is not stored yet");
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchpost::ids::PlaceId;
    use watchpost::outbox::{Message, Place, Post, Purpose};

    struct Chat;

    #[async_trait]
    impl Transport for Chat {
        async fn deliver(&self, _: &Item) -> Delivery {
            Delivery::Sent(Proof::Answer("there".into()))
        }
        async fn find(&self, _: &Item) -> Option<Proof> {
            Some(Proof::Answer("found".into()))
        }
    }

    fn item(key: &str) -> Item {
        Item {
            key: ItemKey(key.into()),
            slot: key.into(),
            incident: None,
            purpose: Purpose::Notice,
            place: Place::Channel(PlaceId(1)),
            post: Post::New,
            message: Message::text("x"),
            due: UtcMs(0),
        }
    }

    #[tokio::test]
    async fn what_may_have_arrived_stays_uncertain_while_discord_is_away() {
        let presence = watch::Sender::new(Presence::Away);
        let parked = Parked::new(Arc::new(Chat), presence.subscribe());
        assert!(matches!(parked.deliver(&item("a")).await, Delivery::Retry { .. }));
        assert_eq!(parked.find(&item("b")).await, None);
        assert!(matches!(parked.deliver(&item("b")).await, Delivery::Uncertain { .. }));
        presence.send_replace(Presence::There);
        assert!(matches!(parked.deliver(&item("a")).await, Delivery::Sent(_)));
        assert!(parked.find(&item("b")).await.is_some());
    }
}
