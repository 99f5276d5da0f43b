//! Time, as the only place that reads it gives it.
//!
//! 1. The edge asks the one [`Clock`] for `now` and passes it on; nothing below the edge reads a clock.
//! 2. What must happen later is a stored due time ([`UtcMs`]), never a sleeping task that must survive.
//! 3. Stories step a clock by hand ([`Clock::stepped`]); bot, sandbox and lab then share it.

use std::fmt;
use std::ops::{Add, Sub};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use chrono::{DateTime, TimeZone, Utc};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

/// A moment: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UtcMs(pub i64);

impl UtcMs {
    /// Whole seconds since 1970, as Discord's `<t:…>` wants them.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The time from `earlier` to `self`; zero where `earlier` is later.
    pub fn since(self, earlier: UtcMs) -> Duration {
        Duration::from_millis(u64::try_from(self.0 - earlier.0).unwrap_or(0))
    }

    /// The same moment for formatting and time zones.
    pub fn to_utc(self) -> DateTime<Utc> {
        Utc.timestamp_millis_opt(self.0).single().unwrap_or_default()
    }
}

impl From<DateTime<Utc>> for UtcMs {
    fn from(moment: DateTime<Utc>) -> Self {
        UtcMs(moment.timestamp_millis())
    }
}

impl Add<Duration> for UtcMs {
    type Output = UtcMs;
    fn add(self, rest: Duration) -> UtcMs {
        UtcMs(self.0.saturating_add(i64::try_from(rest.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl Sub<Duration> for UtcMs {
    type Output = UtcMs;
    fn sub(self, rest: Duration) -> UtcMs {
        UtcMs(self.0.saturating_sub(i64::try_from(rest.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl fmt::Display for UtcMs {
    /// ISO 8601 in UTC, to the second: the form of exports.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.to_utc().format("%Y-%m-%dT%H:%M:%SZ"))
    }
}

/// The one clock: wall time for what is stored and said, monotonic time for what is measured.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    /// The machine's, this far ahead in milliseconds.
    System {
        started: Instant,
        ahead: Arc<AtomicI64>,
    },
    Stepped {
        started: UtcMs,
        now: Arc<watch::Sender<UtcMs>>,
    },
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Clock(Source::System { started: Instant::now(), ahead: Arc::default() })
    }

    /// A clock that stands still until [`Clock::step`] moves it.
    pub fn stepped(start: UtcMs) -> Self {
        Clock(Source::Stepped { started: start, now: Arc::new(watch::channel(start).0) })
    }

    /// The wall time.
    pub fn now(&self) -> UtcMs {
        match &self.0 {
            Source::System { ahead, .. } => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                let machine = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
                UtcMs(machine.saturating_add(ahead.load(Ordering::Relaxed)))
            }
            Source::Stepped { now, .. } => *now.borrow(),
        }
    }

    /// The time since this clock was made; never goes back.
    pub fn monotonic(&self) -> Duration {
        match &self.0 {
            Source::System { started, .. } => started.elapsed(),
            Source::Stepped { started, now } => now.borrow().since(*started),
        }
    }

    /// Moves the wall time on, for stories and the demonstration. Who waits for a stepped clock is woken at once, who
    /// waits for the machine's within a second.
    pub fn step(&self, by: Duration) {
        match &self.0 {
            Source::Stepped { now, .. } => now.send_modify(|moment| *moment = *moment + by),
            Source::System { ahead, .. } => {
                ahead.fetch_add(i64::try_from(by.as_millis()).unwrap_or(0), Ordering::Relaxed);
            }
        }
    }

    /// Waits until the wall clock shows `due` or later.
    pub async fn wait_until(&self, due: UtcMs) {
        match &self.0 {
            // Looked at again every second, so that a clock that is set forward, or a suspended machine, is noticed.
            Source::System { .. } => loop {
                let left = due.since(self.now());
                if left.is_zero() {
                    return;
                }
                tokio::time::sleep(left.min(Duration::from_secs(1))).await;
            },
            Source::Stepped { now, .. } => {
                let mut seen = now.subscribe();
                // The sender lives in `self`, so waiting cannot fail.
                let _ = seen.wait_for(|moment| *moment >= due).await;
            }
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stepped_clock_wakes_who_waits() {
        let clock = Clock::stepped(UtcMs(1_000));
        let waiting = tokio::spawn({
            let clock = clock.clone();
            async move { clock.wait_until(UtcMs(61_000)).await }
        });
        clock.step(Duration::from_secs(59));
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        clock.step(Duration::from_secs(1));
        waiting.await.expect("the waiter ends");
        assert_eq!(clock.monotonic(), Duration::from_secs(60));
    }

    #[test]
    fn the_machines_clock_can_be_moved_on() {
        let clock = Clock::system();
        let before = clock.now();
        clock.clone().step(Duration::from_secs(600));
        assert!(clock.now() >= before + Duration::from_secs(600), "all copies are one clock");
        assert!(clock.monotonic() < Duration::from_secs(600), "what is measured is not moved");
    }

    #[test]
    fn moments_are_shown_in_utc_and_never_subtract_below_zero() {
        assert_eq!(UtcMs(0).to_string(), "1970-01-01T00:00:00Z");
        assert_eq!(UtcMs(5).since(UtcMs(9)), Duration::ZERO);
        assert_eq!(UtcMs(-1).seconds(), -1);
    }
}
