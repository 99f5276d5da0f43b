//! How often a new session may be started. Discord allows 1,000 a day and then resets the token (events/gateway, "Session
//! Start Limit"); Watchpost stops at a hundred, and slows down long before, so that a fault which comes back every five
//! minutes does not use the day up before noon. Pure.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// The time in which sessions are counted.
pub const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Sessions in any 24 hours.
pub const MOST: usize = 100;

/// When sessions were started.
#[derive(Clone, Debug, Default)]
pub struct IdentifyBudget {
    at: VecDeque<Instant>,
}

impl IdentifyBudget {
    /// The budget of a program that goes on where an earlier one ended: how long ago each session was started. What lies
    /// before the start of the machine counts as now, which only delays.
    pub fn of_ages(ages: impl IntoIterator<Item = Duration>, now: Instant) -> Self {
        let mut at: Vec<Instant> = ages
            .into_iter()
            .filter(|age| *age < DAY)
            .map(|age| now.checked_sub(age).unwrap_or(now))
            .collect();
        at.sort_unstable();
        Self { at: at.into() }
    }

    /// When the next session may be started: not before `now`.
    pub fn free_at(&mut self, now: Instant) -> Instant {
        let used = self.used(now);
        let Some(last) = self.at.back() else { return now };
        let spaced = *last + spacing(used);
        let full = self.at.front().filter(|_| used >= MOST).map(|first| *first + DAY);
        spaced.max(full.unwrap_or(now)).max(now)
    }

    /// Counts a session.
    pub fn spend(&mut self, now: Instant) {
        self.used(now);
        self.at.push_back(now);
    }

    /// Sessions in the last 24 hours.
    pub fn used(&mut self, now: Instant) -> usize {
        while self.at.front().is_some_and(|first| *first + DAY <= now) {
            self.at.pop_front();
        }
        self.at.len()
    }
}

/// The least time between two sessions when so many were used. Discord itself asks for 5 s (`max_concurrency` 1).
fn spacing(used: usize) -> Duration {
    Duration::from_secs(match used {
        0..20 => 5,
        20..40 => 60,
        40..60 => 5 * 60,
        60..80 => 15 * 60,
        _ => 30 * 60,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(every: Duration, days: u32) -> Vec<Instant> {
        let start = Instant::now();
        let (mut budget, mut now, mut spent) = (IdentifyBudget::default(), start, Vec::new());
        while now < start + DAY * days {
            if budget.free_at(now) <= now {
                budget.spend(now);
                spent.push(now);
            }
            now += every;
        }
        spent
    }

    fn most_in_a_day(spent: &[Instant]) -> usize {
        let within = |from: &Instant| spent.iter().filter(|at| (*from..*from + DAY).contains(at)).count();
        spent.iter().map(within).max().unwrap_or_default()
    }

    #[test]
    fn never_more_than_a_hundred_in_any_day() {
        for every in [Duration::from_secs(5), Duration::from_secs(300)] {
            let spent = run(every, 3);
            assert!(most_in_a_day(&spent) <= MOST, "{every:?}");
            assert!(spent.len() >= 240, "{every:?}: it must go on");
        }
    }

    #[test]
    fn the_first_ones_come_quickly_and_never_closer_than_five_seconds() {
        let spent = run(Duration::from_secs(1), 1);
        assert_eq!(spent[19] - spent[0], Duration::from_secs(19 * 5));
        assert!(spent.windows(2).all(|pair| pair[1] - pair[0] >= Duration::from_secs(5)));
    }

    #[test]
    fn the_first_one_is_free() {
        let now = Instant::now();
        assert_eq!(IdentifyBudget::default().free_at(now), now);
    }
}
