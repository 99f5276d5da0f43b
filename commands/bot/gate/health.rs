//! Whether Discord's REST answers at all. Pure; `now` is passed in.

use tokio::time::Instant;

/// How REST has been doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RestHealth {
    /// Requests in a row without an answer below 500.
    pub failures_in_a_row: u32,
    /// When the first of them was noticed.
    pub failing_since: Option<Instant>,
}

impl RestHealth {
    /// The state after one more request.
    #[must_use]
    pub fn after(self, answered: bool, now: Instant) -> Self {
        if answered {
            return Self::default();
        }
        Self {
            failures_in_a_row: self.failures_in_a_row.saturating_add(1),
            failing_since: self.failing_since.or(Some(now)),
        }
    }

    /// Failing long enough that more tries by the gate would only add load.
    #[must_use]
    pub fn is_troubled(self) -> bool {
        self.failures_in_a_row >= 3
    }
}
