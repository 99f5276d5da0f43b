//! Login: AUTH PLAIN (RFC 4616) and AUTH LOGIN, the steps without the verdict.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::reply::Reply;

/// What is awaited from the client.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Plain,
    LoginName,
    LoginPassword(String),
}

/// What comes of a step.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Say 334 with this, and await the next step.
    Ask(&'static str, Step),
    /// See whether these are right.
    Try {
        login: String,
        password: String,
    },
    Refuse(Reply),
}

/// Begins with the mechanism and the initial response.
pub(crate) fn begin(mechanism: &str, initial: Option<&str>) -> Outcome {
    match (mechanism, initial) {
        ("PLAIN", None) => Outcome::Ask("", Step::Plain),
        ("PLAIN", Some(response)) => go_on(Step::Plain, response),
        // "Username:" and "Password:", which every client of this undocumented mechanism awaits.
        ("LOGIN", None) => Outcome::Ask("VXNlcm5hbWU6", Step::LoginName),
        ("LOGIN", Some(response)) => go_on(Step::LoginName, response),
        _ => Outcome::Refuse(Reply::new(504, "5.5.4", "Mechanism is not supported")),
    }
}

/// Goes on with the client's next line.
pub(crate) fn go_on(step: Step, response: &str) -> Outcome {
    if response == "*" {
        return Outcome::Refuse(Reply::new(501, "5.7.0", "Authentication cancelled"));
    }
    let Some(decoded) = decode(response) else {
        return Outcome::Refuse(Reply::new(501, "5.5.2", "Response is not base64"));
    };
    match step {
        Step::LoginName => Outcome::Ask("UGFzc3dvcmQ6", Step::LoginPassword(decoded)),
        Step::LoginPassword(login) => Outcome::Try { login, password: decoded },
        Step::Plain => match plain(&decoded) {
            Some((login, password)) => Outcome::Try { login, password },
            None => Outcome::Refuse(Reply::new(501, "5.5.2", "Response cannot be read")),
        },
    }
}

/// Reads the message of PLAIN: authorisation identity, NUL, login, NUL, password.
pub(crate) fn plain(decoded: &str) -> Option<(String, String)> {
    let mut parts = decoded.split('\0');
    let (_, login, password) = (parts.next()?, parts.next()?, parts.next()?);
    parts.next().is_none().then(|| (login.to_owned(), password.to_owned()))
}

/// Base64 of UTF-8; a single `=` is the empty response (RFC 4954 §4).
pub(crate) fn decode(response: &str) -> Option<String> {
    if response == "=" {
        return Some(String::new());
    }
    String::from_utf8(BASE64_STANDARD.decode(response).ok()?).ok()
}
