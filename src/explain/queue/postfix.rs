//! `postqueue -p`, also as `mailq`: a table for people.
//!
//! The reason of a delay stands in brackets above the recipients that it is about. Times have no year and no zone: the
//! latest year that is not in the future is taken, and UTC.

use super::{Entry, Failure, MOST_ENTRIES, domain_of};
use crate::explain::Fate;
use chrono::{DateTime, Datelike, Duration, NaiveDateTime, Utc};

/// Reads the list. `None` when the text has not its marks.
pub(super) fn read(text: &str, now: DateTime<Utc>) -> Option<Vec<Entry>> {
    let is_empty = text.trim().eq_ignore_ascii_case("mail queue is empty");
    let is_list = text.lines().any(|line| line.starts_with("-Queue ID-") || is_footer(line));
    if is_empty || !is_list {
        return is_empty.then(Vec::new);
    }
    let mut entries: Vec<Entry> = Vec::new();
    let mut reason = String::new();
    for line in text.lines().filter(|line| !is_footer(line) && !line.starts_with("-Queue ID-")) {
        if let Some(arrival) = arrival_of(line, now) {
            if entries.len() >= MOST_ENTRIES {
                break;
            }
            reason.clear();
            let age_seconds = arrival.map(|arrival| (now - arrival).num_seconds().max(0));
            entries.push(Entry { messages: 1, age_seconds, failures: Vec::new() });
        } else {
            read_detail(line.trim(), &mut reason, entries.last_mut());
        }
    }
    Some(entries)
}

/// `-- 12 Kbytes in 3 Requests.`
fn is_footer(line: &str) -> bool {
    line.starts_with("-- ") && line.contains(" in ") && line.contains(" Request")
}

/// The line that begins a message: identifier, size, day, month, date, time, sender. The inner `None`: no readable time.
#[allow(
    clippy::option_option,
    reason = "not the first line of a message, and a first line without a time, differ"
)]
fn arrival_of(line: &str, now: DateTime<Utc>) -> Option<Option<DateTime<Utc>>> {
    let mut columns = line.split_whitespace();
    let id = columns.next()?.trim_end_matches(['*', '!', '#']);
    let is_id = !line.starts_with(' ') && id.len() >= 6 && id.bytes().all(|b| b.is_ascii_alphanumeric());
    let has_size = columns.next()?.parse::<u64>().is_ok();
    (is_id && has_size).then(|| {
        let [_day, month, date, time] = [columns.next()?, columns.next()?, columns.next()?, columns.next()?];
        time_of(&format!("{month} {date} {time}"), now)
    })
}

/// `Nov 23 10:00:00` without a year.
pub(super) fn time_of(text: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let read = |year: i32| NaiveDateTime::parse_from_str(&format!("{year} {text}"), "%Y %b %d %H:%M:%S").ok();
    let latest = now + Duration::days(1);
    [now.year(), now.year() - 1]
        .into_iter()
        .filter_map(read)
        .map(|time| time.and_utc())
        .find(|time| *time <= latest)
}

fn read_detail(line: &str, reason: &mut String, entry: Option<&mut Entry>) {
    let Some(entry) = entry else { return };
    if let Some(inner) = line.strip_prefix('(') {
        inner.strip_suffix(')').unwrap_or(inner).clone_into(reason);
    } else if line.contains('@') {
        let text = reason.clone();
        entry.failures.push(Failure {
            destination: domain_of(line),
            text,
            fate: Fate::Delayed,
            status: None,
        });
    }
}
