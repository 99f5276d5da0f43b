//! What was found at start and what was done about it, in one line.

use super::segment::{Contents, End};
use super::state::State;
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
    pub(super) fn from_end(created: bool, newest: &Contents, commits: u64) -> Self {
        Opened {
            created,
            stopped_in_order: newest.end == End::Stopped,
            cut: if let End::Torn(bytes) = newest.end { bytes } else { 0 },
            file: newest.header.file,
            commits,
            ..Opened::default()
        }
    }

    pub(super) fn note_state(&mut self, state: &State) {
        self.last_seq = state.last_seq();
        self.incidents = state.incidents();
        self.open_items = state.open_items();
    }

    /// One line for the log and the card.
    pub fn summary(&self) -> String {
        if self.created {
            return "A new store was made.".to_owned();
        }
        let mut said = vec![
            format!("{} events of {} incidents", self.last_seq.0, self.incidents),
            self.end().to_owned(),
        ];
        if self.cut > 0 {
            said.push(format!("{} bytes of an unfinished write were cut", self.cut));
        }
        if self.closed_late {
            said.push("the mark that closes the last file but one was missing and was set".to_owned());
        }
        if self.doubted > 0 {
            said.push(format!("{} deliveries are uncertain and will be looked for", self.doubted));
        }
        said.extend(self.model.said());
        if !self.ballast {
            said.push("there is no room left in reserve for a full disk".to_owned());
        }
        format!("{}.", said.join("; "))
    }

    fn end(&self) -> &'static str {
        if self.stopped_in_order {
            "stopped in order"
        } else {
            "ended without warning, nothing that was promised is missing"
        }
    }
}

impl ModelFound {
    /// What is worth a word.
    fn said(&self) -> Option<String> {
        Some(match self {
            ModelFound::Current => return None,
            ModelFound::Followed { commits } => format!("the read model followed by {commits} commits"),
            ModelFound::Filled { commits, why } => {
                format!("the read model was filled anew with {commits} commits ({why})")
            }
            ModelFound::Missing { why } => {
                format!("the read model cannot be used ({why}), events are read from the journal")
            }
        })
    }
}
