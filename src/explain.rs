//! Explains what a mail server said: replies, bounces, headers, queues and log lines.
//!
//! The way of a pasted text:
//!
//! 1. `queue` looks whether it is a list of waiting mail or log lines; then it is summed up.
//! 2. `message` takes a mail apart: its Received headers, its delivery status (RFC 3464), its words.
//! 3. `bounce` finds what decided each recipient's fate, in the delivery status or in a free form.
//! 4. `judge` concludes the reason from words, codes and command; the rules are data, in `rules` and `codes`.
//! 5. `verdict` says whose side it is, whether sending again helps, and what to do next.
//! 6. Everything that leaves is masked and bounded by `clean`.

mod bounce;
mod clean;
mod codes;
mod delivery_status;
mod hops;
mod judge;
mod mask;
mod message;
mod pattern;
mod queue;
mod reason;
mod rules;
mod sentences;
mod verdict;
mod way;
mod words;

pub use {
    codes::{Codes, find_codes},
    hops::Hop,
    judge::{Command, Evidence, Judgement, judge},
    mask::mask_addresses,
    queue::{Group, Queue, Software},
    reason::{Reason, Side},
};

use crate::cause::Cause;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// At most so many bytes of a text are read; the rest is cut off.
pub const MOST_BYTES: usize = 1024 * 1024;

/// What a text turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// One reply or error text.
    Reply,
    /// A bounce or a warning of delay.
    Bounce,
    /// The headers of a message that arrived.
    Headers,
    /// A list of waiting mail, or log lines.
    Queue,
    /// Nothing that is known.
    Unknown,
}

/// What becomes of the message. It follows from the delivery status or the class of the reply, never from the reason: a
/// full mailbox can be a delay (4.2.2) or final (5.2.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// The text does not say.
    #[default]
    Unknown,
    /// It arrived, or was handed on.
    Delivered,
    /// It waits, and the server tries again by itself.
    Delayed,
    /// It came back, and is not tried again.
    Failed,
}

/// What became of the message for one recipient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// The masked address.
    pub address: String,
    /// What became of the message.
    pub fate: Fate,
    /// Why.
    pub reason: Option<Reason>,
    /// The enhanced status code.
    pub status: Option<String>,
}

/// What a text means. Every string in it is masked and bounded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// What the text is.
    pub kind: Kind,
    /// Why the message was refused or is late; `None` when the text does not say.
    pub reason: Option<Reason>,
    /// The likely cause.
    pub cause: Option<Cause>,
    /// What becomes of the message.
    pub fate: Fate,
    /// Whether it helps to send the same message again, now or after what is said in `what_to_do`.
    pub resend_useful: bool,
    /// Who can repair it.
    pub side: Option<Side>,
    /// The reply code, such as `550`.
    pub reply: Option<String>,
    /// The enhanced status code, such as `5.1.1`.
    pub status: Option<String>,
    /// The words that decided, masked.
    pub said: Option<String>,
    /// What happened.
    pub explanation: String,
    /// What to do next.
    pub what_to_do: String,
    /// The recipients that a bounce names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recipients: Vec<Recipient>,
    /// The way of the message, the first server first.
    pub hops: Vec<Hop>,
    /// The waiting mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<Queue>,
}

/// Explains `text`. `now` is needed for the age of waiting mail.
pub fn explain(text: &str, now: DateTime<Utc>) -> Explanation {
    let text = &text[..text.floor_char_boundary(MOST_BYTES)];
    if let Some(queue) = queue::read(text, now) {
        return verdict::of_queue(queue);
    }
    let message = message::read(text);
    match bounce::read(&message) {
        Some(bounce) => verdict::of_bounce(bounce, hops::read(&message.received)),
        None => verdict::of_headers(hops::read(&message.received)),
    }
}

/// Explains what was read from a file or from standard input: a mail may hold bytes that are no UTF-8. Returns the text
/// to show, as JSON or in sentences.
pub fn run(input: &[u8], as_json: bool, now: DateTime<Utc>) -> String {
    let text = String::from_utf8_lossy(&input[..input.len().min(MOST_BYTES)]);
    let explanation = explain(&text, now);
    if as_json {
        serde_json::to_string_pretty(&explanation).expect("an explanation has only string keys")
    } else {
        explanation.sentences().join("\n")
    }
}

#[cfg(test)]
mod agreement;
#[cfg(test)]
mod tests;
