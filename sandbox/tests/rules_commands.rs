//! Definitions of commands, rule by rule.

use serde_json::{Value, json};
use watchpost_sandbox::{RateLimits, World};

use crate::raw::{Raw, long, play, rule};

const PUT: &str = "applications/{app}/guilds/{guild}/commands";
const DOCUMENT: &str = "interactions/application-commands";

fn world() -> World {
    World::standard().rate_limits(RateLimits::lenient())
}

fn with(options: Value) -> Value {
    json!([{"name": "check", "description": "x", "options": options}])
}

fn option(name: &str, required: bool) -> Value {
    json!({"type": 3, "name": name, "description": "x", "required": required})
}

#[tokio::test]
async fn definitions() {
    let raw = Raw::start(world()).await;
    let put = |body: Value| ("PUT", PUT, body);
    let named = |name: &str| put(json!([{"name": name, "description": "x"}]));
    let many = |count: usize| {
        let one = |n: usize| json!({"name": format!("c{n}"), "description": "x"});
        put((0..count).map(one).collect())
    };
    let menus =
        |count: usize| put((0..count).map(|n| json!({"name": format!("Menu {n}"), "type": 3})).collect());
    let choices = |value: &str| {
        let choice = json!({"name": "x", "value": value});
        put(with(json!([{"type": 3, "name": "a", "description": "x", "choices": [choice]}])))
    };
    let big: Vec<_> = (0..25)
        .map(|n| {
            let choices: Vec<_> =
                (0..4).map(|m| json!({"name": format!("{n}{m}{}", long(90)), "value": "x"})).collect();
            json!({"type": 3, "name": format!("o{n}"), "description": long(100), "choices": choices})
        })
        .collect();
    let rules = vec![
        rule("a name", DOCUMENT, named("check"), (200, 0, "")),
        rule("capitals", DOCUMENT, named("Check"), (400, 50_035, "0.name")),
        rule("33 characters", DOCUMENT, named(&long(33)), (400, 50_035, "0.name")),
        rule("no description", DOCUMENT, put(json!([{"name": "check"}])), (400, 50_035, "0.description")),
        rule(
            "description 101",
            DOCUMENT,
            put(json!([{"name": "check", "description": long(101)}])),
            (400, 50_035, "0.description"),
        ),
        rule(
            "the same name twice",
            DOCUMENT,
            put(json!([{"name": "a", "description": "x"}, {"name": "a", "description": "y"}])),
            (400, 50_035, "1.name"),
        ),
        rule("100 commands", DOCUMENT, many(100), (200, 0, "")),
        rule("101 commands", DOCUMENT, many(101), (400, 30_032, "")),
        rule("15 menus", DOCUMENT, menus(15), (200, 0, "")),
        rule("16 menus", DOCUMENT, menus(16), (400, 30_032, "")),
        rule(
            "a menu with a description",
            DOCUMENT,
            put(json!([{"name": "Quote it", "type": 3, "description": "x"}])),
            (400, 50_035, "0.description"),
        ),
        rule(
            "required after optional",
            DOCUMENT,
            put(with(json!([option("a", false), option("b", true)]))),
            (400, 50_035, "0.options.1"),
        ),
        rule(
            "the same option twice",
            DOCUMENT,
            put(with(json!([option("a", false), option("a", false)]))),
            (400, 50_035, "0.options.1.name"),
        ),
        rule(
            "26 options",
            DOCUMENT,
            put(with((0..26).map(|n| option(&format!("o{n}"), false)).collect())),
            (400, 50_035, "0.options"),
        ),
        rule("a choice of 100", DOCUMENT, choices(&long(100)), (200, 0, "")),
        rule("a choice of 101", DOCUMENT, choices(&long(101)), (400, 50_035, "0.options.0.choices.0.value")),
        rule("above 8,000 characters", DOCUMENT, put(with(json!(big))), (400, 50_035, "0")),
        rule(
            "an option beside a subcommand",
            DOCUMENT,
            put(with(json!([option("a", false), {"type": 1, "name": "b", "description": "x"}]))),
            (400, 50_035, "0.options"),
        ),
        rule(
            "a subcommand in a subcommand",
            DOCUMENT,
            put(with(
                json!([{"type": 1, "name": "b", "description": "x", "options": [{"type": 1, "name": "c", "description": "x"}]}]),
            )),
            (400, 50_035, "0.options.0.options.0.type"),
        ),
        rule(
            "choices and suggestions",
            DOCUMENT,
            put(with(
                json!([{"type": 3, "name": "a", "description": "x", "autocomplete": true, "choices": [{"name": "x", "value": "x"}]}]),
            )),
            (400, 50_035, "0.options.0"),
        ),
        rule(
            "a language that is none",
            "reference",
            put(json!([{"name": "a", "description": "x", "name_localizations": {"xx": "y"}}])),
            (400, 50_035, "0.name_localizations.xx"),
        ),
        rule(
            "a guild without the bot",
            "opcodes",
            ("PUT", "applications/{app}/guilds/1/commands", json!([])),
            (403, 50_001, ""),
        ),
        rule(
            "another application",
            "opcodes",
            ("GET", "applications/1/commands", Value::Null),
            (404, 10_002, ""),
        ),
    ];
    for each in rules {
        play(&raw, each).await;
    }
}

#[tokio::test]
async fn one_command_at_a_time() {
    let mut raw = Raw::start(world()).await;
    let global = "applications/{app}/commands";
    let body = json!({"name": "check", "description": "x", "name_localizations": {"de": "prüfen"}});
    let made = raw.make("check", "POST", global, &body).await;
    assert_eq!(made.status, 201);
    assert_eq!(raw.send("POST", global, &body).await.status, 200, "the same name is replaced");
    let edited = raw.send("PATCH", "applications/{app}/commands/{check}", &json!({"description": "y"})).await;
    assert_eq!((edited.body["description"].as_str(), edited.id()), (Some("y"), raw.names["check"].clone()));
    let plain = raw.send("GET", global, &Value::Null).await;
    assert!(plain.body[0].get("name_localizations").is_none());
    let full = raw.send("GET", "applications/{app}/commands?with_localizations=true", &Value::Null).await;
    assert_eq!(full.body[0]["name_localizations"]["de"], "prüfen");
    assert!(raw.discord.member("ana").offered_commands("ops").contains(&"check".to_owned()));
    assert_eq!(raw.send("DELETE", "applications/{app}/commands/{check}", &Value::Null).await.status, 204);
    let gone = raw.send("GET", "applications/{app}/commands/{check}", &Value::Null).await;
    assert_eq!((gone.status, gone.code()), (404, 10_063));
}

#[tokio::test]
async fn two_hundred_creates_a_day() {
    let (clock, stepper) = watchpost_sandbox::Clock::stepped(1_790_000_000_000);
    let raw = Raw::start(world().clock(clock)).await;
    let many = |from: usize| -> Value {
        (from..from + 100).map(|n| json!({"name": format!("c{n}"), "description": "x"})).collect()
    };
    for from in [0, 100] {
        assert_eq!(raw.send("PUT", PUT, &many(from)).await.status, 200);
    }
    let refused = raw.send("PUT", PUT, &many(200)).await;
    assert_eq!((refused.status, refused.code()), (400, 30_034));
    assert_eq!(raw.send("PUT", PUT, &many(100)).await.status, 200, "known names cost nothing");
    stepper.advance_ms(24 * 3_600_000);
    assert_eq!(raw.send("PUT", PUT, &many(200)).await.status, 200);
}

#[tokio::test]
async fn commands_are_offered_to_those_who_may() {
    let raw = Raw::start(world()).await;
    let body = json!([
        {"name": "all", "description": "x"},
        {"name": "nobody", "description": "x", "default_member_permissions": "0"},
        {"name": "managers", "description": "x", "default_member_permissions": "32"},
    ]);
    assert_eq!(raw.send("PUT", PUT, &body).await.status, 200);
    assert_eq!(raw.discord.member("ana").offered_commands("ops"), ["all"]);
    assert_eq!(raw.discord.member("olga").offered_commands("ops"), ["all", "nobody", "managers"]);
    assert!(raw.discord.member("ana").offered_commands("dm").is_empty(), "a guild's commands stay in it");
}

#[tokio::test]
async fn administrators_decide_over_the_default() {
    let raw = Raw::start(world()).await;
    let body = json!([{"name": "fix", "description": "x", "default_member_permissions": "0"}]);
    assert_eq!(raw.send("PUT", PUT, &body).await.status, 200);
    let offered = |name: &str| !raw.discord.member(name).offered_commands("ops").is_empty();
    assert!(!offered("ana"));
    raw.discord.decide_command("fix", "responder", true);
    assert!(offered("ana") && offered("ben") && !offered("uli"));
    raw.discord.decide_command("fix", "ben", false);
    assert!(offered("ana") && !offered("ben"), "a member's own exception counts more than a role's");
    let all = raw.send("GET", "applications/{app}/guilds/{guild}/commands/permissions", &Value::Null).await;
    assert_eq!(all.body[0]["permissions"].as_array().unwrap().len(), 2);
    assert_eq!(raw.send("PUT", PUT, &body).await.status, 200);
    assert!(offered("ana"), "it outlives a new registration");
}
