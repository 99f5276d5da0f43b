//! The supervisor over a played client, a played gateway and a REST that answers what a test tells it to.

pub(crate) mod play;
mod with_serenity;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use futures::StreamExt;
use reqwest::Url;
use secrecy::SecretString;
use tokio::sync::mpsc;
use tokio_tungstenite::connect_async;

use super::*;
use crate::bot::gate::tests::upstream::{Reply, Script, Scripted};
use crate::bot::gate::{GateOptions, Limits, Upstream};
use play::{IDENTIFY, READY, closing, greeting, say, within};

/// How a played client behaves.
#[derive(Clone, Copy)]
enum Manner {
    /// Connects, logs in, stays.
    Works,
    /// Never connects.
    Sleeps,
    /// Ends at once.
    Ends,
    /// Panics at once.
    Panics,
}

struct Played {
    manner: Manner,
    built: AtomicU32,
}

#[async_trait]
impl Clients for Played {
    async fn run(&self, gateway: String, mut stop: watch::Receiver<bool>) -> ClientEnd {
        self.built.fetch_add(1, Ordering::SeqCst);
        match self.manner {
            Manner::Works => {
                let (mut socket, _) = connect_async(gateway).await.unwrap();
                let _ = socket.next().await;
                say(&mut socket, IDENTIFY).await;
                told(&mut stop).await;
            }
            Manner::Sleeps => told(&mut stop).await,
            Manner::Ends => return ClientEnd::Failed("it was told to".to_owned()),
            Manner::Panics => panic!("it was told to"),
        }
        ClientEnd::Stopped
    }
}

/// A supervisor with everything around it.
struct Stage {
    supervisor: Supervisor,
    clients: Arc<Played>,
    gate: Arc<Gate>,
    stop: watch::Sender<bool>,
    _rest: Scripted,
}

/// Quick to decide, as nothing here takes long.
fn patience() -> Patience {
    Patience { away: Duration::from_millis(150), silence: Duration::from_secs(60), ..Patience::default() }
}

async fn supervisor(
    rest: &Scripted,
    patience: Patience,
    relay: RelayLimits,
    canary: Option<Arc<dyn Canary>>,
) -> (Supervisor, Arc<Gate>) {
    let upstream = Upstream::parse(&rest.base()).unwrap();
    let limits = Limits { again_after: Duration::from_millis(10), ..Limits::default() };
    let options = GateOptions { upstream, token: SecretString::from("token"), limits, raw_transcript: None };
    let gate = Arc::new(Gate::start(options).await.unwrap());
    let pace =
        Pace { look: Duration::from_millis(20), first_pause: Duration::from_millis(10), ..Pace::default() };
    let short = Duration::from_millis(30);
    let canary_pace = CanaryPace { every: short, again: short, heard_within: short };
    let options = SupervisorOptions { gate: Arc::clone(&gate), patience, relay, pace, canary, canary_pace };
    (Supervisor::start(options).await.unwrap(), gate)
}

impl Stage {
    async fn set(rest: Script, manner: Manner, canary: Option<Arc<dyn Canary>>) -> Self {
        let rest = Scripted::start(rest).await;
        let (supervisor, gate) = supervisor(&rest, patience(), play::limits(), canary).await;
        let clients = Arc::new(Played { manner, built: AtomicU32::new(0) });
        Self { supervisor, clients, gate, stop: watch::Sender::new(false), _rest: rest }
    }

    async fn run(&self) -> Outcome {
        let clients = Arc::clone(&self.clients);
        within(self.supervisor.run(clients, self.stop.subscribe())).await
    }

    fn built(&self) -> u32 {
        self.clients.built.load(Ordering::SeqCst)
    }

    async fn until(&self, reached: impl FnMut(&Status) -> bool) -> Status {
        *within(self.supervisor.status().wait_for(reached)).await.unwrap()
    }
}

fn gateway_is(gateway: &Url, remaining: u64) -> Script {
    let gateway = gateway.clone();
    Arc::new(move |_, path| {
        let limit = serde_json::json!({
            "total": 1000, "remaining": remaining, "reset_after": 3_600_000, "max_concurrency": 1
        });
        match path {
            "/api/v10/gateway" => Reply::status(200, &[], &serde_json::json!({ "url": gateway }).to_string()),
            "/api/v10/gateway/bot" => {
                let bot = serde_json::json!({ "url": gateway, "shards": 1, "session_start_limit": limit });
                Reply::status(200, &[], &bot.to_string())
            }
            _ => Reply::status(401, &[], r#"{"code": 0, "message": "401: Unauthorized"}"#),
        }
    })
}

async fn working_gateway() -> Url {
    greeting(mpsc::unbounded_channel().0, READY.to_owned()).await
}

#[tokio::test]
async fn a_client_that_works_is_kept_until_it_is_told_to_end() {
    let stage = Stage::set(gateway_is(&working_gateway().await, 1000), Manner::Works, None).await;
    let (outcome, status) = tokio::join!(stage.run(), async {
        let status = stage.until(|status| status.stage == observed::Stage::Connected).await;
        stage.stop.send_replace(true);
        status
    });
    assert_eq!((outcome, outcome.exit_code()), (Outcome::Stopped, 0));
    assert_eq!((status.identifies, status.sessions, status.rebuilt, stage.built()), (1, 1, 0, 1));
}

async fn check_exhausted(manner: Manner, reason: Reason) {
    let stage = Stage::set(gateway_is(&working_gateway().await, 1000), manner, None).await;
    let outcome = stage.run().await;
    assert_eq!((outcome, outcome.exit_code()), (Outcome::Exhausted(reason), 75));
    assert_eq!(stage.built(), 4, "one, and three rebuilds");
    let status = *stage.supervisor.status().borrow();
    assert_eq!((status.rebuilt, status.last_reason), (3, Some(reason)));
}

#[tokio::test]
async fn a_client_that_does_not_connect_is_rebuilt_three_times() {
    check_exhausted(Manner::Sleeps, Reason::Away).await;
}

#[tokio::test]
async fn a_client_that_ends_is_rebuilt_three_times() {
    check_exhausted(Manner::Ends, Reason::Ended).await;
    check_exhausted(Manner::Panics, Reason::Ended).await;
}

async fn check_fatal(rest: Script, fatal: Fatal, built: u32) {
    let stage = Stage::set(rest, Manner::Works, None).await;
    let outcome = stage.run().await;
    assert_eq!((outcome, outcome.exit_code()), (Outcome::Fatal(fatal), 78));
    assert_eq!(stage.built(), built);
}

#[tokio::test]
async fn what_no_new_try_can_mend_ends_at_once() {
    check_fatal(gateway_is(&closing(Some(4014)).await, 1000), Fatal::Intents(4014), 1).await;
    check_fatal(gateway_is(&closing(Some(4004)).await, 1000), Fatal::Token, 1).await;
    check_fatal(gateway_is(&closing(Some(4012)).await, 1000), Fatal::Setup(4012), 1).await;
    check_fatal(Reply::always(Reply::status(401, &[], "{}")), Fatal::Token, 0).await;
    let elsewhere = Url::parse("wss://gateway.discord.gg").unwrap();
    check_fatal(gateway_is(&elsewhere, 1000), Fatal::Address, 0).await;
}

#[tokio::test]
async fn a_401_in_the_middle_ends_it() {
    let stage = Stage::set(gateway_is(&working_gateway().await, 1000), Manner::Works, None).await;
    let (outcome, ()) = tokio::join!(stage.run(), async {
        stage.until(|status| status.stage == observed::Stage::Connected).await;
        let http = stage.gate.http(Traffic::Normal).unwrap().build();
        assert!(http.get_current_user().await.is_err());
    });
    assert_eq!(outcome, Outcome::Fatal(Fatal::Token));
}

#[tokio::test]
async fn the_last_sessions_of_the_day_are_not_used() {
    let stage = Stage::set(gateway_is(&working_gateway().await, 49), Manner::Works, None).await;
    let (outcome, status) = tokio::join!(stage.run(), async {
        let status = stage.until(|status| status.waiting.is_some()).await;
        stage.stop.send_replace(true);
        status
    });
    assert!(matches!(status.waiting, Some(Waiting::ForASession(_))));
    assert_eq!((outcome, stage.built()), (Outcome::Stopped, 0));
}

#[tokio::test]
async fn a_rest_that_does_not_answer_is_waited_for() {
    let well = gateway_is(&working_gateway().await, 1000);
    let rest: Script = Arc::new(move |number, path| match number {
        0..6 => Reply::status(503, &[], "<html>"),
        _ => well(number, path),
    });
    let stage = Stage::set(rest, Manner::Works, None).await;
    let (outcome, ()) = tokio::join!(stage.run(), async {
        stage.until(|status| status.waiting == Some(Waiting::ForDiscord)).await;
        stage.until(|status| status.stage == observed::Stage::Connected).await;
        stage.stop.send_replace(true);
    });
    assert_eq!((outcome, stage.built()), (Outcome::Stopped, 1));
}

/// Says that it has sung, but nothing was edited.
struct Mute(Mutex<u32>);

#[async_trait]
impl Canary for Mute {
    async fn sing(&self) -> Option<u64> {
        *self.0.lock().unwrap() += 1;
        Some(77)
    }
}

#[tokio::test]
async fn a_deaf_connection_is_rebuilt() {
    let canary = Arc::new(Mute(Mutex::new(0)));
    let rest = gateway_is(&working_gateway().await, 1000);
    let stage = Stage::set(rest, Manner::Works, Some(canary.clone())).await;
    let (outcome, status) = tokio::join!(stage.run(), async {
        let status = stage.until(|status| status.rebuilt == 1).await;
        stage.stop.send_replace(true);
        status
    });
    assert_eq!((outcome, status.last_reason), (Outcome::Stopped, Some(Reason::Deaf)));
    assert!(*canary.0.lock().unwrap() >= 2);
}

/// T10, T11: what is promised of operation, by the figures that run there. The stories play the same in seconds.
#[test]
fn t10_t11_the_bounds_of_operation_keep_what_is_promised() {
    let (patience, canary) = (Patience::default(), CanaryPace::default());
    assert!(patience.away <= Duration::from_secs(90), "a stall ends within 90 seconds");
    assert_eq!(patience.silence, Duration::from_secs(15), "a zombie within two intervals and 15 seconds");
    let misses =
        canary.every + canary.heard_within + (canary.again + canary.heard_within) * (patience.canaries - 1);
    assert!(misses <= Duration::from_secs(5 * 60), "deafness is noticed within five minutes: {misses:?}");
    assert!(misses + patience.away <= Duration::from_secs(10 * 60), "and mended within ten");
}
