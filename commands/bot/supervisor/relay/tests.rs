//! The relay between a client and a gateway that are both played here.

use futures::StreamExt;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::*;
use crate::bot::supervisor::tests::play::{
    HEARTBEAT, HELLO, IDENTIFY, READY, RESUME, RESUMED, closing, discord, greeting, limits, say, within,
};

type Client = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn relay() -> Relay {
    Relay::start(Upstream::parse("http://127.0.0.1:1").unwrap(), limits()).await.unwrap()
}

async fn connect(address: &str) -> Client {
    within(connect_async(format!("{address}?v=10"))).await.unwrap().0
}

/// Waits for HELLO, logs in, waits for READY.
async fn log_in(address: &str) -> Client {
    let mut client = connect(address).await;
    assert_eq!(text(&mut client).await, HELLO);
    say(&mut client, IDENTIFY).await;
    assert!(text(&mut client).await.contains("READY"));
    client
}

async fn text(client: &mut Client) -> String {
    within(client.next()).await.unwrap().unwrap().into_text().unwrap()
}

/// What the client sees at the end: a close code, or that the line is gone.
async fn end(client: &mut Client) -> Option<u16> {
    loop {
        match within(client.next()).await {
            Some(Ok(Message::Close(frame))) => return frame.map(|frame| frame.code.into()),
            Some(Ok(_)) => {}
            Some(Err(_)) | None => return None,
        }
    }
}

async fn until(relay: &Relay, reached: impl Fn(&Gateway) -> bool) -> Gateway {
    within(async {
        loop {
            let gateway = relay.gateway();
            if reached(&gateway) {
                return gateway;
            }
            relay.changed().await;
        }
    })
    .await
}

#[tokio::test]
async fn frames_pass_unchanged_and_are_observed() {
    let (told, mut hears) = mpsc::unbounded_channel();
    let relay = relay().await;
    let address = relay.admit(greeting(told, READY.to_owned()).await);
    let _client = log_in(&address).await;
    assert_eq!(within(hears.recv()).await.unwrap(), Message::Text(IDENTIFY.to_owned()));
    let gateway = until(&relay, |gateway| gateway.stage == Stage::Connected).await;
    assert_eq!((gateway.sessions, gateway.interval), (1, Some(Duration::from_millis(100))));
    assert_eq!(relay.identifies(), 1);
}

#[tokio::test]
async fn only_the_client_that_runs_may_connect() {
    let (told, _hears) = mpsc::unbounded_channel();
    let relay = relay().await;
    let gateway = greeting(told, READY.to_owned()).await;
    let before = relay.admit(gateway.clone());
    let _now = relay.admit(gateway);
    assert!(connect_async(&before).await.is_err());
    assert!(connect_async(format!("ws://{}/", relay.address)).await.is_err());
}

#[tokio::test]
async fn a_missing_acknowledgement_breaks_the_line_so_that_it_is_resumed() {
    let (told, mut hears) = mpsc::unbounded_channel();
    let relay = relay().await;
    let address = relay.admit(greeting(told, READY.to_owned()).await);
    let mut client = log_in(&address).await;
    say(&mut client, HEARTBEAT).await;
    assert_eq!(end(&mut client).await, None, "a close code would be news from Discord");
    let mut last = None;
    while let Ok(Some(message)) = timeout(Duration::from_millis(300), hears.recv()).await {
        last = Some(message);
    }
    assert!(matches!(last, Some(Message::Close(Some(frame))) if u16::from(frame.code) == 4000));
    assert_eq!(until(&relay, |gateway| gateway.stage == Stage::Away).await.fruitless, 0);
}

#[tokio::test]
async fn resuming_uses_its_own_address_and_costs_no_session() {
    let ((told, _first), (told_there, mut second)) = (mpsc::unbounded_channel(), mpsc::unbounded_channel());
    let there = greeting(told_there, READY.to_owned()).await;
    let ready = READY.replace("\"a\"", &format!("\"a\",\"resume_gateway_url\":\"{there}\""));
    let relay = relay().await;
    let address = relay.admit(greeting(told, ready).await);
    drop(log_in(&address).await);
    let mut client = connect(&address).await;
    say(&mut client, RESUME).await;
    assert_eq!(text(&mut client).await, HELLO);
    assert_eq!(text(&mut client).await, RESUMED);
    assert_eq!(within(second.recv()).await.unwrap(), Message::Text(RESUME.to_owned()));
    assert_eq!((relay.identifies(), relay.gateway().sessions), (1, 1));
}

#[tokio::test]
async fn an_address_for_resuming_that_is_somebody_elses_is_not_used() {
    let (told, mut hears) = mpsc::unbounded_channel();
    let ready = READY.replace("\"a\"", "\"a\",\"resume_gateway_url\":\"wss://evil.example\"");
    let relay = relay().await;
    let address = relay.admit(greeting(told, ready).await);
    drop(log_in(&address).await);
    let mut client = connect(&address).await;
    say(&mut client, RESUME).await;
    let heard = within(async {
        while let Some(message) = hears.recv().await {
            if message == Message::Text(RESUME.to_owned()) {
                return true;
            }
        }
        false
    });
    assert!(heard.await);
}

async fn check_code(code: Option<u16>, seen: Option<u16>) {
    let relay = relay().await;
    let address = relay.admit(closing(code).await);
    let mut client = connect(&address).await;
    assert_eq!(text(&mut client).await, HELLO);
    say(&mut client, IDENTIFY).await;
    assert_eq!(end(&mut client).await, seen, "{code:?}");
    assert_eq!(until(&relay, |gateway| gateway.stage == Stage::Away).await.closed_with, code);
}

#[tokio::test]
async fn a_close_code_is_handed_on_where_serenity_understands_it() {
    for code in [4000, 4001, 4002, 4005, 4007, 4008, 4009] {
        check_code(Some(code), Some(code)).await;
    }
    for code in [4003, 4004, 4010, 4011, 4012, 4013, 4014] {
        check_code(Some(code), None).await;
    }
    check_code(None, None).await;
}

#[tokio::test]
async fn after_a_fatal_code_no_further_connection_reaches_discord() {
    let relay = relay().await;
    let address = relay.admit(closing(Some(4014)).await);
    let mut client = connect(&address).await;
    say(&mut client, IDENTIFY).await;
    until(&relay, |gateway| gateway.closed_with == Some(4014)).await;
    let mut again = connect(&address).await;
    say(&mut again, RESUME).await;
    assert!(timeout(Duration::from_millis(300), again.next()).await.is_err(), "it waits");
    relay.retire();
    assert_eq!(end(&mut again).await, None);
}

#[tokio::test]
async fn discord_is_never_left_with_1000() {
    for by_the_client in [true, false] {
        let (told, mut hears) = mpsc::unbounded_channel();
        let relay = relay().await;
        let address = relay.admit(greeting(told, READY.to_owned()).await);
        let mut client = log_in(&address).await;
        if by_the_client {
            let frame = CloseFrame { code: CloseCode::Normal, reason: "".into() };
            within(client.close(Some(frame))).await.unwrap();
            assert_eq!(end(&mut client).await, Some(1000), "serenity waits for its own code to come back");
        } else {
            relay.retire();
        }
        assert_eq!(within(hears.recv()).await.unwrap(), Message::Text(IDENTIFY.to_owned()));
        let Some(Message::Close(Some(frame))) = within(hears.recv()).await else { panic!("no goodbye") };
        assert_eq!(u16::from(frame.code), 4000, "by the client: {by_the_client}");
    }
}

#[tokio::test]
async fn a_gateway_that_never_greets_is_left() {
    let relay = relay().await;
    let silent = discord(|mut socket| Box::pin(async move { while socket.next().await.is_some() {} })).await;
    let address = relay.admit(silent);
    let mut client = connect(&address).await;
    assert_eq!(end(&mut client).await, None);
    assert_eq!(until(&relay, |gateway| gateway.stage == Stage::Away).await.fruitless, 1);
}

#[tokio::test]
async fn a_newer_connection_ends_the_older() {
    let (told, _hears) = mpsc::unbounded_channel();
    let relay = relay().await;
    let address = relay.admit(greeting(told, READY.to_owned()).await);
    let mut older = log_in(&address).await;
    let mut newer = connect(&address).await;
    say(&mut newer, RESUME).await;
    assert_eq!(end(&mut older).await, None);
    assert_eq!(text(&mut newer).await, HELLO);
    until(&relay, |gateway| gateway.stage == Stage::Connected).await;
}

#[tokio::test]
async fn an_edit_is_told() {
    let edit = r#"{"op":0,"s":2,"t":"MESSAGE_UPDATE","d":{"id":"77"}}"#;
    let relay = relay().await;
    let mut edited = relay.edited();
    let talkative = discord(move |mut socket| {
        Box::pin(async move {
            say(&mut socket, HELLO).await;
            say(&mut socket, edit).await;
            while socket.next().await.is_some() {}
        })
    });
    let _client = connect(&relay.admit(talkative.await)).await;
    assert_eq!(within(edited.recv()).await.unwrap(), 77);
}

#[test]
fn the_pause_grows_and_has_an_end() {
    let shared = Shared {
        upstream: Upstream::discord(),
        limits: RelayLimits::default(),
        sessions: None,
        state: Mutex::new(State {
            gateway: Gateway::new(Instant::now()),
            budget: IdentifyBudget::default(),
            client: None,
        }),
        turn: watch::Sender::default(),
        changed: Notify::new(),
        edited: broadcast::Sender::new(1),
    };
    for (fruitless, seconds) in [(0, 0), (1, 1), (2, 2), (4, 8), (5, 15), (u32::MAX, 15)] {
        let (most, pause) = (Duration::from_secs(seconds), shared.pause(fruitless));
        assert!((most / 2..=most).contains(&pause), "{fruitless}: {pause:?}");
    }
}
