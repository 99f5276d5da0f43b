//! From a method and a path to a route that may be called.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

use super::{Call, Needs, Route, TABLE};
use crate::core::{Core, Violation};
use crate::error::{ApiError, NOT_IMPLEMENTED, UNAUTHORIZED};
use crate::rates::{Bucket, Verdict};

/// Where a path leads.
pub(crate) struct Found {
    pub(crate) route: &'static Route,
    pub(crate) params: BTreeMap<&'static str, String>,
    number: u16,
}

/// Finds the route. One that is unknown to the sandbox is a violation: what the bot relies on is not played here.
pub(crate) fn find(core: &mut Core, method: &str, path: &str, shown: &str) -> Result<Found, ApiError> {
    let parts: Vec<_> = inner(path).split('/').filter(|part| !part.is_empty()).collect();
    let numbered = TABLE.iter().copied().flatten().zip(0_u16..);
    let mut best: Option<Found> = None;
    for (route, number) in numbered {
        let Some(params) = matched(route.pattern, &parts) else {
            continue;
        };
        let better = best.as_ref().is_none_or(|best| params.len() < best.params.len());
        if route.method == method && better {
            best = Some(Found { route, params, number });
        }
    }
    if let Some(found) = best {
        return Ok(found);
    }
    core.violate(Violation::UnknownRoute { method: method.to_owned(), path: shown.to_owned() });
    Err(NOT_IMPLEMENTED.into())
}

/// The path behind `/api` and the version.
fn inner(path: &str) -> &str {
    let rest = path.strip_prefix("/api").unwrap_or(path);
    rest.strip_prefix("/v10").unwrap_or(rest)
}

fn matched(pattern: &'static str, parts: &[&str]) -> Option<BTreeMap<&'static str, String>> {
    let wanted: Vec<_> = pattern.split('/').collect();
    if wanted.len() != parts.len() {
        return None;
    }
    let mut params = BTreeMap::new();
    for (wanted, part) in wanted.into_iter().zip(parts) {
        match wanted.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) => {
                params.insert(name, percent_decode_str(part).decode_utf8_lossy().into_owned());
            }
            None if wanted == *part => {}
            None => return None,
        }
    }
    Some(params)
}

/// Checks the token.
pub(crate) fn authorise(core: &Core, found: &Found, authorization: Option<&str>) -> Result<(), ApiError> {
    if found.route.needs == Needs::Nothing {
        return Ok(());
    }
    let token = authorization.and_then(|text| text.strip_prefix("Bot "));
    if token == Some(core.token.as_str()) && !core.token_revoked { Ok(()) } else { Err(UNAUTHORIZED.into()) }
}

/// Counts the request.
pub(crate) fn count(core: &mut Core, found: &Found, call: &Call) -> Verdict {
    let bucket = found.route.bucket.unwrap_or(Bucket::Other(found.number));
    let now = core.rate_clock.now_ms();
    let major = ["channel", "guild", "webhook", "token"].map(|name| call.text(name)).join("/");
    let limits = core.settings.rate_limits.clone();
    core.rates.admit(&limits, bucket, &major, now)
}
