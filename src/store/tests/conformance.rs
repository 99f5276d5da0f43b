//! One suite for every store: what holds of one holds of all.

use std::collections::BTreeSet;

use super::invariants::Witness;
use super::samples::{START, at, head, item, note, noting, once, person, saying, scratch};
use crate::ids::{AudienceName, DestinationName, IncidentId, MessageId, PersonId, PlaceId};
use crate::incident::event::{Event, HomePart};
use crate::outbox::{Item, ItemKey, Kept, Place, Progress, Proof, Purpose};
use crate::person::{Actor, FORGOTTEN};
use crate::store::{
    Commit, Committed, DedupeKey, JournalStore, MemoryStore, Options, Store, StoreError, TimerKey,
};

/// A sort of store that can be made and started again.
trait Sort {
    /// Makes an empty one.
    fn make() -> Self;
    /// The store.
    fn store(&self) -> &dyn Store;
    /// The same store after its process ended and began again.
    fn restart(self) -> Self;
}

struct InMemory(MemoryStore);

impl Sort for InMemory {
    fn make() -> Self {
        InMemory(MemoryStore::new())
    }
    fn store(&self) -> &dyn Store {
        &self.0
    }
    fn restart(self) -> Self {
        InMemory(self.0.restarted())
    }
}

struct OnDisk {
    folder: tempfile::TempDir,
    store: JournalStore,
}

impl OnDisk {
    /// Small files, so that the tests meet every seam.
    const SMALL: Options = Options { rotate_bytes: 4096, ballast_bytes: 4096 };
}

impl Sort for OnDisk {
    fn make() -> Self {
        let folder = scratch();
        let store = JournalStore::open(folder.path(), Self::SMALL, START).expect("a new store");
        OnDisk { folder, store }
    }
    fn store(&self) -> &dyn Store {
        &self.store
    }
    fn restart(self) -> Self {
        let OnDisk { folder, store } = self;
        drop(store);
        let store = JournalStore::open(folder.path(), Self::SMALL, START).expect("the same store");
        OnDisk { folder, store }
    }
}

macro_rules! suite {
    ($($case:ident)*) => {
        mod in_memory {
            $(#[tokio::test]
            async fn $case() { super::$case(<super::InMemory as super::Sort>::make()).await; })*
        }
        mod on_disk {
            $(#[tokio::test]
            async fn $case() { super::$case(<super::OnDisk as super::Sort>::make()).await; })*
        }
    };
}

suite! {
    what_is_committed_reads_back
    a_stale_version_is_refused_whole
    the_same_thing_is_done_once
    numbers_of_incidents_are_never_used_again
    heads_come_newest_first
    events_are_read_in_pages
    timers_are_set_moved_and_cancelled
    an_item_enters_once
    a_newer_item_takes_the_place_of_an_older_one
    updates_go_first_and_one_at_a_time_to_a_place
    a_failed_delivery_comes_back_when_it_is_due
    an_older_text_never_arrives_after_a_newer_one
    what_was_being_delivered_is_uncertain_after_a_restart
    a_forgotten_person_is_gone_and_everything_verifies
    many_writers_lose_nothing
}

async fn commit(sort: &impl Sort, commit: Commit) -> Committed {
    sort.store().commit(commit).await.expect("stored")
}

async fn claim(sort: &impl Sort, seconds: i64) -> Vec<Kept> {
    sort.store().claim_due(at(seconds), 100).await.expect("claimed")
}

async fn settle(sort: &impl Sort, key: &str, progress: Progress) {
    let settled =
        Commit { recorded_at: at(1), settle: vec![(ItemKey(key.to_owned()), progress)], ..Commit::default() };
    commit(sort, settled).await;
}

fn keys(items: &[Kept]) -> Vec<&str> {
    items.iter().map(|kept| kept.item.key.0.as_str()).collect()
}

fn sent() -> Progress {
    Progress::Sent { at: at(1), proof: Proof::Message { place: PlaceId(1), message: MessageId(2) } }
}

async fn progress_of(sort: &impl Sort, key: &str) -> Progress {
    let items = sort.store().items(IncidentId(1)).await.expect("items");
    let found = items.into_iter().find(|kept| kept.item.key.0 == key);
    found.expect("the item").progress
}

async fn what_is_committed_reads_back(sort: impl Sort) {
    let mut witness = Witness::default();
    for version in 0..50 {
        let made =
            commit(&sort, noting(1, version, &format!("remark {version} with “quotes”\nand lines"))).await;
        witness.saw(&made);
    }
    let sort = sort.restart();
    assert_eq!(witness.judge(sort.store()).await, Vec::<String>::new());
    assert_eq!(sort.store().last_seq().await.expect("a number").0, 50);
}

async fn a_stale_version_is_refused_whole(sort: impl Sort) {
    commit(&sort, noting(1, 0, "first")).await;
    let stale =
        Commit { timers: vec![(TimerKey::Proof(IncidentId(1)), Some(at(5)))], ..noting(1, 0, "too late") };
    let refused = sort.store().commit(stale).await;
    let conflict = StoreError::Conflict { incident: IncidentId(1), expected: 0, found: 1 };
    assert_eq!(refused, Err(conflict));
    assert_eq!(sort.store().next_due().await, Ok(None));
    assert_eq!(sort.store().last_seq().await.expect("a number").0, 1);
}

async fn the_same_thing_is_done_once(sort: impl Sort) {
    commit(&sort, once("click 7", at(900))).await;
    let sort = sort.restart();
    let key = DedupeKey("click 7".to_owned());
    assert_eq!(sort.store().is_done(&key).await, Ok(true));
    assert_eq!(sort.store().commit(once("click 7", at(900))).await, Err(StoreError::Duplicate(key)));
    let later = Commit { recorded_at: at(901), ..once("click 7", at(1800)) };
    commit(&sort, later).await;
}

async fn numbers_of_incidents_are_never_used_again(sort: impl Sort) {
    assert_eq!(sort.store().next_incident().await, Ok(IncidentId(1)));
    commit(&sort, noting(1, 0, "first")).await;
    commit(&sort, noting(2, 0, "second")).await;
    let sort = sort.restart();
    assert_eq!(sort.store().next_incident().await, Ok(IncidentId(3)));
}

async fn heads_come_newest_first(sort: impl Sort) {
    for incident in 1..=3 {
        let declared = Commit {
            heads: vec![head(incident, &format!("number {incident}"))],
            ..noting(incident, 0, "declared")
        };
        commit(&sort, declared).await;
    }
    let renamed = Commit { heads: vec![head(2, "renamed")], ..noting(2, 1, "renamed") };
    commit(&sort, renamed).await;
    let sort = sort.restart();
    let heads = sort.store().heads().await.expect("heads");
    let titles: Vec<&str> = heads.iter().map(|head| head.title.as_str()).collect();
    assert_eq!(titles, ["number 3", "renamed", "number 1"]);
}

async fn events_are_read_in_pages(sort: impl Sort) {
    for version in 0..10 {
        commit(&sort, noting(1, version, "one")).await;
        commit(&sort, noting(2, version, "two")).await;
    }
    let sort = sort.restart();
    let page = sort.store().events(IncidentId(2), 3, 4).await.expect("a page");
    let versions: Vec<u64> = page.iter().map(|event| event.version).collect();
    assert_eq!(versions, [4, 5, 6, 7]);
    assert!(page.iter().all(|event| event.new.incident == IncidentId(2)));
    assert_eq!(sort.store().events(IncidentId(2), 10, 4).await, Ok(Vec::new()));
    assert_eq!(sort.store().events(IncidentId(9), 0, 4).await, Ok(Vec::new()));
}

async fn timers_are_set_moved_and_cancelled(sort: impl Sort) {
    let update = TimerKey::Update(IncidentId(1), AudienceName::from("users"));
    let proof = TimerKey::Proof(IncidentId(1));
    let timers = |timers| Commit { recorded_at: START, timers, ..Commit::default() };
    commit(&sort, timers(vec![(update.clone(), Some(at(60))), (proof.clone(), Some(at(30)))])).await;
    let sort = sort.restart();
    assert_eq!(sort.store().next_due().await, Ok(Some(at(30))));
    let due = sort.store().timers_due(at(60), 10).await.expect("timers");
    assert_eq!(due, [(proof.clone(), at(30)), (update.clone(), at(60))]);
    assert_eq!(sort.store().timers_due(at(60), 1).await, Ok(vec![(proof.clone(), at(30))]));
    commit(&sort, timers(vec![(update.clone(), Some(at(90))), (proof, None)])).await;
    let sort = sort.restart();
    assert_eq!(sort.store().timers_due(at(89), 10).await, Ok(Vec::new()));
    assert_eq!(sort.store().next_due().await, Ok(Some(at(90))));
}

async fn an_item_enters_once(sort: impl Sort) {
    commit(&sort, saying(vec![item("a", "a", 1, START)])).await;
    commit(&sort, saying(vec![item("a", "a", 2, START)])).await;
    assert_eq!(keys(&claim(&sort, 0).await), ["a"]);
    settle(&sort, "a", sent()).await;
    commit(&sort, saying(vec![item("a", "a", 3, START)])).await;
    assert_eq!(claim(&sort, 9).await, Vec::new());
    let sort = sort.restart();
    assert_eq!(progress_of(&sort, "a").await, sent());
}

async fn a_newer_item_takes_the_place_of_an_older_one(sort: impl Sort) {
    commit(&sort, saying(vec![item("1", "card", 1, START)])).await;
    commit(&sort, saying(vec![item("2", "card", 1, START), item("x", "other", 2, START)])).await;
    let superseded = Progress::Superseded { by: ItemKey("2".to_owned()) };
    let sort = sort.restart();
    assert_eq!(progress_of(&sort, "1").await, superseded);
    assert_eq!(keys(&claim(&sort, 0).await), ["2", "x"]);
}

fn update(key: &str, place: u64, seconds: i64) -> Item {
    Item {
        purpose: Purpose::Update {
            audience: AudienceName::from("users"),
            number: 1,
            destination: DestinationName::from("channel"),
        },
        ..item(key, key, place, at(seconds))
    }
}

async fn updates_go_first_and_one_at_a_time_to_a_place(sort: impl Sort) {
    let card = Item { purpose: Purpose::CardRefresh, ..item("card", "card", 1, START) };
    let home = Item { purpose: Purpose::Home(HomePart::Card), ..item("home", "home", 2, START) };
    let items =
        vec![card, item("notice", "notice", 1, START), home, update("late", 1, 5), update("early", 1, 1)];
    commit(&sort, saying(items)).await;
    assert_eq!(sort.store().next_due().await, Ok(Some(START)));
    assert_eq!(keys(&claim(&sort, 9).await), ["early", "home"]);
    assert_eq!(claim(&sort, 9).await, Vec::new());
    assert_eq!(sort.store().next_due().await, Ok(None), "all of place 1 waits for what is in flight");
    for expected in ["late", "notice", "card"] {
        let before = if expected == "late" {
            "early"
        } else if expected == "notice" {
            "late"
        } else {
            "notice"
        };
        settle(&sort, before, sent()).await;
        assert_eq!(keys(&claim(&sort, 9).await), [expected]);
    }
    let direct = Item { place: Place::Direct(PersonId(4)), ..item("direct", "direct", 0, at(20)) };
    commit(&sort, saying(vec![direct])).await;
    assert_eq!(claim(&sort, 19).await, Vec::new());
    assert_eq!(sort.store().claim_due(at(20), 0).await, Ok(Vec::new()));
    assert_eq!(keys(&claim(&sort, 20).await), ["direct"]);
}

async fn a_failed_delivery_comes_back_when_it_is_due(sort: impl Sort) {
    commit(&sort, saying(vec![item("a", "a", 1, START)])).await;
    assert_eq!(claim(&sort, 0).await[0].attempts, 1);
    let again = Progress::Retry { at: at(30), why: "503".to_owned() };
    settle(&sort, "a", again).await;
    let sort = sort.restart();
    assert_eq!(sort.store().next_due().await, Ok(Some(at(30))));
    assert_eq!(claim(&sort, 29).await, Vec::new());
    assert_eq!(claim(&sort, 30).await[0].attempts, 2);
    let dead = Progress::Dead { at: at(31), why: "the channel is gone".to_owned() };
    settle(&sort, "a", dead).await;
    assert_eq!(claim(&sort, 9999).await, Vec::new());
}

async fn an_older_text_never_arrives_after_a_newer_one(sort: impl Sort) {
    commit(&sort, saying(vec![item("1", "card", 1, START)])).await;
    assert_eq!(keys(&claim(&sort, 0).await), ["1"]);
    commit(&sort, saying(vec![item("2", "card", 9, START)])).await;
    assert_eq!(claim(&sort, 0).await, Vec::new(), "the older one may still arrive");
    let again = Progress::Retry { at: at(1), why: "503".to_owned() };
    settle(&sort, "1", again).await;
    assert_eq!(keys(&claim(&sort, 1).await), ["2"]);
    let superseded = Progress::Superseded { by: ItemKey("2".to_owned()) };
    assert_eq!(progress_of(&sort, "1").await, superseded);
}

async fn what_was_being_delivered_is_uncertain_after_a_restart(sort: impl Sort) {
    commit(&sort, saying(vec![item("a", "a", 1, START)])).await;
    claim(&sort, 0).await;
    let sort = sort.restart();
    assert!(matches!(progress_of(&sort, "a").await, Progress::Uncertain { at, .. } if at == START));
    assert_eq!(claim(&sort, 1).await, Vec::new(), "it may still be on its way");
    let found = claim(&sort, 2).await;
    assert!(matches!(found[0].progress, Progress::Uncertain { .. }), "whoever claims it must look first");
    assert_eq!(found[0].attempts, 2);
}

async fn a_forgotten_person_is_gone_and_everything_verifies(sort: impl Sort) {
    let ana = Actor::Person(person(7, "ana-canary"));
    let ben = Actor::Person(person(8, "ben"));
    let both = Commit {
        recorded_at: START,
        events: vec![note(1, ana.clone(), "hers"), note(1, ben.clone(), "his")],
        ..Commit::default()
    };
    commit(&sort, both).await;
    sort.store().forget(PersonId(7), at(1)).await.expect("forgotten");
    let sort = sort.restart();
    let events = sort.store().events(IncidentId(1), 0, 10).await.expect("events");
    assert_eq!(events[0].new.actor.person().expect("somebody").name, FORGOTTEN);
    assert_eq!(events[1].new.actor, ben);
    let verified = sort.store().verify().await.expect("read");
    assert_eq!(verified.faults, Vec::<String>::new());
    assert_eq!(verified.events, 2);
    // Somebody who comes back is somebody new.
    let again =
        Commit { recorded_at: at(2), events: vec![note(1, ana.clone(), "again")], ..Commit::default() };
    commit(&sort, again).await;
    let events = sort.store().events(IncidentId(1), 0, 10).await.expect("events");
    assert_eq!(events[2].new.actor, ana);
    assert_eq!(events[0].new.actor.person().expect("somebody").name, FORGOTTEN);
}

async fn many_writers_lose_nothing(sort: impl Sort) {
    let store = sort.store();
    let writers = (1..=16).map(|incident| async move {
        let mut witness = Witness::default();
        for version in 0..10 {
            let made = store.commit(noting(incident, version, "busy")).await;
            witness.saw(&made.expect("stored"));
        }
        witness
    });
    let witnesses = futures::future::join_all(writers).await;
    let mut numbers = BTreeSet::new();
    for witness in &witnesses {
        assert_eq!(witness.commits(), 10);
        assert_eq!(witness.judge(store).await, Vec::<String>::new());
    }
    for incident in 1..=16 {
        let events = store.events(IncidentId(incident), 0, 99).await.expect("events");
        numbers.extend(events.iter().map(|event| event.seq.0));
        assert!(events.iter().all(|event| matches!(event.new.event, Event::Logged { .. })));
    }
    assert_eq!(numbers, (1..=160).collect(), "one order without a hole");
}
