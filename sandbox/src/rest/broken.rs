//! What faults make of answers.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures::{StreamExt as _, stream};
use serde_json::{Value, json};

use super::outcome::{Content, HTML, Outcome, limit_outcome, plain};
use crate::core::Shared;
use crate::faults::{Effect, LimitScope};
use crate::line::Cut;

/// Faults under which the request still has its effect.
pub(super) const fn carries_out(effect: &Effect) -> bool {
    matches!(effect, Effect::LostAnswer | Effect::Drip | Effect::Truncated)
}

/// The answer of a fault that stands in front of everything; `None` where there is no answer.
pub(super) fn broken(shared: &Shared, effect: &Effect) -> Option<Outcome> {
    match effect {
        Effect::Status { status } => {
            let message = format!("{status}: the sandbox was told to answer this");
            Some(plain(*status, json!({"message": message, "code": 0})))
        }
        Effect::Html { status } => {
            Some(Outcome { status: *status, headers: Vec::new(), body: Content::Html(HTML), code: None })
        }
        Effect::RateLimited { scope, retry_after } => {
            Some(told_to_wait(shared, *scope, retry_after.as_deref()))
        }
        Effect::RateLimitedHtml => {
            Some(Outcome { status: 429, headers: Vec::new(), body: Content::Html(HTML), code: None })
        }
        Effect::Endless => Some(plain(200, Value::Null)),
        _ => None,
    }
}

pub(super) fn told_to_wait(shared: &Shared, scope: LimitScope, retry_after: Option<&str>) -> Outcome {
    let global = scope == LimitScope::Global;
    let wait = retry_after.and_then(|text| text.parse().ok()).unwrap_or(1.0);
    let mut outcome = limit_outcome(wait, global);
    let name = match scope {
        LimitScope::User => "user",
        LimitScope::Global => "global",
        LimitScope::Shared => "shared",
    };
    outcome.headers.push(("x-ratelimit-scope", name.to_owned()));
    if global {
        outcome.headers.push(("x-ratelimit-global", "true".to_owned()));
    }
    if let Some(text) = retry_after {
        outcome.headers.push(("retry-after", text.to_owned()));
    }
    if scope != LimitScope::Shared {
        let mut core = shared.lock();
        core.count_invalid();
    }
    outcome
}

pub(super) fn respond(outcome: Option<Outcome>, effect: Option<Effect>, cut: &Cut) -> Response {
    match effect {
        Some(Effect::Drop | Effect::LostAnswer) => cut.close(),
        Some(Effect::Reset) => cut.reset(),
        _ => {}
    }
    let Some(outcome) = outcome else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let (kind, bytes) = match outcome.body {
        Content::Json(value) => ("application/json", Bytes::from(value.to_string())),
        Content::Html(text) => ("text/html; charset=UTF-8", Bytes::from_static(text.as_bytes())),
        Content::Nothing => ("", Bytes::new()),
    };
    let mut response = Response::builder().status(outcome.status);
    if !kind.is_empty() {
        response = response.header(header::CONTENT_TYPE, kind);
    }
    for (name, value) in outcome.headers {
        response = response.header(name, value);
    }
    let body = match effect {
        Some(Effect::Drip) => drip(bytes),
        Some(Effect::Endless) => endless(),
        Some(Effect::Truncated) => {
            response = response.header(header::CONTENT_LENGTH, bytes.len().max(2));
            truncated(&bytes, cut.clone())
        }
        _ => Body::from(bytes),
    };
    response.body(body).unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

/// Waits until the faults are switched off. The bot's own deadline ends it earlier: its connection goes, and with it
/// this future.
pub(super) async fn hang(shared: &Shared, healed: u64) {
    let mut changes = shared.lock().changes();
    let longest = tokio::time::sleep(Duration::from_secs(600));
    tokio::pin!(longest);
    while shared.lock().faults.healed == healed {
        tokio::select! {
            changed = changes.changed() => if changed.is_err() { return },
            () = &mut longest => return,
        }
    }
}

pub(super) fn drip(bytes: Bytes) -> Body {
    let each = stream::iter(bytes).then(|byte| async move {
        tokio::time::sleep(Duration::from_secs(1)).await;
        Ok::<_, Infallible>(Bytes::from(vec![byte]))
    });
    Body::from_stream(each)
}

pub(super) fn endless() -> Body {
    let chunk = Bytes::from(vec![b' '; 64 * 1024]);
    Body::from_stream(stream::repeat_with(move || Ok::<_, Infallible>(chunk.clone())))
}

pub(super) fn truncated(bytes: &Bytes, cut: Cut) -> Body {
    let half = bytes.slice(..bytes.len() / 2);
    let parts = stream::iter([Some(half), None]).map(move |part| {
        part.ok_or_else(|| {
            cut.close();
            std::io::Error::other("cut off")
        })
    });
    Body::from_stream(parts)
}
