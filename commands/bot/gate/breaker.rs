//! Discord bans an address for 10,000 invalid requests in ten minutes (topics/rate-limits, "Invalid Request Limit").
//! Watchpost stops itself at two per cent of that: a mistake in it must never take the bot off the air for everybody. Pure.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// The window in which Discord counts.
pub const WINDOW: Duration = Duration::from_secs(10 * 60);

/// What the breaker says to one more request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Fine.
    Closed,
    /// This one may go, to see whether things are better.
    Probe,
    /// Not before this moment.
    Open(Instant),
}

/// The invalid answers (401, 403, 429 that is not shared) of the last ten minutes.
#[derive(Clone, Debug)]
pub struct Breaker {
    most: usize,
    every: Duration,
    invalid: VecDeque<Instant>,
    last_probe: Option<Instant>,
}

impl Breaker {
    /// At most `most` invalid answers in [`WINDOW`], probes included; when it is open one probe in `every`.
    #[must_use]
    pub fn new(most: usize, every: Duration) -> Self {
        Self { most, every, invalid: VecDeque::new(), last_probe: None }
    }

    /// Whether one more request may go. A probe counts as sent.
    pub fn ask(&mut self, now: Instant) -> Verdict {
        if !self.is_tripped(now) {
            return Verdict::Closed;
        }
        match self.last_probe.map(|at| at + self.every).filter(|next| *next > now) {
            Some(next) => Verdict::Open(next),
            None => {
                self.last_probe = Some(now);
                Verdict::Probe
            }
        }
    }

    /// Counts an invalid answer.
    pub fn invalid(&mut self, now: Instant) {
        self.count(now);
        self.invalid.push_back(now);
        // The first probe waits as long as every other.
        if self.invalid.len() == self.trips_at() {
            self.last_probe = Some(now);
        }
    }

    /// Whether only probes go through.
    pub fn is_tripped(&mut self, now: Instant) -> bool {
        self.count(now) >= self.trips_at()
    }

    /// Whether one more may go out while so many are on their way: all of them may turn out invalid.
    pub fn has_room(&mut self, in_flight: usize, now: Instant) -> bool {
        self.is_tripped(now) || self.count(now) + in_flight < self.trips_at()
    }

    /// How many invalid answers there were in the last ten minutes.
    pub fn count(&mut self, now: Instant) -> usize {
        while self.invalid.front().is_some_and(|first| *first + WINDOW <= now) {
            self.invalid.pop_front();
        }
        self.invalid.len()
    }

    /// Room is left for the probes of one window.
    fn trips_at(&self) -> usize {
        let probes = WINDOW.as_secs() / self.every.as_secs().max(1) + 1;
        self.most.saturating_sub(usize::try_from(probes).unwrap_or(usize::MAX)).max(self.most / 2).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn a_loop_of_refusals_stays_under_two_hundred_in_any_ten_minutes() {
        let start = Instant::now();
        let mut breaker = Breaker::new(200, MINUTE);
        let mut sent: Vec<Instant> = Vec::new();
        for step in 0..40 * 60 * 10 {
            let now = start + Duration::from_millis(100) * step;
            if matches!(breaker.ask(now), Verdict::Closed | Verdict::Probe) {
                breaker.invalid(now);
                sent.push(now);
            }
        }
        let worst =
            sent.iter().map(|from| sent.iter().filter(|at| (*from..*from + WINDOW).contains(*at)).count());
        assert!(worst.max().is_some_and(|most| (150..=200).contains(&most)));
    }

    #[test]
    fn it_closes_when_the_window_has_passed() {
        let start = Instant::now();
        let mut breaker = Breaker::new(20, MINUTE);
        while breaker.ask(start) == Verdict::Closed {
            breaker.invalid(start);
        }
        assert_eq!(breaker.ask(start), Verdict::Open(start + MINUTE));
        assert_eq!(breaker.ask(start + MINUTE), Verdict::Probe);
        assert_eq!(breaker.ask(start + MINUTE), Verdict::Open(start + MINUTE * 2));
        assert_eq!(breaker.ask(start + WINDOW), Verdict::Closed);
        assert_eq!(breaker.count(start + WINDOW), 0);
    }
}
