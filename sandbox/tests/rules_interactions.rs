//! Answers to interactions, rule by rule, with a plain connection instead of a bot.

use serde_json::{Value, json};
use watchpost_sandbox::{Clock, RateLimits, Stepper, World};

use crate::raw::{Answered, Gateway, Raw, long};

const MINUTES_15_MS: u64 = 15 * 60_000;

struct Play {
    raw: Raw,
    gateway: Gateway,
    stepper: Stepper,
}

/// An interaction as the bot is told it.
struct Told {
    data: Value,
}

impl Told {
    fn callback(&self) -> String {
        format!(
            "interactions/{}/{}/callback",
            self.data["id"].as_str().unwrap(),
            self.data["token"].as_str().unwrap()
        )
    }

    fn webhook(&self, rest: &str) -> String {
        format!("webhooks/{{app}}/{}{rest}", self.data["token"].as_str().unwrap())
    }
}

impl Play {
    async fn start() -> Self {
        let (clock, stepper) = Clock::stepped(1_790_000_000_000);
        let raw = Raw::start(World::standard().clock(clock).rate_limits(RateLimits::lenient())).await;
        let option = json!({"type": 3, "name": "text", "description": "x", "autocomplete": true});
        let body = json!([{"name": "check", "description": "x", "options": [option]}]);
        assert_eq!(raw.send("PUT", "applications/{app}/guilds/{guild}/commands", &body).await.status, 200);
        let (gateway, _) = raw.ready(0).await;
        Self { raw, gateway, stepper }
    }

    async fn typed(&mut self) -> Told {
        self.raw.discord.member("ana").types("/check", &[], "ops").await.unwrap();
        Told { data: self.gateway.event("INTERACTION_CREATE").await }
    }

    async fn answer(&self, told: &Told, body: Value) -> Answered {
        self.raw.send("POST", &told.callback(), &body).await
    }
}

#[track_caller]
fn check(what: &str, answer: &Answered, status: u16, code: u64) {
    assert_eq!((answer.status, answer.code()), (status, code), "{what}: {:?}", answer.body);
}

fn message(content: &str) -> Value {
    json!({"type": 4, "data": {"content": content}})
}

#[tokio::test]
async fn first_answers() {
    let mut play = Play::start().await;
    let told = play.typed().await;
    check(
        "a suggestion to a command",
        &play.answer(&told, json!({"type": 8, "data": {"choices": []}})).await,
        400,
        50_035,
    );
    check(
        "an update of nothing",
        &play.answer(&told, json!({"type": 7, "data": {"content": "x"}})).await,
        400,
        50_035,
    );
    check("a message without data", &play.answer(&told, json!({"type": 4})).await, 400, 50_035);
    check("an empty message", &play.answer(&told, message("")).await, 400, 50_006);
    check("2,001 characters", &play.answer(&told, message(&long(2_001))).await, 400, 50_035);
    check(
        "too early for more",
        &play.raw.send("POST", &told.webhook(""), &json!({"content": "x"})).await,
        404,
        10_015,
    );
    check("a message", &play.answer(&told, message("x")).await, 204, 0);
    check("a second answer", &play.answer(&told, message("y")).await, 400, 40_060);
    let wrong = format!("interactions/{}/wrong/callback", told.data["id"].as_str().unwrap());
    check("a wrong token", &play.raw.send("POST", &wrong, &message("x")).await, 404, 10_062);
    let late = play.typed().await;
    play.stepper.advance_ms(3_001);
    check("after 3 seconds", &play.answer(&late, message("x")).await, 404, 10_062);
    let whole = play.typed().await;
    let path = format!("{}?with_response=true", whole.callback());
    let answer = play.raw.send("POST", &path, &message("with response")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["resource"]["message"]["content"], "with response");
}

#[tokio::test]
async fn the_token_holds_for_fifteen_minutes() {
    let mut play = Play::start().await;
    let told = play.typed().await;
    let original = told.webhook("/messages/@original");
    check("thinking", &play.answer(&told, json!({"type": 5, "data": {"flags": 64}})).await, 204, 0);
    let waiting = play.raw.send("GET", &original, &Value::Null).await;
    assert_eq!(waiting.body["flags"], 64 | 128);
    let first = play.raw.send("POST", &told.webhook(""), &json!({"content": "done"})).await;
    assert_eq!(
        (first.id(), first.body["flags"].as_u64()),
        (waiting.id(), Some(64)),
        "it takes the place and stays hidden"
    );
    let second = play.raw.send("POST", &told.webhook("?wait=true"), &json!({"content": "more"})).await;
    assert_ne!(second.id(), waiting.id());
    assert_eq!(
        play.raw.send("PATCH", &original, &json!({"content": "changed"})).await.body["content"],
        "changed"
    );
    play.stepper.advance_ms(MINUTES_15_MS);
    check("in the last moment", &play.raw.send("GET", &original, &Value::Null).await, 200, 0);
    play.stepper.advance_ms(1);
    check("too late", &play.raw.send("PATCH", &original, &json!({"content": "x"})).await, 401, 50_027);
    check(
        "too late for more",
        &play.raw.send("POST", &told.webhook(""), &json!({"content": "x"})).await,
        401,
        50_027,
    );
}

#[tokio::test]
async fn the_first_answer_can_be_deleted() {
    let mut play = Play::start().await;
    let told = play.typed().await;
    check("a message", &play.answer(&told, message("x")).await, 204, 0);
    let original = told.webhook("/messages/@original");
    check("deleted", &play.raw.send("DELETE", &original, &Value::Null).await, 204, 0);
    check("gone", &play.raw.send("GET", &original, &Value::Null).await, 404, 10_008);
}

#[tokio::test]
async fn suggestions_and_modals() {
    let mut play = Play::start().await;
    let typing = |play: &Play| {
        let ana = play.raw.discord.member("ana");
        tokio::spawn(async move { ana.is_offered("/check", &[("text", "m")], "text", "ops").await })
    };
    let asked = typing(&play);
    let told = Told { data: play.gateway.event("INTERACTION_CREATE").await };
    assert_eq!(told.data["data"]["options"][0]["focused"], true);
    check("a message to typing", &play.answer(&told, message("x")).await, 400, 50_035);
    let many: Vec<_> = (0..26).map(|n| json!({"name": n.to_string(), "value": "x"})).collect();
    check(
        "26 suggestions",
        &play.answer(&told, json!({"type": 8, "data": {"choices": many}})).await,
        400,
        50_035,
    );
    let long_one = json!([{"name": long(101), "value": "x"}]);
    check(
        "101 characters",
        &play.answer(&told, json!({"type": 8, "data": {"choices": long_one}})).await,
        400,
        50_035,
    );
    let fine = json!([{"name": "mail", "value": "mail"}]);
    check("a suggestion", &play.answer(&told, json!({"type": 8, "data": {"choices": fine}})).await, 204, 0);
    assert_eq!(asked.await.unwrap().unwrap(), ["mail"]);

    let told = play.typed().await;
    let input =
        |id: &str| json!({"type": 1, "components": [{"type": 4, "custom_id": id, "label": "x", "style": 1}]});
    let modal = |title: usize, rows: Vec<Value>| json!({"type": 9, "data": {"custom_id": "m", "title": long(title), "components": rows}});
    let ids = ["a", "b", "c", "d", "e", "f"];
    check("title 46", &play.answer(&told, modal(46, vec![input("a")])).await, 400, 50_035);
    check("no rows", &play.answer(&told, modal(1, vec![])).await, 400, 50_035);
    check("6 rows", &play.answer(&told, modal(1, ids.map(input).to_vec())).await, 400, 50_035);
    check(
        "the same field twice",
        &play.answer(&told, modal(1, vec![input("a"), input("a")])).await,
        400,
        50_035,
    );
    check(
        "a modal",
        &play.answer(&told, modal(45, ids[..5].iter().map(|id| input(id)).collect())).await,
        204,
        0,
    );
    let told_id = crate::raw::id(told.data["id"].as_str().unwrap());
    assert!(play.raw.discord.requests().iter().all(|request| !request.shown_path().contains("token=")));
    let ana = play.raw.discord.member("ana");
    let modal = watchpost_sandbox::ModalView {
        interaction: told_id,
        title: String::new(),
        custom_id: "m".to_owned(),
        inputs: Vec::new(),
    };
    ana.fills_in(&modal, &[("a", "1"), ("b", "2"), ("c", "3"), ("d", "4"), ("e", "5")]).await.unwrap();
    let sent = Told { data: play.gateway.event("INTERACTION_CREATE").await };
    assert_eq!(sent.data["data"]["components"][1]["components"][0]["value"], "2");
    check("a modal to a modal", &play.answer(&sent, json!({"type": 9, "data": {}})).await, 400, 50_035);
    check("an update of nothing", &play.answer(&sent, json!({"type": 7, "data": {}})).await, 400, 50_035);
    check("only closed", &play.answer(&sent, json!({"type": 6})).await, 204, 0);
    check("a message afterwards", &play.answer(&sent, message("x")).await, 400, 40_060);
}

#[tokio::test]
async fn the_bot_is_told_who_may_what() {
    let mut play = Play::start().await;
    let told = play.typed().await.data;
    let member = told["member"]["permissions"].as_str().unwrap().parse::<u64>().unwrap();
    assert_eq!(member & (1 << 3), 0, "ana is no administrator");
    assert_eq!(member & (1 << 31), 1 << 31, "she may use commands");
    let app = told["app_permissions"].as_str().unwrap().parse::<u64>().unwrap();
    assert_eq!(app & (1 << 51), 1 << 51, "the bot may pin");
    assert_eq!(told["guild_id"].as_str(), Some(play.raw.names["guild"].as_str()));
    assert_eq!((told["context"].as_u64(), told["locale"].as_str()), (Some(0), Some("en-GB")));
    play.raw.discord.member("olga").types("/check", &[], "ops").await.unwrap();
    let owner = play.gateway.event("INTERACTION_CREATE").await;
    let bits = owner["member"]["permissions"].as_str().unwrap().parse::<u64>().unwrap();
    assert_eq!(bits & (1 << 3), 1 << 3);
}
