//! What an answer says about limits. Every figure comes from outside: none may panic, and none is believed without bounds.

use std::time::Duration;

use http::HeaderMap;
use serde::Deserialize;

/// No pause is longer than this without a new try: a figure may be absurd, and limits may be lifted early.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(15 * 60);

/// Whose limit a 429 names (topics/rate-limits, `X-RateLimit-Scope`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// This bot on this route.
    Route,
    /// Everybody on this resource: does not count as an invalid request.
    Shared,
    /// This bot on all routes.
    Global,
    /// Not Discord but the network before it: an HTML page with status 429. Nothing goes through, interactions included.
    Network,
}

/// What a 429 says about how long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// A usable figure, at most [`LONGEST_PAUSE`].
    After(Duration),
    /// No figure, or none that can be one: negative, zero, not a number.
    Unusable,
}

/// The limits that an answer tells of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RateHeaders {
    /// Requests in a window.
    pub limit: Option<u32>,
    /// Requests left in this window.
    pub remaining: Option<u32>,
    /// Until the window ends; at most [`LONGEST_PAUSE`].
    pub reset_after: Option<Duration>,
    /// The name of the limit, shared by the routes that count together.
    pub bucket: Option<String>,
}

#[derive(Deserialize)]
struct Refusal {
    retry_after: Option<f64>,
    #[serde(default)]
    global: bool,
}

impl RateHeaders {
    /// Reads the headers that every answer of Discord carries.
    #[must_use]
    pub fn read(headers: &HeaderMap) -> Self {
        Self {
            limit: text(headers, "x-ratelimit-limit").and_then(|value| value.parse().ok()),
            remaining: text(headers, "x-ratelimit-remaining").and_then(|value| value.parse().ok()),
            reset_after: text(headers, "x-ratelimit-reset-after").and_then(seconds),
            bucket: text(headers, "x-ratelimit-bucket")
                .filter(|name| !name.is_empty() && name.len() <= 64)
                .map(str::to_owned),
        }
    }
}

/// Whose limit a 429 names, and how long it asks to wait. The header comes first, then the body's float, then the window.
#[must_use]
pub fn read_429(headers: &HeaderMap, body: &[u8]) -> (Scope, RetryAfter) {
    let refusal = serde_json::from_slice::<Refusal>(body).ok();
    let asked = text(headers, "retry-after")
        .and_then(seconds)
        .or_else(|| refusal.as_ref().and_then(|refusal| refusal.retry_after).and_then(bounded))
        .or_else(|| text(headers, "x-ratelimit-reset-after").and_then(seconds))
        .map_or(RetryAfter::Unusable, RetryAfter::After);
    (scope(headers, refusal.as_ref()), asked)
}

fn scope(headers: &HeaderMap, refusal: Option<&Refusal>) -> Scope {
    let global = text(headers, "x-ratelimit-global").is_some_and(|value| value.eq_ignore_ascii_case("true"))
        || refusal.is_some_and(|refusal| refusal.global);
    match text(headers, "x-ratelimit-scope") {
        Some("global") => Scope::Global,
        _ if global => Scope::Global,
        Some("shared") => Scope::Shared,
        Some(_) => Scope::Route,
        // Discord's own 429 is JSON or names its limit; a page without either comes from the network before it.
        None if refusal.is_none() && !headers.contains_key("x-ratelimit-bucket") && is_page(headers) => {
            Scope::Network
        }
        None => Scope::Route,
    }
}

fn is_page(headers: &HeaderMap) -> bool {
    text(headers, "content-type").is_some_and(|kind| kind.starts_with("text/html"))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim)
}

fn seconds(text: &str) -> Option<Duration> {
    text.parse::<f64>().ok().and_then(bounded)
}

fn bounded(seconds: f64) -> Option<Duration> {
    // NaN fails the comparison; infinity is cut.
    (seconds > 0.0).then(|| Duration::from_secs_f64(seconds.min(LONGEST_PAUSE.as_secs_f64())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use proptest::prelude::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (http::HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
            .collect()
    }

    #[track_caller]
    fn check(pairs: &[(&'static str, &str)], body: &str, expected: (Scope, RetryAfter)) {
        assert_eq!(read_429(&headers(pairs), body.as_bytes()), expected, "{pairs:?} {body}");
    }

    fn after(seconds: f64) -> RetryAfter {
        RetryAfter::After(Duration::from_secs_f64(seconds))
    }

    #[test]
    fn every_kind_of_429_is_told_apart() {
        let user = r#"{"message": "You are being rate limited.", "retry_after": 0.75, "global": false}"#;
        check(&[("retry-after", "1"), ("x-ratelimit-scope", "user")], user, (Scope::Route, after(1.0)));
        check(&[("x-ratelimit-scope", "user")], user, (Scope::Route, after(0.75)));
        check(&[("retry-after", "2"), ("x-ratelimit-scope", "shared")], user, (Scope::Shared, after(2.0)));
        check(&[("retry-after", "3"), ("x-ratelimit-global", "true")], "", (Scope::Global, after(3.0)));
        check(&[], r#"{"retry_after": 4, "global": true}"#, (Scope::Global, after(4.0)));
        check(&[("content-type", "text/html"), ("retry-after", "5")], "<html>", (Scope::Network, after(5.0)));
        check(&[], "", (Scope::Route, RetryAfter::Unusable));
    }

    #[test]
    fn an_absurd_figure_is_bounded() {
        for text in ["0", "-1", "NaN", "-inf", "", "soon", "Mon, 23 Nov 2026 17:00:00 GMT", "0x10"] {
            check(&[("retry-after", text)], "", (Scope::Route, RetryAfter::Unusable));
        }
        for text in ["1e9", "inf", "999999999999999999999999"] {
            check(&[("retry-after", text)], "", (Scope::Route, RetryAfter::After(LONGEST_PAUSE)));
        }
        check(&[("retry-after", "-1")], r#"{"retry_after": 1e400}"#, (Scope::Route, RetryAfter::Unusable));
    }

    proptest! {
        #[test]
        fn no_answer_panics(name in "[ -~]{0,40}", body in any::<Vec<u8>>()) {
            let mut map = HeaderMap::new();
            for header in ["retry-after", "x-ratelimit-reset-after", "x-ratelimit-limit", "x-ratelimit-bucket"] {
                map.insert(header, HeaderValue::from_str(&name).unwrap());
            }
            let (_, asked) = read_429(&map, &body);
            if let RetryAfter::After(pause) = asked {
                prop_assert!(pause <= LONGEST_PAUSE);
            }
            let read = RateHeaders::read(&map);
            prop_assert!(read.reset_after.is_none_or(|pause| pause <= LONGEST_PAUSE));
        }
    }
}
