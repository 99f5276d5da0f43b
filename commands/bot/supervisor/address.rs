//! Whether the gateway that REST names is the right one, and whether a session may be started. Pure.
//!
//! serenity falls back silently to the real Discord when it does not get an address; a bot under test would then log in
//! there. So nothing is started before an address was given, and it must belong to the Discord that is configured.

use std::time::Duration;

use reqwest::Url;
use thiserror::Error;
use watchpost_texts::say;

use crate::bot::gate::{Upstream, is_loopback_host};

/// Below this, sessions are left to whoever has to mend things: at none left Discord resets the token
/// (events/gateway, "Session Start Limit").
pub const SESSIONS_KEPT: u64 = 50;

/// Why an address is refused.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum AddressError {
    /// Not an address.
    #[error("{}", say!("Discord named a gateway address that cannot be read; nothing was started"))]
    Unreadable,
    /// Neither ws nor wss.
    #[error("{}", say!("Discord named a gateway address that starts with `{0}:` instead of `wss:`; nothing was started", _0))]
    Scheme(String),
    /// Clear text to another machine.
    #[error(
        "{}", say!("Discord named a gateway without encryption on `{0}`; nothing was started, as the token would be readable", _0))]
    ClearText(String),
    /// Somebody else's.
    #[error("{}", say!("`{upstream}` named a gateway on `{gateway}`, which does not belong to it; nothing was started"))]
    Foreign {
        /// The Discord that is configured.
        upstream: String,
        /// The host that it named.
        gateway: String,
    },
}

/// Checks the address of a gateway against the Discord that is configured.
///
/// # Errors
/// Names why the token must not be sent there.
pub fn vet(text: &str, upstream: &Upstream) -> Result<Url, AddressError> {
    let url = Url::parse(text).map_err(|_| AddressError::Unreadable)?;
    let host = url.host_str().unwrap_or_default().to_owned();
    match url.scheme() {
        "wss" => {}
        "ws" if is_loopback_host(&host) => {}
        "ws" => return Err(AddressError::ClearText(host)),
        other => return Err(AddressError::Scheme(other.to_owned())),
    }
    if belongs(&host, upstream) && url.username().is_empty() && url.password().is_none() {
        Ok(url)
    } else {
        Err(AddressError::Foreign { upstream: upstream.to_string(), gateway: host })
    }
}

fn belongs(gateway: &str, upstream: &Upstream) -> bool {
    if upstream.is_loopback() {
        return is_loopback_host(gateway);
    }
    let (host, gateway) = (upstream.host().to_ascii_lowercase(), gateway.to_ascii_lowercase());
    // The real Discord keeps its gateway under another name than its REST.
    let home = if is_under(&host, "discord.com") { "discord.gg" } else { host.as_str() };
    is_under(&gateway, home)
}

fn is_under(host: &str, domain: &str) -> bool {
    host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

/// Whether a session may be started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionStart {
    /// Enough are left.
    Allowed,
    /// Too few are left; they come back after this.
    WaitFor(Duration),
}

/// Judges what `GET /gateway/bot` says. `remaining` of `total`, back to the full number in `reset_after_millis`.
#[must_use]
pub fn may_start(remaining: u64, total: u64, reset_after_millis: u64) -> SessionStart {
    // A server with a small total (not Discord) is not locked out for ever.
    if remaining >= SESSIONS_KEPT.min(total / 2) && remaining > 0 {
        return SessionStart::Allowed;
    }
    let day = Duration::from_secs(24 * 60 * 60);
    SessionStart::WaitFor(Duration::from_millis(reset_after_millis).clamp(Duration::from_secs(60), day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(upstream: &str, gateway: &str, expected: Option<&str>) {
        let upstream = Upstream::parse(upstream).unwrap();
        let said = vet(gateway, &upstream).err().map(|error| error.to_string());
        match expected {
            None => assert_eq!(said, None, "{gateway}"),
            Some(part) => {
                assert!(said.as_ref().is_some_and(|said| said.contains(part)), "{gateway}: {said:?}");
            }
        }
    }

    #[test]
    fn only_the_gateway_of_the_configured_discord() {
        let real = "https://discord.com";
        check(real, "wss://gateway.discord.gg", None);
        check(real, "wss://gateway-us-east1-b.discord.gg/", None);
        check(real, "wss://gateway.discord.gg.example.org", Some("does not belong"));
        check(real, "wss://evildiscord.gg", Some("does not belong"));
        check(real, "wss://user@gateway.discord.gg", Some("does not belong"));
        check(real, "ws://gateway.discord.gg", Some("without encryption"));
        check(real, "ws://127.0.0.1:8080", Some("does not belong"));
        check(real, "https://gateway.discord.gg", Some("starts with `https:`"));
        check(real, "", Some("cannot be read"));
        check("https://discord.example", "wss://gateway.discord.example", None);
        check("https://discord.example", "wss://gateway.discord.gg", Some("does not belong"));
    }

    #[test]
    fn loopback_stays_loopback() {
        check("http://127.0.0.1:8080", "ws://127.0.0.1:8081", None);
        check("http://127.0.0.1:8080", "ws://localhost:8081/ws/", None);
        check("http://127.0.0.1:8080", "wss://gateway.discord.gg", Some("does not belong"));
        check("http://127.0.0.1:8080", "ws://192.0.2.1:8081", Some("without encryption"));
    }

    #[test]
    fn the_last_fifty_sessions_are_kept() {
        let hour = 3_600_000;
        assert_eq!(may_start(1000, 1000, hour), SessionStart::Allowed);
        assert_eq!(may_start(50, 1000, hour), SessionStart::Allowed);
        assert_eq!(may_start(49, 1000, hour), SessionStart::WaitFor(Duration::from_secs(3600)));
        assert_eq!(may_start(0, 1000, 0), SessionStart::WaitFor(Duration::from_secs(60)));
        assert_eq!(may_start(0, 0, u64::MAX), SessionStart::WaitFor(Duration::from_secs(86_400)));
        assert_eq!(may_start(6, 10, hour), SessionStart::Allowed);
    }
}
