//! Whether the gate may send a request again by itself. Only where a second time does no harm: what was certainly not
//! carried out, and methods that mean the same twice. A POST that may have been carried out goes back to the caller:
//! only the outbox knows its nonce and can look into the channel. Pure.

use std::time::Duration;

use http::Method;

use super::answer::{NotSent, Unknown};

/// Tries of one call.
const TRIES: u32 = 3;

/// What came back from one try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// An answer below 500, other than 429.
    Fine,
    /// 429: Discord has not carried it out (topics/rate-limits).
    Limited,
    /// 500 and above.
    ServerError,
    /// Nothing was sent.
    NotConnected,
    /// Sent, without a usable answer.
    Lost(Unknown),
}

/// What the gate does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Discord's answer goes to the caller.
    HandOver,
    /// It waits for its turn again.
    TurnAgain,
    /// It tries again after this pause (before jitter).
    Again(Duration),
    /// The caller learns that nothing was carried out.
    NotSent(NotSent),
    /// The caller learns that nobody knows.
    Unknown(Unknown),
}

/// Decides after the n-th try. `troubled`: Discord has failed for a while, so the callers' own patience must do.
#[must_use]
pub fn decide(method: &Method, seen: Seen, tries: u32, pause: Duration, troubled: bool) -> Step {
    let again = Step::Again(pause * 4_u32.pow(tries.saturating_sub(1).min(TRIES)));
    let may_try = tries < TRIES && !troubled;
    let harmless = *method != Method::POST;
    match seen {
        Seen::Fine => Step::HandOver,
        Seen::Limited => Step::TurnAgain,
        Seen::NotConnected if may_try => again,
        Seen::NotConnected => Step::NotSent(NotSent::NoConnection),
        Seen::ServerError if harmless && may_try => again,
        Seen::ServerError => Step::HandOver,
        // It would be as large again.
        Seen::Lost(Unknown::TooLarge) => Step::Unknown(Unknown::TooLarge),
        Seen::Lost(_) if harmless && may_try => again,
        Seen::Lost(reason) => Step::Unknown(reason),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAUSE: Duration = Duration::from_millis(500);

    #[track_caller]
    fn check(method: Method, seen: Seen, tries: u32, troubled: bool, expected: Step) {
        assert_eq!(
            decide(&method, seen, tries, PAUSE, troubled),
            expected,
            "{method} {seen:?} {tries} {troubled}"
        );
    }

    #[test]
    fn a_post_that_may_have_been_carried_out_is_never_sent_again() {
        for reason in [Unknown::Silent, Unknown::Cut, Unknown::Unreadable, Unknown::TooLarge] {
            check(Method::POST, Seen::Lost(reason), 1, false, Step::Unknown(reason));
        }
        check(Method::POST, Seen::ServerError, 1, false, Step::HandOver);
    }

    #[test]
    fn what_was_certainly_not_carried_out_is_sent_again() {
        check(Method::POST, Seen::Limited, 9, true, Step::TurnAgain);
        check(Method::POST, Seen::NotConnected, 1, false, Step::Again(PAUSE));
        check(Method::POST, Seen::NotConnected, 2, false, Step::Again(PAUSE * 4));
        check(Method::POST, Seen::NotConnected, 3, false, Step::NotSent(NotSent::NoConnection));
        check(Method::POST, Seen::NotConnected, 1, true, Step::NotSent(NotSent::NoConnection));
    }

    #[test]
    fn what_means_the_same_twice_is_tried_three_times_while_discord_is_well() {
        for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE] {
            check(method.clone(), Seen::ServerError, 1, false, Step::Again(PAUSE));
            check(method.clone(), Seen::ServerError, 3, false, Step::HandOver);
            check(method.clone(), Seen::ServerError, 1, true, Step::HandOver);
            check(method.clone(), Seen::Lost(Unknown::Cut), 2, false, Step::Again(PAUSE * 4));
            check(method.clone(), Seen::Lost(Unknown::Cut), 3, false, Step::Unknown(Unknown::Cut));
            check(method.clone(), Seen::Lost(Unknown::TooLarge), 1, false, Step::Unknown(Unknown::TooLarge));
            check(method, Seen::Fine, 1, false, Step::HandOver);
        }
    }
}
