//! The book over a store: what was entered is there again, and it is no incident.

use std::sync::Arc;

use super::configuration::ConfigurationRequest;
use super::{BookRequest, STREAM};
use crate::clock::{Clock, UtcMs};
use crate::desk::{Desk, Entering};
use crate::ids::{GuildId, IncidentId};
use crate::incident::event::Origin;
use crate::person::Actor;
use crate::policy::Policy;
use crate::store::{MemoryStore, Store};

fn take(hash: &str) -> Entering {
    let request = ConfigurationRequest::Take { hash: hash.to_owned(), changed: Vec::new() };
    Entering {
        actor: Actor::Watchpost,
        origin: Origin::Shell,
        once: None,
        request: BookRequest::Configuration(request),
    }
}

async fn desk(store: &Arc<MemoryStore>) -> Arc<Desk> {
    let clock = Clock::stepped(UtcMs(1_000));
    Desk::open(store.clone(), Policy::default(), clock).await.expect("a desk")
}

#[tokio::test]
async fn what_was_entered_is_there_after_a_restart_and_is_no_incident() {
    let store = Arc::new(MemoryStore::default());
    let first = desk(&store).await;
    let entered = first.enter(take("a")).await.expect("entered");
    assert_eq!(entered.events.len(), 1);
    assert!(first.enter(take("a")).await.expect("no news").events.is_empty());
    first.enter(take("b")).await.expect("entered");

    let again = desk(&store).await.book();
    assert_eq!(again, first.book());
    assert_eq!((again.version, again.configuration.as_ref().map(|kept| kept.hash.as_str())), (2, Some("b")));

    assert_eq!(store.next_incident().await, Ok(IncidentId(1)));
    assert_eq!(store.heads().await, Ok(Vec::new()));
    assert!(
        first.find(GuildId(0), Some(STREAM), None).await.is_err(),
        "the book is not shown as an incident"
    );
}
