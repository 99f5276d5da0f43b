//! Rate limits (topics/rate-limits): a bucket for each route and resource, and one for everything.

use std::collections::{BTreeMap, VecDeque};

use crate::rules::limits;

/// So many requests in so many milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Requests.
    pub requests: u32,
    /// Milliseconds, from the first of them.
    pub per_ms: u64,
}

impl Rate {
    /// So many requests in so many milliseconds.
    #[must_use]
    pub const fn new(requests: u32, per_ms: u64) -> Self {
        Self { requests, per_ms }
    }
}

/// The limits that hold. Discord publishes none of the numbers; these are the ones that bots see.
#[derive(Clone, Debug)]
pub struct RateLimits {
    /// Everything except answers to interactions and webhooks.
    pub global: Rate,
    /// A new message, per channel.
    pub create_message: Rate,
    /// An edit of a message, per channel.
    pub edit_message: Rate,
    /// A deletion of a message, per channel.
    pub delete_message: Rate,
    /// A reaction put on or taken off, per channel.
    pub reaction: Rate,
    /// A webhook's or an interaction's messages, per token.
    pub webhook: Rate,
    /// Everything else, per route and resource.
    pub other: Rate,
    /// Answers 401, 403 and 429 (not shared) after which the address is banned for the rest of the time.
    pub invalid: Rate,
    /// Whether any of them hold; the ban holds always.
    pub enforced: bool,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self {
            global: Rate::new(limits::GLOBAL_PER_SECOND, 1_000),
            create_message: Rate::new(5, 5_000),
            edit_message: Rate::new(5, 5_000),
            delete_message: Rate::new(5, 1_000),
            reaction: Rate::new(1, 250),
            webhook: Rate::new(5, 2_000),
            other: Rate::new(50, 1_000),
            invalid: Rate::new(limits::INVALID_REQUESTS, limits::INVALID_WINDOW_MS),
            enforced: true,
        }
    }
}

impl RateLimits {
    /// The same numbers in the headers, and nothing refused.
    #[must_use]
    pub fn lenient() -> Self {
        Self { enforced: false, ..Self::default() }
    }

    pub(crate) const fn of(&self, bucket: Bucket) -> Rate {
        match bucket {
            Bucket::CreateMessage => self.create_message,
            Bucket::EditMessage => self.edit_message,
            Bucket::DeleteMessage => self.delete_message,
            Bucket::Reaction => self.reaction,
            Bucket::Webhook => self.webhook,
            Bucket::Other(_) | Bucket::Callback => self.other,
        }
    }
}

/// Which routes share a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Bucket {
    CreateMessage,
    EditMessage,
    DeleteMessage,
    Reaction,
    Webhook,
    /// The first answer to an interaction: no limit.
    Callback,
    /// The route's own number.
    Other(u16),
}

/// What the headers say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Standing {
    pub(crate) limit: u32,
    pub(crate) remaining: u32,
    pub(crate) reset_ms: u64,
    pub(crate) reset_after_ms: u64,
    pub(crate) bucket: u64,
}

/// What a request is told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Verdict {
    /// Go on; the headers, where the route has any.
    Admitted(Option<Standing>),
    /// The bucket is empty.
    Limited(Standing),
    /// Everything is stopped for so many milliseconds.
    Global(u64),
    /// Too many invalid requests: the address is banned for so many milliseconds.
    Banned(u64),
}

#[derive(Clone, Copy, Debug, Default)]
struct Window {
    used: u32,
    ends_ms: u64,
}

/// The state of all buckets.
#[derive(Debug, Default)]
pub(crate) struct Rates {
    windows: BTreeMap<(Bucket, String), Window>,
    global: Window,
    invalid_ms: VecDeque<u64>,
}

impl Rates {
    /// Counts a request and says what becomes of it. `major` is the resource that a limit is counted for.
    pub(crate) fn admit(&mut self, rates: &RateLimits, bucket: Bucket, major: &str, now_ms: u64) -> Verdict {
        if let Some(left_ms) = self.ban(rates.invalid, now_ms) {
            return Verdict::Banned(left_ms);
        }
        let exempt = matches!(bucket, Bucket::Callback | Bucket::Webhook);
        if bucket == Bucket::Callback {
            return Verdict::Admitted(None);
        }
        if !exempt && !take(&mut self.global, rates.global, now_ms) && rates.enforced {
            return Verdict::Global(self.global.ends_ms.saturating_sub(now_ms));
        }
        self.forget_old(now_ms);
        let rate = rates.of(bucket);
        let window = self.windows.entry((bucket, major.to_owned())).or_default();
        let admitted = take(window, rate, now_ms);
        let standing = Standing {
            limit: rate.requests,
            remaining: rate.requests.saturating_sub(window.used),
            reset_ms: window.ends_ms,
            reset_after_ms: window.ends_ms.saturating_sub(now_ms),
            bucket: bucket_number(bucket),
        };
        if admitted || !rates.enforced {
            Verdict::Admitted(Some(standing))
        } else {
            Verdict::Limited(standing)
        }
    }

    /// Counts a 401, a 403 or a 429 that was not shared.
    pub(crate) fn count_invalid(&mut self, invalid: Rate, now_ms: u64) {
        while self.invalid_ms.len() >= invalid.requests as usize {
            self.invalid_ms.pop_front();
        }
        self.invalid_ms.push_back(now_ms);
    }

    /// Invalid requests of the last ten minutes.
    pub(crate) fn invalid(&self, invalid: Rate, now_ms: u64) -> usize {
        self.invalid_ms.iter().filter(|at| at.saturating_add(invalid.per_ms) > now_ms).count()
    }

    fn ban(&self, invalid: Rate, now_ms: u64) -> Option<u64> {
        let oldest = *self.invalid_ms.front()?;
        let ends = oldest.saturating_add(invalid.per_ms);
        let full = self.invalid_ms.len() >= invalid.requests as usize;
        (full && ends > now_ms).then(|| ends - now_ms)
    }

    fn forget_old(&mut self, now_ms: u64) {
        const MANY: usize = 4_096;
        if self.windows.len() > MANY {
            self.windows.retain(|_, window| window.ends_ms > now_ms);
        }
    }
}

fn take(window: &mut Window, rate: Rate, now_ms: u64) -> bool {
    if now_ms >= window.ends_ms || window.ends_ms > now_ms.saturating_add(rate.per_ms) {
        *window = Window { used: 0, ends_ms: now_ms.saturating_add(rate.per_ms) };
    }
    if window.used >= rate.requests {
        return false;
    }
    window.used += 1;
    true
}

fn bucket_number(bucket: Bucket) -> u64 {
    match bucket {
        Bucket::CreateMessage => 1,
        Bucket::EditMessage => 2,
        Bucket::DeleteMessage => 3,
        Bucket::Reaction => 4,
        Bucket::Webhook => 5,
        Bucket::Callback => 6,
        Bucket::Other(route) => 16 + u64::from(route),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(rates: &mut Rates, limits: &RateLimits, bucket: Bucket, major: &str, now_ms: u64) -> bool {
        matches!(rates.admit(limits, bucket, major, now_ms), Verdict::Admitted(_))
    }

    #[test]
    fn a_bucket_empties_and_fills_again() {
        let (mut rates, limits) = (Rates::default(), RateLimits::default());
        for _ in 0..5 {
            assert!(admitted(&mut rates, &limits, Bucket::CreateMessage, "1", 10_000));
        }
        assert!(!admitted(&mut rates, &limits, Bucket::CreateMessage, "1", 10_000));
        assert!(admitted(&mut rates, &limits, Bucket::CreateMessage, "2", 10_000));
        assert!(!admitted(&mut rates, &limits, Bucket::CreateMessage, "1", 14_999));
        assert!(admitted(&mut rates, &limits, Bucket::CreateMessage, "1", 15_000));
    }

    #[test]
    fn the_global_limit_counts_all_routes_but_not_callbacks() {
        let (mut rates, limits) = (Rates::default(), RateLimits::default());
        for channel in 0..50 {
            assert!(admitted(&mut rates, &limits, Bucket::CreateMessage, &channel.to_string(), 5));
        }
        assert!(matches!(rates.admit(&limits, Bucket::Other(1), "x", 5), Verdict::Global(_)));
        assert!(admitted(&mut rates, &limits, Bucket::Callback, "x", 5));
        assert!(admitted(&mut rates, &limits, Bucket::Webhook, "x", 5));
    }

    #[test]
    fn ten_thousand_invalid_requests_ban_the_address() {
        let (mut rates, limits) = (Rates::default(), RateLimits::default());
        for _ in 0..10_000 {
            rates.count_invalid(limits.invalid, 1_000);
        }
        assert!(matches!(rates.admit(&limits, Bucket::Callback, "", 2_000), Verdict::Banned(_)));
        assert!(admitted(&mut rates, &limits, Bucket::Callback, "", 601_000));
    }
}
