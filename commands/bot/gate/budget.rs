//! The limit over all routes: 50 requests in any second (topics/rate-limits, "Global Rate Limit"), of which timed and
//! catching-up traffic gets at most half, so that whoever types a command does not wait behind it. Pure.
//!
//! Discord counts when a request arrives, which lies somewhere between the moment at which it is sent and that of its
//! answer. So a request counts from its sending until a second after its answer: then no second of Discord's can hold more,
//! however unevenly they travel. Evenly spaced they travel fastest; so a crowd leaves one by one, not in one burst a second.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::route::Traffic;

/// The length of the window that Discord counts in.
const SECOND: Duration = Duration::from_secs(1);
/// A request that is not answered after this has arrived, or never will: a route that hangs must not stop the others.
const LONGEST_WAY: Duration = Duration::from_secs(2);
/// So much of a second's requests may leave at once after a pause: a command and what follows from it.
const AT_ONCE: usize = 10;

/// What went out in the last second.
#[derive(Clone, Debug)]
pub struct Budget {
    all: Spending,
    background: Spending,
    pace: Pace,
}

#[derive(Clone, Debug)]
struct Spending {
    most: usize,
    /// When each one left that is not answered yet.
    under_way: VecDeque<Instant>,
    /// When each one was answered.
    answered: VecDeque<Instant>,
}

/// One after the other, a fiftieth of a second apart, but for the first few.
#[derive(Clone, Debug)]
struct Pace {
    step: Duration,
    /// How much earlier than evenly spaced one may leave.
    early: Duration,
    /// When the next one would leave if none had been early.
    next: Option<Instant>,
}

impl Budget {
    /// `all` requests a second, of which `background` at most for [`Traffic::Background`].
    #[must_use]
    pub fn new(all: usize, background: usize) -> Self {
        let step = SECOND / u32::try_from(all.max(1)).unwrap_or(u32::MAX);
        let early = step * u32::try_from((all / AT_ONCE).saturating_sub(1)).unwrap_or(u32::MAX);
        let (background, pace) = (Spending::new(background.min(all)), Pace { step, early, next: None });
        Self { all: Spending::new(all), background, pace }
    }

    /// Spends one request, or says when there is one to spend. [`Traffic::Callback`] is never held back.
    ///
    /// # Errors
    /// The moment at which to ask again, or earlier when something was answered.
    pub fn spend(&mut self, traffic: Traffic, now: Instant) -> Result<(), Instant> {
        if traffic == Traffic::Callback {
            return Ok(());
        }
        if traffic == Traffic::Background {
            self.background.free_at(now)?;
        }
        self.all.free_at(now)?;
        self.pace.free_at(now)?;
        self.pace.leaves(now);
        self.all.under_way.push_back(now);
        if traffic == Traffic::Background {
            self.background.under_way.push_back(now);
        }
        Ok(())
    }

    /// One request has ended: from now on its second runs.
    pub fn answered(&mut self, traffic: Traffic, now: Instant) {
        if traffic != Traffic::Callback {
            self.all.answered(now);
        }
        if traffic == Traffic::Background {
            self.background.answered(now);
        }
    }
}

impl Spending {
    fn new(most: usize) -> Self {
        let most = most.max(1);
        Self { most, under_way: VecDeque::with_capacity(most), answered: VecDeque::with_capacity(most) }
    }

    fn free_at(&mut self, now: Instant) -> Result<(), Instant> {
        let over = |queue: &mut VecDeque<Instant>, after: Duration| {
            while queue.front().is_some_and(|first| *first + after <= now) {
                queue.pop_front();
            }
            queue.front().map(|first| *first + after)
        };
        let answered = over(&mut self.answered, SECOND);
        let under_way = over(&mut self.under_way, LONGEST_WAY + SECOND);
        if self.answered.len() + self.under_way.len() < self.most {
            return Ok(());
        }
        Err(answered.into_iter().chain(under_way).min().unwrap_or(now))
    }

    /// Which one it was does not matter: they are counted, not told apart.
    fn answered(&mut self, now: Instant) {
        if self.under_way.pop_front().is_some() {
            self.answered.push_back(now);
        }
    }
}

impl Pace {
    fn free_at(&self, now: Instant) -> Result<(), Instant> {
        match self.next.map(|next| next.checked_sub(self.early).unwrap_or(next)) {
            Some(free) if free > now => Err(free),
            _ => Ok(()),
        }
    }

    fn leaves(&mut self, now: Instant) {
        self.next = Some(self.next.map_or(now, |next| next.max(now)) + self.step);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spend(budget: &mut Budget, traffic: Traffic, times: usize, now: Instant) -> usize {
        (0..times).take_while(|_| budget.spend(traffic, now).is_ok()).count()
    }

    #[test]
    fn a_few_at_once_and_then_one_by_one() {
        let start = Instant::now();
        let mut budget = Budget::new(50, 25);
        assert_eq!(spend(&mut budget, Traffic::Normal, 100, start), 5);
        assert_eq!(spend(&mut budget, Traffic::Callback, 100, start), 100);
        let step = Duration::from_millis(20);
        assert_eq!(budget.spend(Traffic::Normal, start), Err(start + step));
        assert_eq!(spend(&mut budget, Traffic::Normal, 100, start + step), 1);
    }

    #[test]
    fn half_of_it_is_for_background() {
        let (start, mut budget) = (Instant::now(), Budget::new(50, 25));
        let mut sent = (0, 0);
        for millis in 0..1_000 {
            let now = start + Duration::from_millis(millis);
            sent.0 += spend(&mut budget, Traffic::Background, 1, now);
            sent.1 += spend(&mut budget, Traffic::Normal, 1, now);
        }
        assert!(sent.0 <= 25 && sent.0 + sent.1 == 50, "{sent:?}");
    }

    #[test]
    fn what_hangs_counts_for_three_seconds_and_no_longer() {
        let (start, mut budget) = (Instant::now(), Budget::new(2, 1));
        assert_eq!(budget.spend(Traffic::Normal, start), Ok(()));
        assert_eq!(budget.spend(Traffic::Normal, start), Err(start + SECOND / 2), "one by one");
        assert_eq!(budget.spend(Traffic::Normal, start + SECOND / 2), Ok(()));
        assert_eq!(budget.spend(Traffic::Normal, start + SECOND / 2), Err(start + LONGEST_WAY + SECOND));
        budget.answered(Traffic::Normal, start + SECOND);
        assert_eq!(budget.spend(Traffic::Normal, start + SECOND), Err(start + 2 * SECOND));
        assert_eq!(budget.spend(Traffic::Normal, start + 2 * SECOND), Ok(()));
        assert_eq!(spend(&mut budget, Traffic::Normal, 5, start + 7 * SECOND / 2), 1);
    }

    /// However long each one is on its way: no second of Discord's, wherever it begins, holds more than fifty.
    #[test]
    fn no_second_holds_more_whenever_they_arrive() {
        use proptest::prelude::*;
        let ways = proptest::collection::vec((0_u64..400, 0_u64..400), 200..300);
        let mut runner =
            proptest::test_runner::TestRunner::new(ProptestConfig { cases: 64, ..ProptestConfig::default() });
        let ran = runner.run(&ways, |ways| {
            let (start, mut budget) = (Instant::now(), Budget::new(50, 25));
            let (mut arrived, mut answers): (Vec<u64>, Vec<u64>) = (Vec::new(), Vec::new());
            let mut ways = ways.into_iter().peekable();
            for millis in 0..20_000 {
                let now = start + Duration::from_millis(millis);
                answers.retain(|at| {
                    *at > millis || {
                        budget.answered(Traffic::Normal, now);
                        false
                    }
                });
                while ways.peek().is_some() && budget.spend(Traffic::Normal, now).is_ok() {
                    let (there, back) = ways.next().unwrap_or_default();
                    arrived.push(millis + there);
                    answers.push(millis + there + back);
                }
            }
            prop_assert!(ways.peek().is_none(), "all left");
            arrived.sort_unstable();
            for (index, first) in arrived.iter().enumerate() {
                let within = arrived[index..].iter().take_while(|at| **at < first + 1_000).count();
                prop_assert!(within <= 50, "{within} from {first} ms on");
            }
            Ok(())
        });
        ran.expect("never more than fifty");
    }
}
