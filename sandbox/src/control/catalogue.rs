//! Everything that can be switched, as one list: a page shows it as it stands, and a test carries out each line.
//!
//! `body` is what is sent to `path`. A text in braces in it is filled in by the page: `{channel}` with the id of the channel
//! that is open, `{member}` with the name that one acts as, `{message}` with the id of a message that one picks.

use serde::Serialize;
use serde_json::{Value, json};

/// One switch.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Switch {
    /// Under which heading it stands.
    group: &'static str,
    /// What stands on it.
    label: &'static str,
    /// `POST` or `DELETE`.
    method: &'static str,
    /// Below `/sandbox`.
    path: &'static str,
    /// What is sent.
    body: Value,
}

const fn switch(group: &'static str, label: &'static str, path: &'static str, body: Value) -> Switch {
    Switch { group, label, method: "POST", path, body }
}

/// All of them, in the order in which they are shown.
pub(super) fn all() -> Vec<Switch> {
    let mut all = vec![Switch {
        group: "All well again",
        label: "Switch everything off",
        method: "DELETE",
        path: "/faults",
        body: Value::Null,
    }];
    all.extend(rest());
    all.extend(gateway());
    all.extend(deliveries());
    all.extend(administrators());
    all
}

fn rest() -> Vec<Switch> {
    let fault = |label, effect: Value| switch("REST", label, "/faults/rest", json!({"effect": effect}));
    let limited = |label, scope: &str, retry_after: Value| {
        fault(label, json!({"kind": "rate_limited", "scope": scope, "retry_after": retry_after}))
    };
    vec![
        fault("Answers 500", json!({"kind": "status", "status": 500})),
        fault("Answers 503", json!({"kind": "status", "status": 503})),
        switch(
            "REST",
            "Every second request answers 503",
            "/faults/rest",
            json!({"effect": {"kind": "status", "status": 503}, "every": 2}),
        ),
        fault("502 with an HTML page", json!({"kind": "html", "status": 502})),
        fault("200 with an HTML page", json!({"kind": "html", "status": 200})),
        limited("429 for the route, 2 s", "user", json!("2")),
        limited("429 shared, 2 s", "shared", json!("2")),
        limited("429 for everything, 5 s", "global", json!("5")),
        limited("429 without Retry-After", "user", Value::Null),
        limited("429 with Retry-After 0", "user", json!("0")),
        limited("429 with Retry-After -1", "user", json!("-1")),
        limited("429 with Retry-After 1e9", "user", json!("1e9")),
        limited("429 with Retry-After NaN", "user", json!("NaN")),
        fault("429 with an HTML page", json!({"kind": "rate_limited_html"})),
        fault("Hangs", json!({"kind": "hang"})),
        fault("Drops the connection", json!({"kind": "drop"})),
        fault("Resets the connection", json!({"kind": "reset"})),
        fault("Carries out, loses the answer", json!({"kind": "lost_answer"})),
        fault("Answers one byte a second", json!({"kind": "drip"})),
        fault("Breaks off in the middle", json!({"kind": "truncated"})),
        fault("Never ends", json!({"kind": "endless"})),
    ]
}

fn gateway() -> Vec<Switch> {
    let held = |label, body| switch("Gateway", label, "/faults/gateway", body);
    let once = |label, body| switch("Gateway", label, "/faults/now", body);
    vec![
        once("Drops now", json!({"do": "drop_gateway"})),
        once("Resets now", json!({"do": "reset_gateway"})),
        once("Asks to reconnect (op 7)", json!({"do": "ask_reconnect"})),
        once(
            "Session invalid, can be resumed (op 9)",
            json!({"do": "invalidate_session", "resumable": true}),
        ),
        once("Session invalid (op 9)", json!({"do": "invalidate_session", "resumable": false})),
        once("Forgets all sessions", json!({"do": "forget_sessions"})),
        once("Closes with 4000", json!({"do": "close_gateway", "code": 4000})),
        once("Closes with 4009", json!({"do": "close_gateway", "code": 4009})),
        held("Zombie: says nothing any more", json!({"zombie": true})),
        held("Deaf: heartbeats, no events", json!({"deaf": true})),
        held("Refuses every resume", json!({"refuse_resume": true})),
        held("Lets nobody in", json!({"welcome": "refused"})),
        held("Accepts and stays silent", json!({"welcome": "black_hole"})),
        held("Never says HELLO", json!({"welcome": "no_hello"})),
        held("Works again", json!({})),
    ]
}

fn deliveries() -> Vec<Switch> {
    let how =
        |label, way: &str| switch("Interactions", label, "/faults/gateway", json!({"interactions": way}));
    let release = |label, reversed: bool| {
        switch("Interactions", label, "/faults/now", json!({"do": "release", "reversed": reversed}))
    };
    vec![
        how("Held back", "held"),
        release("Let go, in order", false),
        release("Let go, the last first", true),
        how("Each one twice", "twice"),
        how("Lost", "lost"),
        how("At once, once", "normal"),
        switch("Interactions", "The last one again", "/faults/now", json!({"do": "deliver_last_again"})),
        switch(
            "Interactions",
            "Nonces are forgotten at once",
            "/faults/now",
            json!({"do": "nonce_window", "millis": 0}),
        ),
        switch(
            "Interactions",
            "Nonces are remembered for five minutes",
            "/faults/now",
            json!({"do": "nonce_window", "millis": crate::rules::limits::NONCE_WINDOW_MS}),
        ),
    ]
}

fn administrators() -> Vec<Switch> {
    let once = |label, body| switch("An administrator", label, "/faults/now", body);
    vec![
        once("Revokes the token", json!({"do": "revoke_token"})),
        once("Makes the token good again", json!({"do": "restore_token"})),
        once("Hides this channel from the bot", json!({"do": "hide_channel", "channel": "{channel}"})),
        once(
            "Lets the bot read this channel, not write",
            json!({"do": "forbid", "channel": "{channel}", "permissions": (1_u64 << 11).to_string()}),
        ),
        once("Gives the bot this channel back", json!({"do": "show_channel", "channel": "{channel}"})),
        once("Deletes this channel", json!({"do": "delete_channel", "channel": "{channel}"})),
        once("Deletes this channel's webhooks", json!({"do": "delete_webhooks", "channel": "{channel}"})),
        once("Deletes a message", json!({"do": "delete_message", "message": "{message}"})),
        once("Takes all roles from me", json!({"do": "set_roles", "member": "{member}", "roles": []})),
        once("Adds the bot to a strange guild", json!({"do": "invite_bot", "name": "Strangers"})),
    ]
}
