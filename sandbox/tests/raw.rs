//! Plain requests and a plain gateway connection, for rules that serenity would not let one break.

use std::collections::BTreeMap;

use futures::{SinkExt as _, StreamExt as _};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use watchpost_sandbox::{Id, Sandbox, World};

/// A sandbox with names for its ids, to be put into paths and bodies as `{name}`.
pub struct Raw {
    pub discord: Sandbox,
    http: reqwest::Client,
    pub names: BTreeMap<String, String>,
}

/// What was answered.
#[derive(Debug)]
pub struct Answered {
    pub status: u16,
    pub body: Value,
    pub headers: reqwest::header::HeaderMap,
}

impl Answered {
    pub fn code(&self) -> u64 {
        self.body["code"].as_u64().unwrap_or(0)
    }

    pub fn id(&self) -> String {
        self.body["id"].as_str().unwrap_or_default().to_owned()
    }
}

impl Raw {
    pub async fn start(world: World) -> Self {
        let discord = Sandbox::start(world).await.unwrap();
        let mut names = BTreeMap::new();
        discord.look(|places| {
            for channel in places.channels.values() {
                names.insert(channel.name.clone(), channel.id.to_string());
                for tag in &channel.tags {
                    names.insert(format!("tag-{}", tag.name), tag.id.to_string());
                }
            }
            for user in places.users.values() {
                names.insert(user.name.clone(), user.id.to_string());
            }
            for guild in places.guilds.values() {
                names.insert("guild".to_owned(), guild.id.to_string());
                names.extend(
                    guild.roles.values().map(|role| (format!("role-{}", role.name), role.id.to_string())),
                );
            }
            names.insert("app".to_owned(), places.application.id.to_string());
        });
        Self { discord, http: reqwest::Client::new(), names }
    }

    pub fn name(&mut self, name: &str, id: impl ToString) {
        self.names.insert(name.to_owned(), id.to_string());
    }

    fn filled(&self, text: &str) -> String {
        self.names.iter().fold(text.to_owned(), |text, (name, id)| text.replace(&format!("{{{name}}}"), id))
    }

    pub async fn send(&self, method: &str, path: &str, body: &Value) -> Answered {
        let path = self.filled(path);
        let url = format!("{}/api/v10/{path}", self.discord.api_base());
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request =
            self.http.request(method, url).header("authorization", format!("Bot {}", self.discord.token()));
        if !body.is_null() {
            let text = self.filled(&body.to_string());
            request = request.header("content-type", "application/json").body(text);
        }
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let text = answer.text().await.unwrap();
        Answered { status, headers, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) }
    }

    /// Sends one request that must succeed and gives its answer's id.
    pub async fn make(&mut self, name: &str, method: &str, path: &str, body: &Value) -> Answered {
        let answer = self.send(method, path, body).await;
        assert!(answer.status < 300, "{name}: {answer:?}");
        if let Some(id) = answer.body["id"].as_str() {
            self.name(name, id);
        }
        answer
    }

    pub async fn gateway(&self) -> Gateway {
        self.gateway_at("/?v=10").await
    }

    pub async fn gateway_at(&self, path: &str) -> Gateway {
        let url = format!("{}{path}", self.discord.gateway_url());
        let (socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
        Gateway { socket }
    }

    /// A gateway connection that is identified and has READY and GUILD_CREATE behind it.
    pub async fn ready(&self, intents: u64) -> (Gateway, Value) {
        let mut gateway = self.gateway().await;
        assert_eq!(gateway.next().await["op"], 10);
        gateway.send(&identify(&self.discord.token(), intents)).await;
        let ready = gateway.event("READY").await;
        (gateway, ready)
    }
}

pub fn identify(token: &str, intents: u64) -> Value {
    let properties = json!({"os": "linux", "browser": "test", "device": "test"});
    json!({"op": 2, "d": {"token": token, "intents": intents, "properties": properties}})
}

/// A gateway connection.
pub struct Gateway {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Gateway {
    pub async fn send(&mut self, payload: &Value) {
        self.socket.send(Message::Text(payload.to_string())).await.unwrap();
    }

    pub async fn send_text(&mut self, text: String) {
        self.socket.send(Message::Text(text)).await.unwrap();
    }

    pub async fn message(&mut self) -> Option<Message> {
        self.socket.next().await.and_then(Result::ok)
    }

    /// The next payload.
    pub async fn next(&mut self) -> Value {
        match self.message().await {
            Some(Message::Text(text)) => serde_json::from_str(&text).unwrap(),
            other => panic!("no payload but {other:?}"),
        }
    }

    /// The data of the next event of this name.
    pub async fn event(&mut self, name: &str) -> Value {
        loop {
            let payload = self.next().await;
            if payload["t"] == name {
                return payload["d"].clone();
            }
        }
    }

    /// The code that the connection is closed with.
    pub async fn close_code(&mut self) -> u16 {
        loop {
            match self.message().await {
                Some(Message::Close(Some(frame))) => return frame.code.into(),
                Some(_) => {}
                None => return 0,
            }
        }
    }
}

/// A rule of Discord's as one request and its answer.
pub struct Rule {
    pub rule: &'static str,
    pub document: &'static str,
    pub request: (&'static str, &'static str, Value),
    /// Status, code, and a part of the `errors` tree as dotted path.
    pub answer: (u16, u64, &'static str),
}

pub fn rule(
    rule: &'static str,
    document: &'static str,
    request: (&'static str, &'static str, Value),
    answer: (u16, u64, &'static str),
) -> Rule {
    Rule { rule, document, request, answer }
}

/// Plays one rule.
pub async fn play(raw: &Raw, rule: Rule) {
    let (method, path, body) = &rule.request;
    let answer = raw.send(method, path, body).await;
    let (status, code, fault) = rule.answer;
    let what = format!("{} ({}): {method} {path}", rule.rule, rule.document);
    assert_eq!(answer.status, status, "{what}: {:?}", answer.body);
    if status >= 400 {
        assert_eq!(answer.code(), code, "{what}: {:?}", answer.body);
    }
    if !fault.is_empty() {
        let pointer = format!("/errors/{}/_errors/0/code", fault.replace('.', "/"));
        assert!(answer.body.pointer(&pointer).is_some(), "{what}: no fault at {fault}: {:?}", answer.body);
    }
}

pub fn long(count: usize) -> String {
    "x".repeat(count)
}

pub fn id(text: &str) -> Id {
    text.parse().unwrap()
}
