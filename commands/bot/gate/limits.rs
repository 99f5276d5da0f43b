//! Every figure that bounds the gate, once, with its source.

use std::time::Duration;

use tokio::time::Instant;

use super::route::Traffic;

/// The bounds of the gate. [`Limits::default`] is what runs; stories scale the times down.
#[derive(Clone, Debug)]
pub struct Limits {
    /// To reach the other end.
    pub connect: Duration,
    /// For all tries of one call together, once it is its turn.
    pub attempt: Duration,
    /// How long a call may wait for its turn before it is given back unsent.
    pub patience: Duration,
    /// From arrival to the end for the first answer to an interaction: Discord's own bound is 3 s
    /// (interactions/receiving-and-responding).
    pub callback: Duration,
    /// Before the second and the third try; grows by this factor: 1, 4.
    pub again_after: Duration,
    /// Bytes of an answer.
    pub answer_bytes: usize,
    /// Bytes of a request: Discord takes files of 10 MiB (reference, "Uploading Files"), and the form around them.
    pub request_bytes: usize,
    /// Calls that wait or are on their way.
    pub calls: usize,
    /// Connections to Discord at once, for first answers to interactions and as many for everything else: what comes in a
    /// crowd is faster over connections that stand than over a thousand new ones.
    pub connections: usize,
    /// Requests in any second (topics/rate-limits, "Global Rate Limit").
    pub a_second: usize,
    /// Of which at most these are [`Traffic::Background`].
    pub background_a_second: usize,
    /// 401, 403 and 429 in ten minutes; Discord bans at 10,000 (topics/rate-limits, "Invalid Request Limit").
    pub invalid_in_ten_minutes: usize,
    /// When there were too many, one request in this time goes through to see whether things are better.
    pub probe_every: Duration,
    /// Entries that the transcript keeps.
    pub transcript: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            attempt: Duration::from_secs(10),
            patience: Duration::from_secs(60),
            callback: Duration::from_millis(2500),
            again_after: Duration::from_millis(500),
            answer_bytes: 1024 * 1024,
            request_bytes: 10 * 1024 * 1024 + 64 * 1024,
            calls: 4096,
            connections: 64,
            a_second: 50,
            background_a_second: 25,
            invalid_in_ten_minutes: 200,
            probe_every: Duration::from_secs(60),
            transcript: 1000,
        }
    }
}

impl Limits {
    /// How long a call may wait for its turn.
    #[must_use]
    pub fn patience_for(&self, traffic: Traffic) -> Duration {
        if traffic == Traffic::Callback { self.callback } else { self.patience }
    }

    /// When the tries of a call that arrived and got its turn at these moments must have ended.
    #[must_use]
    pub fn end_of_tries(&self, traffic: Traffic, arrived: Instant, turn: Instant) -> Instant {
        let end = turn + self.attempt;
        if traffic == Traffic::Callback { end.min(arrived + self.callback) } else { end }
    }
}
