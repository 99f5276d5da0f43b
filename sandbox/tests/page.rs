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

/// Each switch that the page shows does what it says: it is taken, and what can be seen of it is seen.
#[tokio::test]
async fn every_switch_of_the_page_works() {
    let discord = Sandbox::start(World::standard()).await.unwrap();
    let page = Page { discord, http: reqwest::Client::new() };
    let switches = page.get("/sandbox/switches").await;
    let switches = switches.as_array().unwrap();
    for group in ["REST", "Gateway", "Interactions", "An administrator"] {
        assert!(switches.iter().any(|switch| switch["group"] == group), "{group}");
    }
    let (ops, doomed) = (page.discord.channel("ops").id(), page.discord.channel("management").id());
    page.discord.member("ana").writes("hello", "ops").await.unwrap();
    let message = page.discord.channel("ops").messages()[0].id;
    for switch in switches {
        let (path, label) = (switch["path"].as_str().unwrap(), switch["label"].as_str().unwrap());
        if switch["method"] == "DELETE" {
            let url = format!("{}/sandbox{path}", page.discord.api_base());
            assert_eq!(page.http.delete(url).send().await.unwrap().status(), 204, "{label}");
            continue;
        }
        let channel = if label.starts_with("Deletes this channel") { doomed } else { ops };
        let mut body = switch["body"].clone();
        for (name, value) in
            [("channel", json!(channel)), ("member", json!("ben")), ("message", json!(message))]
        {
            if body.get(name).is_some() {
                body[name] = value;
            }
        }
        assert_eq!(page.post(path, &body).await.0, 204, "{label}: {body}");
    }
    let faults = page.get("/sandbox/faults").await;
    let rest = switches.iter().filter(|switch| switch["group"] == "REST").count();
    assert_eq!(faults["rest"].as_array().unwrap().len(), rest);
    assert_eq!(faults["gateway"]["interactions"], "normal", "the last of them holds");
    page.discord.look(|places| {
        assert!(!places.channels.contains_key(&doomed), "the channel is gone");
        assert!(!places.messages.contains_key(&message), "the message is gone");
        assert_eq!(places.guilds.len(), 2, "a strange guild has the bot");
    });
    let world = page.get("/sandbox/world?as=ben").await;
    let ben = world["people"].as_array().unwrap().iter().find(|person| person["name"] == "ben").unwrap();
    assert_eq!(ben["roles"], json!([]));
}

#[tokio::test]
async fn a_channel_is_read_in_parts() {
    let discord = Sandbox::start(World::standard()).await.unwrap();
    let page = Page { discord, http: reqwest::Client::new() };
    let ana = page.discord.member("ana");
    for number in 0..5 {
        ana.writes(&number.to_string(), "ops").await.unwrap();
    }
    let ops = page.discord.channel("ops").id();
    let newest = page.get(&format!("/sandbox/channels/{ops}?as=ana&limit=2")).await;
    let texts = |part: &Value| -> Vec<String> {
        let messages = part["messages"].as_array().unwrap();
        messages.iter().map(|message| message["content"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!((texts(&newest), newest["more"].as_bool()), (vec!["3".into(), "4".into()], Some(true)));
    assert_eq!(newest["channel"]["last_message"], newest["messages"][1]["id"]);
    let before = newest["messages"][0]["id"].as_str().unwrap();
    let older = page.get(&format!("/sandbox/channels/{ops}?as=ana&limit=9&before={before}")).await;
    assert_eq!((texts(&older).len(), older["more"].as_bool()), (3, Some(false)));
    assert_eq!(older["messages"][0]["by_app"], false);
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
