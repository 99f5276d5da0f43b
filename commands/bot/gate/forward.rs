//! One try: the request goes to Discord, and its answer comes back within bounds or not at all.

use axum::body::Bytes;
use http::{HeaderMap, HeaderName, Method, StatusCode, header};
use serde::de::IgnoredAny;
use tokio::time::{Instant, timeout_at};

use super::GateError;
use super::answer::{Answer, Unknown};
use super::headers::{RateHeaders, read_429};
use super::limits::Limits;
use super::queue::Outcome;
use super::retry::Seen;
use super::upstream::Upstream;

/// What is handed on of a request. Everything else concerns only the way to the gate.
const REQUEST_HEADERS: [HeaderName; 4] = [
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    header::USER_AGENT,
    HeaderName::from_static("x-audit-log-reason"),
];

/// A request as it goes out, any number of times.
#[derive(Clone)]
pub(crate) struct Outgoing {
    pub method: Method,
    pub path_and_query: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// What one try brought.
pub(crate) struct Try {
    pub seen: Seen,
    pub outcome: Outcome,
    pub answer: Option<Answer>,
}

/// The client that speaks to Discord.
pub(crate) fn client(upstream: &Upstream, limits: &Limits) -> Result<reqwest::Client, GateError> {
    let builder = reqwest::Client::builder()
        .connect_timeout(limits.connect)
        // A redirect would carry the token to whoever is named.
        .redirect(reqwest::redirect::Policy::none());
    // A proxy of the environment is for the way out, never for this machine.
    let builder = if upstream.is_loopback() { builder.no_proxy() } else { builder.https_only(true) };
    builder.build().map_err(|error| GateError::Client(error.without_url().to_string()))
}

/// The headers that go out.
pub(crate) fn outgoing_headers(received: &HeaderMap) -> HeaderMap {
    let kept = |name: HeaderName| received.get(&name).map(|value| (name, value.clone()));
    REQUEST_HEADERS.into_iter().filter_map(kept).collect()
}

/// Sends once; ends at `until` whatever the other side does.
pub(crate) async fn send(
    client: &reqwest::Client,
    upstream: &Upstream,
    outgoing: &Outgoing,
    most: usize,
    until: Instant,
) -> Try {
    let Some(url) = upstream.url(&outgoing.path_and_query) else {
        return Try::lost(Seen::NotConnected);
    };
    let request = client
        .request(outgoing.method.clone(), url)
        .headers(outgoing.headers.clone())
        .body(outgoing.body.clone());
    match timeout_at(until, exchange(request, most)).await {
        Ok(Ok(answer)) => Try::judge(outgoing, answer),
        Ok(Err(seen)) => Try::lost(seen),
        Err(_) => Try::lost(Seen::Lost(Unknown::Silent)),
    }
}

async fn exchange(request: reqwest::RequestBuilder, most: usize) -> Result<Answer, Seen> {
    let mut response = request.send().await.map_err(|error| seen(&error))?;
    let (status, headers) = (response.status(), answer_headers(response.headers()));
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| seen(&error))? {
        if body.len() + chunk.len() > most {
            return Err(Seen::Lost(Unknown::TooLarge));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, headers, body: body.into() })
}

fn seen(error: &reqwest::Error) -> Seen {
    if error.is_connect() { Seen::NotConnected } else { Seen::Lost(Unknown::Cut) }
}

fn answer_headers(received: &HeaderMap) -> HeaderMap {
    let mine = |name: &HeaderName| {
        *name == header::CONTENT_TYPE
            || *name == header::RETRY_AFTER
            || name.as_str().starts_with("x-ratelimit-")
    };
    received
        .iter()
        .filter(|(name, _)| mine(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

impl Try {
    /// A try without an answer.
    pub(crate) fn lost(seen: Seen) -> Self {
        Self { seen, outcome: Outcome::Unanswered, answer: None }
    }

    fn judge(outgoing: &Outgoing, answer: Answer) -> Self {
        let told = RateHeaders::read(&answer.headers);
        let (seen, outcome) = match answer.status {
            StatusCode::TOO_MANY_REQUESTS => {
                let (scope, asked) = read_429(&answer.headers, &answer.body);
                (Seen::Limited, Outcome::Limited(scope, asked, told))
            }
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                (Seen::Fine, Outcome::Invalid(told, answer.status.as_u16()))
            }
            status if status.is_server_error() => (Seen::ServerError, Outcome::Answered(told)),
            status if status.is_success() && !is_json(outgoing, &answer) => {
                (Seen::Lost(Unknown::Unreadable), Outcome::Answered(told))
            }
            // Discord's API does not redirect: somebody else has answered.
            status if status.is_redirection() => (Seen::Lost(Unknown::Unreadable), Outcome::Answered(told)),
            _ => (Seen::Fine, Outcome::Answered(told)),
        };
        Self { seen, outcome, answer: Some(answer) }
    }
}

/// A success without a body (204), or with a body that is JSON to its end.
fn is_json(outgoing: &Outgoing, answer: &Answer) -> bool {
    let empty = answer.body.is_empty()
        && (answer.status == StatusCode::NO_CONTENT || outgoing.method == Method::DELETE);
    empty || serde_json::from_slice::<IgnoredAny>(&answer.body).is_ok()
}
