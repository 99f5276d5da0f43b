//! What the gate itself answers, and how whoever called through serenity reads it again.
//!
//! serenity shows of a refusal only the status and Discord's `code` and `message`. So every answer of the gate carries
//! a code of its own, far above Discord's (six digits), and [`RestFailure::read`] turns a serenity error back into what
//! the outbox must know: was it carried out, was it not, or can nobody tell?

use axum::body::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serenity::http::HttpError;
use thiserror::Error;
use watchpost_texts::say;

/// Why a request was certainly not carried out.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq, Hash)]
pub enum NotSent {
    /// Discord no longer knows the token.
    #[error(
        "{}", say!("Discord no longer accepts the bot token; nothing was sent. Put a new token into the configuration and restart"))]
    Revoked,
    /// The breaker is open.
    #[error(
        "{}", say!("Discord refused too many requests in ten minutes; nothing was sent. Watchpost tries again by itself every minute"))]
    TooManyInvalid,
    /// Discord has asked for a pause that is longer than a call may wait.
    #[error("{}", say!("Discord asks for a pause; nothing was sent. Try again later"))]
    Paused,
    /// The calls before this one took too long.
    #[error("{}", say!("the requests before this one took too long; nothing was sent. Try again"))]
    TooLate,
    /// Too many calls at once.
    #[error("{}", say!("too many requests are waiting; nothing was sent. Try again"))]
    QueueFull,
    /// No connection to Discord.
    #[error("{}", say!("Discord cannot be reached; nothing was sent. Check the network of this machine"))]
    NoConnection,
    /// The request is larger than Discord takes.
    #[error("{}", say!("the request is larger than Discord takes; nothing was sent. Attach less"))]
    TooLarge,
    /// It did not carry the bot's token, or its path is not one.
    #[error("{}", say!("the request does not come from this bot; nothing was sent"))]
    NotOurs,
    /// serenity refused to build it: too long, or malformed.
    #[error("{}", say!("the request could not be built; nothing was sent"))]
    NotBuilt,
}

/// Why nobody can tell whether a request was carried out.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq, Hash)]
pub enum Unknown {
    /// No answer in time.
    #[error("{}", say!("Discord did not answer in time; whether the request was carried out is not known"))]
    Silent,
    /// The connection broke.
    #[error("{}", say!("the connection broke before the answer; whether the request was carried out is not known"))]
    Cut,
    /// The answer is not what Discord answers.
    #[error("{}", say!("the answer could not be read; whether the request was carried out is not known"))]
    Unreadable,
    /// The answer did not end.
    #[error("{}", say!("the answer was too large to be read; whether the request was carried out is not known"))]
    TooLarge,
    /// A server error: Discord may have carried it out before it failed.
    #[error("{}", say!("Discord answered with an error of its own; whether the request was carried out is not known"))]
    ServerError,
}

/// What a failed call means for whoever made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestFailure {
    /// Not carried out; it may be sent again.
    NotSent(NotSent),
    /// Discord has refused it: not carried out, and the same request would be refused again.
    Refused {
        /// The HTTP status.
        status: u16,
        /// Discord's own code, such as 10008; 0 or -1 where it gave none.
        code: i64,
    },
    /// Perhaps carried out.
    Unknown(Unknown),
}

/// An answer for serenity: Discord's own, or one of the gate.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

const NOT_SENT: [(NotSent, i64, StatusCode); 9] = [
    (NotSent::Revoked, 9_100_001, StatusCode::SERVICE_UNAVAILABLE),
    (NotSent::TooManyInvalid, 9_100_002, StatusCode::SERVICE_UNAVAILABLE),
    (NotSent::Paused, 9_100_003, StatusCode::SERVICE_UNAVAILABLE),
    (NotSent::TooLate, 9_100_004, StatusCode::SERVICE_UNAVAILABLE),
    (NotSent::QueueFull, 9_100_005, StatusCode::SERVICE_UNAVAILABLE),
    (NotSent::NoConnection, 9_100_006, StatusCode::BAD_GATEWAY),
    (NotSent::TooLarge, 9_100_007, StatusCode::PAYLOAD_TOO_LARGE),
    (NotSent::NotOurs, 9_100_008, StatusCode::FORBIDDEN),
    (NotSent::NotBuilt, 9_100_009, StatusCode::BAD_REQUEST),
];

const UNKNOWN: [(Unknown, i64, StatusCode); 5] = [
    (Unknown::Silent, 9_200_001, StatusCode::GATEWAY_TIMEOUT),
    (Unknown::Cut, 9_200_002, StatusCode::BAD_GATEWAY),
    (Unknown::Unreadable, 9_200_003, StatusCode::BAD_GATEWAY),
    (Unknown::TooLarge, 9_200_004, StatusCode::BAD_GATEWAY),
    (Unknown::ServerError, 9_200_005, StatusCode::BAD_GATEWAY),
];

impl Answer {
    pub(crate) fn not_sent(reason: NotSent) -> Self {
        let (_, code, status) = NOT_SENT[NOT_SENT.iter().position(|row| row.0 == reason).unwrap_or_default()];
        Self::of_the_gate(status, code, &reason.to_string())
    }

    pub(crate) fn unknown(reason: Unknown) -> Self {
        let (_, code, status) = UNKNOWN[UNKNOWN.iter().position(|row| row.0 == reason).unwrap_or_default()];
        Self::of_the_gate(status, code, &reason.to_string())
    }

    fn of_the_gate(status: StatusCode, code: i64, message: &str) -> Self {
        let body = serde_json::json!({ "code": code, "message": message }).to_string();
        let json = HeaderValue::from_static("application/json");
        Self { status, headers: HeaderMap::from_iter([(header::CONTENT_TYPE, json)]), body: body.into() }
    }
}

impl RestFailure {
    /// Reads what a failed call through the gate means.
    #[must_use]
    pub fn read(error: &serenity::Error) -> Self {
        match error {
            serenity::Error::Http(HttpError::UnsuccessfulRequest(refusal)) => {
                let code = i64::try_from(refusal.error.code).unwrap_or(-1);
                Self::from_answer(refusal.status_code.as_u16(), code)
            }
            // The way to the gate itself, inside this machine.
            serenity::Error::Http(HttpError::Request(error)) if error.is_connect() => {
                Self::NotSent(NotSent::NoConnection)
            }
            serenity::Error::Http(HttpError::Request(error)) if error.is_timeout() => {
                Self::Unknown(Unknown::Silent)
            }
            serenity::Error::Http(HttpError::Request(error)) if error.is_decode() => {
                Self::Unknown(Unknown::Unreadable)
            }
            serenity::Error::Http(HttpError::Request(_)) => Self::Unknown(Unknown::Cut),
            // Carried out, but the answer does not have the fields that serenity wants.
            serenity::Error::Json(_) => Self::Unknown(Unknown::Unreadable),
            _ => Self::NotSent(NotSent::NotBuilt),
        }
    }

    /// The same, from status and code of an answer.
    pub(crate) fn from_answer(status: u16, code: i64) -> Self {
        let not_sent = NOT_SENT.iter().find(|row| row.1 == code).map(|row| Self::NotSent(row.0));
        let unknown = UNKNOWN.iter().find(|row| row.1 == code).map(|row| Self::Unknown(row.0));
        match not_sent.or(unknown) {
            Some(failure) => failure,
            // 30046, too many edits of an old message, comes as a 429, but waiting does not help.
            None if status == 429 && code == 30_046 => Self::Refused { status, code },
            None if status == 429 => Self::NotSent(NotSent::Paused),
            None if status >= 500 => Self::Unknown(Unknown::ServerError),
            None => Self::Refused { status, code },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(status: u16, code: i64, expected: RestFailure) {
        assert_eq!(RestFailure::from_answer(status, code), expected, "{status} {code}");
    }

    #[test]
    fn what_the_gate_says_is_read_again() {
        for (reason, code, status) in NOT_SENT {
            check(status.as_u16(), code, RestFailure::NotSent(reason));
            assert!(String::from_utf8_lossy(&Answer::not_sent(reason).body).contains(&code.to_string()));
        }
        for (reason, code, status) in UNKNOWN {
            check(status.as_u16(), code, RestFailure::Unknown(reason));
            assert!(String::from_utf8_lossy(&Answer::unknown(reason).body).contains(&code.to_string()));
        }
    }

    #[test]
    fn discords_own_answers_are_told_apart() {
        check(404, 10_008, RestFailure::Refused { status: 404, code: 10_008 });
        check(403, 50_013, RestFailure::Refused { status: 403, code: 50_013 });
        check(503, -1, RestFailure::Unknown(Unknown::ServerError));
        check(429, 0, RestFailure::NotSent(NotSent::Paused));
    }

    #[test]
    fn a_message_that_serenity_does_not_build_was_not_sent() {
        let too_long = serenity::Error::Model(serenity::model::ModelError::MessageTooLong(1));
        assert_eq!(RestFailure::read(&too_long), RestFailure::NotSent(NotSent::NotBuilt));
    }
}
