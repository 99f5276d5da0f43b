//! Buttons and selects, rule by rule.

use serde_json::{Value, json};
use watchpost_sandbox::{RateLimits, World};

use crate::raw::{Raw, long, play, rule};

const POST: &str = "channels/{ops}/messages";
const COMPONENTS: &str = "components/reference";

fn world() -> World {
    World::standard().rate_limits(RateLimits::lenient())
}

fn buttons(row: &[Value]) -> Value {
    json!({"content": "x", "components": [{"type": 1, "components": row}]})
}

fn button(id: &str) -> Value {
    json!({"type": 2, "style": 1, "label": "x", "custom_id": id})
}

fn select(options: usize) -> Value {
    let options: Vec<_> = (0..options).map(|n| json!({"label": "x", "value": n.to_string()})).collect();
    json!({"type": 3, "custom_id": "s", "options": options})
}

#[tokio::test]
async fn component_limits() {
    let raw = Raw::start(world()).await;
    let row = |items: &[Value]| ("POST", POST, buttons(items));
    let rows = |count: usize| {
        let row = |n: usize| json!({"type": 1, "components": [button(&n.to_string())]});
        ("POST", POST, json!({"content": "x", "components": (0..count).map(row).collect::<Vec<_>>()}))
    };
    let many: Vec<_> = (0..6).map(|n| button(&n.to_string())).collect();
    let at = "components.0.components.0";
    let rules = vec![
        rule("5 rows", COMPONENTS, rows(5), (200, 0, "")),
        rule("6 rows", COMPONENTS, rows(6), (400, 50_035, "components")),
        rule("5 buttons", COMPONENTS, row(&many[..5]), (200, 0, "")),
        rule("6 buttons", COMPONENTS, row(&many), (400, 50_035, "components.0.components")),
        rule(
            "the same custom_id twice",
            COMPONENTS,
            row(&[button("a"), button("a")]),
            (400, 50_035, "components.0.components.1.custom_id"),
        ),
        rule("custom_id 100", COMPONENTS, row(&[button(&long(100))]), (200, 0, "")),
        rule(
            "custom_id 101",
            COMPONENTS,
            row(&[button(&long(101))]),
            (400, 50_035, "components.0.components.0.custom_id"),
        ),
        rule(
            "no custom_id",
            COMPONENTS,
            row(&[json!({"type": 2, "style": 1, "label": "x"})]),
            (400, 50_035, "components.0.components.0.custom_id"),
        ),
        rule(
            "a link without url",
            COMPONENTS,
            row(&[json!({"type": 2, "style": 5, "label": "x"})]),
            (400, 50_035, "components.0.components.0.url"),
        ),
        rule(
            "a link with custom_id",
            COMPONENTS,
            row(&[
                json!({"type": 2, "style": 5, "label": "x", "url": "https://x.example", "custom_id": "a"}),
            ]),
            (400, 50_035, at),
        ),
        rule(
            "label 81",
            COMPONENTS,
            row(&[json!({"type": 2, "style": 1, "label": long(81), "custom_id": "a"})]),
            (400, 50_035, "components.0.components.0.label"),
        ),
        rule(
            "no label and no emoji",
            COMPONENTS,
            row(&[json!({"type": 2, "style": 1, "custom_id": "a"})]),
            (400, 50_035, at),
        ),
        rule(
            "a button and a select",
            COMPONENTS,
            row(&[button("a"), select(1)]),
            (400, 50_035, "components.0"),
        ),
        rule("25 options", COMPONENTS, row(&[select(25)]), (200, 0, "")),
        rule(
            "26 options",
            COMPONENTS,
            row(&[select(26)]),
            (400, 50_035, "components.0.components.0.options"),
        ),
        rule("no options", COMPONENTS, row(&[select(0)]), (400, 50_035, "components.0.components.0.options")),
        rule(
            "a text input in a message",
            COMPONENTS,
            row(&[json!({"type": 4, "custom_id": "a", "label": "x", "style": 1})]),
            (400, 50_035, "components.0.components.0.type"),
        ),
        rule(
            "a button without row",
            COMPONENTS,
            ("POST", POST, json!({"content": "x", "components": [button("a")]})),
            (400, 50_035, "components.0.type"),
        ),
    ];
    for each in rules {
        play(&raw, each).await;
    }
}
