//! `postqueue -j` (Postfix 3.1 and later): one JSON object a line.

use super::{Entry, Failure, MOST_ENTRIES, domain_of};
use crate::explain::Fate;
use chrono::{DateTime, Utc};
use serde::Deserialize;

#[derive(Deserialize)]
struct Message {
    queue_id: String,
    arrival_time: Option<i64>,
    #[serde(default)]
    recipients: Vec<Recipient>,
}

#[derive(Deserialize)]
struct Recipient {
    #[serde(default)]
    address: String,
    #[serde(default)]
    delay_reason: String,
}

/// Reads the list; lines that are cut off or damaged are left out. `None` when the first line is no such object.
pub(super) fn read(text: &str, now: DateTime<Utc>) -> Option<Vec<Entry>> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let is_message = |line: &str| {
        serde_json::from_str::<Message>(line).ok().filter(|message| !message.queue_id.is_empty())
    };
    let first = is_message(lines.next()?)?;
    let rest = lines.take(MOST_ENTRIES).filter_map(is_message);
    Some(std::iter::once(first).chain(rest).map(|message| entry(message, now)).collect())
}

fn entry(message: Message, now: DateTime<Utc>) -> Entry {
    let age = |arrival: i64| now.timestamp().saturating_sub(arrival).max(0);
    let failure = |recipient: Recipient| Failure {
        destination: domain_of(&recipient.address),
        text: recipient.delay_reason,
        fate: Fate::Delayed,
        status: None,
    };
    Entry {
        messages: 1,
        age_seconds: message.arrival_time.map(age),
        failures: message.recipients.into_iter().map(failure).collect(),
    }
}
