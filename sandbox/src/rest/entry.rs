//! Where requests come in and answers go out.

use std::collections::BTreeMap;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, Request, header};
use axum::response::Response;

use super::broken::{broken, carries_out, hang, respond};
use super::outcome::{Outcome, banned, limited, nothing, plain, rate_headers, refused, stopped};
use super::{Call, Reply, admit, multipart};
use crate::core::{Core, Shared};
use crate::error::{ApiError, BODY_TOO_LARGE, INVALID_JSON};
use crate::faults::Effect;
use crate::line::Cut;
use crate::rates::Verdict;
use crate::transcript::Exchange;

/// Ten files of 10 MiB and their frame.
const MOST_BYTES: usize = 105 * 1024 * 1024;

/// What the REST side is given.
#[derive(Clone)]
pub(crate) struct Edge {
    pub(crate) shared: Shared,
}

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
    core.settle();
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
    let mut outcome = match found.route.call(core, &call) {
        Ok(Reply::Ok(body)) => plain(200, body),
        Ok(Reply::Created(body)) => plain(201, body),
        Ok(Reply::Nothing) => nothing(),
        Err(error) => refused(core, exchange, &error),
    };
    if let Some(standing) = standing {
        outcome.headers.extend(rate_headers(&standing));
    }
    outcome
}
