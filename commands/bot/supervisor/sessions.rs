//! When sessions were started, in a file: so that a program that is started again and again counts on, and never starts more
//! than a hundred a day (a restart every five seconds would use up Discord's thousand in 83 minutes, and then the token is
//! reset; events/gateway, "Session Start Limit").
//!
//! One line a session, Unix milliseconds. A file that cannot be read or written only makes the count begin anew.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::identify::{DAY, MOST};

/// The file's name in the data folder.
pub const FILE: &str = "sessions";

/// The file.
#[derive(Clone, Debug)]
pub(crate) struct Sessions(PathBuf);

impl Sessions {
    pub(crate) fn at(path: &Path) -> Self {
        Sessions(path.to_owned())
    }

    /// How long ago each session of the last day was started.
    pub(crate) fn ages(&self) -> Vec<Duration> {
        let now = now_ms();
        let of = |at: u64| now.checked_sub(at).map(Duration::from_millis).filter(|age| *age < DAY);
        self.times().into_iter().filter_map(of).collect()
    }

    /// Notes one that is started now.
    pub(crate) fn note(&self) {
        let mut times = self.times();
        times.push(now_ms());
        let kept = times.split_off(times.len().saturating_sub(MOST));
        let text: String = kept.iter().map(|at| format!("{at}\n")).collect();
        let beside = self.0.with_extension("new");
        let written = std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, &self.0));
        if let Err(error) = written {
            tracing::warn!(%error, "how many sessions were started is not kept over a restart");
        }
    }

    fn times(&self) -> Vec<u64> {
        let text = std::fs::read_to_string(&self.0).unwrap_or_default();
        text.lines().filter_map(|line| line.parse().ok()).collect()
    }
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bot::supervisor::identify::IdentifyBudget;
    use tokio::time::Instant;

    #[test]
    fn a_restart_counts_on_and_a_broken_file_does_not_matter() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        std::fs::write(&path, format!("nonsense\n5\n{}\n", now_ms() + 90_000)).unwrap();
        let sessions = Sessions::at(&path);
        assert!(sessions.ages().is_empty(), "one is long past, one is not there yet");
        for _ in 0..MOST + 20 {
            sessions.note();
        }
        let ages = sessions.ages();
        assert!((MOST - 1..=MOST).contains(&ages.len()), "{}", ages.len());
        let now = Instant::now();
        let mut budget = IdentifyBudget::of_ages(ages, now);
        sessions.note();
        assert!(budget.used(now) >= MOST - 1);
        assert!(budget.free_at(now) > now + Duration::from_secs(25 * 60), "a crash loop slows down");
    }
}
