//! What is wrong with a configuration, all of it at once, each with its line, its reason and how to mend it.

use std::fmt;
use std::path::PathBuf;

/// Why a configuration was not taken. Nothing of it is in force then.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is not there.
    #[error(
        "{}: there is no such file. Copy watchpost.example.toml to it, or name another one with --config or \
         WATCHPOST_CONFIG.",
        path.display()
    )]
    Missing {
        /// The file that was asked for.
        path: PathBuf,
    },
    /// The file is there but cannot be read.
    #[error("{}: cannot be read: {reason}. Check that the account that runs Watchpost may read it.", path.display())]
    Unreadable {
        /// The file that was asked for.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The file was read and has problems; every one is listed.
    #[error("{0}")]
    Invalid(Problems),
    /// A reload would change what only a new start can change; see [`super::Config::reload`].
    #[error(
        "not reloaded, nothing was changed: {} can only change with a new start. Restart Watchpost, or undo it and \
         reload again.",
        keys.join(", ")
    )]
    NeedsRestart {
        /// The keys that differ and need a new start.
        keys: Vec<String>,
    },
}

/// One thing that is wrong in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Line in the file, counted from 1; `None` where something is missing from the file as a whole.
    pub line: Option<usize>,
    /// The whole name of the key, such as `service.main.domain`; empty for a fault of syntax.
    pub key: String,
    /// What is wrong and why, without a full stop.
    pub reason: String,
    /// What to do, as a sentence.
    pub mend: String,
}

/// Every problem of one file, in the order of its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems {
    /// The file as it was named.
    pub file: PathBuf,
    /// At least one problem.
    pub list: Vec<Problem>,
}

impl Problems {
    pub(super) fn new(file: PathBuf, mut list: Vec<Problem>) -> Self {
        list.sort_by_key(|problem| problem.line);
        Self { file, list }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.list.iter().enumerate() {
            if index > 0 {
                writeln!(out)?;
            }
            write!(out, "{}", self.file.display())?;
            if let Some(line) = problem.line {
                write!(out, ":{line}")?;
            }
            if !problem.key.is_empty() {
                write!(out, ": {}", problem.key)?;
            }
            write!(out, ": {}. {}", problem.reason, problem.mend)?;
        }
        Ok(())
    }
}

/// A value that does not fit its key: why, and how to mend it. The reader adds file, line and key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// What is wrong, without a full stop.
    pub reason: String,
    /// What to do, as a sentence.
    pub mend: String,
}

impl Wrong {
    /// A reason without a full stop and a mend with one.
    pub fn new(reason: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { reason: reason.into(), mend: mend.into() }
    }
}
