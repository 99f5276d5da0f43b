//! What was found at start and what was done about it, in one line.

use std::fmt::Write;

use super::segment::End;
use crate::ids::Seq;

/// What was found and done.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Opened {
    /// Nothing was there; the folder was made.
    pub created: bool,
    /// The process before this one ended in order.
    pub stopped_in_order: bool,
    /// Bytes of a write that was never promised, cut off.
    pub cut: u64,
    /// The file before the newest was not marked as closed; it is now.
    pub closed_late: bool,
    /// Number of the newest journal file.
    pub file: u64,
    /// Commits that were read again from it.
    pub commits: u64,
    /// The last event.
    pub last_seq: Seq,
    /// Number of incidents.
    pub incidents: usize,
    /// Items that are not settled.
    pub open_items: usize,
    /// Of these, the ones that were being delivered when the process ended.
    pub doubted: usize,
    /// How sled was found.
    pub model: ModelFound,
    /// There is room in reserve for a full disk.
    pub ballast: bool,
}

/// How sled was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ModelFound {
    /// Where the journal is.
    #[default]
    Current,
    /// Behind; it followed.
    Followed {
        /// By so many commits.
        commits: u64,
    },
    /// Of no use; filled anew.
    Filled {
        /// With so many commits.
        commits: u64,
        /// Why.
        why: String,
    },
    /// It cannot be had; events are read from the journal.
    Missing {
        /// Why.
        why: String,
    },
}

impl Opened {
    pub(super) fn note_end(&mut self, end: End) {
        self.stopped_in_order = end == End::Stopped;
        if let End::Torn(bytes) = end {
            self.cut = bytes;
        }
    }

    /// One line for the log and the card.
    pub fn summary(&self) -> String {
        if self.created {
            return "A new store was made.".to_owned();
        }
        let mut said = format!("{} events of {} incidents", self.last_seq.0, self.incidents);
        // Writing to a string cannot fail.
        let _ = match self.stopped_in_order {
            true => write!(said, "; stopped in order"),
            false => write!(said, "; ended without warning, nothing that was promised is missing"),
        };
        if self.cut > 0 {
            let _ = write!(said, "; {} bytes of an unfinished write were cut", self.cut);
        }
        if self.closed_late {
            said.push_str("; the mark that closes the last file but one was missing and was set");
        }
        if self.doubted > 0 {
            let _ = write!(said, "; {} deliveries are uncertain and will be looked for", self.doubted);
        }
        let _ = match &self.model {
            ModelFound::Current => Ok(()),
            ModelFound::Followed { commits } => {
                write!(said, "; the read model followed by {commits} commits")
            }
            ModelFound::Filled { commits, why } => {
                write!(said, "; the read model was filled anew with {commits} commits ({why})")
            }
            ModelFound::Missing { why } => {
                write!(said, "; the read model cannot be used ({why}), events are read from the journal")
            }
        };
        if !self.ballast {
            said.push_str("; there is no room left in reserve for a full disk");
        }
        said.push('.');
        said
    }
}
