//! The HTTP form of the person's side, and the page.

use serde_json::{Value, json};
use watchpost_sandbox::{Sandbox, World};

use crate::bot;

struct Page {
    discord: Sandbox,
    http: reqwest::Client,
}

impl Page {
    async fn get(&self, path: &str) -> Value {
        self.http
            .get(format!("{}{path}", self.discord.api_base()))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    }

    async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}/sandbox{path}", self.discord.api_base());
        let answer = self.http.post(url).json(body).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap_or_default())
    }
}

#[tokio::test]
async fn everything_can_be_done_over_http() {
    let (discord, _bot) = bot::running(World::standard()).await;
    let page = Page { discord, http: reqwest::Client::new() };
    let body = json!({"command": "/card", "channel": "ops"});
    let (status, done) = page.post("/members/ana/types", &body).await;
    assert_eq!(status, 200);
    let card = page.discord.channel("ops").wait_for_message(|message| !message.embeds.is_empty()).await;
    let response = page.get(&format!("/sandbox/interactions/{}", done["id"].as_str().unwrap())).await;
    assert_eq!(response["kind"], "message");
    let click = json!({"message": card.id, "button": "I have it"});
    assert_eq!(page.post("/members/ben/clicks", &click).await.0, 200);
    page.discord.channel("ops").wait_for_message(|message| message.content == "ben has it").await;
    let (status, refused) =
        page.post("/members/ana/types", &json!({"command": "/nope", "channel": "ops"})).await;
    assert_eq!(status, 422);
    assert!(refused["error"].as_str().unwrap().contains("no command"), "{refused}");
    let world = page.get("/sandbox/world?as=ana").await;
    assert_eq!(world["bot"]["connected"], true);
    assert_eq!(world["commands"].as_array().unwrap().len(), 9, "all but the administrators' one");
    let fault = json!({"effect": {"kind": "status", "status": 503}, "times": 1});
    assert_eq!(page.post("/faults/rest", &fault).await.0, 204);
    assert_eq!(page.get("/sandbox/faults").await["rest"][0]["effect"]["status"], 503);
    let requests = page.get("/sandbox/requests").await;
    assert!(
        requests
            .as_array()
            .unwrap()
            .iter()
            .all(|one| !one["path"].as_str().unwrap().contains(&page.discord.token()))
    );
}

#[tokio::test]
async fn other_pages_are_kept_out() {
    let discord = Sandbox::start(World::standard()).await.unwrap();
    let http = reqwest::Client::new();
    let url = format!("{}/sandbox/world", discord.api_base());
    let status =
        |request: reqwest::RequestBuilder| async move { request.send().await.unwrap().status().as_u16() };
    assert_eq!(status(http.get(&url)).await, 200);
    assert_eq!(status(http.get(&url).header("host", "evil.example")).await, 403);
    let act = format!("{}/sandbox/members/ana/writes", discord.api_base());
    assert_eq!(status(http.post(act).body("{}")).await, 415);
    let page = http.get(discord.api_base()).send().await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    assert!(page.text().await.unwrap().contains("/page.js"));
}

#[tokio::test]
async fn another_router_can_be_mounted() {
    let router = axum::Router::new().route("/hello", axum::routing::get(|| async { "from the lab" }));
    let starter = Sandbox::starter(World::standard()).mount("/lab", router).panel("Lab", "/lab/hello");
    let discord = starter.start().await.unwrap();
    let text = reqwest::get(format!("{}/lab/hello", discord.api_base())).await.unwrap().text().await.unwrap();
    assert_eq!(text, "from the lab");
    let world: Value =
        reqwest::get(format!("{}/sandbox/world", discord.api_base())).await.unwrap().json().await.unwrap();
    assert_eq!(world["panels"][0]["title"], "Lab");
}
