//! The limit over all routes: 50 requests in any second (topics/rate-limits, "Global Rate Limit"), of which timed and
//! catching-up traffic gets at most half, so that whoever types a command does not wait behind it. Pure.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::route::Traffic;

/// The length of the window that Discord counts in.
const SECOND: Duration = Duration::from_secs(1);

/// What went out in the last second.
#[derive(Clone, Debug)]
pub struct Budget {
    all: Spending,
    background: Spending,
}

#[derive(Clone, Debug)]
struct Spending {
    most: usize,
    at: VecDeque<Instant>,
}

impl Budget {
    /// `all` requests a second, of which `background` at most for [`Traffic::Background`].
    #[must_use]
    pub fn new(all: usize, background: usize) -> Self {
        Self { all: Spending::new(all), background: Spending::new(background.min(all)) }
    }

    /// Spends one request, or says when there is one to spend. [`Traffic::Callback`] is never held back.
    ///
    /// # Errors
    /// The moment at which to ask again.
    pub fn spend(&mut self, traffic: Traffic, now: Instant) -> Result<(), Instant> {
        match traffic {
            Traffic::Callback => return Ok(()),
            Traffic::Normal => self.all.free_at(now)?,
            Traffic::Background => {
                self.background.free_at(now)?;
                self.all.free_at(now)?;
                self.background.at.push_back(now);
            }
        }
        self.all.at.push_back(now);
        Ok(())
    }
}

impl Spending {
    fn new(most: usize) -> Self {
        Self { most: most.max(1), at: VecDeque::with_capacity(most) }
    }

    fn free_at(&mut self, now: Instant) -> Result<(), Instant> {
        while self.at.front().is_some_and(|first| *first + SECOND <= now) {
            self.at.pop_front();
        }
        match self.at.front() {
            Some(first) if self.at.len() >= self.most => Err(*first + SECOND),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spend(budget: &mut Budget, traffic: Traffic, times: usize, now: Instant) -> usize {
        (0..times).take_while(|_| budget.spend(traffic, now).is_ok()).count()
    }

    #[test]
    fn fifty_a_second_and_half_of_them_for_background() {
        let start = Instant::now();
        let mut budget = Budget::new(50, 25);
        assert_eq!(spend(&mut budget, Traffic::Background, 100, start), 25);
        assert_eq!(spend(&mut budget, Traffic::Normal, 100, start), 25);
        assert_eq!(budget.spend(Traffic::Normal, start), Err(start + SECOND));
        assert_eq!(spend(&mut budget, Traffic::Callback, 100, start), 100);
        assert_eq!(spend(&mut budget, Traffic::Normal, 100, start + SECOND), 50);
    }

    #[test]
    fn the_window_slides() {
        let start = Instant::now();
        let mut budget = Budget::new(2, 1);
        let half = Duration::from_millis(500);
        assert_eq!(budget.spend(Traffic::Normal, start), Ok(()));
        assert_eq!(budget.spend(Traffic::Normal, start + half), Ok(()));
        assert_eq!(budget.spend(Traffic::Normal, start + half), Err(start + SECOND));
        assert_eq!(budget.spend(Traffic::Normal, start + SECOND), Ok(()));
        assert_eq!(budget.spend(Traffic::Normal, start + SECOND), Err(start + half + SECOND));
    }
}
