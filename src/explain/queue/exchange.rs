//! `Get-Queue` of Exchange: as a table, or as a list of properties (`| Format-List`), which also tells the last error.

use super::{Entry, Failure, MOST_ENTRIES};
use crate::explain::Fate;

/// Reads the queues. `None` when the text has not the names of the properties.
pub(super) fn read(text: &str) -> Option<Vec<Entry>> {
    read_table(text).or_else(|| read_properties(text))
}

/// The columns `MessageCount` and `NextHopDomain`, by the place at which their headings begin.
fn read_table(text: &str) -> Option<Vec<Entry>> {
    let heading =
        text.lines().find(|line| line.contains("MessageCount") && line.contains("NextHopDomain"))?;
    let headings: Vec<&str> = heading.split_whitespace().collect();
    let count_place = headings.iter().position(|name| *name == "MessageCount")?;
    let domain_place = headings.iter().position(|name| *name == "NextHopDomain")?;
    let rows = text.lines().skip_while(|line| *line != heading).skip(1);
    let entries = rows.take(MOST_ENTRIES).filter_map(|row| {
        let cells: Vec<&str> = row.split_whitespace().collect();
        let messages = cells.get(count_place)?.parse().ok()?;
        Some(entry(messages, cells.get(domain_place).copied().unwrap_or_default(), ""))
    });
    Some(entries.collect())
}

/// `MessageCount : 5`, one block of lines for each queue.
fn read_properties(text: &str) -> Option<Vec<Entry>> {
    let blocks = text.split("\n\n").flat_map(|block| block.split("\r\n\r\n"));
    let entries: Vec<Entry> = blocks.take(MOST_ENTRIES).filter_map(read_block).collect();
    (!entries.is_empty()).then_some(entries)
}

fn read_block(block: &str) -> Option<Entry> {
    let property = |name: &str| {
        block.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            (key.trim() == name).then(|| value.trim())
        })
    };
    let messages = property("MessageCount")?.parse().ok()?;
    let domain = property("NextHopDomain").or_else(|| property("Identity"))?;
    Some(entry(messages, domain, property("LastError").unwrap_or_default()))
}

/// An empty queue is no failure.
fn entry(messages: u64, domain: &str, error: &str) -> Entry {
    let failure = Failure {
        destination: domain.to_lowercase(),
        text: error.to_owned(),
        fate: Fate::Delayed,
        status: None,
    };
    Entry { messages, age_seconds: None, failures: if messages == 0 { Vec::new() } else { vec![failure] } }
}
