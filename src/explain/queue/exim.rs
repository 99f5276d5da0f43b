//! `exim -bp`: age, size, identifier and sender, then the recipients. It tells no reasons.

use super::{Entry, Failure, MOST_ENTRIES, domain_of};
use crate::explain::Fate;

/// Reads the list. `None` when no line begins a message.
pub(super) fn read(text: &str) -> Option<Vec<Entry>> {
    let mut entries: Vec<Entry> = Vec::new();
    for line in text.lines() {
        if let Some((age, is_frozen)) = head_of(line) {
            if entries.len() >= MOST_ENTRIES {
                break;
            }
            let failures = if is_frozen { vec![frozen()] } else { Vec::new() };
            entries.push(Entry { messages: 1, age_seconds: Some(age), failures });
        } else if let Some(entry) = entries.last_mut() {
            entry.failures.extend(waiting_recipient(line));
        } else if !line.trim().is_empty() {
            return None;
        }
    }
    (!entries.is_empty()).then_some(entries)
}

/// `25m  2.9K 1rABcD-000abc-12 <a@example.org> *** frozen ***`
fn head_of(line: &str) -> Option<(i64, bool)> {
    let mut columns = line.split_whitespace();
    let age = age_of(columns.next()?)?;
    let _size = columns.next()?;
    let is_id = columns.next()?.split('-').count() == 3;
    let has_sender = columns.next()?.starts_with('<');
    (is_id && has_sender).then(|| (age, line.contains("*** frozen ***")))
}

fn age_of(text: &str) -> Option<i64> {
    let unit = match text.bytes().last()? {
        b'm' => 60,
        b'h' => 3_600,
        b'd' => 86_400,
        _ => return None,
    };
    let count: u32 = text[..text.len() - 1].parse().ok()?;
    Some(i64::from(count) * unit)
}

/// A recipient that is not marked `D` for delivered.
fn waiting_recipient(line: &str) -> Option<Failure> {
    let address = line.trim();
    let is_address = address.contains('@') && !address.contains(' ');
    is_address.then(|| Failure { destination: domain_of(address), fate: Fate::Delayed, ..Failure::default() })
}

/// A frozen message is not tried any more until somebody thaws it.
fn frozen() -> Failure {
    Failure { text: "frozen".to_owned(), fate: Fate::Delayed, ..Failure::default() }
}
