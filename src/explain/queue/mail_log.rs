//! Lines of a mail log: Postfix and Sendmail (`to=<…>, delay=…, dsn=4.4.1, status=deferred (…)`, `stat=Deferred: …`) and
//! Exim's main log (`== address … defer (…): …`, `** address …: …`).

use super::{Entry, Failure, MOST_ENTRIES, Software, domain_of};
use crate::explain::Fate;

/// Reads the failures; what was delivered is left out. `None` when no line is one of a log.
pub(super) fn read(text: &str) -> Option<(Software, Vec<Entry>)> {
    let mut software = None;
    let mut entries = Vec::new();
    for (of, entry) in text.lines().filter_map(read_line).take(MOST_ENTRIES) {
        software.get_or_insert(of);
        entries.extend(entry);
    }
    software.map(|software| (software, entries))
}

/// The software and, unless the line tells of a delivery, the failure.
fn read_line(line: &str) -> Option<(Software, Option<Entry>)> {
    read_postfix(line).or_else(|| read_sendmail(line)).or_else(|| read_exim(line))
}

fn read_postfix(line: &str) -> Option<(Software, Option<Entry>)> {
    let status = field(line, "status=")?;
    let address = field(line, "to=")?;
    let fate = fate_of(status.split_whitespace().next()?)?;
    let text = status.split_once('(').map_or(status, |(_, rest)| rest.trim_end().trim_end_matches(')'));
    Some((Software::Postfix, entry(address, text, fate, line, field(line, "delay=").and_then(seconds))))
}

fn read_sendmail(line: &str) -> Option<(Software, Option<Entry>)> {
    let stat = field(line, "stat=")?;
    let address = field(line, "to=")?;
    let (word, text) = stat.split_once(':').unwrap_or((stat, stat));
    let fate = fate_of(&word.split_whitespace().next()?.to_lowercase()).unwrap_or(Fate::Failed);
    Some((
        Software::Sendmail,
        entry(address, text, fate, line, field(line, "delay=").and_then(clock_seconds)),
    ))
}

/// `2026-11-23 10:00:00 1rABcD-000abc-12 == a@example.org R=dnslookup T=remote_smtp defer (110): Connection timed out`
fn read_exim(line: &str) -> Option<(Software, Option<Entry>)> {
    let starts_with_date = line
        .get(..5)
        .is_some_and(|year| year.ends_with('-') && year[..4].bytes().all(|b| b.is_ascii_digit()));
    let rest = starts_with_date.then(|| line.splitn(4, ' ').nth(3)).flatten()?;
    let (mark, rest) = rest.split_once(' ')?;
    let fate = match mark {
        "==" => Fate::Delayed,
        "**" => Fate::Failed,
        "=>" | "->" => Fate::Delivered,
        _ => return None,
    };
    let (address, text) = rest.split_once(' ').unwrap_or((rest, ""));
    Some((Software::Exim, entry(address.trim_end_matches(':'), text, fate, "", None)))
}

fn entry(address: &str, text: &str, fate: Fate, line: &str, age_seconds: Option<i64>) -> Option<Entry> {
    let status = field(line, "dsn=").map(str::to_owned);
    let failure = Failure { destination: domain_of(address), text: text.trim().to_owned(), fate, status };
    (fate != Fate::Delivered).then(|| Entry { messages: 1, age_seconds, failures: vec![failure] })
}

fn fate_of(word: &str) -> Option<Fate> {
    match word {
        "sent" => Some(Fate::Delivered),
        "deferred" => Some(Fate::Delayed),
        "bounced" | "expired" | "undeliverable" => Some(Fate::Failed),
        _ => None,
    }
}

/// The value of `key`, which ends with the comma before the next key; the status is the last and may hold commas.
fn field<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    let is_last = key == "status=" || key == "stat=";
    let at = line.find(&format!(" {key}"))? + 1 + key.len();
    let value = &line[at..];
    Some(if is_last { value } else { value.split(", ").next().unwrap_or(value) })
}

/// `12.5`
fn seconds(text: &str) -> Option<i64> {
    text.split('.').next()?.parse().ok()
}

/// `1+02:03:04`: days, hours, minutes, seconds.
fn clock_seconds(text: &str) -> Option<i64> {
    let (days, clock) = text.split_once('+').unwrap_or(("0", text));
    let parts: Vec<u32> = clock.split(':').map(str::parse).collect::<Result<_, _>>().ok()?;
    let [hours, minutes, seconds] = parts[..] else {
        return None;
    };
    let days: u32 = days.parse().ok()?;
    Some(((i64::from(days) * 24 + i64::from(hours)) * 60 + i64::from(minutes)) * 60 + i64::from(seconds))
}
