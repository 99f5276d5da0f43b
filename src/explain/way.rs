//! What the hops of a message say: a loop before a slow hop before a wrong clock.

use watchpost_texts::say;

use super::{
    hops::{Hop, SKEW_SECONDS, SLOW_SECONDS},
    sentences::duration,
};
use crate::cause::Cause;

/// A server that takes one message so often is part of a loop.
const VISITS_OF_LOOP: usize = 3;

/// What is remarkable about the way of a message.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) cause: Option<Cause>,
    pub(super) explanation: String,
    pub(super) what_to_do: String,
}

/// Judges the hops, the first server first. `None` when there are none.
pub(super) fn read(hops: &[Hop]) -> Option<Way> {
    let found = goes_round(hops).or_else(|| is_held(hops)).or_else(|| has_wrong_clock(hops));
    let unremarkable = || Way {
        cause: None,
        explanation: say!("No server held the message for long ({} hops).", hops.len()),
        what_to_do: "Nothing.".to_owned(),
    };
    (!hops.is_empty()).then(|| found.unwrap_or_else(unremarkable))
}

fn name(hop: &Hop) -> &str {
    hop.by.as_deref().unwrap_or(say!("a server without a name"))
}

/// A server to which the message comes back from another one. Filters on one host add hops in a row; that is no loop.
fn goes_round(hops: &[Hop]) -> Option<Way> {
    let visits = |host: &str| {
        let arrives =
            |at: usize| hops[at].by.as_deref() == Some(host) && (at == 0 || hops[at - 1].by != hops[at].by);
        (0..hops.len()).filter(|at| arrives(*at)).count()
    };
    let host = hops.iter().filter_map(|hop| hop.by.as_deref()).find(|host| visits(host) >= VISITS_OF_LOOP)?;
    Some(Way {
        cause: Some(Cause::MailLoop),
        explanation: say!("The message went round: it came to {host} {} times.", visits(host)),
        what_to_do: Cause::MailLoop.what_to_do().join(" "),
    })
}

/// The longest delay lies in the queue of the server before.
fn is_held(hops: &[Hop]) -> Option<Way> {
    let delay_at = |at: &usize| hops[*at].delay_seconds;
    let slowest = (1..hops.len()).filter(|at| delay_at(at) >= Some(SLOW_SECONDS)).max_by_key(delay_at)?;
    let (holder, taker) = (name(&hops[slowest - 1]), name(&hops[slowest]));
    let delay = duration(hops[slowest].delay_seconds?);
    Some(Way {
        cause: Some(Cause::DeliverySlow),
        explanation: say!("The message waited {delay} at {holder} before {taker} took it."),
        what_to_do: say!(
            "Look into the queue and the log of {holder} at that time: was {taker} unreachable, overloaded or greylisting?"
        ),
    })
}

fn has_wrong_clock(hops: &[Hop]) -> Option<Way> {
    let runs_back = |at: &usize| hops[*at].delay_seconds.is_some_and(|delay| delay <= -SKEW_SECONDS);
    let at = (1..hops.len()).find(runs_back)?;
    let (before, after) = (name(&hops[at - 1]), name(&hops[at]));
    let by = duration(-hops[at].delay_seconds?);
    Some(Way {
        cause: Some(Cause::ClockWrong),
        explanation: say!("The clock of {before} or of {after} is wrong by about {by}."),
        what_to_do: Cause::ClockWrong.what_to_do().join(" "),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hops with these names and seconds since the hop before.
    fn hops(hops: &[(&str, i64)]) -> Vec<Hop> {
        let hop = |(by, delay): &(&str, i64)| Hop {
            from: None,
            by: Some((*by).to_owned()),
            with: None,
            time: None,
            delay_seconds: Some(*delay),
            clock_skew: *delay < 0,
        };
        hops.iter().map(hop).collect()
    }

    #[track_caller]
    fn check(way: &[(&str, i64)], cause: Option<Cause>, words: &str) {
        let found = read(&hops(way)).unwrap();
        assert_eq!(found.cause, cause, "{found:?}");
        assert!(found.explanation.contains(words), "{found:?}");
    }

    #[test]
    fn loops_slow_hops_and_wrong_clocks_are_told_apart() {
        check(
            &[("a", 0), ("b", 1), ("a", 1), ("b", 1), ("a", 1)],
            Some(Cause::MailLoop),
            "came to a 3 times",
        );
        check(&[("a", 0), ("a", 1), ("a", 1), ("b", 1)], None, "4 hops");
        check(&[("a", 0), ("b", 299), ("c", 2)], None, "3 hops");
        check(&[("a", 0), ("b", 300), ("c", 900)], Some(Cause::DeliverySlow), "15 min at b before c");
        check(&[("a", 0), ("b", -90)], Some(Cause::ClockWrong), "wrong by about 1 min 30 s");
        check(&[("a", 0), ("b", -9)], None, "2 hops");
        assert_eq!(read(&[]), None);
    }
}
