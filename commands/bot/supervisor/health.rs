//! Whether Discord is down, for those who must then tell people elsewhere. Pure; `now` is passed in.

use std::time::Duration;

use tokio::time::Instant;

use crate::bot::gate::RestHealth;

/// Discord as a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DiscordHealth {
    /// Messages arrive.
    #[default]
    Up,
    /// They do not; people must be told by other ways.
    Down {
        /// When it was noticed.
        since: Instant,
        /// By what.
        because: DownBecause,
    },
}

/// How it was noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DownBecause {
    /// The gateway is away for a minute, and REST has failed three times in a row.
    GatewayAndRest,
    /// REST alone has failed for two minutes.
    Rest,
}

/// When Discord counts as down, and as back.
#[derive(Clone, Copy, Debug)]
pub struct DownAfter {
    /// The gateway is away this long, and …
    pub gateway_away: Duration,
    /// … so many requests in a row had no answer.
    pub rest_failures: u32,
    /// Or: REST alone has failed this long.
    pub rest_failing: Duration,
    /// Back only when REST answered throughout this time: one lucky answer in a storm is not the end of it.
    pub answering: Duration,
}

impl Default for DownAfter {
    fn default() -> Self {
        Self {
            gateway_away: Duration::from_secs(60),
            rest_failures: 3,
            rest_failing: Duration::from_secs(120),
            answering: Duration::from_secs(10),
        }
    }
}

impl DiscordHealth {
    /// The health now, from the health before. `away_since` is when the gateway was lost, if it is.
    #[must_use]
    pub fn next(
        self,
        away_since: Option<Instant>,
        rest: RestHealth,
        now: Instant,
        after: &DownAfter,
    ) -> Self {
        match (self, down_because(away_since, rest, now, after)) {
            (Self::Up, Some(because)) => Self::Down { since: now, because },
            (Self::Down { .. }, _) if is_back(rest, after) => Self::Up,
            (before, _) => before,
        }
    }

    /// Whether people must be told elsewhere.
    #[must_use]
    pub fn is_down(self) -> bool {
        matches!(self, Self::Down { .. })
    }
}

fn down_because(
    away_since: Option<Instant>,
    rest: RestHealth,
    now: Instant,
    after: &DownAfter,
) -> Option<DownBecause> {
    let for_at_least = |since: Option<Instant>, length| since.is_some_and(|since| now >= since + length);
    if for_at_least(rest.failing_since, after.rest_failing) {
        Some(DownBecause::Rest)
    } else if for_at_least(away_since, after.gateway_away) && rest.failures_in_a_row >= after.rest_failures {
        Some(DownBecause::GatewayAndRest)
    } else {
        None
    }
}

fn is_back(rest: RestHealth, after: &DownAfter) -> bool {
    matches!((rest.answering_since, rest.answered_at), (Some(first), Some(last)) if last >= first + after.answering)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failing(failures: u32, since: Instant) -> RestHealth {
        RestHealth { failures_in_a_row: failures, failing_since: Some(since), ..RestHealth::default() }
    }

    #[track_caller]
    fn check(away: Option<u64>, failures: u32, failing_for: u64, expected: Option<DownBecause>) {
        let start = Instant::now();
        let now = start + Duration::from_secs(1000);
        let ago = |seconds| now - Duration::from_secs(seconds);
        let rest = if failures == 0 { RestHealth::default() } else { failing(failures, ago(failing_for)) };
        let health = DiscordHealth::Up.next(away.map(ago), rest, now, &DownAfter::default());
        let expected =
            expected.map_or(DiscordHealth::Up, |because| DiscordHealth::Down { since: now, because });
        assert_eq!(health, expected, "away {away:?}, {failures} failures for {failing_for} s");
    }

    #[test]
    fn down_is_said_when_both_are_gone_or_rest_for_long() {
        check(None, 0, 0, None);
        check(Some(600), 0, 0, None);
        check(Some(59), 3, 30, None);
        check(Some(60), 2, 30, None);
        check(Some(60), 3, 30, Some(DownBecause::GatewayAndRest));
        check(None, 3, 119, None);
        check(None, 1, 120, Some(DownBecause::Rest));
    }

    #[test]
    fn back_needs_answers_ten_seconds_apart_without_a_failure_between() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let after = DownAfter::default();
        let down = DiscordHealth::Down { since: start, because: DownBecause::Rest };
        let mut rest = failing(5, start).after(true, at(200));
        assert_eq!(down.next(None, rest, at(200), &after), down);
        rest = rest.after(false, at(205)).after(true, at(206)).after(true, at(212));
        assert_eq!(down.next(None, rest, at(212), &after), down);
        rest = rest.after(true, at(216));
        assert_eq!(down.next(Some(start), rest, at(216), &after), DiscordHealth::Up);
    }
}
