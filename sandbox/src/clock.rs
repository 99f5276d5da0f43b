//! The clock that every rule reads. A story hands in the one that it steps.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, SecondsFormat};

/// Where the sandbox takes its time from: Unix milliseconds.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> u64 + Send + Sync>);

impl Clock {
    /// The machine's own clock.
    #[must_use]
    pub fn system() -> Self {
        Self::from_fn(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
        })
    }

    /// A clock of the caller's, for instance one that a bot under test shares. Unix milliseconds.
    pub fn from_fn(now_ms: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(now_ms))
    }

    /// A clock that stands still until its [`Stepper`] moves it.
    #[must_use]
    pub fn stepped(start_ms: u64) -> (Self, Stepper) {
        let now = Arc::new(AtomicU64::new(start_ms));
        let stepper = Stepper(Arc::clone(&now));
        (Self::from_fn(move || now.load(Ordering::SeqCst)), stepper)
    }

    /// Unix milliseconds.
    #[must_use]
    pub fn now_ms(&self) -> u64 {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now_ms())
    }
}

/// Moves a stepped [`Clock`].
#[derive(Clone, Debug)]
pub struct Stepper(Arc<AtomicU64>);

impl Stepper {
    /// Moves the clock forward by so many milliseconds.
    pub fn advance_ms(&self, millis: u64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

/// Discord's way to write a time: ISO 8601 with microseconds and offset.
pub(crate) fn iso8601(ms: u64) -> String {
    let ms = i64::try_from(ms).unwrap_or(i64::MAX);
    DateTime::from_timestamp_millis(ms).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Micros, false)
}

/// Reads a time that a request carries; `None` when it is none.
pub(crate) fn parse_iso8601(text: &str) -> Option<u64> {
    let time = DateTime::parse_from_rfc3339(text).ok()?;
    u64::try_from(time.timestamp_millis()).ok()
}
