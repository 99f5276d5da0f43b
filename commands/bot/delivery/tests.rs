use std::collections::VecDeque;
use std::sync::Mutex;

use axum::body::Bytes;
use axum::extract::State;
use http::{Method, StatusCode, Uri};
use serde_json::{Value, json};
use serenity::http::HttpBuilder;
use watchpost::clock::UtcMs;
use watchpost::outbox::{Message, Purpose};

use super::*;

/// A server that gives prepared answers, and remembers what it was asked.
#[derive(Default)]
struct Scripted {
    answers: Mutex<VecDeque<(u16, Value)>>,
    asked: Mutex<Vec<(String, Value)>>,
}

impl Scripted {
    async fn start(answers: &[(u16, Value)]) -> (Arc<Scripted>, DiscordDelivery) {
        let server = Arc::new(Scripted {
            answers: Mutex::new(answers.iter().cloned().collect()),
            ..Scripted::default()
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound");
        let router = axum::Router::new().fallback(answer).with_state(Arc::clone(&server));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let http =
            HttpBuilder::new("token").proxy(format!("http://{address}")).ratelimiter_disabled(true).build();
        (server, DiscordDelivery::new(Arc::new(http)))
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no panic").iter().map(|(line, _)| line.clone()).collect()
    }

    fn body(&self, number: usize) -> Value {
        self.asked.lock().expect("no panic")[number].1.clone()
    }
}

async fn answer(
    State(server): State<Arc<Scripted>>,
    method: Method,
    uri: Uri,
    body: Bytes,
) -> (StatusCode, String) {
    let body = serde_json::from_slice(&body).unwrap_or_default();
    server.asked.lock().expect("no panic").push((format!("{method} {}", uri.path()), body));
    let next = server.answers.lock().expect("no panic").pop_front();
    let (status, said) = next.unwrap_or((500, Value::Null));
    (StatusCode::from_u16(status).expect("a status"), said.to_string())
}

fn message(id: u64, content: &str) -> Value {
    json!({
        "id": id.to_string(), "channel_id": "5", "content": content, "timestamp": "2026-11-23T17:00:00Z", "tts": false,
        "author": {"id": "9", "username": "watchpost", "discriminator": "0", "avatar": null, "bot": true},
        "mention_everyone": false, "mentions": [], "mention_roles": [], "attachments": [], "embeds": [],
        "pinned": false, "type": 0
    })
}

fn item(post: Post) -> Item {
    Item {
        key: ItemKey("INC-1/update/1/status".to_owned()),
        slot: "INC-1/update/status".to_owned(),
        incident: None,
        purpose: Purpose::Notice,
        place: Place::Channel(PlaceId(5)),
        post,
        message: Message::text("Sending fails."),
        due: UtcMs(1_795_456_800_000),
    }
}

fn sent(message: u64) -> Delivery {
    Delivery::Sent(Proof::Message { place: PlaceId(5), message: MessageId(message) })
}

#[tokio::test]
async fn a_new_message_carries_its_nonce_and_pings_nobody() {
    let (server, delivery) = Scripted::start(&[(200, message(77, "Sending fails."))]).await;
    assert_eq!(delivery.deliver(&item(Post::New)).await, sent(77));
    let body = server.body(0);
    assert_eq!(body["nonce"], nonce(&item(Post::New).key));
    assert_eq!(body["enforce_nonce"], true);
    assert_eq!(body["allowed_mentions"]["parse"], json!([]));
    assert_eq!(server.asked(), ["POST /api/v10/channels/5/messages"]);
}

#[test]
fn a_nonce_is_short_and_the_same_for_ever() {
    assert_eq!(nonce(&ItemKey("INC-1/update/1/status".to_owned())), "e040aaf9801ec1ab168aa2b6");
    assert_ne!(nonce(&ItemKey("a".to_owned())), nonce(&ItemKey("b".to_owned())));
}

#[tokio::test]
async fn a_thread_that_is_there_is_as_good_as_a_new_one() {
    let exists = json!({"code": 160_004, "message": "A thread has already been created for this message"});
    let (_, delivery) = Scripted::start(&[(400, exists)]).await;
    let post = Post::Thread { under: MessageId(33), name: "INC-1".to_owned() };
    assert_eq!(delivery.deliver(&item(post)).await, Delivery::Sent(Proof::Thread(PlaceId(33))));
}

#[tokio::test]
async fn an_archived_thread_is_woken_before_the_edit_is_tried_again() {
    let archived = json!({"code": 50_083, "message": "Thread is archived"});
    let thread = json!({"id": "5", "guild_id": "1", "type": 11, "name": "INC-1", "position": 0});
    let (server, delivery) =
        Scripted::start(&[(400, archived), (200, thread), (200, message(70, "Sending fails."))]).await;
    assert_eq!(delivery.deliver(&item(Post::Edit(MessageId(70)))).await, sent(70));
    let edit = "PATCH /api/v10/channels/5/messages/70";
    assert_eq!(server.asked(), [edit, "PATCH /api/v10/channels/5", edit]);
}

#[tokio::test]
async fn pins_go_by_the_route_that_discord_keeps() {
    let (server, delivery) = Scripted::start(&[(204, Value::Null)]).await;
    assert_eq!(delivery.deliver(&item(Post::Pin(MessageId(70)))).await, sent(70));
    assert_eq!(server.asked(), ["PUT /api/v10/channels/5/messages/pins/70"]);
}

#[tokio::test]
async fn a_refusal_says_what_to_do() {
    let (_, delivery) =
        Scripted::start(&[(403, json!({"code": 50_013, "message": "Missing Permissions"}))]).await;
    let Delivery::Dead { why } = delivery.deliver(&item(Post::New)).await else { panic!("not dead") };
    assert!(why.contains("Send Messages"), "{why}");
}

#[tokio::test]
async fn a_server_error_leaves_it_open_and_the_channel_tells() {
    let user = json!({"id": "9", "username": "watchpost", "discriminator": "0", "avatar": null, "bot": true});
    let others = message(80, "Sending works.");
    let ours = message(81, "Sending fails.");
    let (server, delivery) =
        Scripted::start(&[(502, json!({})), (200, user), (200, json!([others, ours]))]).await;
    assert!(matches!(delivery.deliver(&item(Post::New)).await, Delivery::Uncertain { .. }));
    let found = delivery.find(&item(Post::New)).await;
    assert_eq!(found, Some(Proof::Message { place: PlaceId(5), message: MessageId(81) }));
    assert_eq!(server.asked()[1..], ["GET /api/v10/users/@me", "GET /api/v10/channels/5/messages"]);
}

#[tokio::test]
async fn what_has_no_number_is_never_asked_for() {
    let (server, delivery) = Scripted::start(&[]).await;
    let nowhere = Item { place: Place::Channel(PlaceId(0)), ..item(Post::New) };
    assert!(matches!(delivery.deliver(&nowhere).await, Delivery::Dead { .. }));
    assert!(server.asked().is_empty());
}
