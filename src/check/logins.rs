//! Logins with care: a wrong password must not be tried from every port at once, or the server bans us and the checks
//! report an outage that they made.
//!
//! The first login of a run goes alone. If it is refused, no other of the same protocol follows; if it works, or
//! fails for another reason, or takes long, the others go at once.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{Mutex, MutexGuard};
use watchpost_texts::to_say;

use super::finding::{Finding, Verdict};
use crate::cause::Cause;

/// So long the others wait for the first: a refusal comes within a few seconds, and a back end that hangs must not cost
/// its time twice.
const PATIENCE: Duration = Duration::from_secs(5);

/// One protocol's logins in one run.
#[derive(Debug, Default)]
pub(super) struct LoginGate {
    state: Mutex<State>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Untried,
    Open,
    Refused,
}

/// Whether a login may be tried now.
pub(super) enum Turn<'a> {
    /// It is the first: others wait until [`First::report`].
    First(First<'a>),
    /// Others have gone before.
    Free,
    /// The password was refused a moment ago.
    Refused,
}

/// The first login of a run.
pub(super) struct First<'a>(MutexGuard<'a, State>);

impl First<'_> {
    /// Tells the others how it went.
    pub fn report(mut self, refused: bool) {
        *self.0 = if refused { State::Refused } else { State::Open };
    }
}

/// The findings of a place where no login was tried: what it would say is not known.
pub(super) fn untried(mut findings: Vec<Finding>, why: &str) -> Vec<Finding> {
    if let Some(main) = findings.first_mut().filter(|main| main.verdict == Verdict::Ok) {
        main.verdict = Verdict::Unknown;
        main.facts.add(to_say!("no login"), why);
    }
    findings
}

/// The findings of a place where no login is tried for a while, because the password was refused in an earlier run.
pub(super) fn paused(mut findings: Vec<Finding>, until: DateTime<Utc>) -> Vec<Finding> {
    if let Some(main) = findings.first_mut().filter(|main| main.verdict == Verdict::Ok) {
        let judged = main.clone().judged(Verdict::Unknown, Cause::ProbePasswordWrong);
        *main = judged.fact(to_say!("no login before"), until.format("%H:%M UTC"));
    }
    findings
}

impl LoginGate {
    /// Waits until the first login is over, or is the first.
    pub async fn turn(&self) -> Turn<'_> {
        let Ok(guard) = tokio::time::timeout(PATIENCE, self.state.lock()).await else {
            return Turn::Free;
        };
        match *guard {
            State::Untried => Turn::First(First(guard)),
            State::Open => Turn::Free,
            State::Refused => Turn::Refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    #[tokio::test]
    async fn a_refusal_stops_the_others_and_success_lets_them_go() {
        for (refused, expected) in [(true, false), (false, true)] {
            let gate = LoginGate::default();
            let Turn::First(first) = gate.turn().await else { panic!("nobody went before") };
            assert!(gate.turn().now_or_never().is_none(), "the second waits");
            first.report(refused);
            assert_eq!(matches!(gate.turn().await, Turn::Free), expected);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_ever_for_the_first() {
        let gate = LoginGate::default();
        let Turn::First(first) = gate.turn().await else { panic!("nobody went before") };
        assert!(matches!(gate.turn().await, Turn::Free));
        first.report(true);
        assert!(matches!(gate.turn().await, Turn::Refused));
    }
}
