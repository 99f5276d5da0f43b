//! The way of one call through the gate:
//!
//! 1. it waits behind the earlier ones of its lane ([`super::lanes`]);
//! 2. it waits until every limit lets it go ([`super::queue`]), or is given back unsent when that would take too long;
//! 3. it is sent once ([`super::forward`]); what came of it is learnt and written down;
//! 4. [`super::retry`] decides: hand over, wait for another turn, try again, or say that nobody knows.

use std::time::Duration;

use rand::Rng;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::answer::{Answer, NotSent};
use super::forward::{self, Outgoing, Try};
use super::headers::Scope;
use super::queue::{Admission, Outcome};
use super::retry::{self, Seen, Step};
use super::route::Route;
use super::shared::Shared;
use super::transcript::{Entry, millis};

/// One call, from its arrival on.
pub(crate) struct Call {
    pub route: Route,
    pub outgoing: Outgoing,
    pub arrived: Instant,
}

/// Brings a call to its end. Dropping it while it waits sends nothing; dropping it on its way gives its place back.
pub(crate) async fn perform(shared: &Shared, call: &Call) -> Answer {
    let patience = call.arrived + shared.limits.patience_for(call.route.traffic);
    let Ok(_pass) = timeout_at(patience, shared.lanes.enter(&call.route.lane)).await else {
        return shared.not_sent(NotSent::TooLate);
    };
    let mut round = Round::default();
    loop {
        let reserved = match turn(shared, &call.route, patience).await {
            Ok(reserved) => reserved,
            Err(reason) => return shared.not_sent(reason),
        };
        let tried = round.send(shared, call, reserved).await;
        match round.decide(shared, call, &tried) {
            Step::HandOver => {
                return tried.answer.unwrap_or_else(|| shared.not_sent(NotSent::NoConnection));
            }
            Step::TurnAgain => round = Round::default(),
            Step::Again(pause) => sleep_until(Instant::now() + pause).await,
            Step::NotSent(reason) => return shared.not_sent(reason),
            Step::Unknown(reason) => return Answer::unknown(reason),
        }
    }
}

/// The tries since the last pause that Discord asked for; they share one deadline.
#[derive(Default)]
struct Round {
    tries: u32,
    until: Option<Instant>,
}

impl Round {
    async fn send(&mut self, shared: &Shared, call: &Call, reserved: Reserved<'_>) -> Try {
        let traffic = call.route.traffic;
        let turn = Instant::now();
        let end = || shared.limits.end_of_tries(traffic, call.arrived, turn);
        let until = *self.until.get_or_insert_with(end);
        self.tries += 1;
        // Half of the time is for the way itself: what goes out at the last moment ends in doubt for nothing.
        let half = turn + until.saturating_duration_since(turn) / 2;
        let road = timeout_at(half, shared.roads.for_traffic(traffic).acquire()).await;
        let started = Instant::now();
        let tried = match road {
            Ok(_road) => {
                let most = shared.limits.answer_bytes;
                forward::send(&shared.client, &shared.upstream, &call.outgoing, most, until).await
            }
            Err(_) => Try::lost(Seen::NotConnected),
        };
        reserved.settle(&tried.outcome);
        note(shared, call, &tried, started, self.tries);
        tried
    }

    fn decide(&self, shared: &Shared, call: &Call, tried: &Try) -> Step {
        let troubled = shared.rest.borrow().is_troubled();
        let pause = shared.limits.again_after;
        match retry::decide(&call.outgoing.method, tried.seen, self.tries, pause, troubled) {
            Step::Again(pause) => {
                let pause = jittered(pause);
                if self.until.is_some_and(|until| Instant::now() + pause < until) {
                    Step::Again(pause)
                } else {
                    // No time is left for another try: the same question for a call that may not try again.
                    retry::decide(&call.outgoing.method, tried.seen, self.tries, pause, true)
                }
            }
            step => step,
        }
    }
}

/// Half to the whole of a pause, so that calls which failed together do not come back together.
fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(rand::rng().random_range(0.5..=1.0))
}

async fn turn<'a>(shared: &'a Shared, route: &'a Route, patience: Instant) -> Result<Reserved<'a>, NotSent> {
    let mut head = None;
    loop {
        // Only whoever is at the head of the line asks for a place in this second; a crowd that asked again and again,
        // each for itself, would do nothing else.
        if head.is_none()
            && let Some(line) = shared.line_for(route)
        {
            head = Some(timeout_at(patience, line.lock()).await.map_err(|_| NotSent::TooLate)?);
        }
        // Enlisted before asking: an answer that comes in between is not missed.
        let mut settled = std::pin::pin!(shared.settled.notified());
        settled.as_mut().enable();
        match shared.ask(route) {
            Admission::Go => {
                return Ok(Reserved { shared, route, settled: false });
            }
            Admission::Refuse(reason) => return Err(reason),
            Admission::Spent(until) if until > patience => return Err(NotSent::TooLate),
            Admission::Spent(until) => sleep_until(until).await,
            Admission::Wait(until) => {
                // What it waits for now is its own: the others need not wait for it.
                head = None;
                wait(until, patience, settled).await?;
            }
        }
    }
}

/// Waits until something was settled; or, where the moment is known, until then, whatever is settled meanwhile: a crowd
/// that looked again at each answer would do nothing else.
async fn wait(
    until: Option<Instant>,
    patience: Instant,
    settled: std::pin::Pin<&mut tokio::sync::futures::Notified<'_>>,
) -> Result<(), NotSent> {
    match until {
        Some(until) if until > patience => return Err(NotSent::Paused),
        Some(until) => sleep_until(until).await,
        None => timeout_at(patience, settled).await.map_err(|_| NotSent::TooLate)?,
    }
    Ok(())
}

/// A place that the queue has given; it goes back if the call is dropped on its way.
struct Reserved<'a> {
    shared: &'a Shared,
    route: &'a Route,
    settled: bool,
}

impl Reserved<'_> {
    fn settle(mut self, outcome: &Outcome) {
        self.settled = true;
        self.shared.settle(self.route, outcome);
    }
}

impl Drop for Reserved<'_> {
    fn drop(&mut self) {
        if !self.settled {
            self.shared.settle(self.route, &Outcome::Unanswered);
        }
    }
}

fn note(shared: &Shared, call: &Call, tried: &Try, started: Instant, tries: u32) {
    let now = Instant::now();
    shared.rest.send_modify(|health| *health = health.after(is_answered(tried), now));
    let kind = call.outgoing.headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let answer = tried.answer.as_ref().map(|answer| answer.status.as_u16().to_string());
    let entry = Entry {
        at_millis: 0,
        method: call.outgoing.method.to_string(),
        path: call.route.shown.clone(),
        answer: answer.unwrap_or_else(|| format!("{:?}", tried.seen)),
        millis: millis(now - started),
    };
    let mut transcript = shared.transcript();
    transcript.add(started - shared.started, entry);
    transcript.write_raw(&call.outgoing.method, &call.outgoing.path_and_query, kind, &call.outgoing.body);
    let counters = &mut transcript.counters;
    counters.requests += 1;
    counters.again += u64::from(tries > 1);
    *match (&tried.outcome, tried.seen) {
        (Outcome::Invalid(..), _) => &mut counters.forbidden,
        (Outcome::Limited(Scope::Shared, ..), _) => &mut counters.limited_shared,
        (Outcome::Limited(..), _) => &mut counters.limited,
        (_, Seen::ServerError) => &mut counters.server_errors,
        (_, Seen::Fine) if tried.answer.as_ref().is_some_and(|answer| answer.status.as_u16() >= 400) => {
            &mut counters.refused
        }
        (_, Seen::Fine) => &mut counters.fine,
        _ => &mut counters.lost,
    } += 1;
}

/// Any answer of Discord below 500 shows that it is there.
fn is_answered(tried: &Try) -> bool {
    matches!(tried.seen, Seen::Fine | Seen::Limited)
}
