//! What a failed delivery means: try again, look whether it arrived, or tell somebody what to mend.

use std::time::Duration;

use watchpost::outbox::{Delivery, Post};
use watchpost_texts::say;

use crate::bot::gate::{NotSent, RestFailure};

/// The thread of a message exists already (topics/opcodes-and-status-codes, JSON error codes; so are all below).
pub(super) const THREAD_EXISTS: i64 = 160_004;
/// The thread is archived.
pub(super) const ARCHIVED: i64 = 50_083;
/// The message is published already.
pub(super) const PUBLISHED: i64 = 40_033;
/// The message is gone.
const UNKNOWN_MESSAGE: i64 = 10_008;
/// Too many edits of a message older than an hour.
const OLD_MESSAGE_EDITS: i64 = 30_046;

/// How long to wait before the next attempt, where nothing was sent.
const AGAIN: Duration = Duration::from_secs(2);
/// The same where the bot as a whole is held back.
const LATER: Duration = Duration::from_secs(30);

/// Why an item was not brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Discord's or the gate's answer.
    Rest(RestFailure),
    /// Nothing was asked: it cannot work.
    Dead(String),
    /// A part was done: it is looked for, and finished then.
    Half(String),
}

impl From<serenity::Error> for Failure {
    fn from(error: serenity::Error) -> Self {
        Failure::Rest(RestFailure::read(&error))
    }
}

impl Failure {
    pub(super) fn dead(why: String) -> Self {
        Failure::Dead(why)
    }

    pub(super) fn uncertain(why: String) -> Self {
        Failure::Half(why)
    }

    /// Whether Discord refused with this code.
    pub(super) fn is(&self, expected: i64) -> bool {
        matches!(self, Failure::Rest(RestFailure::Refused { code, .. }) if *code == expected)
    }

    /// What the outbox is told.
    pub fn into_delivery(self, post: &Post) -> Delivery {
        match self {
            Failure::Dead(why) => Delivery::Dead { why },
            Failure::Half(why) => Delivery::Uncertain { why },
            Failure::Rest(RestFailure::NotSent(NotSent::TooLarge | NotSent::NotBuilt)) => {
                Delivery::Dead { why: say!("the message is larger than Discord takes").to_owned() }
            }
            Failure::Rest(RestFailure::NotSent(reason)) => {
                Delivery::Retry { after: wait(reason), why: reason.to_string() }
            }
            // Twice the same edit, thread or pin is the same as once: no need to look.
            Failure::Rest(RestFailure::Unknown(reason)) if is_repeatable(post) => {
                Delivery::Retry { after: AGAIN, why: reason.to_string() }
            }
            Failure::Rest(RestFailure::Unknown(reason)) => Delivery::Uncertain { why: reason.to_string() },
            Failure::Rest(RestFailure::Refused { status, code }) => {
                Delivery::Dead { why: refused(status, code) }
            }
        }
    }
}

fn wait(reason: NotSent) -> Duration {
    match reason {
        NotSent::Revoked | NotSent::TooManyInvalid | NotSent::Paused => LATER,
        _ => AGAIN,
    }
}

/// What is wrong, and what to do about it.
fn refused(status: u16, code: i64) -> String {
    match (status, code) {
        (_, 10_003) => {
            say!("the channel does not exist any more: name another one in watchpost.toml").to_owned()
        }
        (_, UNKNOWN_MESSAGE) => say!("the message is gone: it is posted anew").to_owned(),
        (_, OLD_MESSAGE_EDITS) => {
            say!("Discord refuses further edits of this old message: it is posted anew").to_owned()
        }
        (_, 30_003) => {
            say!("the channel has as many pins as Discord allows: unpin something there").to_owned()
        }
        (_, 50_001) => {
            say!("Watchpost cannot see the channel: give its role the permission View Channel there")
                .to_owned()
        }
        (_, 50_007) => say!("this person takes no direct messages from Watchpost").to_owned(),
        (_, 50_013) => say!(
            "Watchpost lacks a permission in the channel: it needs Send Messages, Embed Links, Attach Files, \
                        Create Public Threads, Send Messages in Threads and Pin Messages"
        )
        .to_owned(),
        (_, 50_035) => say!("Discord does not accept the form of the message").to_owned(),
        (_, 160_006) => {
            say!("the server has as many active threads as Discord allows: archive some").to_owned()
        }
        (403, _) => {
            say!("Discord forbids it (code {code}): check the permissions of Watchpost's role in the channel")
        }
        (404, _) => {
            say!("the place does not exist any more (code {code}): name another one in watchpost.toml")
        }
        _ => say!("Discord refused it (status {status}, code {code})"),
    }
}

/// Whether doing it twice is the same as doing it once.
fn is_repeatable(post: &Post) -> bool {
    matches!(post, Post::Edit(_) | Post::Thread { .. } | Post::Pin(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bot::gate::Unknown;

    #[track_caller]
    fn check(failure: RestFailure, post: &Post, expected: &str) {
        let told = match Failure::Rest(failure).into_delivery(post) {
            Delivery::Sent(_) => panic!("a failure is never sent"),
            Delivery::Retry { why, .. } => format!("retry: {why}"),
            Delivery::Uncertain { why } => format!("uncertain: {why}"),
            Delivery::Dead { why } => format!("dead: {why}"),
        };
        assert!(told.starts_with(expected), "{failure:?}: {told}");
    }

    #[test]
    fn every_failure_becomes_the_right_delivery() {
        use RestFailure as Rest;
        let edit = Post::Edit(watchpost::ids::MessageId(1));
        for reason in
            [NotSent::NoConnection, NotSent::Paused, NotSent::TooLate, NotSent::QueueFull, NotSent::Revoked]
        {
            check(Rest::NotSent(reason), &Post::New, "retry: ");
        }
        check(Rest::NotSent(NotSent::TooLarge), &Post::New, "dead: the message is larger");
        for reason in [Unknown::Silent, Unknown::Cut, Unknown::ServerError, Unknown::Unreadable] {
            check(Rest::Unknown(reason), &Post::New, "uncertain: ");
            check(Rest::Unknown(reason), &edit, "retry: ");
        }
        for (status, code, expected) in [
            (403, 50_013, "dead: Watchpost lacks a permission"),
            (403, 50_001, "dead: Watchpost cannot see"),
            (404, 10_003, "dead: the channel does not exist"),
            (404, 10_008, "dead: the message is gone: it is posted anew"),
            (429, 30_046, "dead: Discord refuses further edits"),
            (400, 50_035, "dead: Discord does not accept"),
            (403, 0, "dead: Discord forbids it"),
        ] {
            check(Rest::Refused { status, code }, &edit, expected);
        }
    }
}
