//! The page of the demonstration: the chat, and beside it the tour, the mail service, the status page and what was
//! received. Static files without any build step, over the stand-in Discord's own paths.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use watchpost::clock::Clock;
use watchpost_lab::Lab;

use super::received::{self, Received};

/// Scripts, styles and pictures from this address only, and nothing that runs in a text.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
    frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// The status page within a frame of this page: as it is served elsewhere, but for who may frame it.
const FRAMED: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; frame-ancestors 'self'";
/// Longest step of the clock.
const LONGEST_STEP: Duration = Duration::from_secs(24 * 60 * 60);

/// What the page asks for beside the chat.
#[derive(Clone)]
pub struct Page {
    /// Where the status page is served.
    pub status_page: String,
    /// The clock of the whole demonstration.
    pub clock: Clock,
    /// What arrived outside Discord.
    pub received: Arc<Received>,
    /// Where the management's mail arrives.
    pub lab: Arc<Lab>,
}

/// The routes below `/demo`.
pub fn router(page: Page) -> Router {
    const HTML: &str = "text/html; charset=utf-8";
    const JS: &str = "text/javascript; charset=utf-8";
    let fixed: [(&str, &'static str, &'static str); 11] = [
        ("/", HTML, include_str!("page/index.html")),
        ("/page.css", "text/css; charset=utf-8", include_str!("page/page.css")),
        ("/icon.svg", "image/svg+xml", include_str!("page/icon.svg")),
        ("/main.js", JS, include_str!("page/main.js")),
        ("/api.js", JS, include_str!("page/api.js")),
        ("/dom.js", JS, include_str!("page/dom.js")),
        ("/markup.js", JS, include_str!("page/markup.js")),
        ("/messages.js", JS, include_str!("page/messages.js")),
        ("/composer.js", JS, include_str!("page/composer.js")),
        ("/beside.js", JS, include_str!("page/beside.js")),
        ("/tour.js", JS, include_str!("page/tour.js")),
    ];
    let files = fixed.into_iter().fold(Router::new(), |router, (path, kind, text)| {
        router.route(path, get(move || async move { file(kind, POLICY, text) }))
    });
    files
        .route("/about.json", get(about))
        .route("/status/", get(status))
        .route("/status/report", post(report))
        .route("/later", post(later))
        .route("/received.json", get(received::list))
        .route("/hooks/partners", post(received::take))
        .with_state(page)
}

fn file(kind: &'static str, policy: &'static str, text: impl IntoResponse) -> Response {
    let headers: [(HeaderName, &str); 4] = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, text).into_response()
}

async fn about(State(page): State<Page>) -> Response {
    axum::Json(serde_json::json!({ "status_page": page.status_page })).into_response()
}

/// The status page as it is now.
async fn status(State(page): State<Page>) -> Response {
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(3)).build();
    let fetched = async { client.ok()?.get(&page.status_page).send().await.ok()?.text().await.ok() };
    match fetched.await {
        Some(text) => file("text/html; charset=utf-8", FRAMED, text),
        None => (StatusCode::BAD_GATEWAY, "The status page does not answer yet.\n").into_response(),
    }
}

/// A form of the status page, sent on to it.
async fn report(State(page): State<Page>, body: Bytes) -> Response {
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build();
    let kind = "application/x-www-form-urlencoded";
    let sent = async {
        let request = client.ok()?.post(format!("{}report", page.status_page));
        request.header(header::CONTENT_TYPE, kind).body(body).send().await.ok()?.text().await.ok()
    };
    match sent.await {
        Some(text) => file("text/html; charset=utf-8", FRAMED, text),
        None => (StatusCode::BAD_GATEWAY, "The status page does not answer.\n").into_response(),
    }
}

#[derive(Deserialize)]
struct Later {
    #[serde(default)]
    minutes: u64,
    #[serde(default)]
    seconds: u64,
}

/// Moves the clock on: what is due by then happens now.
async fn later(State(page): State<Page>, axum::Json(asked): axum::Json<Later>) -> Response {
    let asked = Duration::from_secs(asked.minutes.saturating_mul(60).saturating_add(asked.seconds));
    page.clock.step(asked.min(LONGEST_STEP));
    StatusCode::NO_CONTENT.into_response()
}
