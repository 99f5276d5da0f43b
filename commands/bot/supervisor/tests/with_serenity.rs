//! The supervisor with a real serenity client over a played gateway: what serenity 0.12.5 does by itself, and what the
//! relay makes of it.

use std::sync::atomic::AtomicU64;

use futures::{SinkExt, StreamExt};
use serenity::all::GatewayIntents;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::play::{self, discord, within};
use super::*;
use crate::bot::gate::tests::upstream::Scripted;

/// What the played gateway does with the connection that it is given.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    /// Heartbeats are not acknowledged.
    Zombie,
    /// The line is cut after the log-in.
    Cut,
    /// It closes without a code: serenity alone would spin until its next heartbeat.
    CloseWithoutCode,
    /// It closes with this code after the log-in.
    Close(u16),
}

/// What a log-in was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LogIn {
    Identify,
    Resume,
    /// The other side said goodbye with this code.
    Goodbye(u16),
}

type LogIns = mpsc::UnboundedReceiver<LogIn>;

/// Only the first connection has the fault.
async fn faulty(fault: Fault, interval_millis: u64) -> (Url, LogIns) {
    let (tell, log_ins) = mpsc::unbounded_channel();
    let connections = Arc::new(AtomicU64::new(0));
    let url = discord(move |socket| {
        let first = connections.fetch_add(1, Ordering::SeqCst) == 0;
        let fault = if first { fault } else { Fault::None };
        Box::pin(serve(socket, fault, interval_millis, tell.clone()))
    });
    (url.await, log_ins)
}

async fn serve(
    mut socket: WebSocketStream<TcpStream>,
    fault: Fault,
    interval_millis: u64,
    tell: mpsc::UnboundedSender<LogIn>,
) {
    say(&mut socket, &format!(r#"{{"op":10,"d":{{"heartbeat_interval":{interval_millis}}}}}"#)).await;
    while let Some(Ok(message)) = socket.next().await {
        let op = match &message {
            Message::Text(text) => serde_json::from_str::<serde_json::Value>(text).unwrap()["op"].as_u64(),
            Message::Close(Some(frame)) => {
                let _ = tell.send(LogIn::Goodbye(frame.code.into()));
                None
            }
            _ => None,
        };
        match op {
            Some(1) if fault != Fault::Zombie => say(&mut socket, r#"{"op":11,"d":null}"#).await,
            Some(2) => {
                let _ = tell.send(LogIn::Identify);
                say(&mut socket, &ready()).await;
            }
            Some(6) => {
                let _ = tell.send(LogIn::Resume);
                say(&mut socket, play::RESUMED).await;
            }
            _ => continue,
        }
        match fault {
            Fault::Cut => return,
            Fault::CloseWithoutCode => drop(socket.send(Message::Close(None)).await),
            Fault::Close(code) => drop(socket.close(Some(play::frame(code))).await),
            Fault::None | Fault::Zombie => {}
        }
    }
}

fn ready() -> String {
    serde_json::json!({ "op": 0, "s": 1, "t": "READY", "d": {
        "v": 10, "session_id": "a", "resume_gateway_url": "", "shard": [0, 1], "guilds": [],
        "user": { "id": "1", "username": "watchpost", "avatar": null, "discriminator": "0", "bot": true },
        "application": { "id": "1", "flags": 0 },
    }})
    .to_string()
}

struct Run {
    supervisor: Supervisor,
    gate: Arc<Gate>,
    log_ins: LogIns,
    stop: watch::Sender<bool>,
    _rest: Scripted,
}

async fn run(fault: Fault, interval_millis: u64) -> Run {
    let (gateway, log_ins) = faulty(fault, interval_millis).await;
    let rest = Scripted::start(gateway_is(&gateway, 1000)).await;
    let (supervisor, gate) = supervisor(&rest, Patience::default(), RelayLimits::default(), None).await;
    Run { supervisor, gate, log_ins, stop: watch::Sender::new(false), _rest: rest }
}

impl Run {
    async fn clients(&self) -> Outcome {
        let gate = Arc::clone(&self.gate);
        let clients = SerenityClients::new(move || {
            let http = gate.http(Traffic::Normal).unwrap().build();
            async move { serenity::client::ClientBuilder::new_with_http(http, GatewayIntents::GUILDS).await }
        });
        self.supervisor.run(Arc::new(clients), self.stop.subscribe()).await
    }

    /// The log-ins until there were so many, then the end.
    async fn log_ins(mut self, most: usize) -> (Vec<LogIn>, Outcome, u32) {
        let mut log_ins = std::mem::replace(&mut self.log_ins, mpsc::unbounded_channel().1);
        let mut seen = Vec::new();
        let watching = async {
            while seen.len() < most {
                seen.extend(log_ins.recv().await);
            }
            self.supervisor
                .status()
                .wait_for(|status| status.stage == observed::Stage::Connected)
                .await
                .unwrap();
            self.stop.send_replace(true);
            seen
        };
        let (outcome, seen) = within(async { tokio::join!(self.clients(), watching) }).await;
        (seen, outcome, self.supervisor.status().borrow().rebuilt)
    }
}

async fn check(fault: Fault, expected: &[LogIn]) {
    let (seen, outcome, rebuilt) = run(fault, 1500).await.log_ins(expected.len()).await;
    assert_eq!(seen, expected);
    assert_eq!((outcome, rebuilt), (Outcome::Stopped, 0));
}

#[tokio::test]
async fn a_lost_line_is_resumed() {
    check(Fault::Cut, &[LogIn::Identify, LogIn::Resume]).await;
    check(Fault::CloseWithoutCode, &[LogIn::Identify, LogIn::Resume]).await;
    check(Fault::Close(4000), &[LogIn::Identify, LogIn::Goodbye(4000), LogIn::Resume]).await;
}

#[tokio::test]
async fn a_zombie_is_resumed_where_serenity_alone_would_start_a_new_session() {
    check(Fault::Zombie, &[LogIn::Identify, LogIn::Goodbye(4000), LogIn::Resume]).await;
}

#[tokio::test]
async fn a_client_that_is_told_to_end_takes_leave_with_4000_and_quickly() {
    let mut run = run(Fault::None, 40_000).await;
    let mut log_ins = std::mem::replace(&mut run.log_ins, mpsc::unbounded_channel().1);
    let (outcome, goodbye) = within(async {
        tokio::join!(run.clients(), async {
            assert_eq!(log_ins.recv().await, Some(LogIn::Identify));
            let mut status = run.supervisor.status();
            status.wait_for(|status| status.stage == observed::Stage::Connected).await.unwrap();
            run.stop.send_replace(true);
            log_ins.recv().await
        })
    })
    .await;
    assert_eq!((outcome, goodbye), (Outcome::Stopped, Some(LogIn::Goodbye(4000))));
}

#[tokio::test]
async fn a_close_code_that_serenity_would_retry_ends_it() {
    for code in [4004, 4010, 4012, 4014] {
        let run = run(Fault::Close(code), 40_000).await;
        let outcome = within(run.clients()).await;
        assert_eq!(Outcome::Fatal(decide::fatal_code(code).unwrap()), outcome, "{code}");
        assert_eq!(run.supervisor.status().borrow().identifies, 1, "{code}");
    }
}
