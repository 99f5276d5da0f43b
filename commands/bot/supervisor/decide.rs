//! What the supervisor does next: one pure decision, with its reason named.

use std::time::Duration;

use tokio::time::Instant;

use super::observed::{Gateway, Stage};

/// When the supervisor acts. [`Patience::default`] is what runs; stories scale it down.
#[derive(Clone, Debug)]
pub struct Patience {
    /// Not connected for this long: rebuild the client.
    pub away: Duration,
    /// Two heartbeat intervals and this without an acknowledgement: rebuild.
    pub silence: Duration,
    /// Canaries in a row that were not heard: rebuild.
    pub canaries: u32,
    /// Rebuilds in a row before the process is given up.
    pub rebuilds: u32,
    /// Connected for this long, the row of rebuilds has ended.
    pub steady: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            away: Duration::from_secs(90),
            silence: Duration::from_secs(15),
            canaries: 2,
            rebuilds: 3,
            steady: Duration::from_secs(10 * 60),
        }
    }
}

/// Everything that the decision rests on.
#[derive(Clone, Debug)]
pub struct Observed {
    /// What passed the relay.
    pub gateway: Gateway,
    /// How the client has ended, if it has.
    pub ended: Option<ClientEnd>,
    /// Canaries in a row that were sung and not heard.
    pub canaries_missed: u32,
    /// Rebuilds since the client last worked.
    pub rebuilds: u32,
    /// Whether REST fails as well: then it is not this client that is at fault.
    pub rest_fails: bool,
    /// Whether Discord no longer accepts the token (a 401 through the gate).
    pub revoked: bool,
}

/// How a client has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientEnd {
    /// It was told to.
    Stopped,
    /// Discord does not accept its token or its intents.
    Refused(Fatal),
    /// Something else; the text holds no secret.
    Failed(String),
}

/// Why a client is rebuilt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Not connected for too long.
    Away,
    /// Heartbeats are not acknowledged.
    Silent,
    /// Heartbeats are acknowledged, but events do not come.
    Deaf,
    /// The client has ended by itself.
    Ended,
}

/// What no new try can mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fatal {
    /// 4004, or a 401.
    Token,
    /// 4010, 4011, 4012: shard or version.
    Setup(u16),
    /// 4013, 4014: intents that do not exist, or that are not switched on.
    Intents(u16),
    /// The address of the gateway is not one of the Discord that is configured.
    Address,
}

/// What waiting is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// Too many sessions were started: the next one may come at this moment.
    ForASession(Instant),
    /// Neither gateway nor REST answers: a rebuild would mend nothing.
    ForDiscord,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// All is well, or not yet bad enough.
    Keep,
    /// Not well, but nothing to be done here.
    Wait(Waiting),
    /// Stop this client, build another.
    Rebuild(Reason),
    /// Rebuilding has not helped; a new process may.
    Exhausted(Reason),
    /// Stop for good.
    Stop(Fatal),
}

/// Decides.
#[must_use]
pub fn decide(observed: &Observed, patience: &Patience, now: Instant) -> Next {
    if let Some(fatal) = fatal(observed) {
        return Next::Stop(fatal);
    }
    match trouble(observed, patience, now) {
        None => Next::Keep,
        Some(Trouble::Wait(waiting)) => Next::Wait(waiting),
        Some(Trouble::Because(reason)) if observed.rebuilds >= patience.rebuilds => Next::Exhausted(reason),
        Some(Trouble::Because(reason)) => Next::Rebuild(reason),
    }
}

/// Whether the client has worked long enough that the row of rebuilds has ended.
#[must_use]
pub fn is_steady(gateway: &Gateway, patience: &Patience, now: Instant) -> bool {
    gateway.stage == Stage::Connected && now >= gateway.since + patience.steady
}

/// The close codes after which Discord forbids another try (topics/opcodes-and-status-codes, "Gateway Close Event Codes").
#[must_use]
pub fn fatal_code(code: u16) -> Option<Fatal> {
    match code {
        4004 => Some(Fatal::Token),
        4010..=4012 => Some(Fatal::Setup(code)),
        4013 | 4014 => Some(Fatal::Intents(code)),
        _ => None,
    }
}

enum Trouble {
    Wait(Waiting),
    Because(Reason),
}

fn fatal(observed: &Observed) -> Option<Fatal> {
    let refused = match &observed.ended {
        Some(ClientEnd::Refused(fatal)) => Some(*fatal),
        _ => None,
    };
    let closed = observed.gateway.closed_with.and_then(fatal_code);
    closed.or(refused).or(observed.revoked.then_some(Fatal::Token))
}

fn trouble(observed: &Observed, patience: &Patience, now: Instant) -> Option<Trouble> {
    let gateway = &observed.gateway;
    if observed.ended.is_some() {
        return Some(Trouble::Because(Reason::Ended));
    }
    if let Some(until) = gateway.held_until.filter(|until| *until > now) {
        return Some(Trouble::Wait(Waiting::ForASession(until)));
    }
    // The time for connecting begins when it is allowed: a client that was held back is not given up as it starts.
    let away_since =
        gateway.away_since().map(|since| gateway.held_until.map_or(since, |until| since.max(until)));
    if away_since.is_some_and(|since| now >= since + patience.away) {
        let waiting = Trouble::Wait(Waiting::ForDiscord);
        return Some(if observed.rest_fails { waiting } else { Trouble::Because(Reason::Away) });
    }
    if gateway.stage != Stage::Connected {
        return None;
    }
    let silent =
        gateway.interval.is_some_and(|interval| now >= gateway.alive_at + interval * 2 + patience.silence);
    if silent {
        return Some(Trouble::Because(Reason::Silent));
    }
    (observed.canaries_missed >= patience.canaries).then_some(Trouble::Because(Reason::Deaf))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bot::supervisor::peek::Heard;

    const INTERVAL: Duration = Duration::from_secs(41);

    fn away(start: Instant) -> Observed {
        Observed {
            gateway: Gateway::new(start),
            ended: None,
            canaries_missed: 0,
            rebuilds: 0,
            rest_fails: false,
            revoked: false,
        }
    }

    fn connected(start: Instant) -> Observed {
        let mut observed = away(start);
        observed.gateway.begun(start);
        observed.gateway.heard(&Heard::Hello(INTERVAL), start);
        observed.gateway.heard(&Heard::Ready(None), start);
        observed
    }

    #[track_caller]
    fn check(build: fn(Instant) -> Observed, change: fn(&mut Observed), after: u64, expected: Next) {
        let start = Instant::now();
        let mut observed = build(start);
        change(&mut observed);
        assert_eq!(decide(&observed, &Patience::default(), start + Duration::from_secs(after)), expected);
    }

    #[test]
    fn a_client_is_rebuilt_when_it_is_away_silent_deaf_or_gone() {
        check(connected, |_| {}, 30, Next::Keep);
        check(away, |_| {}, 89, Next::Keep);
        check(away, |_| {}, 90, Next::Rebuild(Reason::Away));
        check(connected, |_| {}, 96, Next::Keep);
        check(connected, |_| {}, 97, Next::Rebuild(Reason::Silent));
        check(connected, |seen| seen.canaries_missed = 1, 30, Next::Keep);
        check(connected, |seen| seen.canaries_missed = 2, 30, Next::Rebuild(Reason::Deaf));
        check(away, |seen| seen.canaries_missed = 2, 30, Next::Keep);
        check(
            connected,
            |seen| seen.ended = Some(ClientEnd::Failed(String::new())),
            1,
            Next::Rebuild(Reason::Ended),
        );
    }

    #[test]
    fn after_three_rebuilds_in_a_row_a_new_process_must_help() {
        check(away, |seen| seen.rebuilds = 2, 90, Next::Rebuild(Reason::Away));
        check(away, |seen| seen.rebuilds = 3, 90, Next::Exhausted(Reason::Away));
        check(connected, |seen| seen.rebuilds = 3, 30, Next::Keep);
    }

    #[test]
    fn nothing_is_rebuilt_where_that_would_mend_nothing() {
        check(away, |seen| seen.rest_fails = true, 900, Next::Wait(Waiting::ForDiscord));
        check(connected, |seen| seen.rest_fails = true, 97, Next::Rebuild(Reason::Silent));
        let start = Instant::now();
        let mut observed = away(start);
        let until = start + Duration::from_secs(1000);
        observed.gateway.held_until = Some(until);
        let at = |seconds| decide(&observed, &Patience::default(), start + Duration::from_secs(seconds));
        assert_eq!(at(900), Next::Wait(Waiting::ForASession(until)));
        assert_eq!(at(1089), Next::Keep);
        assert_eq!(at(1090), Next::Rebuild(Reason::Away));
    }

    #[track_caller]
    fn check_code(code: u16, expected: Option<Fatal>) {
        let start = Instant::now();
        let mut observed = connected(start);
        observed.rebuilds = 3;
        observed.gateway.ended(Some(code), start);
        let next = decide(&observed, &Patience::default(), start);
        assert_eq!(next, expected.map_or(Next::Keep, Next::Stop), "{code}");
    }

    #[test]
    fn what_discord_forbids_is_not_tried_again() {
        for code in (1000..=1015).chain(4000..=4003).chain(4005..=4009) {
            check_code(code, None);
        }
        check_code(4004, Some(Fatal::Token));
        for code in 4010..=4012 {
            check_code(code, Some(Fatal::Setup(code)));
        }
        check_code(4013, Some(Fatal::Intents(4013)));
        check_code(4014, Some(Fatal::Intents(4014)));
        check(connected, |seen| seen.revoked = true, 1, Next::Stop(Fatal::Token));
        let refused = |seen: &mut Observed| seen.ended = Some(ClientEnd::Refused(Fatal::Intents(4014)));
        check(away, refused, 1, Next::Stop(Fatal::Intents(4014)));
    }

    #[test]
    fn the_row_of_rebuilds_ends_when_the_client_has_worked_for_ten_minutes() {
        let start = Instant::now();
        let gateway = connected(start).gateway;
        let at = |seconds| is_steady(&gateway, &Patience::default(), start + Duration::from_secs(seconds));
        assert!(!at(599) && at(600));
        assert!(!is_steady(&away(start).gateway, &Patience::default(), start + Duration::from_secs(600)));
    }
}
