//! Login over SMTP (RFC 4954): AUTH PLAIN, LOGIN and XOAUTH2, the steps without the verdict.

use super::reply::Reply;
use crate::login::{Credentials, Mechanism, TOKEN_REFUSED, decode};

/// What is awaited from the client.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// All in one message.
    Message(Mechanism),
    LoginName,
    LoginPassword(String),
    /// An empty line, after which the token is refused for good.
    TokenRefused,
}

/// What comes of a step.
pub(super) enum Outcome {
    /// Say 334 with this, and await the next step.
    Ask(&'static str, Step),
    /// See whether these are right.
    Try(Credentials),
    Refuse(Reply),
}

/// Begins with the mechanism, in capitals, and the initial response.
pub(super) fn begin(mechanism: &str, initial: Option<&str>) -> Outcome {
    // "Username:", which every client of this undocumented mechanism awaits.
    let (challenge, first) = match (mechanism, Mechanism::by_name(mechanism)) {
        (_, Some(mechanism)) => ("", Step::Message(mechanism)),
        ("LOGIN", None) => ("VXNlcm5hbWU6", Step::LoginName),
        _ => return Outcome::Refuse(Reply::new(504, "5.5.4", "Mechanism is not supported")),
    };
    match initial {
        None => Outcome::Ask(challenge, first),
        Some(response) => go_on(first, response),
    }
}

/// Goes on with the client's next line.
pub(super) fn go_on(step: Step, response: &str) -> Outcome {
    let unreadable = || Outcome::Refuse(Reply::new(501, "5.5.2", "Response cannot be read"));
    if response == "*" {
        return Outcome::Refuse(Reply::new(501, "5.7.0", "Authentication cancelled"));
    }
    match step {
        Step::Message(mechanism) => mechanism.read(response).map_or_else(unreadable, Outcome::Try),
        // "Password:"
        Step::LoginName => decode(response)
            .map_or_else(unreadable, |login| Outcome::Ask("UGFzc3dvcmQ6", Step::LoginPassword(login))),
        Step::LoginPassword(login) => decode(response)
            .map_or_else(unreadable, |password| Outcome::Try(Credentials::password(login, password))),
        Step::TokenRefused => Outcome::Refuse(wrong()),
    }
}

/// What a refused token is answered with: first the reason, then, after an empty line, the refusal.
pub(super) fn refuse_token() -> Outcome {
    Outcome::Ask(TOKEN_REFUSED, Step::TokenRefused)
}

/// The refusal of a wrong password or token.
pub(super) fn wrong() -> Reply {
    Reply::new(535, "5.7.8", "Authentication credentials invalid")
}
