//! Other monitors tell what they find: `POST /hooks/<name>`, signed.
//!
//! 1. A sender that asks too often is turned away by its address, before anything else is looked at.
//! 2. The signature is compared in constant time: HMAC-SHA256 over `id.timestamp.body`, as in Standard Webhooks. The
//!    moment must be within five minutes. Alertmanager, which cannot sign, may show the key as a bearer token.
//! 3. The message's id is remembered with what it causes, in the same commit: sent again, it causes nothing, also after
//!    a restart.
//! 4. What it says becomes a finding of a configured service.

mod message;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use super::Web;
use crate::book::BookRequest;
use crate::book::watch::{Foreign, WatchRequest};
use crate::clock::UtcMs;
use crate::config::{Hook, HookKind};
use crate::desk::Entering;
use crate::ids::ServiceName;
use crate::incident::event::Origin;
use crate::person::Actor;
use crate::refusal::Refusal;
use crate::store::DedupeKey;
use message::Said;

/// The largest message.
pub const LARGEST: usize = 64 * 1024;
/// How far the sender's clock may be from ours, in seconds.
const DRIFT: i64 = 300;
/// Messages of one address in one minute.
const MOST: u32 = 60;
/// Addresses that are counted; more of them share one count.
const ADDRESSES: usize = 1_000;

/// How often each address has asked in this minute.
#[derive(Debug, Default)]
pub struct Limiter(Mutex<(i64, BTreeMap<IpAddr, u32>)>);

impl Limiter {
    /// Whether one more is let in.
    fn lets_in(&self, from: IpAddr, now: UtcMs) -> bool {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let minute = now.0.div_euclid(60_000);
        if kept.0 != minute {
            *kept = (minute, BTreeMap::new());
        }
        let known = kept.1.contains_key(&from) || kept.1.len() < ADDRESSES;
        let shared = IpAddr::from([0, 0, 0, 0]);
        let count = kept.1.entry(if known { from } else { shared }).or_insert(0);
        *count += 1;
        *count <= MOST
    }
}

/// Why a message is not taken. What is wrong with a signature is not told to the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NotTaken {
    /// Not signed, or not by the key.
    Unsigned,
    /// Signed at another time.
    Stale,
}

/// Says whether a message is signed by one of the keys, and gives its id.
fn signed(keys: &[&str], headers: &HeaderMap, body: &[u8], now: UtcMs) -> Result<String, NotTaken> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let (Some(id), Some(at), Some(given)) =
        (header("webhook-id"), header("webhook-timestamp"), header("webhook-signature"))
    else {
        return Err(NotTaken::Unsigned);
    };
    let seconds: i64 = at.parse().map_err(|_| NotTaken::Unsigned)?;
    if id.is_empty() || id.len() > 200 {
        return Err(NotTaken::Unsigned);
    }
    let given: Vec<Vec<u8>> =
        given.split(' ').take(4).filter_map(|one| STANDARD.decode(one.strip_prefix("v1,")?).ok()).collect();
    let fits = |key: &&str| {
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes a key of any length");
        mac.update(format!("{id}.{at}.").as_bytes());
        mac.update(body);
        // `verify_slice` compares in constant time.
        given.iter().any(|given| mac.clone().verify_slice(given).is_ok())
    };
    if !keys.iter().any(fits) {
        return Err(NotTaken::Unsigned);
    }
    if (now.seconds() - seconds).abs() > DRIFT {
        return Err(NotTaken::Stale);
    }
    Ok(id.to_owned())
}

/// Whether the key itself is shown; compared by its MAC, so that the time tells nothing.
fn bears(keys: &[&str], headers: &HeaderMap) -> bool {
    let shown = headers.get("authorization").and_then(|value| value.to_str().ok());
    let Some(shown) = shown.and_then(|value| value.strip_prefix("Bearer ")) else { return false };
    let mac = |text: &str| {
        let mut mac = Hmac::<Sha256>::new_from_slice(b"bearer").expect("HMAC takes a key of any length");
        mac.update(text.as_bytes());
        mac
    };
    let shown = mac(shown).finalize().into_bytes();
    keys.iter().any(|key| mac(key).verify_slice(&shown).is_ok())
}

pub(super) async fn take(
    State(web): State<Arc<Web>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let now = web.desk.clock().now();
    if !web.limiter.lets_in(peer.ip(), now) {
        return (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "60")]).into_response();
    }
    let Some(hook) = web.hooks.iter().find(|hook| hook.name == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let keys: Vec<&str> = hook.keys.iter().map(|key| key.expose()).collect();
    let id = match signed(&keys, &headers, &body, now) {
        Ok(id) => Some(id),
        Err(NotTaken::Unsigned) if hook.kind == HookKind::Alertmanager && bears(&keys, &headers) => None,
        Err(not_taken) => {
            tracing::warn!(hook = name, ?not_taken, "a message from another monitor is not taken");
            return StatusCode::UNAUTHORIZED.into_response();
        }
    };
    let said = match message::read(hook.kind, &body) {
        Ok(said) => said,
        Err(why) => return (StatusCode::UNPROCESSABLE_ENTITY, why).into_response(),
    };
    match enter(&web, hook, id, said).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(Refusal::NothingNew(_)) => StatusCode::NO_CONTENT.into_response(),
        Err(Refusal::NotStored(_) | Refusal::Fault(_)) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Err(refusal) => (StatusCode::UNPROCESSABLE_ENTITY, refusal.to_string()).into_response(),
    }
}

/// All that a message says; each part once, whatever becomes of the others.
async fn enter(web: &Web, hook: &Hook, id: Option<String>, said: Vec<Said>) -> Result<(), Refusal> {
    let policy = web.desk.policy();
    for (part, one) in said.into_iter().enumerate() {
        let asked = one.service.clone().map(ServiceName).or_else(|| hook.service.clone());
        let only = (policy.services.len() == 1).then(|| policy.services[0].clone());
        let service = asked.clone().or(only).filter(|name| policy.services.contains(name));
        let service = service.ok_or_else(|| Refusal::NoSuchService {
            asked: asked.map_or_else(|| "none".to_owned(), |name| name.0.chars().take(80).collect()),
            known: policy.services.clone(),
        })?;
        let once = id.as_ref().map(|id| DedupeKey(format!("hook/{}/{id}/{part}", hook.name)));
        let once = once.or_else(|| {
            one.begun
                .as_ref()
                .map(|begun| DedupeKey(format!("hook/{}/{}/{begun}/{}", hook.name, one.key, one.firing)))
        });
        let request = WatchRequest::Foreign(Foreign {
            service,
            source: hook.name.clone(),
            key: one.key,
            text: one.text,
            firing: one.firing,
        });
        let entering = Entering {
            actor: Actor::Watchpost,
            origin: Origin::Check,
            once,
            request: BookRequest::Watch(request),
        };
        match web.desk.enter(entering).await {
            Ok(_) | Err(Refusal::NothingNew(_)) => {}
            Err(refusal) => return Err(refusal),
        }
    }
    Ok(())
}
