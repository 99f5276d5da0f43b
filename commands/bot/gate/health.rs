//! Whether Discord's REST answers at all. Pure; `now` is passed in.

use tokio::time::Instant;

/// How REST has been doing: either failing or answering.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RestHealth {
    /// Requests in a row without an answer below 500.
    pub failures_in_a_row: u32,
    /// When the first of them was noticed.
    pub failing_since: Option<Instant>,
    /// The first answer since the last failure.
    pub answering_since: Option<Instant>,
    /// The last answer since the last failure.
    pub answered_at: Option<Instant>,
}

impl RestHealth {
    /// The state after one more request.
    #[must_use]
    pub fn after(self, answered: bool, now: Instant) -> Self {
        if answered {
            let since = self.answering_since.or(Some(now));
            return Self { answering_since: since, answered_at: Some(now), ..Self::default() };
        }
        Self {
            failures_in_a_row: self.failures_in_a_row.saturating_add(1),
            failing_since: self.failing_since.or(Some(now)),
            ..Self::default()
        }
    }

    /// Failing long enough that more tries by the gate would only add load.
    #[must_use]
    pub fn is_troubled(self) -> bool {
        self.failures_in_a_row >= 3
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn failures_and_answers_end_each_other() {
        let start = Instant::now();
        let later = start + Duration::from_secs(1);
        let failing = RestHealth::default().after(false, start).after(false, later);
        assert_eq!((failing.failures_in_a_row, failing.failing_since), (2, Some(start)));
        assert!(!failing.is_troubled() && failing.after(false, later).is_troubled());
        let answering = failing.after(true, start).after(true, later);
        let expected = (0, None, Some(start), Some(later));
        let got = (
            answering.failures_in_a_row,
            answering.failing_since,
            answering.answering_since,
            answering.answered_at,
        );
        assert_eq!(got, expected);
    }
}
