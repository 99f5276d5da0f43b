//! No body, however odd, makes a route panic.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{Call, TABLE};
use crate::core::Core;
use crate::rates::RateLimits;
use crate::world::World;

/// Names that forms know, so that the odd values land where they are read.
const NAMES: &[&str] = &[
    "content",
    "embeds",
    "components",
    "type",
    "data",
    "title",
    "fields",
    "name",
    "value",
    "footer",
    "text",
    "author",
    "image",
    "url",
    "custom_id",
    "label",
    "style",
    "options",
    "choices",
    "attachments",
    "id",
    "flags",
    "nonce",
    "allowed_mentions",
    "parse",
    "users",
    "roles",
    "message_reference",
    "message_id",
    "message",
    "applied_tags",
    "available_tags",
    "permission_overwrites",
    "allow",
    "deny",
    "description",
    "recipient_id",
    "messages",
    "topic",
    "scheduled_start_time",
    "entity_metadata",
    "location",
    "privacy_level",
    "entity_type",
    "status",
    "nick",
    "emoji",
];

fn odd_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0_u64..12).prop_map(Value::from),
        "[a-z@<>&0-9:/]{0,12}".prop_map(Value::from),
        Just(json!("attachment://x")),
    ];
    leaf.prop_recursive(5, 48, 6, |inner| {
        let name = proptest::sample::select(NAMES);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..6).prop_map(|pairs| {
                let pairs = pairs.into_iter().map(|(name, value)| (name.to_owned(), value));
                Value::Object(pairs.collect::<Map<_, _>>())
            }),
        ]
    })
}

/// A form with many of the names at once.
fn odd_form() -> impl Strategy<Value = Value> {
    let pair = (proptest::sample::select(NAMES), odd_value());
    let form = prop::collection::vec(pair, 0..40).prop_map(|pairs| {
        let pairs = pairs.into_iter().map(|(name, value)| (name.to_owned(), value));
        Value::Object(pairs.collect::<Map<_, _>>())
    });
    prop_oneof![4 => form, 1 => odd_value()]
}

/// A core with one of each thing that a route can name.
fn lively() -> (Core, BTreeMap<&'static str, String>) {
    let mut core = World::standard().rate_limits(RateLimits::lenient()).build();
    for role in core.places.guilds.values_mut().flat_map(|guild| guild.roles.values_mut()) {
        role.permissions = crate::Permissions::ALL;
    }
    let ana = core.user_named("ana").unwrap_or_else(|error| panic!("{error}"));
    let ops =
        core.channel_for(ana, "ops").map(|channel| channel.id).unwrap_or_else(|error| panic!("{error}"));
    let bot = core.places.bot();
    let draft = crate::rules::message::Draft { content: Some("x".to_owned()), ..Default::default() };
    let own = core.post(crate::posting::Post::plain(ops, bot, draft, &[]));
    let own = own.unwrap_or_else(|error| panic!("{error:?}"));
    let guild = core.places.guilds.keys().next().map(ToString::to_string).unwrap_or_default();
    let role = core.places.guilds.values().flat_map(|guild| guild.roles.keys()).nth(1);
    let names = BTreeMap::from([
        ("role", role.map(ToString::to_string).unwrap_or_default()),
        ("channel", ops.to_string()),
        ("message", own.to_string()),
        ("guild", guild),
        ("application", bot.to_string()),
        ("webhook", bot.to_string()),
        ("user", ana.to_string()),
        ("target", ana.to_string()),
        ("emoji", "✅".to_owned()),
    ]);
    (core, names)
}

/// Forms that are accepted, by the end of their route's pattern.
fn good_forms() -> Vec<(&'static str, &'static str, Value)> {
    let message = json!({
        "content": "x <@1>", "nonce": "n", "enforce_nonce": true, "tts": false, "flags": 4096,
        "embeds": [{
            "title": "x", "description": "x", "url": "https://x.example", "color": 1, "timestamp": "2026-01-01T00:00:00Z",
            "footer": {"text": "x"}, "author": {"name": "x"}, "image": {"url": "attachment://x"},
            "fields": [{"name": "x", "value": "x", "inline": true}],
        }],
        "components": [
            {"type": 1, "components": [{"type": 2, "style": 1, "label": "x", "custom_id": "a", "emoji": {"name": "x"}}]},
            {"type": 1, "components": [{"type": 3, "custom_id": "b", "options": [{"label": "x", "value": "x"}]}]},
        ],
        "allowed_mentions": {"parse": ["users"], "roles": ["1"], "replied_user": true},
        "attachments": [{"id": 0, "description": "x"}],
    });
    let edit = json!({"content": "y", "embeds": message["embeds"], "components": message["components"]});
    let command = json!({
        "name": "check", "description": "x", "name_localizations": {"de": "x"}, "default_member_permissions": "0",
        "options": [{"type": 3, "name": "a", "description": "x", "choices": [{"name": "x", "value": "x"}]}],
    });
    let event = json!({
        "name": "x", "privacy_level": 2, "scheduled_start_time": "2099-01-01T00:00:00Z",
        "scheduled_end_time": "2099-01-02T00:00:00Z", "entity_type": 3, "entity_metadata": {"location": "x"},
    });
    let overwrite = json!({"id": "1", "type": 0, "allow": "0", "deny": "0"});
    let channel = json!({"name": "x", "topic": "x", "permission_overwrites": [overwrite], "available_tags": [{"name": "x"}]});
    vec![
        ("POST", "channels/{channel}/messages", message.clone()),
        ("PATCH", "channels/{channel}/messages/{message}", edit),
        ("POST", "guilds/{guild}/commands", command.clone()),
        ("PUT", "guilds/{guild}/commands", json!([command])),
        ("POST", "guilds/{guild}/scheduled-events", event),
        ("POST", "guilds/{guild}/channels", channel.clone()),
        ("PATCH", "channels/{channel}", channel),
        ("PUT", "channels/{channel}/permissions/{target}", overwrite),
        (
            "POST",
            "channels/{channel}/messages/{message}/threads",
            json!({"name": "x", "auto_archive_duration": 60}),
        ),
        ("POST", "channels/{channel}/threads", json!({"name": "x", "type": 11})),
        ("POST", "guilds/{guild}/roles", json!({"name": "x", "permissions": "0", "color": 1})),
        ("POST", "channels/{channel}/webhooks", json!({"name": "x"})),
    ]
}

/// Paths to every value in a form.
fn places_in(value: &Value, path: &str, found: &mut Vec<String>) {
    found.push(path.to_owned());
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(name, inner)| places_in(inner, &format!("{path}/{name}"), found))
        }
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(n, inner)| places_in(inner, &format!("{path}/{n}"), found));
        }
        _ => {}
    }
}

/// Calls one route with a body.
fn call(
    core: &mut Core,
    names: &BTreeMap<&'static str, String>,
    method: &str,
    end: &str,
    body: Value,
) -> bool {
    let mut routes = TABLE.iter().copied().flatten();
    let route = routes.find(|route| route.method == method && route.pattern.ends_with(end));
    let route = route.unwrap_or_else(|| panic!("there is no {method} {end}"));
    let params = route.pattern.split('/').filter_map(|part| {
        let name = part.strip_prefix('{')?.strip_suffix('}')?;
        Some((name, names.get(name).cloned().unwrap_or_else(|| "1".to_owned())))
    });
    route.call(core, &Call { params: params.collect(), body, ..Call::default() }).is_ok()
}

#[test]
fn the_good_forms_are_accepted() {
    for (method, end, body) in good_forms() {
        let (mut core, names) = lively();
        assert!(call(&mut core, &names, method, end, body), "{method} {end}");
    }
}

/// A good form with one odd value, in every place of it.
#[test]
fn no_single_odd_value_makes_a_route_panic() {
    let odd = [
        Value::Null,
        json!(true),
        json!(-1),
        json!(7),
        json!("x"),
        json!([]),
        json!(["x"]),
        json!({}),
        json!({"x": 1}),
    ];
    let (mut core, names) = lively();
    for (method, end, body) in good_forms() {
        let mut places = Vec::new();
        places_in(&body, "", &mut places);
        for place in places {
            for value in &odd {
                let mut spoiled = body.clone();
                if let Some(there) = spoiled.pointer_mut(&place) {
                    *there = value.clone();
                }
                call(&mut core, &names, method, end, spoiled);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn no_body_makes_a_route_panic(body in odd_form(), odd in any::<bool>()) {
        let (mut core, names) = lively();
        for route in TABLE.iter().copied().flatten().filter(|route| route.method != "DELETE") {
            let params = route.pattern.split('/').filter_map(|part| {
                let name = part.strip_prefix('{')?.strip_suffix('}')?;
                let known = names.get(name).cloned().unwrap_or_else(|| "1".to_owned());
                Some((name, if odd && name == "message" { "@original".to_owned() } else { known }))
            });
            let call = Call { params: params.collect(), body: body.clone(), ..Call::default() };
            let _ = route.call(&mut core, &call);
        }
    }

    #[test]
    fn no_payload_makes_the_gateway_panic(op in 0_u64..40, data in odd_value(), text in ".{0,40}") {
        let (mut core, _) = lively();
        let mut peer = crate::gateway::Peer::new(1);
        crate::gateway::receive(&mut core, &mut peer, &text, 0);
        crate::gateway::receive(&mut core, &mut peer, &json!({"op": op, "d": data}).to_string(), 0);
        let token = core.token.clone();
        let identify = json!({"op": 2, "d": {"token": token, "intents": 1}}).to_string();
        crate::gateway::receive(&mut core, &mut peer, &identify, 0);
        crate::gateway::receive(&mut core, &mut peer, &json!({"op": op, "d": data}).to_string(), 0);
    }

    #[test]
    fn no_answer_to_an_interaction_panics(body in odd_form(), callback in 0_u64..14) {
        let (mut core, _) = lively();
        let definition = json!([{"name": "check", "description": "x"}]);
        let guild = core.places.guilds.keys().next().map(ToString::to_string).unwrap_or_default();
        let application = core.places.bot().to_string();
        let params = BTreeMap::from([("application", application), ("guild", guild)]);
        let put = TABLE.iter().copied().flatten().find(|route| {
            route.method == "PUT" && route.pattern.ends_with("guilds/{guild}/commands")
        });
        let call = Call { params, body: definition, ..Call::default() };
        prop_assert!(put.is_some_and(|put| put.call(&mut core, &call).is_ok()));
        let ana = core.user_named("ana").map_err(|error| TestCaseError::fail(error.to_string()))?;
        let id = core.type_command(ana, "ops", "/check", &[], None);
        let id = id.map_err(|error| TestCaseError::fail(error.to_string()))?;
        let _ = core.answer(id, &json!({"type": callback, "data": body}), &[]);
        let _ = core.follow_up(id, &body, &[]);
    }
}
