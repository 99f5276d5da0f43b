//! The doctor: what must be true before the outage, asked while there is time to mend it.
//!
//! 1. [`examine`] asks everything that needs no chat: the machine, the name servers, the probe logins, what is shared
//!    with the mail service, the status page, the destinations. One file each below.
//! 2. The mouth adds what it sees of Discord, as [`Point`]s of the same form.
//! 3. A point says what was looked at, how it stands, what was seen, and what to do.
//!
//! Nothing is changed by it, and nothing leaves but the marked samples that somebody asked for.

pub mod destinations;
mod logins;
pub mod machine;
mod names;
mod page;
mod shared;

use std::fmt;

use watchpost_texts::say;

use crate::check::Prober;
use crate::clock::UtcMs;
use crate::config::Config;

/// How a point stands, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// As it should be.
    Good,
    /// Not looked at, with the reason.
    NotAsked,
    /// Works now, and will hurt one day.
    Warning,
    /// Does not work.
    Bad,
}

impl State {
    /// A word with a sign: never by colour alone.
    pub fn mark(self) -> &'static str {
        match self {
            State::Good => "✓ good",
            State::NotAsked => say!("· not asked"),
            State::Warning => say!("! look at it"),
            State::Bad => say!("✗ mend it"),
        }
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// What was looked at.
    pub about: String,
    /// How it stands.
    pub state: State,
    /// What was seen.
    pub seen: String,
    /// What to do; empty where nothing is to be done.
    pub what_to_do: String,
}

impl Point {
    /// As it should be.
    pub fn good(about: impl Into<String>, seen: impl Into<String>) -> Self {
        Point { about: about.into(), state: State::Good, seen: seen.into(), what_to_do: String::new() }
    }

    /// Anything else: what was seen, and what to do.
    pub fn new(
        about: impl Into<String>,
        state: State,
        seen: impl Into<String>,
        what_to_do: impl Into<String>,
    ) -> Self {
        Point { about: about.into(), state, seen: seen.into(), what_to_do: what_to_do.into() }
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.state.mark(), self.about, self.seen)?;
        if self.what_to_do.is_empty() { Ok(()) } else { write!(f, " {}", self.what_to_do) }
    }
}

/// The worst of them.
pub fn worst(points: &[Point]) -> State {
    points.iter().map(|point| point.state).max().unwrap_or(State::Good)
}

/// Everything that needs no chat. Bounded in time: each question has limits of its own, and they run side by side.
pub async fn examine(config: &Config, prober: &Prober, now: UtcMs) -> Vec<Point> {
    let machine = machine::examine(&config.store.folder);
    let (names, logins, shared, page) = futures::join!(
        names::examine(config),
        logins::examine(config, prober, now),
        shared::examine(config),
        page::examine(config),
    );
    [machine, names, logins, shared, page].concat()
}
