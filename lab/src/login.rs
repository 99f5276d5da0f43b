//! Who somebody says to be: credentials, and the messages of SASL that carry them.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// A login name and what proves it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Credentials {
    pub(crate) login: String,
    pub(crate) secret: Secret,
}

impl Credentials {
    pub(crate) fn password(login: impl Into<String>, password: impl Into<String>) -> Self {
        Self { login: login.into(), secret: Secret::Password(password.into()) }
    }
}

/// What proves a login.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Secret {
    Password(String),
    /// A bearer token (RFC 6750).
    Token(String),
}

/// A mechanism whose client says everything in one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mechanism {
    /// RFC 4616.
    Plain,
    /// What large providers use in the place of OAUTHBEARER (RFC 7628), which came too late.
    Xoauth2,
}

/// What a server says about a token that it does not take, before it refuses: `{"status":"401"}`.
pub(crate) const TOKEN_REFUSED: &str = "eyJzdGF0dXMiOiI0MDEifQ==";

impl Mechanism {
    pub(crate) fn by_name(name: &str) -> Option<Self> {
        match name.to_ascii_uppercase().as_str() {
            "PLAIN" => Some(Self::Plain),
            "XOAUTH2" => Some(Self::Xoauth2),
            _ => None,
        }
    }

    /// Reads the client's message in base64.
    pub(crate) fn read(self, response: &str) -> Option<Credentials> {
        let message = decode(response)?;
        match self {
            Self::Plain => plain(&message),
            Self::Xoauth2 => xoauth2(&message),
        }
    }
}

/// Base64 of UTF-8; a single `=` is the empty response (RFC 4954 §4).
pub(crate) fn decode(response: &str) -> Option<String> {
    if response == "=" {
        return Some(String::new());
    }
    String::from_utf8(BASE64_STANDARD.decode(response).ok()?).ok()
}

/// Authorisation identity, NUL, login, NUL, password.
fn plain(message: &str) -> Option<Credentials> {
    match message.split('\0').collect::<Vec<_>>().as_slice() {
        [_, login, password] => Some(Credentials::password(*login, *password)),
        _ => None,
    }
}

/// `user=…`, 0x01, `auth=Bearer …`, 0x01, 0x01.
fn xoauth2(message: &str) -> Option<Credentials> {
    let (user, auth) = message.strip_suffix("\u{1}\u{1}")?.split_once('\u{1}')?;
    let token = auth.strip_prefix("auth=Bearer ")?.to_owned();
    Some(Credentials { login: user.strip_prefix("user=")?.to_owned(), secret: Secret::Token(token) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(mechanism: Mechanism, message: &str, expected: Option<(&str, Secret)>) {
        let found = mechanism.read(&BASE64_STANDARD.encode(message));
        let expected = expected.map(|(login, secret)| Credentials { login: login.to_owned(), secret });
        assert!(found == expected, "{message:?} is read wrongly");
    }

    #[test]
    fn messages_are_read() {
        let password = |text: &str| Secret::Password(text.to_owned());
        let token = |text: &str| Secret::Token(text.to_owned());
        check(Mechanism::Plain, "\0bob\0pass", Some(("bob", password("pass"))));
        check(Mechanism::Plain, "alice\0bob\0", Some(("bob", password(""))));
        check(Mechanism::Plain, "bob\0pass", None);
        check(Mechanism::Plain, "\0bob\0pa\0ss", None);
        check(Mechanism::Xoauth2, "user=bob\u{1}auth=Bearer abc\u{1}\u{1}", Some(("bob", token("abc"))));
        check(Mechanism::Xoauth2, "user=bob\u{1}auth=Basic abc\u{1}\u{1}", None);
        check(Mechanism::Xoauth2, "user=bob\u{1}auth=Bearer abc", None);
        assert!(Mechanism::Plain.read("not base64").is_none());
        assert_eq!(BASE64_STANDARD.encode("{\"status\":\"401\"}"), TOKEN_REFUSED);
    }
}
