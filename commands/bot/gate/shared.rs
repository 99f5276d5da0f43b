//! What all calls share.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, Semaphore, watch};
use tokio::time::Instant;

use super::answer::{Answer, NotSent};
use super::health::RestHealth;
use super::lanes::Lanes;
use super::limits::Limits;
use super::queue::{Admission, GateState, Outcome, Queue};
use super::route::{Route, Traffic};
use super::transcript::Transcript;
use super::upstream::Upstream;

pub(crate) struct Shared {
    pub upstream: Upstream,
    pub client: reqwest::Client,
    pub limits: Limits,
    pub lanes: Lanes,
    /// Rings whenever the queue has learnt something.
    pub settled: Notify,
    pub calls: Semaphore,
    pub lines: Lines,
    pub roads: Roads,
    pub rest: watch::Sender<RestHealth>,
    pub state: watch::Sender<GateState>,
    pub started: Instant,
    pub queue: Mutex<Queue>,
    pub transcript: Mutex<Transcript>,
}

/// Where those stand in line who wait for another second, first come, first served.
#[derive(Default)]
pub(crate) struct Lines {
    normal: tokio::sync::Mutex<()>,
    background: tokio::sync::Mutex<()>,
}

/// The connections to Discord that may be in use at once. Interactions have their own, so that nothing else, however
/// slow, takes the last one.
pub(crate) struct Roads {
    callbacks: Semaphore,
    others: Semaphore,
}

impl Roads {
    pub(crate) fn new(each: usize) -> Self {
        Self { callbacks: Semaphore::new(each), others: Semaphore::new(each) }
    }

    pub(crate) fn for_traffic(&self, traffic: Traffic) -> &Semaphore {
        if traffic == Traffic::Callback { &self.callbacks } else { &self.others }
    }
}

impl Shared {
    pub(crate) fn ask(&self, route: &Route) -> Admission {
        let now = Instant::now();
        let mut queue = self.queue();
        let admission = queue.ask(route, now);
        self.tell(queue.state(now));
        admission
    }

    pub(crate) fn settle(&self, route: &Route, outcome: &Outcome) {
        let now = Instant::now();
        let mut queue = self.queue();
        queue.settle(route, outcome, now);
        self.tell(queue.state(now));
        drop(queue);
        self.settled.notify_waiters();
    }

    /// Where a request stands in line for a place in this second; `None` where it needs none.
    pub(crate) fn line_for(&self, route: &Route) -> Option<&tokio::sync::Mutex<()>> {
        match route.traffic {
            _ if !route.counts_in_the_second() => None,
            Traffic::Background => Some(&self.lines.background),
            Traffic::Callback | Traffic::Normal => Some(&self.lines.normal),
        }
    }

    pub(crate) fn not_sent(&self, reason: NotSent) -> Answer {
        self.transcript().counters.not_sent += 1;
        Answer::not_sent(reason)
    }

    pub(crate) fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn transcript(&self) -> MutexGuard<'_, Transcript> {
        self.transcript.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, state: GateState) {
        let changed = self.state.send_if_modified(|told| std::mem::replace(told, state) != state);
        if changed {
            match state {
                GateState::Open => tracing::info!("requests to Discord go through again"),
                GateState::Paused(_) => tracing::warn!("Discord has asked all requests to pause"),
                GateState::Tripped => {
                    tracing::error!("Discord refused too many requests in ten minutes: only probes go out");
                }
                GateState::Revoked => {
                    tracing::error!("Discord no longer accepts the bot token: nothing goes out any more");
                }
            }
        }
    }
}
