//! Keeps other web pages out: what acts must be JSON, and the name that was asked for must be this machine's.

use axum::extract::Request;
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

/// Refuses names that another page could point at loopback (DNS rebinding), and forms that another page could send.
pub(super) async fn only_this_machine(request: Request, next: Next) -> Response {
    match refusal(&request) {
        Some((status, text)) => (status, text).into_response(),
        None => next.run(request).await,
    }
}

fn refusal(request: &Request) -> Option<(StatusCode, &'static str)> {
    let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let host = text(header::HOST);
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if !matches!(name, "127.0.0.1" | "localhost") {
        return Some((StatusCode::FORBIDDEN, "Open the sandbox as http://127.0.0.1."));
    }
    let is_json = text(header::CONTENT_TYPE).starts_with("application/json");
    let is_foreign = request.method() == Method::POST && !is_json;
    is_foreign.then_some((StatusCode::UNSUPPORTED_MEDIA_TYPE, "Send application/json."))
}
