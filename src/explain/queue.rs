//! Lists of waiting mail and log lines: how many, how old, why, where to, and when senders give up.
//!
//! Each reader turns its format into [`Entry`]s; they are grouped here. An age comes from the time of arrival that the list
//! tells, never from the time of a file.

mod exchange;
mod exim;
mod mail_log;
mod postfix;
mod postfix_json;
mod summary;

use super::{
    Fate,
    clean::{LONGEST_NAME, clean},
    codes::Codes,
    judge::{Evidence, Judgement, judge},
    reason::Reason,
};
use crate::cause::Cause;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// At most so many messages of a list are read.
const MOST_ENTRIES: usize = 20_000;

/// At most so many different error texts are judged; further ones count without a reason.
const MOST_TEXTS: usize = 500;

/// At most so many groups are shown.
const MOST_GROUPS: usize = 50;

/// The longest example of an error text, in characters.
const LONGEST_EXAMPLE: usize = 160;

/// The software whose list it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Software {
    /// `postqueue -p`, `postqueue -j` or `mailq` of Postfix.
    Postfix,
    /// `exim -bp`.
    Exim,
    /// `Get-Queue`.
    Exchange,
    /// Sendmail's log.
    Sendmail,
}

impl Software {
    /// Its name as people write it.
    fn name(self) -> &'static str {
        match self {
            Software::Postfix => "Postfix",
            Software::Exim => "Exim",
            Software::Exchange => "Exchange",
            Software::Sendmail => "Sendmail",
        }
    }

    /// Hours after which senders are warned and after which the message is returned, as the software is delivered
    /// (Postfix `delay_warning_time`, `maximal_queue_lifetime`; Exim `delay_warning` and the default retry rule; Exchange
    /// `DelayNotificationTimeout`, `MessageExpirationTimeout`; Sendmail `Timeout.queuewarn`, `Timeout.queuereturn`).
    fn limits(self) -> (Option<i64>, i64) {
        match self {
            Software::Postfix => (None, 5 * 24),
            Software::Exim => (Some(24), 4 * 24),
            Software::Exchange => (Some(4), 2 * 24),
            Software::Sendmail => (Some(4), 5 * 24),
        }
    }
}

/// One waiting message or one line of a log.
#[derive(Clone, Debug, Default)]
struct Entry {
    /// How many messages it stands for.
    messages: u64,
    /// Seconds since it arrived.
    age_seconds: Option<i64>,
    /// Where it should go and why it did not, for each recipient.
    failures: Vec<Failure>,
}

impl Entry {
    fn came_back(&self) -> bool {
        self.failures.iter().any(|failure| failure.fate == Fate::Failed)
    }
}

#[derive(Clone, Debug, Default)]
struct Failure {
    destination: String,
    text: String,
    fate: Fate,
    status: Option<String>,
}

/// Waiting mail, summed up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    /// Whose list it is.
    pub software: Software,
    /// How many messages wait, or how many lines of a log tell of a delay.
    pub messages: u64,
    /// How many lines of a log tell that a message came back.
    pub came_back: u64,
    /// Age of the oldest, in seconds.
    pub oldest_seconds: Option<i64>,
    /// Hours after which senders are warned, if the software does so as it is delivered.
    pub warns_after_hours: Option<i64>,
    /// Hours after which messages are returned, as the software is delivered; your settings may differ.
    pub gives_up_after_hours: i64,
    /// Seconds until the oldest message is returned; 0 when that is due.
    pub oldest_gives_up_in_seconds: Option<i64>,
    /// The groups, the largest first.
    pub groups: Vec<Group>,
    /// How many further groups there are.
    pub more_groups: usize,
}

/// Messages to one destination with one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Why they wait.
    pub reason: Option<Reason>,
    /// The likely cause.
    pub cause: Option<Cause>,
    /// What becomes of them.
    pub fate: Fate,
    /// The domain that they go to.
    pub destination: Option<String>,
    /// How many.
    pub messages: u64,
    /// Age of the oldest, in seconds.
    pub oldest_seconds: Option<i64>,
    /// One of the error texts, masked.
    pub example: String,
}

/// Reads a list. `None` when the text is none.
pub(super) fn read(text: &str, now: DateTime<Utc>) -> Option<Queue> {
    postfix_json::read(text, now)
        .map(|entries| (Software::Postfix, entries))
        .or_else(|| postfix::read(text, now).map(|entries| (Software::Postfix, entries)))
        .or_else(|| exim::read(text).map(|entries| (Software::Exim, entries)))
        .or_else(|| exchange::read(text).map(|entries| (Software::Exchange, entries)))
        .or_else(|| mail_log::read(text))
        .map(|(software, entries)| sum_up(software, &entries))
}

fn sum_up(software: Software, entries: &[Entry]) -> Queue {
    let entries = &entries[..entries.len().min(MOST_ENTRIES)];
    let waiting = entries.iter().filter(|entry| !entry.came_back());
    let oldest_seconds = waiting.filter_map(|entry| entry.age_seconds).max();
    let (warns_after_hours, gives_up_after_hours) = software.limits();
    let mut groups = group(entries);
    groups.sort_by(|a, b| b.messages.cmp(&a.messages).then_with(|| a.destination.cmp(&b.destination)));
    let more_groups = groups.len().saturating_sub(MOST_GROUPS);
    groups.truncate(MOST_GROUPS);
    Queue {
        software,
        messages: count(entries, |entry| !entry.came_back()),
        came_back: count(entries, Entry::came_back),
        oldest_seconds,
        warns_after_hours,
        gives_up_after_hours,
        oldest_gives_up_in_seconds: oldest_seconds.map(|age| (gives_up_after_hours * 3600 - age).max(0)),
        groups,
        more_groups,
    }
}

fn count(entries: &[Entry], which: impl Fn(&Entry) -> bool) -> u64 {
    entries.iter().filter(|entry| which(entry)).map(|entry| entry.messages).fold(0, u64::saturating_add)
}

/// Groups by reason, cause, fate and destination. A message to several recipients of one group counts once there.
fn group(entries: &[Entry]) -> Vec<Group> {
    let mut judged = Judged::default();
    let mut groups: BTreeMap<(Option<&'static str>, Fate, String), Group> = BTreeMap::new();
    for entry in entries {
        let mut counted = Vec::new();
        for failure in &entry.failures {
            let judgement = judged.judge(failure);
            let key = (
                judgement.map(|judgement| judgement.cause.name()),
                failure.fate,
                failure.destination.clone(),
            );
            let group = groups.entry(key.clone()).or_insert_with(|| new_group(failure, judgement));
            if !counted.contains(&key) {
                group.messages = group.messages.saturating_add(entry.messages);
                group.oldest_seconds = group.oldest_seconds.max(entry.age_seconds);
                counted.push(key);
            }
        }
    }
    groups.into_values().collect()
}

fn new_group(failure: &Failure, judgement: Option<Judgement>) -> Group {
    Group {
        reason: judgement.map(|judgement| judgement.reason),
        cause: judgement.map(|judgement| judgement.cause),
        fate: failure.fate,
        destination: Some(clean(&failure.destination, LONGEST_NAME)).filter(|name| !name.is_empty()),
        messages: 0,
        oldest_seconds: None,
        example: clean(&failure.text, LONGEST_EXAMPLE),
    }
}

/// Judges each different text once: thousands of messages wait for a handful of reasons.
#[derive(Default)]
struct Judged(HashMap<String, Option<Judgement>>);

impl Judged {
    fn judge(&mut self, failure: &Failure) -> Option<Judgement> {
        let key: String = failure.text.chars().filter(|c| !c.is_ascii_digit()).take(400).collect();
        if let Some(known) = self.0.get(&key) {
            return *known;
        }
        if self.0.len() >= MOST_TEXTS {
            return None;
        }
        let mut evidence = Evidence::of_text(&failure.text);
        if evidence.codes == Codes::default() {
            evidence.codes.status.clone_from(&failure.status);
        }
        let judgement = judge(&evidence);
        self.0.insert(key, judgement);
        judgement
    }
}

/// The part behind the last @, without brackets.
fn domain_of(address: &str) -> String {
    let bare = address.trim().trim_matches(['<', '>', ',']);
    bare.rsplit_once('@').map_or(bare, |(_, domain)| domain).to_lowercase()
}
