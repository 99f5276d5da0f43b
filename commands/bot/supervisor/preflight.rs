//! Before a client is built: the gateway's address must have been given and be the right one, and sessions must be left.

use std::time::Duration;

use reqwest::Url;
use serenity::http::Http;

use super::address::{self, AddressError, SessionStart};
use super::decide::Fatal;
use crate::bot::gate::{NotSent, RestFailure, Upstream};

/// What the questions before the start have brought.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Preflight {
    /// A client may connect there.
    Go(Url),
    /// Too few sessions are left; they come back after this.
    NoSessions(Duration),
    /// Discord did not answer; ask again later.
    NoAnswer,
    /// Nothing may be started.
    Never(Fatal),
}

/// Asks `GET /gateway` and `GET /gateway/bot`.
pub(crate) async fn ask(http: &Http, upstream: &Upstream) -> Preflight {
    let gateway = match http.get_gateway().await {
        Ok(gateway) => gateway,
        Err(error) => return unanswered(&error),
    };
    let limit = match http.get_bot_gateway().await {
        Ok(bot) => bot.session_start_limit,
        Err(error) => return unanswered(&error),
    };
    let start = address::may_start(limit.remaining, limit.total, limit.reset_after);
    judge(address::vet(&gateway.url, upstream), start)
}

fn judge(address: Result<Url, AddressError>, start: SessionStart) -> Preflight {
    match (address, start) {
        (Err(error), _) => {
            tracing::error!(%error, "the gateway of Discord is not used");
            Preflight::Never(Fatal::Address)
        }
        (Ok(_), SessionStart::WaitFor(pause)) => Preflight::NoSessions(pause),
        (Ok(url), SessionStart::Allowed) => Preflight::Go(url),
    }
}

fn unanswered(error: &serenity::Error) -> Preflight {
    match RestFailure::read(error) {
        RestFailure::Refused { status: 401, .. } | RestFailure::NotSent(NotSent::Revoked) => {
            Preflight::Never(Fatal::Token)
        }
        _ => Preflight::NoAnswer,
    }
}
