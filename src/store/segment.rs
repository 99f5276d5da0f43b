//! One journal file: how it is made, and what is read out of it.
//!
//! 1. A file is made whole with its first line, its snapshot and a first group, under its name only when synced.
//! 2. Groups are appended. A group counts when its last line, [`Group`], and every line that it counts are right.
//! 3. Where a line is wrong: if a complete group stands anywhere after it, something was damaged that had been
//!    synced; if none does, it is the torn end of a write that nobody was promised, and is cut.

use std::path::Path;

use super::StoreError;
use super::chain::Chain;
use super::line::{self, FirstLine, Group, Header, Line, LineNumber, LineOut, Snapshot, Stored};

/// More bytes than the mark that closes a file has.
const CLOSING_MOST: u64 = 1024;

/// What stands in a file.
#[derive(Debug)]
pub(super) struct Contents {
    /// Its first line.
    pub header: Header,
    /// What it starts with.
    pub snapshot: Snapshot,
    /// Number of the snapshot's line: the commits before it stand in earlier files.
    pub base: LineNumber,
    /// Number of the last group.
    pub group: u64,
    /// The last line that counts.
    pub last: LineNumber,
    /// Head of the hash chain at the end.
    pub chain: Chain,
    /// Bytes that count.
    pub length: u64,
    /// How it ends.
    pub end: End,
}

/// How a file ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// With a complete group.
    Whole,
    /// With the mark of an orderly stop.
    Stopped,
    /// With the mark that the next file goes on.
    Closed,
    /// With this many bytes of a write that was never promised.
    Torn(u64),
}

/// Takes the commits of a file in order.
pub(super) trait Visitor {
    /// The snapshot, before all commits. It counts from the line `base` on.
    fn snapshot(&mut self, snapshot: &Snapshot, base: LineNumber) -> Result<(), StoreError>;
    /// A commit that counts.
    fn commit(&mut self, number: LineNumber, stored: Stored) -> Result<(), StoreError>;
}

/// Takes note of nothing.
pub(super) struct Nobody;

impl Visitor for Nobody {
    fn snapshot(&mut self, _: &Snapshot, _: LineNumber) -> Result<(), StoreError> {
        Ok(())
    }

    fn commit(&mut self, _: LineNumber, _: Stored) -> Result<(), StoreError> {
        Ok(())
    }
}

/// The bytes of a new file: first line, snapshot, and the group that makes them count.
pub(super) fn first_bytes(
    header: &Header,
    base: LineNumber,
    group: u64,
    snapshot: Snapshot,
) -> serde_json::Result<Vec<u8>> {
    let chain = snapshot.chain;
    let mut bytes = line::write_header(header)?;
    line::write_line(&mut bytes, base, &Line::Snapshot(Box::new(snapshot)))?;
    let trailer = Group { number: group, lines: 1, chain };
    line::write_line(&mut bytes, base, &Line::Group(trailer))?;
    Ok(bytes)
}

/// Reads a file from its bytes.
///
/// # Errors
/// [`StoreError::Damaged`] with file, line and sequence; [`StoreError::Newer`]; what the visitor says.
pub(super) fn read(path: &Path, bytes: &[u8], visitor: &mut dyn Visitor) -> Result<Contents, StoreError> {
    let mut reader = Reader::new(path, bytes)?;
    reader.visit_snapshot(visitor)?;
    while let Some(step) = reader.next_group() {
        match step {
            Step::Commits(commits) => {
                for (number, stored) in commits {
                    visitor.commit(number, *stored)?;
                }
            }
            Step::Broken => {
                reader.judge_broken()?;
                break;
            }
        }
    }
    Ok(reader.contents)
}

/// The bytes that close a file, to be put after its last group.
pub(super) fn closing_bytes(contents: &Contents) -> serde_json::Result<Vec<u8>> {
    let next = contents.header.file + 1;
    let number = contents.last + 1;
    let mut bytes = Vec::new();
    line::write_line(&mut bytes, number, &LineOut::Closed { next })?;
    let group = Group { number: contents.group + 1, lines: 1, chain: contents.chain };
    line::write_line(&mut bytes, number, &LineOut::Group(group))?;
    Ok(bytes)
}

/// Whether a file ends with the mark that closes it. Reads only its end.
pub(super) fn ends_closed(path: &Path) -> std::io::Result<bool> {
    use std::io::{Read, Seek, SeekFrom};
    let mut file = std::fs::File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(CLOSING_MOST)))?;
    let mut end = Vec::new();
    file.take(CLOSING_MOST).read_to_end(&mut end)?;
    let lines: Vec<Option<Line>> =
        rows(&end).map(|(row, _)| line::read_line(row).map(|(_, line)| line)).collect();
    Ok(matches!(lines[..], [.., Some(Line::Closed { .. }), Some(Line::Group(_))]))
}

struct Reader<'b> {
    path: &'b Path,
    bytes: &'b [u8],
    contents: Contents,
    /// Number of the line in the file at which the next group starts, from 1.
    row: usize,
}

enum Step {
    Commits(Vec<(LineNumber, Box<Stored>)>),
    Broken,
}

/// A group whose last line was not read yet.
struct OpenGroup {
    last: LineNumber,
    seen: u64,
    end: End,
    commits: Vec<(LineNumber, Box<Stored>)>,
}

impl OpenGroup {
    fn push(&mut self, number: LineNumber, line: Line) {
        self.last = number;
        self.seen += 1;
        match line {
            Line::Commit(stored) => self.commits.push((number, stored)),
            Line::Stopped => self.end = End::Stopped,
            Line::Closed { .. } => self.end = End::Closed,
            Line::Snapshot(_) | Line::Group(_) => {}
        }
    }

    /// Head of the hash chain after its last event.
    fn chain(&self) -> Option<Chain> {
        let last = |(_, stored): &(LineNumber, Box<Stored>)| stored.events.last().map(|link| link.chain);
        self.commits.iter().rev().find_map(last)
    }
}

impl<'b> Reader<'b> {
    fn new(path: &'b Path, bytes: &'b [u8]) -> Result<Self, StoreError> {
        let mut rows = rows(bytes);
        let damaged = |what: &str| Err(StoreError::Damaged(format!("{}, {what}", path.display())));
        let Some((first, after_first)) = rows.next() else {
            return damaged("line 1: the file is empty");
        };
        let header = match line::read_header(first) {
            FirstLine::Ours(header) => header,
            FirstLine::Newer(found) => {
                return Err(StoreError::Newer {
                    folder: path.display().to_string(),
                    found,
                    known: line::FORMAT,
                });
            }
            FirstLine::Unreadable => return damaged("line 1: not the first line of a journal"),
        };
        let Some((base, Line::Snapshot(snapshot))) = rows.next().and_then(|(row, _)| line::read_line(row))
        else {
            return damaged("line 2: the snapshot is not as it was written");
        };
        let contents = Contents {
            header,
            base,
            group: 0,
            last: base,
            chain: snapshot.chain,
            snapshot: *snapshot,
            length: after_first as u64,
            end: End::Whole,
        };
        let reader = Reader { path, bytes, contents, row: 1 };
        Ok(reader)
    }

    fn visit_snapshot(&mut self, visitor: &mut dyn Visitor) -> Result<(), StoreError> {
        // The group of the snapshot: read as any other, so that its end is known.
        match self.next_group() {
            Some(Step::Commits(_)) => visitor.snapshot(&self.contents.snapshot, self.contents.base),
            _ => Err(self.damaged(3, Some(self.contents.base))),
        }
    }

    /// The next complete group, `Broken` where something else stands, `None` at the end.
    fn next_group(&mut self) -> Option<Step> {
        let start = usize::try_from(self.contents.length).unwrap_or(usize::MAX);
        let rest = self.bytes.get(start..).filter(|rest| !rest.is_empty())?;
        let mut open = OpenGroup { last: self.contents.last, seen: 0, end: End::Whole, commits: Vec::new() };
        for (row, after) in rows(rest) {
            let Some((number, read)) = line::read_line::<Line>(row) else {
                return Some(Step::Broken);
            };
            let length = (start + after) as u64;
            match read {
                Line::Group(group) if number == open.last => return Some(self.finish(group, open, length)),
                other if self.takes(&open, number, &other) => open.push(number, other),
                _ => return Some(Step::Broken),
            }
        }
        Some(Step::Broken)
    }

    /// Whether a line may stand where the reader is.
    fn takes(&self, open: &OpenGroup, number: LineNumber, line: &Line) -> bool {
        let at_start = self.contents.group == 0 && open.seen == 0;
        match line {
            Line::Snapshot(_) => at_start && number == self.contents.base,
            Line::Group(_) => false,
            Line::Commit(_) | Line::Stopped | Line::Closed { .. } => {
                !at_start
                    && number == open.last + 1
                    && self.contents.end != End::Closed
                    && open.end != End::Closed
            }
        }
    }

    fn finish(&mut self, group: Group, open: OpenGroup, length: u64) -> Step {
        let chain = open.chain().unwrap_or(self.contents.chain);
        let follows = self.contents.group == 0 || group.number == self.contents.group + 1;
        if group.lines != open.seen || group.chain != chain || !follows {
            return Step::Broken;
        }
        self.contents.group = group.number;
        self.contents.last = open.last;
        self.contents.chain = chain;
        self.contents.length = length;
        self.contents.end = open.end;
        self.row += usize::try_from(open.seen).unwrap_or(0) + 1;
        Step::Commits(open.commits)
    }

    /// Something after the last complete group is wrong: torn, or damaged?
    fn judge_broken(&mut self) -> Result<(), StoreError> {
        let start = usize::try_from(self.contents.length).unwrap_or(usize::MAX);
        let rest = &self.bytes[start..];
        let closed = self.contents.end == End::Closed;
        if closed || holds_complete_group(rest, self.contents.group) {
            let (row, number) = first_wrong(rest);
            return Err(self.damaged(self.row + row, number));
        }
        self.contents.end = End::Torn(rest.len() as u64);
        Ok(())
    }

    fn damaged(&self, row: usize, number: Option<LineNumber>) -> StoreError {
        let sequence = number.map_or_else(String::new, |number| format!(" (sequence {number})"));
        let shown = self.path.display();
        StoreError::Damaged(format!("{shown}, line {row}{sequence} is not as it was written"))
    }
}

/// The first line that is wrong, counted from 1, and the number that it claims or should have.
fn first_wrong(rest: &[u8]) -> (usize, Option<LineNumber>) {
    let mut before = None;
    for (index, (row, _)) in rows(rest).enumerate() {
        match line::read_line::<Line>(row) {
            Some((number, _)) => before = Some(number),
            None => {
                return (index + 1, line::claimed_number(row).or(before.map(|number| number + 1)));
            }
        }
    }
    (1, before)
}

/// Whether a group later than `after` stands in these bytes with all its lines.
fn holds_complete_group(rest: &[u8], after: u64) -> bool {
    let mut right = 0;
    for (row, _) in rows(rest) {
        match line::read_line::<Line>(row) {
            Some((_, Line::Group(group)))
                if group.number > after && group.lines > 0 && group.lines <= right =>
            {
                return true;
            }
            Some((_, Line::Group(_))) | None => right = 0,
            Some(_) => right += 1,
        }
    }
    false
}

/// The lines of some bytes, each with the offset after its line break. A last line without a break is given too:
/// no line break means that it was not written whole, so it is given with a byte that no line has.
pub(super) fn rows(bytes: &[u8]) -> impl Iterator<Item = (&[u8], usize)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
        match rest.iter().position(|byte| *byte == b'\n') {
            Some(length) => {
                at += length + 1;
                Some((&rest[..length], at))
            }
            None => {
                at = bytes.len();
                // Without its line break a line is not whole, even if its sum is right.
                Some((&rest[..0], at))
            }
        }
    })
}
