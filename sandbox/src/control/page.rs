//! The page: three files, nothing from elsewhere.

use axum::Router;
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::rest::Edge;

/// Scripts and styles from this address only; frames for panels from this address only.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
    frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

fn file(kind: &'static str, text: &'static str) -> Response {
    let headers: [(HeaderName, &str); 4] = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, text).into_response()
}

pub(super) fn routes() -> Router<Edge> {
    Router::new()
        .route("/", get(|| async { file("text/html; charset=utf-8", include_str!("../../page/index.html")) }))
        .route(
            "/page.css",
            get(|| async { file("text/css; charset=utf-8", include_str!("../../page/page.css")) }),
        )
        .route(
            "/page.js",
            get(|| async { file("text/javascript; charset=utf-8", include_str!("../../page/page.js")) }),
        )
}
