//! Reading everything and comparing it: every line's sum, every number, the hash chain from the first event on.
//!
//! Sums find what broke by itself. The chain finds what somebody changed, deleted, swapped or put in, and names the
//! first event that is not as it was; its head stands in every export, where whoever changed the files cannot reach.

use std::path::Path;

use super::chain::Chain;
use super::line::{LineNumber, Link, Snapshot, Stands, Stored};
use super::segment::{self, Contents, End, Visitor};
use super::series;
use super::writer::Tip;
use super::{StoreError, Verified, disk};
use crate::ids::IncidentId;

/// Faults that are told at most; after so many the rest says nothing new.
const FAULTS_MOST: usize = 20;

/// What an unfinished write at the end of the newest file means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Unfinished {
    /// Nobody writes: something was cut short.
    #[default]
    IsTold,
    /// Somebody is writing at this moment.
    IsBeingWritten,
}

/// Reads all files; of the newest one only what is promised, where a store is open.
///
/// # Errors
/// Where the folder cannot be read. What is wrong in the files stands in the answer.
pub(super) fn verify(folder: &Path, tip: Option<&Tip>, end: Unfinished) -> Result<Verified, StoreError> {
    let mut audit = Audit { end, ..Audit::default() };
    let files = match series::list(folder) {
        Ok(files) => files,
        Err(StoreError::Damaged(what)) => {
            audit.fault(what);
            Vec::new()
        }
        Err(other) => return Err(other),
    };
    if files.first().is_some_and(|first| *first != 1) {
        audit.fault(format!("{} is missing", series::path_of(folder, 1).display()));
    }
    let newest = tip.map(|tip| tip.file).or(files.last().copied()).unwrap_or(0);
    for file in files.into_iter().filter(|file| *file <= newest) {
        audit.read_file(folder, file, newest, tip);
    }
    Ok(audit.finish())
}

/// The events of one incident, read from the journal.
///
/// # Errors
/// [`StoreError::Damaged`] where a file is not as it was written.
pub(super) fn events_of(
    folder: &Path,
    tip: &Tip,
    incident: IncidentId,
    after: u64,
    wanted: usize,
) -> Result<Vec<Link>, StoreError> {
    let mut found = Collector { incident, after, wanted, links: Vec::new() };
    for file in 1..=tip.file {
        read_file(folder, file, Some(tip), &mut found)?;
        if found.links.len() >= wanted {
            break;
        }
    }
    Ok(found.links)
}

/// Reads one file; of the newest one only what is promised.
pub(super) fn read_file(
    folder: &Path,
    file: u64,
    tip: Option<&Tip>,
    visitor: &mut dyn Visitor,
) -> Result<Contents, StoreError> {
    let path = series::path_of(folder, file);
    let mut bytes = disk::read_if_there(&path)?
        .ok_or_else(|| StoreError::Damaged(format!("{} is missing", path.display())))?;
    if let Some(tip) = tip.filter(|tip| tip.file == file) {
        bytes.truncate(usize::try_from(tip.length).unwrap_or(usize::MAX));
    }
    segment::read(&path, &bytes, visitor)
}

struct Collector {
    incident: IncidentId,
    after: u64,
    wanted: usize,
    links: Vec<Link>,
}

impl Visitor for Collector {
    fn snapshot(&mut self, _: &Snapshot, _: LineNumber) -> Result<(), StoreError> {
        Ok(())
    }

    fn commit(&mut self, _: LineNumber, stored: Stored) -> Result<(), StoreError> {
        for link in stored.events {
            let ours = link
                .place()
                .is_some_and(|(incident, version)| incident == self.incident && version > self.after);
            if ours && self.links.len() < self.wanted {
                self.links.push(link);
            }
        }
        Ok(())
    }
}

#[derive(Default)]
struct Audit {
    end: Unfinished,
    installation: Option<String>,
    last: LineNumber,
    chain: Chain,
    seq: u64,
    versions: std::collections::BTreeMap<IncidentId, u64>,
    commits: u64,
    faults: Vec<String>,
}

impl Audit {
    fn fault(&mut self, what: String) {
        if self.faults.len() < FAULTS_MOST {
            self.faults.push(what);
        }
    }

    fn read_file(&mut self, folder: &Path, file: u64, newest: u64, tip: Option<&Tip>) {
        let shown = series::path_of(folder, file).display().to_string();
        let contents = match read_file(folder, file, tip, self) {
            Ok(contents) => contents,
            Err(error) => return self.fault(error.to_string()),
        };
        let ours = self.installation.get_or_insert_with(|| contents.header.installation.clone());
        if *ours != contents.header.installation {
            self.fault(format!("{shown} belongs to another installation"));
        }
        if contents.header.file != file {
            self.fault(format!("{shown} holds what file {} should", contents.header.file));
        }
        match contents.end {
            End::Closed if file == newest => self.fault(format!("what comes after {shown} is missing")),
            End::Torn(_) if file == newest && self.end == Unfinished::IsBeingWritten => {}
            End::Torn(bytes) if file == newest => {
                self.fault(format!(
                    "{shown} ends with {bytes} bytes of an unfinished write; the next start cuts them"
                ));
            }
            End::Torn(_) | End::Whole | End::Stopped if file != newest => {
                self.fault(format!("{shown} is not closed as it was: its end is missing"));
            }
            _ => {}
        }
        self.last = contents.last;
        if contents.end == End::Closed {
            self.last -= 1;
        }
    }

    fn check_link(&mut self, number: LineNumber, link: &Link) {
        let stands = link.stands();
        let seq = stands.map(|stands| stands.seq);
        let named = seq.map_or_else(|| format!("sequence {number}"), |seq| format!("event {seq}"));
        if seq != Some(self.seq + 1) {
            self.fault(format!("{named} stands where event {} should", self.seq + 1));
        }
        self.seq = seq.unwrap_or(self.seq + 1);
        if self.chain.next(link.text()) != link.chain {
            self.fault(format!("{named} was changed, or what stood before it"));
        }
        // From here on as it says, so that one change is told once.
        self.chain = link.chain;
        if let Some(Stands { incident, version, .. }) = stands {
            let expected = self.versions.get(&incident).map_or(1, |before| before + 1);
            if version != expected {
                self.fault(format!("{named} is version {version} of {incident}, where {expected} should be"));
            }
            self.versions.insert(incident, version);
        }
    }

    fn finish(self) -> Verified {
        Verified {
            commits: self.commits,
            events: self.seq,
            head: self.chain.to_string(),
            faults: self.faults,
        }
    }
}

impl Visitor for Audit {
    fn snapshot(&mut self, snapshot: &Snapshot, base: LineNumber) -> Result<(), StoreError> {
        if base != self.last + 1 {
            self.fault(format!("sequence {base} follows on {}: something in between is missing", self.last));
        }
        if snapshot.chain != self.chain {
            self.fault(format!("the events before sequence {base} are not those that were written"));
            self.chain = snapshot.chain;
        }
        Ok(())
    }

    fn commit(&mut self, number: LineNumber, stored: Stored) -> Result<(), StoreError> {
        self.commits += 1;
        for link in &stored.events {
            self.check_link(number, link);
        }
        Ok(())
    }
}
