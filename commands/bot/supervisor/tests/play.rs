//! Discord's gateway, played for the tests of relay and supervisor.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use reqwest::Url;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::{WebSocketStream, accept_async};

use crate::bot::supervisor::RelayLimits;

type Discord = WebSocketStream<TcpStream>;
type Play = Pin<Box<dyn Future<Output = ()> + Send>>;

pub const HELLO: &str = r#"{"op":10,"d":{"heartbeat_interval":100}}"#;
pub const READY: &str = r#"{"op":0,"s":1,"t":"READY","d":{"session_id":"a"}}"#;
pub const RESUMED: &str = r#"{"op":0,"s":2,"t":"RESUMED","d":{}}"#;
pub const IDENTIFY: &str = r#"{"op":2,"d":{"token":"t"}}"#;
pub const RESUME: &str = r#"{"op":6,"d":{"token":"t"}}"#;
pub const HEARTBEAT: &str = r#"{"op":1,"d":1}"#;

pub fn limits() -> RelayLimits {
    RelayLimits {
        connect: Duration::from_millis(500),
        hello: Duration::from_millis(200),
        first_pause: Duration::from_millis(5),
        longest_pause: Duration::from_millis(20),
        first_word: Duration::from_millis(20),
        goodbye: Duration::from_millis(200),
        sessions: None,
    }
}

/// Plays Discord's side of every connection; returns its address.
pub async fn discord(play: impl Fn(Discord) -> Play + Send + 'static) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(socket) = accept_async(stream).await {
                tokio::spawn(play(socket));
            }
        }
    });
    Url::parse(&format!("ws://{address}")).unwrap()
}

/// A gateway that greets, and hands what it is told to the test. It answers IDENTIFY and RESUME.
pub async fn greeting(told: mpsc::UnboundedSender<Message>, ready: String) -> Url {
    discord(move |mut socket| {
        let (told, ready) = (told.clone(), ready.clone());
        Box::pin(async move {
            say(&mut socket, HELLO).await;
            while let Some(Ok(message)) = socket.next().await {
                let answer = match &message {
                    Message::Text(text) if text.contains("\"op\":2") => Some(ready.as_str()),
                    Message::Text(text) if text.contains("\"op\":6") => Some(RESUMED),
                    _ => None,
                };
                if let Some(answer) = answer {
                    say(&mut socket, answer).await;
                }
                let _ = told.send(message);
            }
        })
    })
    .await
}

/// A gateway that closes with this code as soon as somebody logs in.
pub async fn closing(code: Option<u16>) -> Url {
    discord(move |mut socket| {
        Box::pin(async move {
            say(&mut socket, HELLO).await;
            let _ = socket.next().await;
            let _ = socket.close(code.map(frame)).await;
            while let Some(Ok(_)) = socket.next().await {}
        })
    })
    .await
}

pub fn frame(code: u16) -> CloseFrame<'static> {
    CloseFrame { code: CloseCode::from(code), reason: "".into() }
}

pub async fn say<S>(socket: &mut S, text: &str)
where
    S: SinkExt<Message> + Unpin,
{
    let _ = socket.send(Message::Text(text.to_owned())).await;
}

pub async fn within<F: Future>(future: F) -> F::Output {
    timeout(Duration::from_secs(10), future).await.expect("it should have come long ago")
}
