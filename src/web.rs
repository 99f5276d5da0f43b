//! The status page, its feed and its summary, and whether Watchpost itself is well.
//!
//! 1. [`public`] makes the public picture of all incidents: only what users were told, and what works.
//! 2. [`page`], [`atom`] and [`summary`] write it as HTML, as a feed and as JSON.
//! 3. The routes below serve them with an ETag, without scripts, and with a policy that lets none in.
//!
//! The public picture is a type of its own: what it has no field for cannot be published.

pub mod atom;
pub mod page;
pub mod public;
pub mod summary;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::config::{Config, Organisation};
use crate::desk::Desk;
use crate::store::StoreError;

/// No script, no frame, nothing from elsewhere; the one style sheet stands in the page.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";
/// How long a stalled store may keep a reader waiting.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the page is made from.
pub struct Web {
    desk: Arc<Desk>,
    organisation: Organisation,
    /// Where people reach it; stands in the feed.
    address: String,
}

impl Web {
    /// Prepares the pages; nothing listens yet.
    pub fn new(desk: Arc<Desk>, config: &Config) -> Arc<Self> {
        let address = config.web.public_url.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned());
        Arc::new(Web {
            desk,
            organisation: config.organisation.clone(),
            address: address.unwrap_or_default(),
        })
    }

    /// All routes.
    pub fn router(self: Arc<Self>) -> Router {
        Router::new()
            .route("/", get(html))
            .route("/feed.atom", get(feed))
            .route("/api/v2/summary.json", get(json))
            .route("/livez", get(async || "alive\n"))
            .route("/readyz", get(ready))
            .with_state(self)
    }

    async fn picture(&self) -> Result<public::Picture, StoreError> {
        let now = self.desk.clock().now();
        public::picture(&self.desk, &self.organisation.name, now).await
    }
}

/// Serves until `stop` becomes true.
///
/// # Errors
/// Where the address cannot be listened on.
pub async fn serve(
    web: Arc<Web>,
    listen: SocketAddr,
    mut stop: watch::Receiver<bool>,
) -> std::io::Result<()> {
    let listener = TcpListener::bind(listen).await?;
    let stopped = async move {
        // The sender is gone only when everything stops.
        let _ = stop.wait_for(|stop| *stop).await;
    };
    axum::serve(listener, web.router()).with_graceful_shutdown(stopped).await
}

async fn html(State(web): State<Arc<Web>>, headers: HeaderMap) -> Response {
    match picture(&web).await {
        Ok(picture) => {
            let body = page::write(&picture, web.organisation.time_zone);
            answer(&headers, "text/html; charset=utf-8", body)
        }
        Err(response) => response,
    }
}

async fn feed(State(web): State<Arc<Web>>, headers: HeaderMap) -> Response {
    match picture(&web).await {
        Ok(picture) => {
            let body = atom::write(&picture, &web.address, web.organisation.time_zone);
            answer(&headers, "application/atom+xml; charset=utf-8", body)
        }
        Err(response) => response,
    }
}

async fn json(State(web): State<Arc<Web>>, headers: HeaderMap) -> Response {
    match picture(&web).await {
        Ok(picture) => answer(&headers, "application/json", summary::write(&picture, &web.address)),
        Err(response) => response,
    }
}

/// Whether the store answers. Never a reason to restart: a restart on a full disk loses what is in memory.
async fn ready(State(web): State<Arc<Web>>) -> Response {
    match tokio::time::timeout(PATIENCE, web.desk.store().last_seq()).await {
        Ok(Ok(_)) => (StatusCode::OK, "ready\n").into_response(),
        Ok(Err(_)) | Err(_) => {
            (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer\n").into_response()
        }
    }
}

async fn picture(web: &Web) -> Result<public::Picture, Response> {
    let unavailable = || {
        let text = "The status cannot be shown at the moment. Please try again in a minute.\n";
        (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
    };
    match tokio::time::timeout(PATIENCE, web.picture()).await {
        Ok(Ok(picture)) => Ok(picture),
        Ok(Err(error)) => {
            tracing::warn!(%error, "the status page could not be made");
            Err(unavailable())
        }
        Err(_) => Err(unavailable()),
    }
}

fn answer(asked: &HeaderMap, kind: &'static str, body: String) -> Response {
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    let tag = format!("\"{:016x}\"", hasher.finish());
    let known = asked.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let mut response = match known {
        Some(known) if known == tag => StatusCode::NOT_MODIFIED.into_response(),
        _ => body.into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=15"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}
