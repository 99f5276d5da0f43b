//! The lab's time: certificate dates, `Received` dates and INTERNALDATE come from here, so that a story can step them.

use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Utc};

/// Tells the lab what time it is, in milliseconds since the Unix epoch (UTC).
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> i64 + Send + Sync>);

impl Clock {
    /// A clock that asks `now_ms` whenever the lab needs the time.
    pub fn new(now_ms: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(now_ms))
    }

    /// The machine's own clock.
    pub fn system() -> Self {
        Self::new(|| {
            let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
        })
    }

    /// Now, in milliseconds since the Unix epoch.
    pub fn now_ms(&self) -> i64 {
        (self.0)()
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now_ms())
    }
}

/// The date form of header fields (RFC 5322 §3.3), in UTC.
pub(crate) fn mail_date(at_ms: i64) -> String {
    date(at_ms).format("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

/// The date-time of IMAP (RFC 9051 §9 `date-time`), in UTC.
pub(crate) fn imap_date(at_ms: i64) -> String {
    date(at_ms).format("%d-%b-%Y %H:%M:%S +0000").to_string()
}

fn date(at_ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at_ms).unwrap_or_default()
}
