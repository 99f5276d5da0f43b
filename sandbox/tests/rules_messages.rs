//! Messages and embeds, rule by rule.

use serde_json::{Value, json};
use watchpost_sandbox::{RateLimits, World};

use crate::raw::{Raw, long, play, rule};

const POST: &str = "channels/{ops}/messages";
const MESSAGE: &str = "resources/message";

fn world() -> World {
    World::standard().rate_limits(RateLimits::lenient())
}

fn embeds(count: usize, embed: &Value) -> Value {
    json!({"embeds": vec![embed.clone(); count]})
}

#[tokio::test]
async fn messages() {
    let raw = Raw::start(world()).await;
    let post = |body: Value| ("POST", POST, body);
    let rules = vec![
        rule("2,000 characters fit", MESSAGE, post(json!({"content": long(2_000)})), (200, 0, "")),
        rule("2,001 do not", MESSAGE, post(json!({"content": long(2_001)})), (400, 50_035, "content")),
        rule("characters, not bytes", MESSAGE, post(json!({"content": "ü".repeat(2_000)})), (200, 0, "")),
        rule("an empty message", MESSAGE, post(json!({"content": ""})), (400, 50_006, "")),
        rule("only spaces", MESSAGE, post(json!({"content": "  \n"})), (400, 50_006, "")),
        rule(
            "unknown fields",
            MESSAGE,
            post(json!({"content": "x", "contnet": "y"})),
            (400, 50_035, "contnet"),
        ),
        rule("a nonce of 25", MESSAGE, post(json!({"content": "x", "nonce": long(25)})), (200, 0, "")),
        rule(
            "a nonce of 26",
            MESSAGE,
            post(json!({"content": "x", "nonce": long(26)})),
            (400, 50_035, "nonce"),
        ),
        rule(
            "an unknown channel",
            "opcodes",
            ("POST", "channels/1/messages", json!({"content": "x"})),
            (404, 10_003, ""),
        ),
        rule(
            "no text in a forum",
            "opcodes",
            ("POST", "channels/{incidents}/messages", json!({"content": "x"})),
            (400, 50_008, ""),
        ),
        rule(
            "an unknown message",
            "opcodes",
            ("GET", "channels/{ops}/messages/1", Value::Null),
            (404, 10_008, ""),
        ),
        rule(
            "an id that is none",
            "reference",
            ("GET", "channels/{ops}/messages/x", Value::Null),
            (400, 50_035, "message_id"),
        ),
        rule(
            "mention everyone twice",
            MESSAGE,
            post(json!({"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}})),
            (400, 50_035, "allowed_mentions"),
        ),
        rule(
            "an unknown kind of mention",
            MESSAGE,
            post(json!({"content": "x", "allowed_mentions": {"parse": ["all"]}})),
            (400, 50_035, "allowed_mentions.parse.0"),
        ),
        rule(
            "101 users",
            MESSAGE,
            post(json!({"content": "x", "allowed_mentions": {"users": vec!["1"; 101]}})),
            (400, 50_035, "allowed_mentions.users"),
        ),
        rule(
            "an answer to nothing",
            MESSAGE,
            post(json!({"content": "x", "message_reference": {"message_id": "1"}})),
            (400, 50_035, "message_reference"),
        ),
        rule(
            "limit of a page",
            MESSAGE,
            ("GET", "channels/{ops}/messages?limit=101", Value::Null),
            (400, 50_035, "limit"),
        ),
    ];
    for each in rules {
        play(&raw, each).await;
    }
}

#[tokio::test]
async fn embed_limits() {
    let raw = Raw::start(world()).await;
    let embed = |embed: Value| ("POST", POST, embeds(1, &embed));
    let field = |name: usize, value: usize| json!({"name": long(name), "value": long(value)});
    let rules = vec![
        rule("10 embeds", MESSAGE, ("POST", POST, embeds(10, &json!({"title": "x"}))), (200, 0, "")),
        rule(
            "11 embeds",
            MESSAGE,
            ("POST", POST, embeds(11, &json!({"title": "x"}))),
            (400, 50_035, "embeds"),
        ),
        rule("title 256", MESSAGE, embed(json!({"title": long(256)})), (200, 0, "")),
        rule("title 257", MESSAGE, embed(json!({"title": long(257)})), (400, 50_035, "embeds.0.title")),
        rule("description 4,096", MESSAGE, embed(json!({"description": long(4_096)})), (200, 0, "")),
        rule(
            "description 4,097",
            MESSAGE,
            embed(json!({"description": long(4_097)})),
            (400, 50_035, "embeds.0.description"),
        ),
        rule("25 fields", MESSAGE, embed(json!({"fields": vec![field(1, 1); 25]})), (200, 0, "")),
        rule(
            "26 fields",
            MESSAGE,
            embed(json!({"fields": vec![field(1, 1); 26]})),
            (400, 50_035, "embeds.0.fields"),
        ),
        rule(
            "field name 257",
            MESSAGE,
            embed(json!({"fields": [field(257, 1)]})),
            (400, 50_035, "embeds.0.fields.0.name"),
        ),
        rule(
            "field value 1,025",
            MESSAGE,
            embed(json!({"fields": [field(1, 1_025)]})),
            (400, 50_035, "embeds.0.fields.0.value"),
        ),
        rule(
            "an empty field value",
            MESSAGE,
            embed(json!({"fields": [{"name": "x", "value": ""}]})),
            (400, 50_035, "embeds.0.fields.0.value"),
        ),
        rule(
            "footer 2,049",
            MESSAGE,
            embed(json!({"footer": {"text": long(2_049)}})),
            (400, 50_035, "embeds.0.footer.text"),
        ),
        rule(
            "author 257",
            MESSAGE,
            embed(json!({"author": {"name": long(257)}})),
            (400, 50_035, "embeds.0.author.name"),
        ),
        rule(
            "6,000 in all",
            MESSAGE,
            ("POST", POST, embeds(2, &json!({"description": long(3_000)}))),
            (200, 0, ""),
        ),
        rule(
            "6,001 in all",
            MESSAGE,
            ("POST", POST, json!({"embeds": [{"description": long(4_000)}, {"description": long(2_001)}]})),
            (400, 50_035, "embeds"),
        ),
        rule("an empty embed", MESSAGE, embed(json!({"color": 1})), (400, 50_035, "embeds.0.description")),
        rule(
            "a colour above 24 bits",
            MESSAGE,
            embed(json!({"title": "x", "color": 16_777_216})),
            (400, 50_035, "embeds.0.color"),
        ),
        rule(
            "an address that is none",
            MESSAGE,
            embed(json!({"title": "x", "url": "javascript:1"})),
            (400, 50_035, "embeds.0.url"),
        ),
        rule(
            "a time that is none",
            MESSAGE,
            embed(json!({"title": "x", "timestamp": "now"})),
            (400, 50_035, "embeds.0.timestamp"),
        ),
    ];
    for each in rules {
        play(&raw, each).await;
    }
}

#[tokio::test]
async fn edits_and_deletions() {
    let mut raw = Raw::start(world()).await;
    let theirs = raw.discord.member("ana").writes("mine", "ops").await.unwrap();
    raw.name("theirs", theirs.id);
    raw.make("own", "POST", POST, &json!({"content": "x"})).await;
    let rules = vec![
        rule(
            "an edit",
            MESSAGE,
            ("PATCH", "channels/{ops}/messages/{own}", json!({"content": "y"})),
            (200, 0, ""),
        ),
        rule(
            "an edit that leaves nothing",
            MESSAGE,
            ("PATCH", "channels/{ops}/messages/{own}", json!({"content": ""})),
            (400, 50_006, ""),
        ),
        rule(
            "the message of somebody else",
            MESSAGE,
            ("PATCH", "channels/{ops}/messages/{theirs}", json!({"content": "y"})),
            (403, 50_005, ""),
        ),
        rule(
            "delete with MANAGE_MESSAGES",
            MESSAGE,
            ("DELETE", "channels/{ops}/messages/{theirs}", Value::Null),
            (204, 0, ""),
        ),
        rule(
            "delete twice",
            MESSAGE,
            ("DELETE", "channels/{ops}/messages/{theirs}", Value::Null),
            (404, 10_008, ""),
        ),
        rule(
            "one is too few",
            MESSAGE,
            ("POST", "channels/{ops}/messages/bulk-delete", json!({"messages": ["{own}"]})),
            (400, 50_016, ""),
        ),
        rule(
            "publish in a text channel",
            MESSAGE,
            ("POST", "channels/{ops}/messages/{own}/crosspost", Value::Null),
            (400, 50_024, ""),
        ),
    ];
    for each in rules {
        play(&raw, each).await;
    }
    raw.make("news", "POST", "channels/{mail-status}/messages", &json!({"content": "x"})).await;
    let publish = ("POST", "channels/{mail-status}/messages/{news}/crosspost", Value::Null);
    play(&raw, rule("publish", MESSAGE, publish.clone(), (200, 0, ""))).await;
    play(&raw, rule("publish twice", "opcodes", publish, (400, 40_033, ""))).await;
}

#[tokio::test]
async fn the_same_nonce_gives_the_same_message() {
    let (clock, stepper) = watchpost_sandbox::Clock::stepped(1_790_000_000_000);
    let raw = Raw::start(world().clock(clock)).await;
    let post = |nonce: &str, enforce: bool| {
        let body = json!({"content": "x", "nonce": nonce, "enforce_nonce": enforce});
        let raw = &raw;
        async move { raw.send("POST", POST, &body).await.id() }
    };
    let first = post("INC-1/1", true).await;
    assert_eq!(post("INC-1/1", true).await, first);
    assert_ne!(post("INC-1/2", true).await, first);
    assert_ne!(post("INC-1/1", false).await, first, "without enforce_nonce it counts for nothing");
    stepper.advance_ms(300_000);
    assert_ne!(post("INC-1/1", true).await, first, "the window is over");
}

#[tokio::test]
async fn uploads_keep_their_notes() {
    let raw = Raw::start(world()).await;
    let payload = json!({"content": "x", "attachments": [{"id": 3, "description": "What it shows"}]});
    let file = reqwest::multipart::Part::bytes(b"hello".to_vec()).file_name("a b.txt");
    let form =
        reqwest::multipart::Form::new().text("payload_json", payload.to_string()).part("files[3]", file);
    let url = format!("{}/api/v10/channels/{}/messages", raw.discord.api_base(), raw.names["ops"]);
    let request =
        reqwest::Client::new().post(url).header("authorization", format!("Bot {}", raw.discord.token()));
    let answer: Value = request.multipart(form).send().await.unwrap().json().await.unwrap();
    let kept = &answer["attachments"][0];
    assert_eq!(
        (kept["filename"].as_str(), kept["description"].as_str()),
        (Some("a_b.txt"), Some("What it shows"))
    );
    let body = reqwest::get(kept["url"].as_str().unwrap()).await.unwrap().text().await.unwrap();
    assert_eq!(body, "hello");
    let request = &raw.discord.requests()[0];
    assert_eq!(request.body.as_ref().unwrap()["content"], "x");
    assert_eq!(request.files, [("a b.txt".to_owned(), 5)]);
}
