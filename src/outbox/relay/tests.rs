//! The desk and the relay over the simulator's store, with a clock that is stepped by hand.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use super::*;
use crate::clock::{Clock, UtcMs};
use crate::config::Texts;
use crate::desk::Ask;
use crate::ids::{GuildId, IncidentId, MessageId, PersonId, PlaceId};
use crate::incident::Severity;
use crate::incident::decide::{Declaration, Request};
use crate::incident::event::{Event, Origin};
use crate::outbox::{Item, Post, Proof, Purpose};
use crate::person::{Actor, Person};
use crate::policy::{Audience, Cadence, GuildPolicy, Policy, Target};
use crate::store::{MemoryStore, Store};

const GUILD: GuildId = GuildId(1);

/// A chat that remembers what arrived, and does what the script says with each try.
#[derive(Default)]
struct Chat {
    arrived: Mutex<Vec<Item>>,
    /// What becomes of the next tries of an update, the last first; then everything arrives.
    script: Mutex<Vec<Fate>>,
}

enum Fate {
    Fails,
    ArrivesUnseen,
}

impl Chat {
    fn texts(&self) -> Vec<String> {
        let arrived = self.arrived.lock().expect("no test panics while it is held");
        arrived
            .iter()
            .filter(|item| matches!(item.purpose, Purpose::Update { .. }))
            .filter_map(|item| Some(item.message.block.as_ref()?.text.clone()))
            .collect()
    }

    fn arrive(&self, item: &Item) -> Proof {
        let mut arrived = self.arrived.lock().expect("no test panics while it is held");
        arrived.push(item.clone());
        let number = 1_000 + arrived.len() as u64;
        match (&item.post, &item.place) {
            (Post::Thread { under, .. }, _) => Proof::Thread(PlaceId(under.0)),
            (Post::Pin(_), _) => Proof::Answer("204".into()),
            (_, Place::Channel(place)) => Proof::Message { place: *place, message: MessageId(number) },
            _ => Proof::Answer("200".into()),
        }
    }
}

#[async_trait::async_trait]
impl Transport for Chat {
    async fn deliver(&self, item: &Item) -> Delivery {
        let update = matches!(item.purpose, Purpose::Update { .. });
        let fate =
            update.then(|| self.script.lock().expect("no test panics while it is held").pop()).flatten();
        match fate {
            Some(Fate::Fails) => Delivery::Retry { after: Duration::ZERO, why: "503".into() },
            Some(Fate::ArrivesUnseen) => {
                self.arrive(item);
                Delivery::Uncertain { why: "the connection broke".into() }
            }
            None => Delivery::Sent(self.arrive(item)),
        }
    }

    async fn find(&self, item: &Item) -> Option<Proof> {
        let arrived = self.arrived.lock().expect("no test panics while it is held");
        let found = arrived.iter().any(|there| there.key == item.key);
        found.then(|| Proof::Answer("found".into()))
    }
}

fn policy() -> Policy {
    let users = Audience::new(
        "users".into(),
        Texts::Users,
        vec![Target { name: "mail-status".into(), place: Place::Channel(PlaceId(20)) }],
    );
    let cadence = Cadence {
        first: Duration::from_secs(900),
        each: BTreeMap::from([("users".into(), Duration::from_secs(3_600))]),
    };
    let guild = GuildPolicy { operations: PlaceId(10), incidents: PlaceId(10), ..GuildPolicy::default() };
    Policy {
        guilds: BTreeMap::from([(GUILD, guild)]),
        audiences: vec![users],
        cadences: BTreeMap::from([(Severity::Sev2, cadence)]),
        ..Policy::default()
    }
}

struct Night {
    desk: Arc<Desk>,
    chat: Arc<Chat>,
    stop: watch::Sender<bool>,
    relay: tokio::task::JoinHandle<()>,
}

impl Night {
    async fn begins(store: Arc<dyn Store>, clock: Clock, chat: Arc<Chat>) -> Self {
        let desk = Desk::open(store, policy(), clock).await.expect("an empty store opens");
        let transports = Transports { chat: chat.clone(), routes: chat.clone() };
        let (stop, stopped) = watch::channel(false);
        let relay = tokio::spawn(run(desk.clone(), transports, stopped));
        Night { desk, chat, stop, relay }
    }

    async fn declare(&self) {
        let said = Declaration { guild: GUILD, text: "Phones cannot send".into(), ..Declaration::default() };
        self.ask(None, Request::Declare(said)).await;
    }

    async fn ask(&self, incident: Option<IncidentId>, request: Request) {
        let actor = Actor::Person(Person { id: PersonId(7), name: "ana".into() });
        let ask = Ask { guild: GUILD, actor, origin: Origin::Chat, once: None, incident, request };
        self.desk.ask(ask).await.expect("carried out");
    }

    /// Waits until nothing is due and nothing is under way; in paused time that takes no time.
    async fn settles(&self) {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    async fn steps(&self, minutes: u64) {
        for _ in 0..minutes {
            self.desk.clock().step(Duration::from_secs(60));
            self.settles().await;
        }
    }

    async fn ends(self) -> Arc<dyn Store> {
        self.stop.send_replace(true);
        self.relay.await.expect("the relay ends by itself");
        self.desk.store().clone()
    }

    async fn events(&self) -> Vec<Event> {
        let all = self.desk.timeline(GUILD, IncidentId(1)).await.expect("a timeline");
        all.into_iter().map(|recorded| recorded.new.event).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn the_home_is_made_and_nobody_is_left_without_word() {
    let clock = Clock::stepped(UtcMs(0));
    let night = Night::begins(Arc::new(MemoryStore::new()), clock, Arc::default()).await;
    night.declare().await;
    night.settles().await;
    let home = night.desk.incident(IncidentId(1)).expect("it is open").home.clone();
    assert_eq!((home.headline, home.thread), (Some((PlaceId(10), MessageId(1001))), Some(PlaceId(1001))));
    assert!(home.card.is_some() && home.pinned, "{home:?}");
    night.steps(14).await;
    assert_eq!(night.chat.texts().len(), 0, "nothing is due yet");
    night.steps(1).await;
    assert_eq!(night.chat.texts().len(), 1, "the first word after 15 minutes");
    night.steps(60).await;
    assert_eq!(night.chat.texts().len(), 2, "the next when it was promised");
    let delivered = |event: &&Event| matches!(event, Event::UpdateDelivered { .. });
    assert_eq!(night.events().await.iter().filter(delivered).count(), 2, "each with its proof");
}

#[tokio::test(start_paused = true)]
async fn what_was_overdue_is_caught_up_once_after_a_restart() {
    let clock = Clock::stepped(UtcMs(0));
    let chat: Arc<Chat> = Arc::default();
    let night = Night::begins(Arc::new(MemoryStore::new()), clock.clone(), chat.clone()).await;
    night.declare().await;
    night.settles().await;
    let store = night.ends().await;
    clock.step(Duration::from_secs(6 * 3_600));
    let night = Night::begins(store, clock, chat).await;
    night.settles().await;
    assert_eq!(night.chat.texts().len(), 1, "once, not six times");
    let missed = night.events().await.into_iter().find_map(|event| match event {
        Event::UpdateIssued { missed, .. } => Some(missed),
        _ => None,
    });
    assert_eq!(missed, Some(5));
}

#[tokio::test(start_paused = true)]
async fn a_failed_delivery_is_tried_again_and_a_lost_answer_is_looked_for() {
    let clock = Clock::stepped(UtcMs(0));
    let night = Night::begins(Arc::new(MemoryStore::new()), clock, Arc::default()).await;
    night.declare().await;
    night.settles().await;
    night.chat.script.lock().expect("nobody holds it").extend([Fate::ArrivesUnseen, Fate::Fails]);
    night.steps(20).await;
    assert_eq!(night.chat.texts().len(), 1, "tried, found, and not said twice");
    let delivered = night.events().await.into_iter().find_map(|event| match event {
        Event::UpdateDelivered { proof, .. } => Some(proof),
        _ => None,
    });
    assert_eq!(delivered.as_deref(), Some("found"));
}
