//! An answer before a fault touches it.

use serde_json::{Value, json};

use crate::core::{Core, Violation, seconds};
use crate::error::ApiError;
use crate::rates::Standing;
use crate::transcript::Exchange;

/// An answer before a fault touches it.
pub(super) struct Outcome {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Content,
    pub(super) code: Option<u32>,
}

/// What stands in an answer.
pub(super) enum Content {
    Json(Value),
    Html(&'static str),
    Nothing,
}

pub(super) const HTML: &str = "<html><head><title>Error</title></head><body><h1>error</h1><p>The proxy answers, not Discord.</p></body></html>";

pub(super) fn plain(status: u16, body: Value) -> Outcome {
    Outcome { status, headers: Vec::new(), body: Content::Json(body), code: None }
}

pub(super) fn refused(core: &mut Core, exchange: &Exchange, error: &ApiError) -> Outcome {
    if matches!(error.status, 401 | 403 | 429) {
        core.count_invalid();
    }
    if error.status == 400 {
        core.violate(Violation::RefusedForm {
            method: exchange.method.clone(),
            path: exchange.shown_path(),
            code: error.code,
            detail: error.errors.as_ref().map_or_else(|| error.message.clone(), Value::to_string),
        });
    }
    let mut outcome = plain(error.status, error.body());
    outcome.code = Some(error.code);
    if let Some(wait) = error.retry_after {
        outcome.headers.push(("retry-after", wait.ceil().to_string()));
        outcome.headers.push(("x-ratelimit-scope", "user".to_owned()));
    }
    outcome
}

pub(super) fn rate_headers(standing: &Standing) -> Vec<(&'static str, String)> {
    vec![
        ("x-ratelimit-limit", standing.limit.to_string()),
        ("x-ratelimit-remaining", standing.remaining.to_string()),
        ("x-ratelimit-reset", format!("{:.3}", seconds(standing.reset_ms))),
        ("x-ratelimit-reset-after", format!("{:.3}", seconds(standing.reset_after_ms))),
        ("x-ratelimit-bucket", format!("{:032x}", standing.bucket)),
    ]
}

pub(super) fn limited(core: &mut Core, standing: Standing) -> Outcome {
    core.count_invalid();
    let wait = seconds(standing.reset_after_ms);
    let mut outcome = limit_outcome(wait, false);
    outcome.headers.extend(rate_headers(&standing));
    outcome.headers.push(("x-ratelimit-scope", "user".to_owned()));
    outcome.headers.push(("retry-after", wait.ceil().to_string()));
    outcome
}

pub(super) fn stopped(core: &mut Core, wait_ms: u64) -> Outcome {
    core.count_invalid();
    let wait = seconds(wait_ms);
    let mut outcome = limit_outcome(wait, true);
    outcome.headers.push(("x-ratelimit-global", "true".to_owned()));
    outcome.headers.push(("x-ratelimit-scope", "global".to_owned()));
    outcome.headers.push(("retry-after", wait.ceil().to_string()));
    outcome
}

pub(super) fn limit_outcome(wait: f64, global: bool) -> Outcome {
    let body = json!({"message": "You are being rate limited.", "retry_after": wait, "global": global});
    plain(429, body)
}

/// The ban for invalid requests comes from the proxy in front, as HTML.
pub(super) fn banned(wait_ms: u64) -> Outcome {
    let headers = vec![("retry-after", wait_ms.div_ceil(1_000).to_string())];
    Outcome { status: 429, headers, body: Content::Html(HTML), code: None }
}

/// 204.
pub(super) const fn nothing() -> Outcome {
    Outcome { status: 204, headers: Vec::new(), body: Content::Nothing, code: None }
}
