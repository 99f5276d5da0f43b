//! A breaker for each destination: what does not answer is left in peace for a while, and what is gone is not asked again.
//!
//! 1. Three failures in a row open it: nothing is tried until the pause is over. Each further failure doubles the pause, up
//!    to ten minutes; a little chance keeps several from coming at the same moment.
//! 2. After the pause one item is tried: a destination has one at a time.
//! 3. An address that does not exist any more (404, 410) is marked: what comes later is dead at once, in words, until the
//!    configuration is read again. Whoever works on the incident is told by the update that did not arrive.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use super::http;
use crate::clock::{Clock, UtcMs};
use crate::outbox::{Delivery, Item, Proof, Transport};

/// Failures in a row that open it.
const OPENS: u32 = 3;
/// The first pause.
const FIRST: Duration = Duration::from_secs(30);
/// The longest.
const LONGEST: Duration = Duration::from_secs(600);

/// A destination behind its breaker.
pub struct Guarded {
    inner: Arc<dyn Transport>,
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    failures: u32,
    /// Nothing is tried before, and why.
    open: Option<(UtcMs, String)>,
    /// Nothing is tried any more, since when.
    gone: Option<UtcMs>,
}

impl Guarded {
    /// Closed: everything is tried.
    pub fn new(inner: Arc<dyn Transport>, clock: Clock) -> Self {
        Guarded { inner, clock, state: Mutex::default() }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is said without trying.
    fn untried(&self, now: UtcMs) -> Option<Delivery> {
        let state = self.state();
        if state.gone.is_some() {
            return Some(http::gone());
        }
        let (until, why) = state.open.as_ref().filter(|(until, _)| *until > now)?;
        Some(Delivery::Retry { after: until.since(now), why: why.clone() })
    }

    fn learn(&self, delivery: Delivery, now: UtcMs, chance: f64) -> Delivery {
        let mut state = self.state();
        match delivery {
            Delivery::Retry { after, why } => {
                state.failures = state.failures.saturating_add(1);
                let after = after.max(pause(state.failures, chance));
                if state.failures >= OPENS {
                    state.open = Some((now + after, why.clone()));
                }
                Delivery::Retry { after, why }
            }
            dead if dead == http::gone() => {
                state.gone = Some(now);
                dead
            }
            // Also a refusal of one text shows that somebody is there.
            other => {
                *state = State::default();
                other
            }
        }
    }
}

/// None before it opens; then 30 s, 60 s, 2 min … 10 min, and up to a fifth more by chance.
fn pause(failures: u32, chance: f64) -> Duration {
    let Some(doubled) = failures.checked_sub(OPENS) else { return Duration::ZERO };
    let pause = FIRST.saturating_mul(1 << doubled.min(10)).min(LONGEST);
    pause + pause.mul_f64(chance.clamp(0.0, 1.0) / 5.0)
}

#[async_trait]
impl Transport for Guarded {
    async fn deliver(&self, item: &Item) -> Delivery {
        if let Some(untried) = self.untried(self.clock.now()) {
            return untried;
        }
        let delivery = self.inner.deliver(item).await;
        self.learn(delivery, self.clock.now(), rand::random())
    }

    async fn find(&self, item: &Item) -> Option<Proof> {
        self.inner.find(item).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::DestinationName;
    use crate::outbox::{ItemKey, Message, Place, Post, Purpose};

    /// Says the same to everything, and counts how often it was asked.
    struct Says(Delivery, Mutex<u32>);

    #[async_trait]
    impl Transport for Says {
        async fn deliver(&self, _: &Item) -> Delivery {
            *self.1.lock().expect("nobody panics") += 1;
            self.0.clone()
        }
        async fn find(&self, _: &Item) -> Option<Proof> {
            None
        }
    }

    fn item() -> Item {
        Item {
            key: ItemKey("x".into()),
            slot: "x".into(),
            incident: None,
            purpose: Purpose::Notice,
            place: Place::Route(DestinationName::from("portal")),
            post: Post::New,
            message: Message::text("x"),
            due: UtcMs(0),
        }
    }

    #[tokio::test]
    async fn a_relay_that_says_not_now_for_an_hour_is_asked_seldom_and_then_believed_again() {
        let clock = Clock::stepped(UtcMs(0));
        let later = Delivery::Retry { after: Duration::ZERO, why: "451".into() };
        let says = Arc::new(Says(later, Mutex::default()));
        let guarded = Guarded::new(says.clone(), clock.clone());
        while clock.now() < UtcMs(3_600_000) {
            let Delivery::Retry { after, .. } = guarded.deliver(&item()).await else { panic!("it says 451") };
            clock.step(after.max(Duration::from_secs(1)));
        }
        let asked = *says.1.lock().expect("nobody panics");
        assert!((6..=14).contains(&asked), "{asked} times in an hour");
        assert_eq!(
            guarded.learn(Delivery::Sent(Proof::Answer("250".into())), clock.now(), 0.0),
            Delivery::Sent(Proof::Answer("250".into()))
        );
        assert!(guarded.untried(clock.now()).is_none(), "closed again");
    }

    #[tokio::test]
    async fn an_address_that_is_gone_is_asked_once() {
        let says = Arc::new(Says(http::gone(), Mutex::default()));
        let guarded = Guarded::new(says.clone(), Clock::stepped(UtcMs(0)));
        for _ in 0..5 {
            assert_eq!(guarded.deliver(&item()).await, http::gone());
        }
        assert_eq!(*says.1.lock().expect("nobody panics"), 1);
    }

    #[test]
    fn the_pause_doubles_up_to_ten_minutes() {
        let seconds: Vec<u64> = (1..=10).map(|failures| pause(failures, 0.0).as_secs()).collect();
        assert_eq!(seconds, [0, 0, 30, 60, 120, 240, 480, 600, 600, 600]);
        assert_eq!(pause(3, 1.0).as_secs(), 36);
    }
}
