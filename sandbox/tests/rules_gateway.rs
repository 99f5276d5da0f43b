//! The gateway, rule by rule.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use watchpost_sandbox::{Clock, RateLimits, Welcome, World};

use crate::raw::{Raw, identify, long};

const GUILD_MESSAGES: u64 = 1 << 9;
const MESSAGE_CONTENT: u64 = 1 << 15;

/// Opens a connection, says something, and expects this close code.
async fn check_close(what: &str, code: u16, say: impl Fn(&Raw) -> Vec<String>) {
    let raw = Raw::start(World::standard()).await;
    let mut gateway = raw.gateway().await;
    for text in say(&raw) {
        gateway.send_text(text).await;
    }
    assert_eq!(gateway.close_code().await, code, "{what}");
    assert!(raw.discord.verdict().is_err(), "{what}: not noted");
}

#[tokio::test]
async fn close_codes() {
    let with = |raw: &Raw, field: &str, value: Value| {
        let mut payload = identify(&raw.discord.token(), 1);
        payload["d"][field] = value;
        vec![payload.to_string()]
    };
    check_close("an unknown opcode", 4001, |_| vec![json!({"op": 99}).to_string()]).await;
    check_close("no JSON", 4002, |_| vec!["{".to_owned()]).await;
    check_close("4,097 bytes", 4002, |_| vec![json!({"op": 1, "d": long(4_097)}).to_string()]).await;
    check_close("not identified", 4003, |_| vec![json!({"op": 3, "d": {}}).to_string()]).await;
    check_close("a wrong token", 4004, |raw| with(raw, "token", json!("wrong"))).await;
    check_close("identified twice", 4005, |raw| {
        let twice = identify(&raw.discord.token(), 1).to_string();
        vec![twice.clone(), twice]
    })
    .await;
    check_close("121 events in a minute", 4008, |_| vec![json!({"op": 1, "d": null}).to_string(); 121]).await;
    check_close("a shard that is none", 4010, |raw| with(raw, "shard", json!([1, 1]))).await;
    check_close("intents that are none", 4013, |raw| with(raw, "intents", json!(1_u64 << 40))).await;
    check_close("intents that are not switched on", 4014, |raw| with(raw, "intents", json!(MESSAGE_CONTENT)))
        .await;
}

#[tokio::test]
async fn more_guilds_than_one_shard_may_hold() {
    let raw = Raw::start(World::standard().guilds_a_shard(1)).await;
    let _ready = raw.ready(0).await;
    let _ = raw.discord.invite_bot("Strangers");
    let mut gateway = raw.gateway().await;
    gateway.send(&identify(&raw.discord.token(), 0)).await;
    assert_eq!(gateway.close_code().await, 4011);
    let mut sharded = raw.gateway().await;
    sharded.next().await;
    let mut payload = identify(&raw.discord.token(), 0);
    payload["d"]["shard"] = json!([0, 2]);
    sharded.send(&payload).await;
    assert_eq!(sharded.next().await["t"], "READY");
}

#[tokio::test]
async fn another_version_of_the_api_is_refused() {
    let raw = Raw::start(World::standard()).await;
    let mut gateway = raw.gateway_at("/?v=6").await;
    assert_eq!(gateway.close_code().await, 4012);
}

#[tokio::test]
async fn two_identifies_need_five_seconds_between_them() {
    let raw = Raw::start(World::standard().identify_interval_ms(600_000)).await;
    let _first = raw.ready(0).await;
    let mut second = raw.gateway().await;
    second.next().await;
    second.send(&identify(&raw.discord.token(), 0)).await;
    let refused = second.next().await;
    assert_eq!((refused["op"].as_u64(), refused["d"].as_bool()), (Some(9), Some(false)));
}

#[tokio::test]
async fn silence_closes_with_4009() {
    let raw = Raw::start(World::standard().heartbeat_ms(50)).await;
    let mut gateway = raw.gateway().await;
    assert_eq!(gateway.close_code().await, 4009);
}

#[tokio::test]
async fn hello_ready_guild_and_heartbeat() {
    let raw = Raw::start(World::standard()).await;
    let (mut gateway, ready) = raw.ready(1).await;
    assert_eq!((ready["v"].as_u64(), ready["guilds"][0]["unavailable"].as_bool()), (Some(10), Some(true)));
    let guild = gateway.event("GUILD_CREATE").await;
    assert_eq!(guild["channels"].as_array().unwrap().len(), 4);
    gateway.send(&json!({"op": 1, "d": 2})).await;
    assert_eq!(gateway.next().await["op"], 11);
    gateway
        .send(
            &json!({"op": 8, "d": {"guild_id": raw.names["guild"], "query": "a", "limit": 0, "nonce": "n"}}),
        )
        .await;
    let chunk = gateway.event("GUILD_MEMBERS_CHUNK").await;
    assert_eq!(
        (chunk["members"][0]["user"]["username"].as_str(), chunk["nonce"].as_str()),
        (Some("ana"), Some("n"))
    );
}

#[tokio::test]
async fn text_is_for_those_who_may_read_it() {
    let world = || World::standard().privileged_intents(MESSAGE_CONTENT);
    for (intents, text) in [(GUILD_MESSAGES, ""), (GUILD_MESSAGES | MESSAGE_CONTENT, "secret")] {
        let raw = Raw::start(world()).await;
        let (mut gateway, _) = raw.ready(intents).await;
        raw.discord.member("ana").writes("secret", "ops").await.unwrap();
        assert_eq!(gateway.event("MESSAGE_CREATE").await["content"], text, "intents {intents}");
        let app = &raw.names["app"];
        let mention = format!("<@{app}> secret");
        raw.discord.member("ana").writes(&mention, "ops").await.unwrap();
        assert_eq!(
            gateway.event("MESSAGE_CREATE").await["content"],
            mention.as_str(),
            "a mention of the bot"
        );
    }
}

#[tokio::test]
async fn a_resume_replays_what_was_missed() {
    let raw = Raw::start(World::standard().rate_limits(RateLimits::lenient())).await;
    let (gateway, ready) = raw.ready(1 | GUILD_MESSAGES).await;
    drop(gateway);
    raw.discord.wait_gone().await;
    raw.send("POST", "channels/{ops}/messages", &json!({"content": "missed"})).await;
    let session = ready["session_id"].clone();
    let resume =
        |seq: u64| json!({"op": 6, "d": {"token": raw.discord.token(), "session_id": session, "seq": seq}});
    let mut gateway = raw.gateway().await;
    gateway.next().await;
    gateway.send(&resume(2)).await;
    let missed = gateway.next().await;
    assert_eq!((missed["t"].as_str(), missed["s"].as_u64()), (Some("MESSAGE_CREATE"), Some(3)));
    assert_eq!(gateway.next().await["t"], "RESUMED");
    let mut ahead = raw.gateway().await;
    ahead.next().await;
    ahead.send(&resume(1_000)).await;
    assert_eq!(ahead.close_code().await, 4007, "a number that was never sent");
    let mut stranger = raw.gateway().await;
    stranger.next().await;
    stranger
        .send(&json!({"op": 6, "d": {"token": raw.discord.token(), "session_id": "none", "seq": 1}}))
        .await;
    let refused = stranger.next().await;
    assert_eq!((refused["op"].as_u64(), refused["d"].as_bool()), (Some(9), Some(false)));
}

#[tokio::test]
async fn compressed_payloads() {
    let raw = Raw::start(World::standard()).await;
    let mut gateway = raw.gateway().await;
    gateway.next().await;
    let mut payload = identify(&raw.discord.token(), 1);
    payload["d"]["compress"] = json!(true);
    gateway.send(&payload).await;
    let Some(Message::Binary(bytes)) = gateway.message().await else { panic!("READY is not compressed") };
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::ZlibDecoder::new(&bytes[..]), &mut text).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["t"], "READY");
}

#[tokio::test]
async fn identifies_a_day_are_counted() {
    let (clock, _stepper) = Clock::stepped(1_790_000_000_000);
    let raw = Raw::start(World::standard().clock(clock).identifies_a_day(20)).await;
    let left = || async {
        raw.send("GET", "gateway/bot", &Value::Null).await.body["session_start_limit"]["remaining"].as_u64()
    };
    assert_eq!(left().await, Some(20));
    for _ in 0..20 {
        let (gateway, _) = raw.ready(0).await;
        drop(gateway);
    }
    assert_eq!(left().await, Some(0));
    let mut gateway = raw.gateway().await;
    gateway.send(&identify(&raw.discord.token(), 0)).await;
    assert_eq!(gateway.close_code().await, 4004, "the token is reset");
    assert_eq!(raw.send("GET", "users/@me", &Value::Null).await.status, 401);
}

#[tokio::test]
async fn faults_of_the_gateway() {
    let raw = Raw::start(World::standard()).await;
    let (mut gateway, _) = raw.ready(1 | GUILD_MESSAGES).await;
    gateway.event("GUILD_CREATE").await;
    raw.discord.gateway_faults(|faults| faults.deaf = true);
    raw.discord.member("ana").writes("lost", "ops").await.unwrap();
    gateway.send(&json!({"op": 1, "d": null})).await;
    assert_eq!(gateway.next().await["op"], 11, "a deaf gateway acknowledges");
    raw.discord.heal();
    raw.discord.ask_reconnect();
    assert_eq!(gateway.next().await["op"], 7);
    raw.discord.invalidate_session(true);
    let invalid = gateway.next().await;
    assert_eq!((invalid["op"].as_u64(), invalid["d"].as_bool()), (Some(9), Some(true)));
    raw.discord.close_gateway(4000);
    assert_eq!(gateway.close_code().await, 4000);
    raw.discord.welcome(Welcome::Refused);
    assert!(tokio_tungstenite::connect_async(raw.discord.gateway_url()).await.is_err());
}

#[tokio::test]
async fn a_zombie_says_nothing_any_more() {
    let raw = Raw::start(World::standard().heartbeat_ms(200)).await;
    let (mut gateway, _) = raw.ready(1 | GUILD_MESSAGES).await;
    gateway.event("GUILD_CREATE").await;
    raw.discord.gateway_faults(|faults| faults.zombie = true);
    gateway.send(&json!({"op": 1, "d": null})).await;
    raw.discord.member("ana").writes("lost", "ops").await.unwrap();
    assert_eq!(gateway.close_code().await, 4009, "neither the ACK nor the message came before the end");
}
