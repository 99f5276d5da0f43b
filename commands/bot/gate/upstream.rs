//! Where Discord is: the real one, or a Discord-compatible server that `DISCORD_API_BASE` names.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;
use thiserror::Error;
use watchpost_texts::say;

/// The address of the real Discord.
pub const DISCORD: &str = "https://discord.com";

/// A checked base address: scheme, host and port, nothing else. Parsed once, at the start.
#[derive(Clone, PartialEq, Eq)]
pub struct Upstream {
    base: Url,
}

/// Why a base address is refused.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum UpstreamError {
    /// Not an address at all.
    #[error(
        "{}", say!("the address of Discord cannot be read ({0}); write it like https://discord.com or http://127.0.0.1:8080", _0))]
    Unreadable(String),
    /// Neither http nor https.
    #[error("{}", say!("the address of Discord starts with `{0}:`; only https, or http on this machine, is possible", _0))]
    Scheme(String),
    /// Clear text over a network would show the bot token to everybody on the way.
    #[error(
        "{}", say!("http is only allowed for this machine, and `{0}` is another; use https, or the token could be read on the way", _0))]
    ClearText(String),
    /// Something other than scheme, host and port.
    #[error("{}", say!("the address of Discord ends at the port; remove `{0}` (Watchpost adds /api/v10 itself)", _0))]
    TooMuch(String),
}

impl Upstream {
    /// The real Discord.
    #[must_use]
    pub fn discord() -> Self {
        Self { base: Url::parse(DISCORD).expect("a constant that a test reads") }
    }

    /// Reads a base address such as `https://discord.com` or `http://127.0.0.1:8080`.
    ///
    /// # Errors
    /// Names what is wrong with it: unreadable, another scheme, clear text to another machine, or a path.
    pub fn parse(text: &str) -> Result<Self, UpstreamError> {
        let base = Url::parse(text.trim()).map_err(|error| UpstreamError::Unreadable(error.to_string()))?;
        let upstream = Self { base };
        match upstream.base.scheme() {
            "https" => {}
            "http" if upstream.is_loopback() => {}
            "http" => return Err(UpstreamError::ClearText(upstream.host().to_owned())),
            other => return Err(UpstreamError::Scheme(other.to_owned())),
        }
        match upstream.surplus() {
            Some(surplus) => Err(UpstreamError::TooMuch(surplus)),
            None => Ok(upstream),
        }
    }

    /// Whether the address is one of this machine. The name `localhost` is one (RFC 6761 section 6.3).
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback_host(self.host())
    }

    /// The host, without port.
    #[must_use]
    pub fn host(&self) -> &str {
        self.base.host_str().unwrap_or_default()
    }

    /// The full address of a path with its query, such as `/api/v10/gateway`.
    pub(crate) fn url(&self, path_and_query: &str) -> Option<Url> {
        let text = format!("{}{path_and_query}", self.base.as_str().trim_end_matches('/'));
        // A path such as `@other.example/` must not become another host.
        Url::parse(&text).ok().filter(|url| url.origin() == self.base.origin())
    }

    fn surplus(&self) -> Option<String> {
        if !self.base.username().is_empty() || self.base.password().is_some() {
            // The text itself may be a secret.
            return Some(say!("the user name and password").to_owned());
        }
        let path = self.base.path();
        if path != "/" {
            return Some(path.to_owned());
        }
        (self.base.query().is_some() || self.base.fragment().is_some())
            .then(|| say!("everything after the port").to_owned())
    }
}

impl fmt::Display for Upstream {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.base.as_str().trim_end_matches('/'))
    }
}

impl fmt::Debug for Upstream {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Upstream({self})")
    }
}

/// Whether a host of an address is this machine.
pub(crate) fn is_loopback_host(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, &str>) {
        let got =
            Upstream::parse(text).map(|upstream| upstream.to_string()).map_err(|error| error.to_string());
        match expected {
            Ok(address) => assert_eq!(got.as_deref(), Ok(address), "{text}"),
            Err(part) => assert!(got.as_ref().is_err_and(|said| said.contains(part)), "{text}: {got:?}"),
        }
    }

    #[test]
    fn only_https_or_this_machine() {
        check("https://discord.com", Ok("https://discord.com"));
        check("https://discord.example:8443/", Ok("https://discord.example:8443"));
        check("http://127.0.0.1:8080", Ok("http://127.0.0.1:8080"));
        check("http://[::1]:8080", Ok("http://[::1]:8080"));
        check("http://localhost:8080", Ok("http://localhost:8080"));
        check("http://discord.com", Err("http is only allowed for this machine"));
        check("http://127.0.0.1.example.org", Err("http is only allowed for this machine"));
        check("ftp://discord.com", Err("starts with `ftp:`"));
        check("discord.com", Err("cannot be read"));
        check("https://discord.com/api/v10", Err("remove `/api/v10`"));
        check("https://user:word@discord.com", Err("remove `the user name"));
        check("https://discord.com?a=b", Err("everything after the port"));
    }

    #[test]
    fn a_path_cannot_become_another_host() {
        let upstream = Upstream::parse("http://127.0.0.1:8080").expect("readable");
        assert!(upstream.url("/api/v10/gateway").is_some());
        assert!(upstream.url("@evil.example/").is_none());
        assert!(upstream.url(".evil.example/").is_none());
        assert_eq!(Upstream::discord().to_string(), DISCORD);
    }
}
