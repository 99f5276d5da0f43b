//! Everything that decides whether a request may go now: the pure parts, put together. `now` is passed in.
//!
//! 1. [`Queue::ask`] looks at the whole (revoked, breaker, global pause), then at the route's own limit, then at the
//!    budget of the second; what it lets go is reserved.
//! 2. The caller sends it and hands what came of it to [`Queue::settle`], exactly once.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use tokio::time::Instant;

use super::answer::NotSent;
use super::breaker::{Breaker, Verdict};
use super::bucket::{Bucket, Turn, pause_after_429};
use super::budget::Budget;
use super::headers::{RateHeaders, RetryAfter, Scope};
use super::limits::Limits;
use super::route::{Route, Traffic};

/// Above this, limits that nobody uses are forgotten at the next request.
const SWEEP_ABOVE: usize = 256;

/// So many 429 for single routes, without one other answer between them, are a storm: then one request at a time finds
/// out when it is over, instead of one for each route.
const STORM: u32 = 3;

/// The gate as a whole, as others may watch it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GateState {
    /// Requests go through.
    Open,
    /// Discord has asked everything to stop until then.
    Paused(Instant),
    /// Too many invalid answers: only probes go through.
    Tripped,
    /// Discord no longer knows the token. Nothing goes out any more; only a new token and a restart help.
    Revoked,
}

/// Whether a request may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Now; it is reserved.
    Go,
    /// Ask again at this moment, or when something was settled.
    Wait(Option<Instant>),
    /// The requests of this second are spent: ask again at this moment, behind those who waited before.
    Spent(Instant),
    /// Not at all.
    Refuse(NotSent),
}

/// What came of one request.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// An answer other than 401, 403 and 429.
    Answered(RateHeaders),
    /// 401 or 403.
    Invalid(RateHeaders, u16),
    /// 429.
    Limited(Scope, RetryAfter, RateHeaders),
    /// No usable answer.
    Unanswered,
}

/// All limits that are known.
#[derive(Debug)]
pub struct Queue {
    names: HashMap<String, String>,
    buckets: HashMap<(String, String), Bucket>,
    budget: Budget,
    breaker: Breaker,
    paused: Option<Pause>,
    pauses_in_a_row: u32,
    refusals_in_a_row: u32,
    revoked: bool,
    in_flight: usize,
    sweep_above: usize,
}

#[derive(Clone, Copy, Debug)]
struct Pause {
    until: Instant,
    callbacks_too: bool,
}

impl Queue {
    /// A queue that knows of no limit but those configured.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self {
            names: HashMap::new(),
            buckets: HashMap::new(),
            budget: Budget::new(limits.a_second, limits.background_a_second),
            breaker: Breaker::new(limits.invalid_in_ten_minutes, limits.probe_every),
            paused: None,
            pauses_in_a_row: 0,
            refusals_in_a_row: 0,
            revoked: false,
            in_flight: 0,
            sweep_above: SWEEP_ABOVE,
        }
    }

    /// Whether this request may go now.
    pub fn ask(&mut self, route: &Route, now: Instant) -> Admission {
        if self.revoked {
            return Admission::Refuse(NotSent::Revoked);
        }
        if let Some(until) = self.pause_for(route.traffic, now) {
            return Admission::Wait(Some(until));
        }
        match self.bucket(route).turn(now) {
            Turn::Now => {}
            Turn::At(until) => return Admission::Wait(Some(until)),
            Turn::AfterAnAnswer => return Admission::Wait(None),
        }
        // First answers to interactions are not held back: a whole crowd of them would wait for each single answer.
        let full = self.is_storm() && self.in_flight > 0 || !self.breaker.has_room(self.in_flight, now);
        if route.traffic != Traffic::Callback && full {
            return Admission::Wait(None);
        }
        if route.counts_in_the_second()
            && let Err(until) = self.budget.spend(route.traffic, now)
        {
            return Admission::Spent(until);
        }
        // Last, because a probe counts as sent.
        if let Verdict::Open(_) = self.breaker.ask(now) {
            return Admission::Refuse(NotSent::TooManyInvalid);
        }
        self.bucket(route).take(now);
        self.in_flight += 1;
        Admission::Go
    }

    /// Learns from what came of a request that was let go.
    pub fn settle(&mut self, route: &Route, outcome: &Outcome, now: Instant) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.budget.answered(route.traffic, now);
        match outcome {
            Outcome::Answered(told) => self.answered(route, told, now),
            Outcome::Invalid(told, status) => {
                self.answered(route, told, now);
                self.breaker.invalid(now);
                self.revoked |= *status == 401 && !route.own_token;
            }
            Outcome::Limited(scope, asked, told) => self.limited(route, *scope, *asked, told, now),
            Outcome::Unanswered => self.bucket(route).unanswered(),
        }
        self.sweep(now);
    }

    /// Forgets limits that nobody uses. In a crowd most are in use: then only once they have doubled, or each request
    /// would look at all of them.
    fn sweep(&mut self, now: Instant) {
        if self.buckets.len() > self.sweep_above {
            self.buckets.retain(|_, bucket| !bucket.is_idle(now));
            self.sweep_above = SWEEP_ABOVE.max(self.buckets.len() * 2);
        }
    }

    /// The gate as a whole.
    pub fn state(&mut self, now: Instant) -> GateState {
        if self.revoked {
            GateState::Revoked
        } else if let Some(until) = self.pause_for(Traffic::Normal, now) {
            GateState::Paused(until)
        } else if self.breaker.is_tripped(now) {
            GateState::Tripped
        } else {
            GateState::Open
        }
    }

    /// The invalid answers of the last ten minutes.
    pub fn invalid_in_ten_minutes(&mut self, now: Instant) -> usize {
        self.breaker.count(now)
    }

    fn pause_for(&self, traffic: Traffic, now: Instant) -> Option<Instant> {
        self.paused
            .filter(|pause| pause.until > now && (traffic != Traffic::Callback || pause.callbacks_too))
            .map(|pause| pause.until)
    }

    fn answered(&mut self, route: &Route, told: &RateHeaders, now: Instant) {
        self.learn_name(route, told);
        self.bucket(route).answered(told, now);
        self.pauses_in_a_row = 0;
        self.refusals_in_a_row = 0;
    }

    fn limited(&mut self, route: &Route, scope: Scope, asked: RetryAfter, told: &RateHeaders, now: Instant) {
        if scope != Scope::Shared {
            self.breaker.invalid(now);
        }
        self.learn_name(route, told);
        if matches!(scope, Scope::Route | Scope::Shared) {
            self.bucket(route).refused(asked, now);
            if scope == Scope::Route {
                self.refused(now);
            }
            return;
        }
        self.bucket(route).unanswered();
        // Requests that were on their way together draw one 429 each; only the first of a row counts.
        if self.paused.is_none_or(|pause| pause.until <= now) {
            self.pauses_in_a_row = self.pauses_in_a_row.saturating_add(1);
        }
        let until = now + pause_after_429(asked, self.pauses_in_a_row);
        self.pause(until, scope == Scope::Network);
    }

    /// Counts a 429 for a single route. In a storm everything pauses: 4, 16, 64, 256, then 900 seconds.
    fn refused(&mut self, now: Instant) {
        self.refusals_in_a_row = self.refusals_in_a_row.saturating_add(1);
        if self.is_storm() {
            let pause = pause_after_429(RetryAfter::Unusable, self.refusals_in_a_row - STORM + 2);
            self.pause(now + pause, false);
        }
    }

    fn is_storm(&self) -> bool {
        self.refusals_in_a_row >= STORM
    }

    /// Pauses until then, or longer where that was said before.
    fn pause(&mut self, until: Instant, callbacks_too: bool) {
        let earlier = self.paused.map_or(until, |pause| pause.until);
        self.paused = Some(Pause { until: until.max(earlier), callbacks_too });
    }

    /// Moves what is known of a route to the limit that Discord has named for it.
    fn learn_name(&mut self, route: &Route, told: &RateHeaders) {
        let Some(name) = told.bucket.as_ref() else { return };
        if self.names.get(&route.template) == Some(name) {
            return;
        }
        let known = self.buckets.remove(&self.key(route)).unwrap_or_default();
        self.names.insert(route.template.clone(), name.clone());
        match self.buckets.entry(self.key(route)) {
            Entry::Occupied(mut shared) => shared.get_mut().join(&known),
            Entry::Vacant(free) => {
                free.insert(known);
            }
        }
    }

    fn bucket(&mut self, route: &Route) -> &mut Bucket {
        let key = self.key(route);
        self.buckets.entry(key).or_default()
    }

    fn key(&self, route: &Route) -> (String, String) {
        let name = self.names.get(&route.template).unwrap_or(&route.template);
        (name.clone(), route.major.clone())
    }
}

#[cfg(test)]
mod tests;
