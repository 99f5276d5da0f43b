//! The arithmetic of one limit: when may the next request go? Pure; `now` is passed in and is monotonic, so that a
//! wall clock that jumps neither stops nor floods anything.

use std::time::Duration;

use tokio::time::Instant;

use super::headers::{LONGEST_PAUSE, RateHeaders, RetryAfter};

/// Discord rounds its windows to milliseconds and counts at its own end of the line.
const MARGIN: Duration = Duration::from_millis(20);

/// Whether a request may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// At once.
    Now,
    /// Not before this moment.
    At(Instant),
    /// When an answer that is on its way has told how much is left.
    AfterAnAnswer,
}

/// One limit of Discord for one major id.
#[derive(Clone, Debug, Default)]
pub struct Bucket {
    window: Option<Window>,
    in_flight: u32,
    refusals_in_a_row: u32,
    parked_until: Option<Instant>,
}

#[derive(Clone, Debug)]
struct Window {
    limit: u32,
    remaining: u32,
    resets_at: Instant,
}

impl Bucket {
    /// Whether one more request may go now. Asks only; [`Bucket::take`] reserves.
    #[must_use]
    pub fn turn(&self, now: Instant) -> Turn {
        if let Some(until) = self.parked_until.filter(|until| *until > now) {
            return Turn::At(until);
        }
        match &self.window {
            // Nothing known, or the window is over: one goes ahead to learn, the others wait for its answer.
            None if self.in_flight == 0 => Turn::Now,
            None => Turn::AfterAnAnswer,
            Some(window) if now >= window.resets_at => {
                if self.in_flight < window.limit.max(1) {
                    Turn::Now
                } else {
                    Turn::AfterAnAnswer
                }
            }
            Some(window) if self.in_flight < window.remaining => Turn::Now,
            Some(window) => Turn::At(window.resets_at),
        }
    }

    /// Reserves the request for which [`Bucket::turn`] said [`Turn::Now`].
    pub fn take(&mut self, now: Instant) {
        if let Some(window) = self.window.as_mut().filter(|window| now >= window.resets_at) {
            // A new window: what it allows is only known when its first answer comes.
            window.remaining = window.limit;
            window.resets_at = now + MARGIN;
        }
        self.in_flight += 1;
    }

    /// Learns from an answer that was not a 429.
    pub fn answered(&mut self, told: &RateHeaders, now: Instant) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.refusals_in_a_row = 0;
        self.parked_until = None;
        if let (Some(limit), Some(remaining), Some(reset_after)) =
            (told.limit, told.remaining, told.reset_after)
        {
            self.window = Some(Window { limit, remaining, resets_at: now + reset_after + MARGIN });
        }
    }

    /// Gives back a request without an answer.
    pub fn unanswered(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
    }

    /// Parks after a 429. Returns until when.
    pub fn refused(&mut self, asked: RetryAfter, now: Instant) -> Instant {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.refusals_in_a_row = self.refusals_in_a_row.saturating_add(1);
        let until = now + pause_after_429(asked, self.refusals_in_a_row);
        self.parked_until = Some(until);
        self.window = None;
        until
    }

    /// Takes over what was known of a route that turned out to count here.
    pub fn join(&mut self, other: &Self) {
        self.in_flight += other.in_flight;
        self.parked_until = self.parked_until.max(other.parked_until);
    }

    /// Nothing would be lost by forgetting it.
    #[must_use]
    pub fn is_idle(&self, now: Instant) -> bool {
        self.in_flight == 0
            && self.parked_until.is_none_or(|until| until <= now)
            && self.window.as_ref().is_none_or(|window| window.resets_at <= now)
    }
}

/// How long to wait after the n-th 429 in a row: what Discord asks for, but from the second on at least 1, 4, 16, 64 …
/// seconds, so that a server which always says "at once" costs at most nine invalid requests an hour.
#[must_use]
pub fn pause_after_429(asked: RetryAfter, refusals_in_a_row: u32) -> Duration {
    let floor = |steps: u32| Duration::from_secs(4_u64.saturating_pow(steps)).min(LONGEST_PAUSE);
    match (asked, refusals_in_a_row) {
        (RetryAfter::After(pause), 0 | 1) => pause + MARGIN,
        (RetryAfter::After(pause), refusals) => (pause + MARGIN).max(floor(refusals - 2)),
        (RetryAfter::Unusable, refusals) => floor(refusals.saturating_sub(1)),
    }
    .min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(limit: u32, remaining: u32, reset_after_millis: u64) -> RateHeaders {
        RateHeaders {
            limit: Some(limit),
            remaining: Some(remaining),
            reset_after: Some(Duration::from_millis(reset_after_millis)),
            bucket: None,
        }
    }

    fn millis(value: u64) -> Duration {
        Duration::from_millis(value)
    }

    #[test]
    fn a_cold_bucket_sends_one_ahead_to_learn() {
        let start = Instant::now();
        let mut bucket = Bucket::default();
        assert_eq!(bucket.turn(start), Turn::Now);
        bucket.take(start);
        assert_eq!(bucket.turn(start), Turn::AfterAnAnswer);
        bucket.answered(&told(5, 4, 1000), start);
        assert_eq!(bucket.turn(start), Turn::Now);
    }

    #[test]
    fn what_is_in_flight_counts_against_what_remains() {
        let start = Instant::now();
        let mut bucket = Bucket::default();
        bucket.take(start);
        bucket.answered(&told(5, 1, 1000), start);
        bucket.take(start);
        assert_eq!(bucket.turn(start), Turn::At(start + millis(1000) + MARGIN));
        bucket.unanswered();
        assert_eq!(bucket.turn(start), Turn::Now);
    }

    #[test]
    fn an_exhausted_window_opens_when_it_resets() {
        let start = Instant::now();
        let mut bucket = Bucket::default();
        bucket.take(start);
        bucket.answered(&told(5, 0, 1000), start);
        assert_eq!(bucket.turn(start + millis(999)), Turn::At(start + millis(1000) + MARGIN));
        assert_eq!(bucket.turn(start + millis(1000) + MARGIN), Turn::Now);
        assert!(!bucket.is_idle(start));
        assert!(bucket.is_idle(start + millis(1100)));
    }

    /// A fixed window of 5 a second, as reliability measurements use it: the pacing alone must need no 429.
    #[test]
    fn fifty_one_after_another_need_nine_seconds_and_no_429() {
        let start = Instant::now();
        let (mut bucket, mut now, mut left, mut ends) =
            (Bucket::default(), start, 5_u32, start + millis(1000));
        for _ in 0..50 {
            while let Turn::At(until) = bucket.turn(now) {
                now = until;
            }
            bucket.take(now);
            now += millis(3);
            if now >= ends {
                (left, ends) = (5, now + millis(1000));
            }
            assert!(left > 0, "the server would have answered 429");
            left -= 1;
            bucket.answered(&told(5, left, u64::try_from((ends - now).as_millis()).unwrap()), now);
        }
        assert!((millis(9000)..millis(9500)).contains(&(now - start)), "{:?}", now - start);
    }

    #[track_caller]
    fn check(asked: Option<u64>, refusals: u32, expected_millis: u64) {
        let asked = asked.map_or(RetryAfter::Unusable, |value| RetryAfter::After(millis(value)));
        assert_eq!(pause_after_429(asked, refusals), millis(expected_millis), "{asked:?} {refusals}");
    }

    #[test]
    fn the_pause_grows_with_refusals_in_a_row_and_has_an_end() {
        check(Some(300), 1, 320);
        check(Some(300), 2, 1000);
        check(Some(300), 3, 4000);
        check(Some(30_000), 3, 30_020);
        check(Some(300), 9, 900_000);
        check(Some(900_000), 1, 900_000);
        check(None, 1, 1000);
        check(None, 2, 4000);
        check(None, 5, 256_000);
        check(None, u32::MAX, 900_000);
    }

    #[test]
    fn a_server_that_always_refuses_costs_at_most_nine_requests_an_hour() {
        for asked in [RetryAfter::Unusable, RetryAfter::After(millis(1))] {
            let start = Instant::now();
            let (mut bucket, mut now, mut requests) = (Bucket::default(), start, 0);
            while now < start + Duration::from_secs(3600) {
                assert_eq!(bucket.turn(now), Turn::Now);
                bucket.take(now);
                requests += 1;
                now = bucket.refused(asked, now);
            }
            assert!(requests <= 10, "{requests} requests for {asked:?}");
        }
    }

    #[test]
    fn an_answer_ends_the_row_of_refusals() {
        let start = Instant::now();
        let mut bucket = Bucket::default();
        for _ in 0..3 {
            bucket.refused(RetryAfter::Unusable, start);
        }
        bucket.answered(&RateHeaders::default(), start);
        assert_eq!(bucket.turn(start), Turn::Now);
        assert_eq!(bucket.refused(RetryAfter::Unusable, start), start + millis(1000));
    }
}
