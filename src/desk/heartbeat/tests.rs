//! The dead-man's switch over the real relay and a real socket: what the other side hears, and when it hears nothing.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::broadcast::heartbeat::{Heartbeat, name};
use crate::clock::{Clock, UtcMs};
use crate::config::Secret;
use crate::desk::Desk;
use crate::outbox::relay::{self, Transports};
use crate::outbox::{Delivery, Item, Place, Proof, Transport};
use crate::policy::Policy;
use crate::store::MemoryStore;

const MINUTE: Duration = Duration::from_secs(60);

/// The service elsewhere that waits for our calls.
struct OtherSide {
    calls: watch::Receiver<usize>,
    /// What it answers.
    status: Arc<AtomicUsize>,
    url: String,
}

impl OtherSide {
    async fn listens() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/ping", listener.local_addr().expect("an address"));
        let (tell, calls) = watch::channel(0);
        let status = Arc::new(AtomicUsize::new(200));
        let answers = status.clone();
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let mut head = vec![0; 4_096];
                let read = socket.read(&mut head).await.unwrap_or(0);
                assert!(
                    head[..read].starts_with(b"POST /ping "),
                    "what is called is the address that was given"
                );
                let status = answers.load(Ordering::Relaxed);
                let answer = format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                let _ = socket.write_all(answer.as_bytes()).await;
                tell.send_modify(|calls| *calls += 1);
            }
        });
        OtherSide { calls, status, url }
    }

    fn heard(&self) -> usize {
        *self.calls.borrow()
    }

    async fn hears(&mut self, calls: usize) {
        let heard = self.calls.wait_for(|heard| *heard >= calls);
        tokio::time::timeout(Duration::from_secs(20), heard)
            .await
            .expect("it is called")
            .expect("it listens");
    }
}

/// Routes as the configuration makes them: this one alone.
struct Routes(HashMap<Place, Heartbeat>);

#[async_trait]
impl Transport for Routes {
    async fn deliver(&self, item: &Item) -> Delivery {
        match self.0.get(&item.place) {
            Some(route) => route.deliver(item).await,
            None => Delivery::Dead { why: "there is no such route".to_owned() },
        }
    }

    async fn find(&self, _: &Item) -> Option<Proof> {
        None
    }
}

struct Running {
    desk: Arc<Desk>,
    clock: Clock,
    stop: watch::Sender<bool>,
    relay: tokio::task::JoinHandle<()>,
}

impl Running {
    async fn starts(url: &str) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let clock = Clock::stepped(UtcMs(1_795_482_720_000));
        let policy = Policy { heartbeat: Some(MINUTE), ..Policy::default() };
        let desk = Desk::open(Arc::new(MemoryStore::default()), policy, clock.clone()).await.expect("a desk");
        let heartbeat = Heartbeat::open(Secret::for_tests(url)).expect("a client");
        let routes = Arc::new(Routes(HashMap::from([(Place::Route(name()), heartbeat)])));
        let transports = Transports { chat: routes.clone(), routes };
        let (stop, stopped) = watch::channel(false);
        let relay = tokio::spawn(relay::run(desk.clone(), transports, stopped));
        desk.beat().await.expect("begun");
        Running { desk, clock, stop, relay }
    }
}

#[tokio::test]
async fn it_is_called_every_minute_and_no_more_when_nothing_leaves_any_more() {
    let mut other = OtherSide::listens().await;
    let running = Running::starts(&other.url).await;
    other.hears(1).await;
    for calls in 2..=5 {
        assert_eq!(other.heard(), calls - 1, "not before the minute is over");
        running.clock.step(MINUTE);
        other.hears(calls).await;
    }
    // The relay is what dies: the calls go through it, so they end with it, though the desk lives on.
    running.stop.send_replace(true);
    running.relay.await.expect("no panic");
    for _ in 0..3 {
        running.clock.step(MINUTE);
        running.desk.carry_out_due().await.expect("the store");
    }
    assert_eq!(other.heard(), 5, "the other side hears nothing and raises the alarm");
}

#[tokio::test]
async fn a_call_that_is_refused_is_replaced_by_the_next_and_none_are_caught_up() {
    let mut other = OtherSide::listens().await;
    other.status.store(503, Ordering::Relaxed);
    let running = Running::starts(&other.url).await;
    other.hears(1).await;
    // An hour without answer: one beat waits, not sixty.
    for _ in 0..60 {
        running.clock.step(MINUTE);
        running.desk.carry_out_due().await.expect("the store");
    }
    let waiting = running.desk.store().claim_due(running.clock.now(), 100).await.expect("the store");
    assert!(waiting.len() <= 1, "{} beats wait", waiting.len());
    running.stop.send_replace(true);
    running.relay.await.expect("no panic");
}
