//! The door on loopback. Every program on this machine can knock, so a request must carry the bot's own token, which
//! serenity puts on each (also on those that Discord would let in by a token in the path). Who knows it could speak to
//! Discord without the gate, so the door gives nobody more than he has; a second secret would add nothing.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, header};
use sha2::{Digest, Sha256};
use tokio::time::{Instant, timeout_at};

use super::answer::{Answer, NotSent};
use super::call::{self, Call};
use super::form;
use super::forward::{self, Outgoing};
use super::route;
use super::shared::Shared;

/// Before the path of every request that nobody waits for; see [`super::Gate::http`].
pub(crate) const BACKGROUND: &str = "/background";

#[derive(Clone)]
pub(crate) struct Door {
    pub shared: Arc<Shared>,
    /// The digest of the one `Authorization` that is let in: compared instead of the text, the time taken tells nothing.
    pub key: [u8; 32],
}

pub(crate) fn digest(authorization: &[u8]) -> [u8; 32] {
    Sha256::digest(authorization).into()
}

pub(crate) fn router(door: Door) -> Router {
    Router::new().fallback(receive).with_state(door)
}

async fn receive(State(door): State<Door>, request: Request) -> Response {
    let arrived = Instant::now();
    match admit(&door, request, arrived).await {
        Ok((call, _place)) => call::perform(&door.shared, &call).await.into_response(),
        Err(reason) => door.shared.not_sent(reason).into_response(),
    }
}

async fn admit(
    door: &Door,
    request: Request,
    arrived: Instant,
) -> Result<(Call, tokio::sync::SemaphorePermit<'_>), NotSent> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let (background, path) = match path.strip_prefix(BACKGROUND) {
        Some(rest) => (true, rest),
        None => (false, path),
    };
    if !is_ours(&parts.headers, &door.key) || !path.starts_with("/api/") {
        return Err(NotSent::NotOurs);
    }
    let place = door.shared.calls.try_acquire().map_err(|_| NotSent::QueueFull)?;
    let route = route::read(&parts.method, path, background);
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let outgoing = Outgoing {
        path_and_query: path.to_owned(),
        headers: forward::outgoing_headers(&parts.headers),
        body: form::with_text_ids(kind, whole(body, &door.shared, arrived).await?),
        method: parts.method,
    };
    Ok((Call { route, outgoing, arrived }, place))
}

fn is_ours(headers: &HeaderMap, key: &[u8; 32]) -> bool {
    headers.get(header::AUTHORIZATION).is_some_and(|value| digest(value.as_bytes()) == *key)
}

async fn whole(body: Body, shared: &Shared, arrived: Instant) -> Result<Bytes, NotSent> {
    let reading = axum::body::to_bytes(body, shared.limits.request_bytes);
    let read = timeout_at(arrived + shared.limits.attempt, reading).await.map_err(|_| NotSent::TooLate)?;
    read.map_err(|_| NotSent::TooLarge)
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        (self.status, self.headers, self.body).into_response()
    }
}
