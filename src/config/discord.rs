//! `[discord]`: how the bot reaches Discord.

use std::path::PathBuf;

use super::environment::VariableName;
use super::error::Wrong;
use super::key::{AnyKey, Key, Section};
use super::read::Table;
use super::secret::{Secret, SecretSource};
use super::value::{FromValue, Item, parsed};

static TOKEN_ENV: Key<VariableName> =
    Key::new("token_env", "The environment variable that holds the bot's token.")
        .default("\"DISCORD_TOKEN\"")
        .on_restart();
static TOKEN_FILE: Key<PathBuf> =
    Key::new("token_file", "A file that holds the token, in place of the variable.")
        .example("\"${CREDENTIALS_DIRECTORY}/discord-token\"")
        .on_restart();
static API_BASE: Key<ApiBase> = Key::new(
    "api_base",
    "Where Discord's interface is. The variable DISCORD_API_BASE goes before it. Plain http is taken for this machine \
     only: the token travels there.",
)
.default("\"https://discord.com\"")
.on_restart();

const KEYS: &[&dyn AnyKey] = &[&TOKEN_ENV, &TOKEN_FILE, &API_BASE];

pub(super) const SECTION: Section =
    Section { heading: "discord", meaning: "How Watchpost reaches Discord.", keys: KEYS };

/// The variable that goes before `discord.api_base`.
const API_BASE_VARIABLE: &str = "DISCORD_API_BASE";

/// How the bot reaches Discord.
#[derive(Debug, Clone)]
pub struct Discord {
    /// The token; `None` where the variable is not set, so that checks and exports work without one.
    pub token: Option<Secret>,
    /// Where the token lies or should lie.
    pub token_source: SecretSource,
    /// Where Discord's interface is.
    pub api_base: ApiBase,
}

/// Scheme, host and port of a Discord, without a path: `https://discord.com`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiBase(String);

impl ApiBase {
    /// Reads a base address.
    ///
    /// # Errors
    /// [`BadApiBase`] if the token would travel in clear text to another machine, or the text is no base address.
    pub fn parse(text: &str) -> Result<Self, BadApiBase> {
        let url = reqwest::Url::parse(text).map_err(|_| BadApiBase::Form)?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let host = url.host_str().filter(|_| bare && url.username().is_empty() && url.password().is_none());
        match (url.scheme(), host) {
            ("https", Some(_)) => {}
            ("http", Some(host)) if is_loopback(host) => {}
            ("http", Some(_)) => return Err(BadApiBase::ClearText),
            _ => return Err(BadApiBase::Form),
        }
        Ok(Self(url.as_str().trim_end_matches('/').to_owned()))
    }

    /// The base without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is Discord itself, not a stand-in.
    pub fn is_discord(&self) -> bool {
        self.0 == "https://discord.com"
    }
}

/// Whether a host of a URL is this machine. `localhost` is refused: a resolver may answer it with anything.
pub(super) fn is_loopback(host: &str) -> bool {
    host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Why a text is not a base address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadApiBase {
    /// Not a scheme, a host and perhaps a port.
    #[error("it must be https:// and a host, without a path")]
    Form,
    /// http to another machine.
    #[error("plain http would show the token to the network, and is taken for 127.0.0.1 and [::1] only")]
    ClearText,
}

impl FromValue for ApiBase {
    const KIND: &'static str = "a base address such as \"https://discord.com\"";

    fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
        parsed(item, Self::KIND, Self::parse)
    }
}

pub(super) fn read(root: &Table<'_>) -> Option<Discord> {
    let table = root.section("discord", KEYS, &[]);
    let api_base = table.overridden(&API_BASE, API_BASE_VARIABLE);
    let (variable, file) = (table.required(&TOKEN_ENV)?, table.optional(&TOKEN_FILE)?);
    let (token, token_source) = match file {
        Some(path) => (table.secret(&TOKEN_ENV, &TOKEN_FILE)?, SecretSource::File(path)),
        None => (table.secret_if_set(variable.clone()), SecretSource::Variable(variable)),
    };
    Some(Discord { token, token_source, api_base: api_base? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, BadApiBase>) {
        assert_eq!(ApiBase::parse(text).as_ref().map(ApiBase::as_str), expected.as_ref().copied(), "{text}");
    }

    #[test]
    fn the_token_never_travels_in_clear_text_to_another_machine() {
        check("https://discord.com", Ok("https://discord.com"));
        check("https://discord.com/", Ok("https://discord.com"));
        check("http://127.0.0.1:8080", Ok("http://127.0.0.1:8080"));
        check("http://[::1]:8080/", Ok("http://[::1]:8080"));
        check("http://127.1:80", Ok("http://127.0.0.1"));
        check("http://discord.com", Err(BadApiBase::ClearText));
        check("http://localhost:8080", Err(BadApiBase::ClearText));
        check("http://127.0.0.1.example.org", Err(BadApiBase::ClearText));
        check("http://192.168.1.4", Err(BadApiBase::ClearText));
        check("http://127.0.0.1@example.org", Err(BadApiBase::Form));
        check("https://discord.com/api", Err(BadApiBase::Form));
        check("ftp://discord.com", Err(BadApiBase::Form));
        check("discord.com", Err(BadApiBase::Form));
    }
}
