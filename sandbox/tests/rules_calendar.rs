//! The calendar, rule by rule.

use serde_json::{Value, json};
use watchpost_sandbox::{Clock, RateLimits, World};

use crate::raw::{Raw, long, play, rule};

fn world() -> World {
    World::standard().rate_limits(RateLimits::lenient())
}

#[tokio::test]
async fn the_calendar() {
    let (clock, _stepper) = Clock::stepped(1_790_000_000_000);
    let mut raw = Raw::start(world().clock(clock)).await;
    let path = "guilds/{guild}/scheduled-events";
    let event = |name: &str, start: &str, end: Value| {
        json!({
            "name": name, "privacy_level": 2, "scheduled_start_time": start, "scheduled_end_time": end,
            "entity_type": 3, "entity_metadata": {"location": "#ops"},
        })
    };
    let (start, end) = ("2026-10-01T08:00:00Z", json!("2026-10-01T09:00:00Z"));
    let rules = vec![
        rule(
            "in the past",
            "resources/guild-scheduled-event",
            ("POST", path, event("x", "2020-01-01T00:00:00Z", end.clone())),
            (400, 50_035, "scheduled_start_time"),
        ),
        rule(
            "name 101",
            "resources/guild-scheduled-event",
            ("POST", path, event(&long(101), start, end.clone())),
            (400, 50_035, "name"),
        ),
        rule(
            "elsewhere without end",
            "resources/guild-scheduled-event",
            ("POST", path, event("x", start, Value::Null)),
            (400, 50_035, "scheduled_end_time"),
        ),
    ];
    for each in rules {
        play(&raw, each).await;
    }
    raw.make("review", "POST", path, &event("Review", start, end)).await;
    let one = "guilds/{guild}/scheduled-events/{review}";
    let rules = vec![
        rule(
            "finished before it began",
            "resources/guild-scheduled-event",
            ("PATCH", one, json!({"status": 3})),
            (400, 50_035, "status"),
        ),
        rule("begun", "resources/guild-scheduled-event", ("PATCH", one, json!({"status": 2})), (200, 0, "")),
        rule("deleted", "resources/guild-scheduled-event", ("DELETE", one, Value::Null), (204, 0, "")),
        rule("gone", "opcodes", ("GET", one, Value::Null), (404, 10_070, "")),
    ];
    for each in rules {
        play(&raw, each).await;
    }
}
