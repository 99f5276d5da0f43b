//! When a bad answer is an outage: hit points, so that a flicker alarms nobody and a flapping fault alarms once.
//!
//! A service has so many points. A clear failure takes two, a doubtful one takes one, a good answer gives one back, and
//! what could not be measured changes nothing. At zero the failure is confirmed; at all points again, with a completed
//! loop where loops are run, the recovery is. So with four points two clear failures in a row confirm, two of three do,
//! a single answer in which two checks agree does, and a fault that comes
//! and goes never recovers in between: it is one alarm.

use serde::{Deserialize, Serialize};

use crate::cause::Cause;
use crate::clock::UtcMs;
use crate::incident::Verdict;

/// One answer, as far as confirming it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observation {
    /// When.
    pub at: UtcMs,
    /// What was found.
    pub verdict: Verdict,
    /// Why, where that is known.
    pub cause: Option<Cause>,
    /// How sure it is.
    pub weight: Weight,
    /// How many checks found a clear failure independently of each other; at least 1.
    pub agreeing: u16,
    /// Whether a mail was sent and found again in this run; none where the run does not try.
    pub loop_completed: Option<bool>,
}

/// How sure a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// A refusal, a wrong certificate, a permanent error: it is so.
    Clear,
    /// A timeout, a temporary error: it may be we, or the moment.
    Doubtful,
}

/// What is believed of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Belief {
    /// Points that are left.
    pub points: u16,
    /// Confirmed.
    pub state: State,
    /// When the first failure of the present run of failures was seen: what "since" says.
    pub failing_since: Option<UtcMs>,
    /// The worst verdict since then, and its cause.
    pub worst: Option<(Verdict, Option<Cause>)>,
    /// Whether a loop was completed since the last failure.
    pub looped: bool,
    /// Runs in a row in which nothing could be measured.
    pub blind: u16,
}

/// What is confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Works.
    Good,
    /// Does not, or only partly.
    Failing,
}

/// A confirmed change of state: the only thing that alarms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is an outage, and has been one since this moment.
    Broke {
        /// When the first failure was seen.
        since: UtcMs,
        /// The worst verdict.
        verdict: Verdict,
        /// Its cause.
        cause: Option<Cause>,
    },
    /// It works again.
    Recovered,
    /// Nothing could be measured twice in a row: we are blind, and say so.
    Blind,
    /// We see again.
    Sighted,
}

impl Change {
    /// The change in a word, for the log.
    pub fn name(&self) -> &'static str {
        match self {
            Change::Broke { .. } => "broke",
            Change::Recovered => "recovered",
            Change::Blind => "blind",
            Change::Sighted => "sighted",
        }
    }
}

impl Belief {
    /// A service of which nothing bad is known.
    pub fn new(points: u16) -> Self {
        Belief { points, state: State::Good, failing_since: None, worst: None, looped: false, blind: 0 }
    }

    /// A service that was confirmed to fail before this program began.
    pub fn failing(points: u16) -> Self {
        Belief { points: 0, state: State::Failing, ..Belief::new(points) }
    }

    /// What is believed after one more answer, and what that changes.
    #[must_use]
    pub fn after(self, seen: &Observation, most: u16) -> (Self, Option<Change>) {
        match seen.verdict {
            Verdict::Unknown => self.blinded(),
            Verdict::Ok => self.good(seen, most),
            Verdict::Degraded | Verdict::Down => self.bad(seen),
        }
    }

    fn blinded(mut self) -> (Self, Option<Change>) {
        self.blind = self.blind.saturating_add(1);
        (self, (self.blind == 2).then_some(Change::Blind))
    }

    fn good(mut self, seen: &Observation, most: u16) -> (Self, Option<Change>) {
        let sighted = self.blind >= 2;
        self.blind = 0;
        self.points = (self.points + 1).min(most);
        self.looped |= seen.loop_completed == Some(true);
        let proved = self.looped || seen.loop_completed.is_none();
        if self.points < most || !proved {
            return (self, sighted.then_some(Change::Sighted));
        }
        let recovered = self.state == State::Failing;
        (
            Belief::new(most),
            if recovered { Some(Change::Recovered) } else { sighted.then_some(Change::Sighted) },
        )
    }

    fn bad(mut self, seen: &Observation) -> (Self, Option<Change>) {
        let sighted = self.blind >= 2;
        self.blind = 0;
        self.looped = false;
        // Two checks that agree are two answers.
        let hit = if seen.weight == Weight::Clear { 2 * seen.agreeing.clamp(1, 2) } else { 1 };
        self.points = self.points.saturating_sub(hit);
        let since = *self.failing_since.get_or_insert(seen.at);
        self.worst = Some(worse(self.worst, (seen.verdict, seen.cause)));
        if self.points > 0 || self.state == State::Failing {
            return (self, sighted.then_some(Change::Sighted));
        }
        self.state = State::Failing;
        let (verdict, cause) = self.worst.unwrap_or((seen.verdict, seen.cause));
        (self, Some(Change::Broke { since, verdict, cause }))
    }
}

type Seen = (Verdict, Option<Cause>);

/// Down is worse than degraded; of two alike the newer is the better known.
fn worse(before: Option<Seen>, now: Seen) -> Seen {
    match before {
        Some((Verdict::Down, cause)) if now.0 != Verdict::Down => (Verdict::Down, cause),
        _ => now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `D` down, `d` degraded for a doubtful reason, `o` ok, `O` ok with a completed loop, `x` ok with a loop that did not
    /// come back, `?` unknown, `2` down as two checks found it; one letter a minute. The answer: what changed, and in which minute.
    #[track_caller]
    fn check(seen: &str, expected: &[(usize, &str)]) {
        let mut belief = Belief::new(4);
        let mut changes = Vec::new();
        for (minute, letter) in seen.chars().enumerate() {
            let agreeing = if letter == '2' { 2 } else { 1 };
            let (verdict, weight, loop_completed) = match letter {
                'D' | '2' => (Verdict::Down, Weight::Clear, None),
                'd' => (Verdict::Degraded, Weight::Doubtful, None),
                'o' => (Verdict::Ok, Weight::Clear, None),
                'O' => (Verdict::Ok, Weight::Clear, Some(true)),
                'x' => (Verdict::Ok, Weight::Clear, Some(false)),
                _ => (Verdict::Unknown, Weight::Doubtful, None),
            };
            let at = UtcMs(i64::try_from(minute).expect("minutes") * 60_000);
            let (next, change) =
                belief.after(&Observation { at, verdict, cause: None, weight, agreeing, loop_completed }, 4);
            belief = next;
            changes.extend(change.map(|change| {
                (
                    minute,
                    match change {
                        Change::Broke { since, .. } => format!("broke since {}", since.0 / 60_000),
                        Change::Recovered => "recovered".to_owned(),
                        Change::Blind => "blind".to_owned(),
                        Change::Sighted => "sighted".to_owned(),
                    },
                )
            }));
        }
        let expected: Vec<_> = expected.iter().map(|(minute, what)| (*minute, (*what).to_owned())).collect();
        assert_eq!(changes, expected, "{seen}");
    }

    #[test]
    fn what_confirms_and_what_does_not() {
        check("oooooo", &[]);
        check("ooDooo", &[]);
        check("ooDDoo", &[(3, "broke since 2")]);
        check("ooDoDo", &[]);
        check("ooDoDDo", &[(5, "broke since 2")]);
        check("dddoooo", &[]);
        check("dddd", &[(3, "broke since 0")]);
        check("o2", &[(1, "broke since 1")]);
        check("DDoooo", &[(1, "broke since 0"), (5, "recovered")]);
        check("DDooooDD", &[(1, "broke since 0"), (5, "recovered"), (7, "broke since 6")]);
    }

    #[test]
    fn a_fault_that_comes_and_goes_is_one_alarm() {
        check(&"DDo".repeat(40), &[(1, "broke since 0")]);
        check(&"Do".repeat(40), &[(4, "broke since 0")]);
    }

    #[test]
    fn a_recovery_needs_a_completed_loop() {
        check("DDxxxxxx", &[(1, "broke since 0")]);
        check("DDxxxxxO", &[(1, "broke since 0"), (7, "recovered")]);
        check("DDOxxx", &[(1, "broke since 0"), (5, "recovered")]);
    }

    #[test]
    fn what_cannot_be_measured_alarms_nobody_and_is_said() {
        check("o?o", &[]);
        check("o????o", &[(2, "blind"), (5, "sighted")]);
        check("D?D", &[(2, "broke since 0")]);
    }
}
