//! The lines of a journal file.
//!
//! A line is `number crc json`: its number in the order of all lines, CRC32C over number and JSON in eight
//! hexadecimal digits, and the JSON. JSON holds no line break, so a reader finds the next line whatever came before.
//! The first line of a file says what the file is; its second is the snapshot that the file starts with.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::chain::Chain;
use super::keys::{KeyNumber, Sealed};
use super::state::Change;
use crate::clock::UtcMs;
use crate::ids::IncidentId;

/// What a first line begins with, before the format's number.
const MAGIC: &str = "watchpost-journal";

/// The format that this version writes.
pub(super) const FORMAT: u32 = 1;

/// Place of a line in the order of all lines of all files.
pub(super) type LineNumber = u64;

/// What the first line says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Header {
    /// Which installation: files of another one are not taken for ours.
    pub installation: String,
    /// Number of the file.
    pub file: u64,
    /// When it was begun.
    pub at: UtcMs,
}

/// What can stand on any other line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    /// Everything that changes, as of the line's number.
    Snapshot(Box<Snapshot>),
    /// One commit or claim.
    Commit(Box<Stored>),
    /// A group of commits ends: what stands between the group before and this line counts.
    Group(Group),
    /// The process ended in order.
    Stopped,
    /// Nothing comes after this line; the next file holds what comes.
    Closed {
        /// Number of the next file.
        next: u64,
    },
}

/// A line on its way out: as [`Line`], without taking a commit away from its owner.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum LineOut<'l> {
    /// As [`Line::Commit`].
    Commit(&'l Stored),
    /// As [`Line::Group`].
    Group(Group),
    /// As [`Line::Stopped`].
    Stopped,
    /// As [`Line::Closed`].
    Closed {
        /// Number of the next file.
        next: u64,
    },
}

/// The state, with what is said to people sealed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Snapshot {
    /// [`State`](super::state::State), sealed.
    pub state: Sealed,
    /// Head of the hash chain.
    pub chain: Chain,
    /// Keys that were given and destroyed.
    pub ledger: Ledger,
}

/// A commit as it stands in the journal.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Stored {
    /// The events, sealed and chained.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<Link>,
    /// What it does to the state, without what is said to people.
    pub change: Change,
    /// What is said to people, as [`Outgoing`](super::state::Outgoing), sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outgoing: Option<Sealed>,
    /// The highest key number given so far.
    pub last_key: KeyNumber,
    /// Keys that are destroyed by this commit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forgot: Vec<KeyNumber>,
}

/// One event.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Link {
    /// Head of the hash chain after it.
    pub chain: Chain,
    /// [`Recorded`](crate::incident::event::Recorded), with personal values sealed: the bytes that are hashed.
    event: Box<RawValue>,
    /// Where it stands, as long as that is known without reading it.
    #[serde(skip)]
    stands: Option<Stands>,
}

/// Where an event stands in the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) struct Stands {
    /// Its place in the order of all.
    pub seq: u64,
    /// Its incident.
    pub incident: IncidentId,
    /// The version of the incident after it.
    pub version: u64,
}

impl PartialEq for Link {
    fn eq(&self, other: &Self) -> bool {
        self.chain == other.chain && self.event.get() == other.event.get()
    }
}

/// The end of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Group {
    /// Number of the group, counted over all files.
    pub number: u64,
    /// Its lines before this one.
    pub lines: u64,
    /// Head of the hash chain after it.
    pub chain: Chain,
}

/// Keys that were given and destroyed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Ledger {
    /// The highest number given.
    pub last: KeyNumber,
    /// Numbers that were destroyed.
    pub forgotten: std::collections::BTreeSet<KeyNumber>,
}

impl Ledger {
    /// Folds a commit in.
    pub fn apply(&mut self, stored: &Stored) {
        self.last = self.last.max(stored.last_key);
        self.forgotten.extend(&stored.forgot);
    }
}

impl Link {
    /// The event after `chain`.
    ///
    /// # Errors
    /// Where the text is no JSON.
    pub fn after(chain: Chain, event: String, stands: Stands) -> serde_json::Result<Self> {
        let event = RawValue::from_string(event)?;
        Ok(Link { chain: chain.next(event.get()), event, stands: Some(stands) })
    }

    /// The event, sealed.
    pub fn text(&self) -> &str {
        self.event.get()
    }

    /// Where it stands; `None` where it does not say so.
    pub fn stands(&self) -> Option<Stands> {
        self.stands.or_else(|| serde_json::from_str(self.event.get()).ok())
    }

    /// The incident and its version after this event.
    pub fn place(&self) -> Option<(IncidentId, u64)> {
        self.stands().map(|stands| (stands.incident, stands.version))
    }
}

/// The first line of a file.
pub(super) fn write_header(header: &Header) -> serde_json::Result<Vec<u8>> {
    let json = serde_json::to_string(header)?;
    let signed = format!("{MAGIC} {FORMAT} {json}");
    let crc = crc32c::crc32c(signed.as_bytes());
    Ok(format!("{MAGIC} {FORMAT} {crc:08x} {json}\n").into_bytes())
}

/// What a first line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum FirstLine {
    /// A file of ours.
    Ours(Header),
    /// A file of a newer format, with its number.
    Newer(u32),
    /// Anything else.
    Unreadable,
}

/// Reads a first line, without its line break.
pub(super) fn read_header(line: &[u8]) -> FirstLine {
    parse_header(line).unwrap_or(FirstLine::Unreadable)
}

fn parse_header(line: &[u8]) -> Option<FirstLine> {
    let text = std::str::from_utf8(line).ok()?;
    let mut parts = text.splitn(4, ' ');
    let format: u32 = parts.next().filter(|magic| *magic == MAGIC).and(parts.next())?.parse().ok()?;
    if format > FORMAT {
        return Some(FirstLine::Newer(format));
    }
    let (crc, json) = (parts.next()?, parts.next()?);
    let signed = format!("{MAGIC} {format} {json}");
    if !crc_holds(crc, signed.as_bytes()) {
        return None;
    }
    serde_json::from_str(json).ok().map(FirstLine::Ours)
}

/// Appends a line to a buffer.
pub(super) fn write_line<T: Serialize>(
    buffer: &mut Vec<u8>,
    number: LineNumber,
    line: &T,
) -> serde_json::Result<()> {
    let json = serde_json::to_vec(line)?;
    let number = number.to_string();
    let crc = crc32c::crc32c_append(crc32c::crc32c(number.as_bytes()), &json);
    buffer.extend_from_slice(format!("{number} {crc:08x} ").as_bytes());
    buffer.extend_from_slice(&json);
    buffer.push(b'\n');
    Ok(())
}

/// Reads a line, without its line break. `None`: it is not as it was written.
pub(super) fn read_line<T: DeserializeOwned>(line: &[u8]) -> Option<(LineNumber, T)> {
    let (number, rest) = split_at_space(line)?;
    let (crc, json) = split_at_space(rest)?;
    let digits = std::str::from_utf8(number).ok()?;
    let found = crc32c::crc32c_append(crc32c::crc32c(number), json);
    if std::str::from_utf8(crc).ok()? != format!("{found:08x}") {
        return None;
    }
    // A sum of 32 bits misses one damage in four thousand million; what is JSON of ours on top is taken.
    Some((digits.parse().ok()?, serde_json::from_slice(json).ok()?))
}

/// The number that a line claims to have, whether or not the rest is right. For messages only.
pub(super) fn claimed_number(line: &[u8]) -> Option<LineNumber> {
    let (number, _) = split_at_space(line)?;
    std::str::from_utf8(number).ok()?.parse().ok()
}

fn split_at_space(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = bytes.iter().position(|byte| *byte == b' ')?;
    Some((&bytes[..at], &bytes[at + 1..]))
}

fn crc_holds(digits: &str, bytes: &[u8]) -> bool {
    digits == format!("{:08x}", crc32c::crc32c(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_reads_back_and_any_flipped_bit_is_noticed() {
        let mut bytes = Vec::new();
        let group = Group { number: 3, lines: 2, chain: Chain::default() };
        write_line(&mut bytes, 41, &Line::Group(group)).expect("json");
        let line = &bytes[..bytes.len() - 1];
        assert_eq!(read_line::<Line>(line), Some((41, Line::Group(group))));
        for at in 0..line.len() {
            for bit in 0..8 {
                let mut flipped = line.to_vec();
                flipped[at] ^= 1 << bit;
                assert_eq!(read_line::<Line>(&flipped), None, "byte {at} bit {bit}");
            }
        }
    }

    #[test]
    fn a_first_line_reads_back_and_says_when_it_is_newer() {
        let header = Header { installation: "a1".into(), file: 7, at: UtcMs(0) };
        let line = write_header(&header).expect("json");
        let line = &line[..line.len() - 1];
        assert_eq!(read_header(line), FirstLine::Ours(header));
        assert_eq!(read_header(b"watchpost-journal 9 whatever"), FirstLine::Newer(9));
        assert_eq!(read_header(b"watchpost-journal"), FirstLine::Unreadable);
        assert_eq!(read_header(&line[..line.len() - 1]), FirstLine::Unreadable);
    }
}
