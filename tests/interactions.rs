//! The three seconds that Discord gives, and what Discord delivers more than once.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;
use watchpost::clock::UtcMs;
use watchpost::ids::{IncidentId, PersonId, Seq};
use watchpost::incident::event::{Event, Recorded};
use watchpost::outbox::Kept;
use watchpost::store::{
    Commit, Committed, DedupeKey, Head, MemoryStore, Store, StoreError, TimerKey, Verified,
};
use watchpost_sandbox::Delivery;

use crate::running::House;

/// A store whose commits are held back while it is told to: a disk that does not answer.
struct Stalling {
    store: MemoryStore,
    held: watch::Receiver<bool>,
}

#[async_trait]
impl Store for Stalling {
    async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        let _ = self.held.clone().wait_for(|held| !*held).await;
        self.store.commit(commit).await
    }
    async fn claim_due(&self, now: UtcMs, max: usize) -> Result<Vec<Kept>, StoreError> {
        self.store.claim_due(now, max).await
    }
    async fn timers_due(&self, now: UtcMs, max: usize) -> Result<Vec<(TimerKey, UtcMs)>, StoreError> {
        self.store.timers_due(now, max).await
    }
    async fn next_due(&self) -> Result<Option<UtcMs>, StoreError> {
        self.store.next_due().await
    }
    async fn next_incident(&self) -> Result<IncidentId, StoreError> {
        self.store.next_incident().await
    }
    async fn heads(&self) -> Result<Vec<Head>, StoreError> {
        self.store.heads().await
    }
    async fn events(
        &self,
        incident: IncidentId,
        after: u64,
        max: usize,
    ) -> Result<Vec<Recorded>, StoreError> {
        self.store.events(incident, after, max).await
    }
    async fn items(&self, incident: IncidentId) -> Result<Vec<Kept>, StoreError> {
        self.store.items(incident).await
    }
    async fn is_done(&self, key: &DedupeKey) -> Result<bool, StoreError> {
        self.store.is_done(key).await
    }
    async fn verify(&self) -> Result<Verified, StoreError> {
        self.store.verify().await
    }
    async fn backup(&self, to: &Path) -> Result<Verified, StoreError> {
        self.store.backup(to).await
    }
    async fn forget(&self, person: PersonId, at: UtcMs) -> Result<(), StoreError> {
        self.store.forget(person, at).await
    }
    async fn last_seq(&self) -> Result<Seq, StoreError> {
        self.store.last_seq().await
    }
}

async fn entries(house: &House, fits: impl Fn(&Event) -> bool) -> usize {
    let events = house.desk.all_events(IncidentId(1)).await.unwrap();
    events.iter().filter(|recorded| fits(&recorded.new.event)).count()
}

async fn declared(house: &House) {
    let ana = house.discord.member("ana");
    let declared = ana.types("/incident", &[("text", "Phones cannot send")], "ops").await.unwrap();
    declared.answer(|shown| shown.says("INC-1 is declared")).await;
}

/// T12: a store that stalls keeps nobody waiting for the acknowledgement, and nobody is told "recorded" before it is.
#[tokio::test(flavor = "multi_thread")]
async fn t12_a_command_is_acknowledged_while_the_store_stalls_and_answered_afterwards() {
    const MANY: usize = 40;
    let (hold, held) = watch::channel(false);
    let house = House::start_over(Arc::new(Stalling { store: MemoryStore::new(), held })).await;
    declared(&house).await;
    let before = house.discord.answer_times().len();
    hold.send_replace(true);
    let ana = house.discord.member("ana");
    let mut turns = Vec::new();
    for number in 0..MANY {
        turns.push(ana.types("/log", &[("text", &format!("finding {number}"))], "ops").await.unwrap());
    }
    for turn in &turns {
        turn.wait_answered().await;
        assert!(turn.followups().is_empty(), "nothing is said to be recorded");
    }
    let slowest = house.discord.answer_times().split_off(before).into_iter().flatten().max().unwrap();
    assert!(slowest < Duration::from_millis(2_500), "{slowest:?}: Discord waits three seconds");
    assert_eq!(entries(&house, |event| matches!(event, Event::Logged { .. })).await, 0);
    hold.send_replace(false);
    for turn in &turns {
        turn.answer(|shown| shown.says("Logged in INC-1")).await;
    }
    assert_eq!(entries(&house, |event| matches!(event, Event::Logged { .. })).await, MANY);
    house.stop().await.0.strict_verdict().unwrap();
}

/// T12: what is done after the fifteen minutes of the token is told all the same.
#[tokio::test(flavor = "multi_thread")]
async fn t12_an_answer_that_comes_after_the_token_is_void_reaches_the_person() {
    let (hold, held) = watch::channel(false);
    let house = House::start_over(Arc::new(Stalling { store: MemoryStore::new(), held })).await;
    declared(&house).await;
    hold.send_replace(true);
    let ana = house.discord.member("ana");
    let turn = ana.types("/log", &[("text", "a slow disk")], "ops").await.unwrap();
    turn.wait_answered().await;
    house.step(Duration::from_secs(16 * 60));
    hold.send_replace(false);
    ana.dms().wait_for_message(|shown| shown.says("Logged in INC-1")).await;
    assert_eq!(entries(&house, |event| matches!(event, Event::Logged { .. })).await, 1);
    house.stop().await.0.strict_verdict().unwrap();
}

/// T13: the same interaction twice to five times, at once, afterwards, and again after a lost line: one effect.
#[tokio::test(flavor = "multi_thread")]
async fn t13_an_interaction_that_is_delivered_again_has_one_effect() {
    let house = House::start().await;
    declared(&house).await;
    let discord = house.discord.clone();
    let ana = discord.member("ana");
    let thread = discord.channel("ops").wait_for_thread("INC-1 Phones cannot send").await;
    let card = thread.wait_for_message(|shown| shown.pinned).await;

    discord.deliver(Delivery::Twice);
    let logged = ana.types("/log", &[("text", "the disk is full")], "ops").await.unwrap();
    logged.answer(|shown| shown.says("Logged in INC-1")).await;
    let taken = ana.clicks(&card, "I have it").await.unwrap();
    taken.answer(|shown| shown.says("You lead INC-1")).await;
    discord.deliver(Delivery::Normal);
    for _ in 0..3 {
        discord.deliver_again(logged.id());
        discord.deliver_again(taken.id());
    }
    discord.drop_gateway();
    discord.wait_gone().await;
    discord.deliver_again(logged.id());
    discord.deliver_again(taken.id());
    discord.wait_ready().await;

    // What was typed after all of these is answered after them.
    let last = ana.types("/log", &[("text", "the last one")], "ops").await.unwrap();
    last.answer(|shown| shown.says("Logged in INC-1")).await;
    assert_eq!(entries(&house, |event| matches!(event, Event::Logged { .. })).await, 2);
    assert_eq!(entries(&house, |event| matches!(event, Event::Acknowledged)).await, 1);
    house.stop().await.0.verdict().unwrap();
}
