//! What the supervisor knows of the gateway: the fold of everything that passed the relay. Pure; `now` is passed in.

use std::time::Duration;

use tokio::time::Instant;

use super::peek::{Heard, Said};

/// Where the connection to the gateway stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// No connection.
    Away,
    /// Connected, before Discord's first word.
    Greeting,
    /// Greeted; READY or RESUMED is awaited.
    LoggingIn,
    /// Events arrive.
    Connected,
}

/// What is known of the gateway since the client was built.
#[derive(Clone, Debug)]
pub struct Gateway {
    /// Where it stands.
    pub stage: Stage,
    /// Since when it is connected, or is not.
    pub since: Instant,
    /// The time between two heartbeats, once Discord has said it.
    pub interval: Option<Duration>,
    /// The last sign that the line is alive in both directions.
    pub alive_at: Instant,
    /// A heartbeat that is not acknowledged must be by then.
    pub ack_due: Option<Instant>,
    /// Discord has closed with this code.
    pub closed_with: Option<u16>,
    /// Before this moment no session was, or is, started: until then nobody is to blame for being away.
    pub held_until: Option<Instant>,
    /// Where the session can be resumed, as Discord has said.
    pub resume_at: Option<String>,
    /// Sessions that could not be resumed: what was typed meanwhile was not seen.
    pub sessions: u32,
    /// Connections in a row that ended before events arrived.
    pub fruitless: u32,
}

impl Gateway {
    /// A client that has just been built.
    #[must_use]
    pub fn new(now: Instant) -> Self {
        Self {
            stage: Stage::Away,
            since: now,
            interval: None,
            alive_at: now,
            ack_due: None,
            closed_with: None,
            held_until: None,
            resume_at: None,
            sessions: 0,
            fruitless: 0,
        }
    }

    /// A connection to Discord stands.
    pub fn begun(&mut self, now: Instant) {
        self.ack_due = None;
        self.alive_at = now;
        self.enter(Stage::Greeting, now);
    }

    /// Discord has said something.
    pub fn heard(&mut self, what: &Heard, now: Instant) {
        match what {
            Heard::Hello(interval) => {
                self.interval = Some(*interval);
                self.alive_at = now;
                self.enter(Stage::LoggingIn, now);
            }
            Heard::Ack => {
                self.alive_at = now;
                self.ack_due = None;
            }
            Heard::Ready(resume_at) => {
                self.resume_at.clone_from(resume_at);
                self.sessions = self.sessions.saturating_add(1);
                self.arrived(now);
            }
            Heard::Resumed => self.arrived(now),
            // serenity may leave the line open for seconds; nothing comes over it any more.
            Heard::Dismissed => {
                self.ack_due = None;
                self.enter(Stage::Away, now);
            }
            Heard::Edited(_) | Heard::Other => {}
        }
    }

    /// serenity has said something.
    pub fn said(&mut self, what: Said, now: Instant) {
        if let (Said::Heartbeat, Some(interval)) = (what, self.interval) {
            // serenity notices a missing acknowledgement only at its next heartbeat and then gives the session up. The
            // relay breaks the line while serenity still has time to resume.
            let due = now + interval.mul_f64(0.75);
            self.ack_due = Some(self.ack_due.unwrap_or(due));
        }
    }

    /// The connection has ended.
    pub fn ended(&mut self, code: Option<u16>, now: Instant) {
        if matches!(self.stage, Stage::Greeting | Stage::LoggingIn) {
            self.fruitless = self.fruitless.saturating_add(1);
        }
        self.closed_with = code;
        self.ack_due = None;
        self.enter(Stage::Away, now);
    }

    /// No connection could be made.
    pub fn unreached(&mut self) {
        self.fruitless = self.fruitless.saturating_add(1);
    }

    /// Since when the gateway is not connected.
    #[must_use]
    pub fn away_since(&self) -> Option<Instant> {
        (self.stage != Stage::Connected).then_some(self.since)
    }

    fn arrived(&mut self, now: Instant) {
        self.fruitless = 0;
        self.closed_with = None;
        self.held_until = None;
        self.alive_at = now;
        self.enter(Stage::Connected, now);
    }

    fn enter(&mut self, stage: Stage, now: Instant) {
        // The time without events goes on from one fruitless connection to the next.
        if (self.stage == Stage::Connected) != (stage == Stage::Connected) {
            self.since = now;
        }
        self.stage = stage;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(seconds: u64, start: Instant) -> Instant {
        start + Duration::from_secs(seconds)
    }

    #[test]
    fn the_time_without_events_is_counted_across_connections() {
        let start = Instant::now();
        let mut gateway = Gateway::new(start);
        gateway.begun(after(1, start));
        gateway.ended(None, after(2, start));
        gateway.begun(after(3, start));
        gateway.heard(&Heard::Hello(Duration::from_secs(40)), after(4, start));
        assert_eq!(
            (gateway.stage, gateway.away_since(), gateway.fruitless),
            (Stage::LoggingIn, Some(start), 1)
        );
        gateway.heard(&Heard::Ready(None), after(5, start));
        assert_eq!((gateway.away_since(), gateway.since, gateway.fruitless), (None, after(5, start), 0));
        gateway.ended(Some(4000), after(9, start));
        assert_eq!((gateway.away_since(), gateway.closed_with), (Some(after(9, start)), Some(4000)));
    }

    #[test]
    fn whoever_is_dismissed_is_away_and_may_come_again_at_once() {
        let start = Instant::now();
        let mut gateway = Gateway::new(start);
        gateway.begun(start);
        gateway.heard(&Heard::Ready(None), start);
        gateway.heard(&Heard::Dismissed, after(1, start));
        gateway.ended(None, after(6, start));
        assert_eq!((gateway.away_since(), gateway.fruitless), (Some(after(1, start)), 0));
        gateway.unreached();
        gateway.begun(after(7, start));
        gateway.ended(None, after(8, start));
        assert_eq!((gateway.away_since(), gateway.fruitless), (Some(after(1, start)), 2));
    }

    #[test]
    fn a_heartbeat_must_be_acknowledged_before_the_next() {
        let start = Instant::now();
        let mut gateway = Gateway::new(start);
        gateway.said(Said::Heartbeat, start);
        assert_eq!(gateway.ack_due, None, "nothing is known before HELLO");
        gateway.heard(&Heard::Hello(Duration::from_secs(40)), start);
        gateway.said(Said::Heartbeat, after(40, start));
        gateway.said(Said::Heartbeat, after(41, start));
        assert_eq!(gateway.ack_due, Some(after(70, start)), "a second one does not move it");
        gateway.heard(&Heard::Ack, after(42, start));
        assert_eq!((gateway.ack_due, gateway.alive_at), (None, after(42, start)));
    }
}
