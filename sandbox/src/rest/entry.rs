//! Where requests come in and answers go out.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures::{StreamExt as _, stream};
use serde_json::{Value, json};

use super::{Call, Reply, admit, multipart};
use crate::core::{Core, Shared, Violation, seconds};
use crate::error::{ApiError, BODY_TOO_LARGE, INVALID_JSON};
use crate::faults::{Effect, LimitScope};
use crate::line::Cut;
use crate::rates::{Standing, Verdict};
use crate::transcript::Exchange;

/// Ten files of 10 MiB and their frame.
const MOST_BYTES: usize = 105 * 1024 * 1024;

/// What the REST side is given.
#[derive(Clone)]
pub(crate) struct Edge {
    pub(crate) shared: Shared,
}

/// An answer before a fault touches it.
struct Outcome {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Content,
    code: Option<u32>,
}

/// What stands in an answer.
enum Content {
    Json(Value),
    Html(&'static str),
    Nothing,
}

const HTML: &str = "<html><head><title>Error</title></head><body><h1>error</h1><p>The proxy answers, not Discord.</p></body></html>";

/// Answers one request to `/api`.
pub(crate) async fn handle(
    State(edge): State<Edge>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    request: Request<Body>,
) -> Response {
    let started = Instant::now();
    let (parts, body) = request.into_parts();
    let mut exchange = Exchange {
        number: 0,
        time_ms: edge.shared.lock().now_ms(),
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().trim_start_matches('&').to_owned(),
        body: None,
        files: Vec::new(),
        nonce: None,
        status: 0,
        code: None,
        millis: 0,
    };
    let call = read(&parts.headers, body, &exchange.query).await;
    if let Ok(call) = &call {
        describe(&mut exchange, call);
    }
    let (effect, healed) = {
        let mut core = edge.shared.lock();
        (core.faults.meet(&exchange.method, &exchange.path), core.faults.healed)
    };
    let outcome = match &effect {
        Some(effect) if !carries_out(effect) => broken(&edge.shared, effect),
        _ => {
            let authorization =
                parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
            Some(carry_out(&mut edge.shared.lock(), &exchange, call, authorization))
        }
    };
    exchange.status = match (&outcome, &effect) {
        (Some(outcome), None | Some(Effect::Drip)) => outcome.status,
        (Some(outcome), Some(effect)) if !carries_out(effect) => outcome.status,
        _ => 0,
    };
    exchange.code = outcome.as_ref().and_then(|outcome| outcome.code);
    exchange.millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    finish(&edge.shared, exchange);
    if effect == Some(Effect::Hang) {
        hang(&edge.shared, healed).await;
        cut.close();
    }
    respond(outcome, effect, &cut)
}

/// Faults under which the request still has its effect.
const fn carries_out(effect: &Effect) -> bool {
    matches!(effect, Effect::LostAnswer | Effect::Drip | Effect::Truncated)
}

fn finish(shared: &Shared, exchange: Exchange) {
    let mut core = shared.lock();
    core.transcript.add(exchange);
    core.touch();
}

fn describe(exchange: &mut Exchange, call: &Call) {
    exchange.nonce = call.body.get("nonce").filter(|nonce| !nonce.is_null()).cloned();
    exchange.body = Some(call.body.clone()).filter(|body| !body.is_null());
    exchange.files = call.uploads.iter().map(|file| (file.filename.clone(), file.bytes.len())).collect();
}

async fn read(headers: &HeaderMap, body: Body, query: &str) -> Result<Call, ApiError> {
    let content_type =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let bytes = axum::body::to_bytes(body, MOST_BYTES).await.map_err(|_| ApiError::from(BODY_TOO_LARGE))?;
    let query = form_urlencoded::parse(query.as_bytes()).into_owned().collect::<BTreeMap<_, _>>();
    let mut call = Call { query, ..Call::default() };
    if content_type.starts_with("multipart/form-data") {
        let mut request = Request::new(Body::from(bytes));
        if let Ok(value) = content_type.parse() {
            request.headers_mut().insert(header::CONTENT_TYPE, value);
        }
        request.extensions_mut().insert(axum::extract::DefaultBodyLimit::disable());
        (call.body, call.uploads) = multipart::read(request).await?;
    } else if !bytes.is_empty() {
        call.body = serde_json::from_slice(&bytes).map_err(|_| ApiError::from(INVALID_JSON))?;
    }
    Ok(call)
}

fn carry_out(
    core: &mut Core,
    exchange: &Exchange,
    call: Result<Call, ApiError>,
    authorization: Option<&str>,
) -> Outcome {
    let shown = exchange.shown_path();
    let found = match admit::find(core, &exchange.method, &exchange.path, &shown) {
        Ok(found) => found,
        Err(error) => return refused(core, exchange, &error),
    };
    if let Err(error) = admit::authorise(core, &found, authorization) {
        return refused(core, exchange, &error);
    }
    let mut call = match call {
        Ok(call) => call,
        Err(error) => return refused(core, exchange, &error),
    };
    call.params.clone_from(&found.params);
    let standing = match admit::count(core, &found, &call) {
        Verdict::Admitted(standing) => standing,
        Verdict::Limited(standing) => return limited(core, standing),
        Verdict::Global(wait_ms) => return stopped(core, wait_ms),
        Verdict::Banned(wait_ms) => return banned(wait_ms),
    };
    let mut outcome = match (found.route.answer)(core, &call) {
        Ok(Reply::Ok(body)) => plain(200, body),
        Ok(Reply::Created(body)) => plain(201, body),
        Ok(Reply::Nothing) => {
            Outcome { status: 204, headers: Vec::new(), body: Content::Nothing, code: None }
        }
        Err(error) => refused(core, exchange, &error),
    };
    if let Some(standing) = standing {
        outcome.headers.extend(rate_headers(&standing));
    }
    outcome
}

fn plain(status: u16, body: Value) -> Outcome {
    Outcome { status, headers: Vec::new(), body: Content::Json(body), code: None }
}

fn refused(core: &mut Core, exchange: &Exchange, error: &ApiError) -> Outcome {
    if matches!(error.status, 401 | 403 | 429) {
        let now = core.rate_clock.now_ms();
        core.rates.count_invalid(now);
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
        outcome.headers.push(("retry-after", wait.to_string()));
        outcome.headers.push(("x-ratelimit-scope", "user".to_owned()));
    }
    outcome
}

fn rate_headers(standing: &Standing) -> Vec<(&'static str, String)> {
    vec![
        ("x-ratelimit-limit", standing.limit.to_string()),
        ("x-ratelimit-remaining", standing.remaining.to_string()),
        ("x-ratelimit-reset", format!("{:.3}", seconds(standing.reset_ms))),
        ("x-ratelimit-reset-after", format!("{:.3}", seconds(standing.reset_after_ms))),
        ("x-ratelimit-bucket", format!("{:032x}", standing.bucket)),
    ]
}

fn limited(core: &mut Core, standing: Standing) -> Outcome {
    let now = core.rate_clock.now_ms();
    core.rates.count_invalid(now);
    let wait = seconds(standing.reset_after_ms);
    let mut outcome = limit_outcome(wait, false);
    outcome.headers.extend(rate_headers(&standing));
    outcome.headers.push(("x-ratelimit-scope", "user".to_owned()));
    outcome.headers.push(("retry-after", wait.to_string()));
    outcome
}

fn stopped(core: &mut Core, wait_ms: u64) -> Outcome {
    let now = core.rate_clock.now_ms();
    core.rates.count_invalid(now);
    let wait = seconds(wait_ms);
    let mut outcome = limit_outcome(wait, true);
    outcome.headers.push(("x-ratelimit-global", "true".to_owned()));
    outcome.headers.push(("x-ratelimit-scope", "global".to_owned()));
    outcome.headers.push(("retry-after", wait.to_string()));
    outcome
}

fn limit_outcome(wait: f64, global: bool) -> Outcome {
    let body = json!({"message": "You are being rate limited.", "retry_after": wait, "global": global});
    plain(429, body)
}

/// The ban for invalid requests comes from the proxy in front, as HTML.
fn banned(wait_ms: u64) -> Outcome {
    let headers = vec![("retry-after", wait_ms.div_ceil(1_000).to_string())];
    Outcome { status: 429, headers, body: Content::Html(HTML), code: None }
}

/// The answer of a fault that stands in front of everything; `None` where there is no answer.
fn broken(shared: &Shared, effect: &Effect) -> Option<Outcome> {
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
        Effect::RateLimitedHtml => {
            Some(Outcome { status: 429, headers: Vec::new(), body: Content::Html(HTML), code: None })
        }
        Effect::Endless => Some(plain(200, Value::Null)),
        _ => None,
    }
}

fn told_to_wait(shared: &Shared, scope: LimitScope, retry_after: Option<&str>) -> Outcome {
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
        let now = core.rate_clock.now_ms();
        core.rates.count_invalid(now);
    }
    outcome
}

fn respond(outcome: Option<Outcome>, effect: Option<Effect>, cut: &Cut) -> Response {
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
async fn hang(shared: &Shared, healed: u64) {
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

fn drip(bytes: Bytes) -> Body {
    let each = stream::iter(bytes).then(|byte| async move {
        tokio::time::sleep(Duration::from_secs(1)).await;
        Ok::<_, Infallible>(Bytes::from(vec![byte]))
    });
    Body::from_stream(each)
}

fn endless() -> Body {
    let chunk = Bytes::from(vec![b' '; 64 * 1024]);
    Body::from_stream(stream::repeat_with(move || Ok::<_, Infallible>(chunk.clone())))
}

fn truncated(bytes: &Bytes, cut: Cut) -> Body {
    let half = bytes.slice(..bytes.len() / 2);
    let parts = stream::iter([Some(half), None]).map(move |part| {
        part.ok_or_else(|| {
            cut.close();
            std::io::Error::other("cut off")
        })
    });
    Body::from_stream(parts)
}
