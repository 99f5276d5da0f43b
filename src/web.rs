//! The status page, its feed and its summary, and whether Watchpost itself is well.
//!
//! 1. [`public`] makes the public picture of all incidents: only what users were told, and what works.
//! 2. [`page`], [`atom`] and [`summary`] write it as HTML, as a feed and as JSON.
//! 3. The routes below serve them with an ETag, without scripts, and with a policy that lets none in.
//! 4. What is sent by the forms of the page becomes a report ([`form`]).
//!
//! The public picture is a type of its own: what it has no field for cannot be published.

pub mod atom;
pub mod form;
pub mod hooks;
pub mod metrics;
pub mod page;
pub mod pages;
pub mod public;
pub mod summary;

#[cfg(test)]
mod tests;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::watch;
use watchpost_texts::say;

use self::form::NotTaken;
use self::page::Forms;
use self::pages::Pages;
use crate::config::{Config, Hook};
use crate::desk::Desk;
use crate::monitor::Monitor;

/// No script, no frame, nothing from elsewhere; the one style sheet stands in the page.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; \
                      form-action 'self'; frame-ancestors 'none'";
/// Longest body of a form, in bytes: a text of 2,000 characters, each of up to four bytes in three signs.
const LARGEST_FORM: usize = 32 * 1024;
/// How long a stalled store may keep a reader waiting.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the page is made from.
pub struct Web {
    desk: Arc<Desk>,
    pages: Pages,
    guard: form::Guard,
    /// Who watches; none where nobody does.
    monitor: OnceLock<Arc<Monitor>>,
    /// Other monitors that may tell what they find.
    hooks: Vec<Hook>,
    limiter: hooks::Limiter,
}

impl Web {
    /// Prepares the pages; nothing listens yet.
    pub fn new(desk: Arc<Desk>, config: &Config) -> Arc<Self> {
        Arc::new(Web {
            desk,
            pages: Pages::of(config),
            guard: form::Guard::new(),
            monitor: OnceLock::new(),
            hooks: config.hooks.clone(),
            limiter: hooks::Limiter::default(),
        })
    }

    /// From now on health and metrics say how the watching goes.
    pub fn watches(&self, monitor: Arc<Monitor>) {
        // Set once, at the start.
        let _ = self.monitor.set(monitor);
    }

    /// All routes.
    pub fn router(self: Arc<Self>) -> Router {
        Router::new()
            .route("/", get(html))
            .route("/feed.atom", get(feed))
            .route("/api/v2/summary.json", get(json))
            .route("/report", post(report))
            .layer(DefaultBodyLimit::max(LARGEST_FORM))
            .route("/livez", get(async || "alive\n"))
            .route("/readyz", get(ready))
            .route("/ready", get(ready))
            .route("/health", get(metrics::health))
            .route("/metrics", get(metrics::metrics))
            .route("/hooks/{name}", post(hooks::take).layer(DefaultBodyLimit::max(hooks::LARGEST)))
            .with_state(self)
    }
}

/// Serves until `stop` becomes true.
///
/// # Errors
/// Where the address cannot be listened on.
pub async fn serve(web: Arc<Web>, listen: SocketAddr, stop: watch::Receiver<bool>) -> std::io::Result<()> {
    serve_on(web, TcpListener::bind(listen).await?, stop).await
}

async fn serve_on(
    web: Arc<Web>,
    listener: TcpListener,
    mut stop: watch::Receiver<bool>,
) -> std::io::Result<()> {
    let stopped = async move {
        // The sender is gone only when everything stops.
        let _ = stop.wait_for(|stop| *stop).await;
    };
    let service = web.router().into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(stopped).await
}

async fn html(State(web): State<Arc<Web>>, headers: HeaderMap) -> Response {
    match picture(&web).await {
        Ok(picture) => {
            let now = web.desk.clock().now();
            let forms = Forms { token: web.guard.token(now) };
            let body = web.pages.html(&picture, now, Some(&forms));
            answer(&headers, "text/html; charset=utf-8", body)
        }
        Err(response) => response,
    }
}

async fn feed(State(web): State<Arc<Web>>, headers: HeaderMap) -> Response {
    match picture(&web).await {
        Ok(picture) => answer(&headers, "application/atom+xml; charset=utf-8", web.pages.atom(&picture)),
        Err(response) => response,
    }
}

async fn json(State(web): State<Arc<Web>>, headers: HeaderMap) -> Response {
    match picture(&web).await {
        Ok(picture) => answer(&headers, "application/json", web.pages.json(&picture)),
        Err(response) => response,
    }
}

/// Takes a form of the page.
async fn report(
    State(web): State<Arc<Web>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let now = web.desk.clock().now();
    let sent = form::Sent::read(&String::from_utf8_lossy(&body));
    let reader = form::reader(peer, &headers);
    let admitted = web.guard.admits(&headers, &sent.token, now);
    let (status, title, lines) = match admitted.and_then(|()| web.guard.counts(reader, now)) {
        Err(why) => refused(why),
        Ok(()) => match picture(&web).await {
            Ok(picture) => {
                let zone = web.pages.organisation().time_zone;
                let by = (&web.guard, reader);
                let (title, lines) = form::enter(&web.desk, &picture, zone, &sent, by).await;
                (StatusCode::OK, title, lines)
            }
            Err(response) => return response,
        },
    };
    let body = page::answer(&web.pages.organisation().name, title, &lines);
    let mut response = answer(&HeaderMap::new(), "text/html; charset=utf-8", body);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn refused(why: NotTaken) -> (StatusCode, &'static str, Vec<String>) {
    let (status, text) = match why {
        NotTaken::Foreign => (
            StatusCode::FORBIDDEN,
            say!("This form was sent from another page. Open the status page, and send it from there."),
        ),
        NotTaken::Stale => (
            StatusCode::FORBIDDEN,
            say!("This form lay open for too long. Load the status page again, and send it from there."),
        ),
        NotTaken::TooMany => (
            StatusCode::TOO_MANY_REQUESTS,
            say!("Too many reports came from your network. It is known by now; please wait ten minutes."),
        ),
    };
    (status, say!("Not taken"), vec![text.to_owned()])
}

/// Whether the store answers. Never a reason to restart: a restart on a full disk loses what is in memory.
async fn ready(State(web): State<Arc<Web>>) -> Response {
    match tokio::time::timeout(PATIENCE, web.desk.store().last_seq()).await {
        Ok(Ok(_)) => (StatusCode::OK, "ready\n").into_response(),
        Ok(Err(_)) | Err(_) => {
            (StatusCode::SERVICE_UNAVAILABLE, say!("the store does not answer\n")).into_response()
        }
    }
}

async fn picture(web: &Web) -> Result<public::Picture, Response> {
    let unavailable = || {
        let text = say!("The status cannot be shown at the moment. Please try again in a minute.\n");
        (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
    };
    match tokio::time::timeout(PATIENCE, web.pages.picture(&web.desk)).await {
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
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=15"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}
