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
    for role in core
        .places
        .guilds
        .values_mut()
        .flat_map(|guild| guild.roles.values_mut())
    {
        role.permissions = crate::Permissions::ALL;
    }
    let ana = core.user_named("ana").unwrap_or_else(|error| panic!("{error}"));
    let ops = core
        .channel_for(ana, "ops")
        .map(|channel| channel.id)
        .unwrap_or_else(|error| panic!("{error}"));
    let bot = core.places.bot();
    let draft = crate::rules::message::Draft {
        content: Some("x".to_owned()),
        ..Default::default()
    };
    let own = core.post(crate::posting::Post::plain(ops, bot, draft, &[]));
    let own = own.unwrap_or_else(|error| panic!("{error:?}"));
    let guild = core
        .places
        .guilds
        .keys()
        .next()
        .map(ToString::to_string)
        .unwrap_or_default();
    let role = core
        .places
        .guilds
        .values()
        .flat_map(|guild| guild.roles.keys())
        .nth(1);
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
