//! Faults that can be switched on, from Rust and from the page. None is on by default.

use serde::{Deserialize, Serialize};

/// Whom a rate limit is said to be for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitScope {
    /// The route of this bot.
    User,
    /// Everything that this bot does.
    Global,
    /// A resource that others use too; does not count as an invalid request.
    Shared,
}

/// What a request meets instead of its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Effect {
    /// This status with Discord's kind of body.
    Status {
        /// For instance 503.
        status: u16,
    },
    /// This status with an HTML page, as the proxy in front of Discord sends it.
    Html {
        /// For instance 502; also 200.
        status: u16,
    },
    /// 429. `retry_after` goes into the header as it stands, so it can be absurd; without it the header is missing.
    RateLimited {
        /// For whom.
        scope: LimitScope,
        /// The header's text, as `1.5`, `-1`, `1e9` or `NaN`.
        retry_after: Option<String>,
    },
    /// 429 with an HTML page and no header.
    RateLimitedHtml,
    /// No answer until the fault is switched off or the bot gives up.
    Hang,
    /// The connection is closed without an answer.
    Drop,
    /// The connection is reset without an answer.
    Reset,
    /// The request is carried out, and the connection closed instead of the answer.
    LostAnswer,
    /// The answer comes, one byte a second.
    Drip,
    /// The answer breaks off in the middle.
    Truncated,
    /// An answer that never ends.
    Endless,
}

/// A fault of the REST side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RestFault {
    /// What happens.
    pub effect: Effect,
    /// Only this method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Only paths that contain this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Requests that meet it before it switches itself off; without it until it is removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// Only every n-th request that fits meets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<u32>,
    #[serde(skip)]
    seen: u32,
}

impl RestFault {
    /// A fault that every request meets.
    #[must_use]
    pub const fn new(effect: Effect) -> Self {
        Self { effect, method: None, path: None, times: None, every: None, seen: 0 }
    }

    /// Only requests with this method.
    #[must_use]
    pub fn method(mut self, method: &str) -> Self {
        self.method = Some(method.to_owned());
        self
    }

    /// Only requests whose path contains this.
    #[must_use]
    pub fn path(mut self, part: &str) -> Self {
        self.path = Some(part.to_owned());
        self
    }

    /// Only so many requests.
    #[must_use]
    pub const fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Only every n-th request.
    #[must_use]
    pub const fn every(mut self, every: u32) -> Self {
        self.every = Some(every);
        self
    }

    fn meets(&mut self, method: &str, path: &str) -> bool {
        let fits = self.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && self.path.as_deref().is_none_or(|part| path.contains(part));
        if !fits || self.times == Some(0) {
            return false;
        }
        self.seen = self.seen.wrapping_add(1);
        let due = self.every.is_none_or(|every| every <= 1 || self.seen.is_multiple_of(every));
        if let (true, Some(times)) = (due, self.times.as_mut()) {
            *times -= 1;
        }
        due
    }
}

/// How a new gateway connection is met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Welcome {
    /// As Discord does.
    #[default]
    Normal,
    /// The connection is closed at once.
    Refused,
    /// The connection stands, and nothing is ever said, not even the upgrade.
    BlackHole,
    /// The upgrade is done, and HELLO never comes.
    NoHello,
}

/// How interactions reach the bot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// At once, once.
    #[default]
    Normal,
    /// Kept until they are released, in order or not.
    Held,
    /// Each one twice.
    Twice,
    /// Not at all.
    Lost,
}

/// Faults of the gateway that hold until they are switched off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GatewayFaults {
    /// How new connections are met.
    pub welcome: Welcome,
    /// Heartbeats are not acknowledged and nothing is sent, on connections that stay open.
    pub zombie: bool,
    /// Heartbeats are acknowledged, and events are lost.
    pub deaf: bool,
    /// RESUME is answered with op 9.
    pub refuse_resume: bool,
    /// How interactions reach the bot.
    pub interactions: Delivery,
}

/// Everything that is switched on.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Faults {
    /// Faults of the REST side, tried in order.
    pub rest: Vec<RestFault>,
    /// Faults of the gateway.
    pub gateway: GatewayFaults,
    /// How often everything was switched off: what hangs ends with it.
    #[serde(skip)]
    pub(crate) healed: u64,
}

impl Faults {
    /// Switches everything off.
    pub(crate) fn heal(&mut self) {
        *self = Self { healed: self.healed + 1, ..Self::default() };
    }

    /// What the request meets, if anything.
    pub(crate) fn meet(&mut self, method: &str, path: &str) -> Option<Effect> {
        let effect =
            self.rest.iter_mut().find_map(|fault| fault.meets(method, path).then(|| fault.effect.clone()));
        self.rest.retain(|fault| fault.times != Some(0));
        effect
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(fault: RestFault, requests: &[(&str, &str)], met: &[bool]) {
        let mut faults = Faults { rest: vec![fault], ..Faults::default() };
        let found: Vec<_> =
            requests.iter().map(|(method, path)| faults.meet(method, path).is_some()).collect();
        assert_eq!(found, met);
    }

    #[test]
    fn a_fault_meets_what_it_says() {
        let post = ("POST", "/channels/1/messages");
        let get = ("GET", "/gateway");
        let storm = || RestFault::new(Effect::Status { status: 503 });
        check(storm(), &[post, get], &[true, true]);
        check(storm().method("post"), &[post, get], &[true, false]);
        check(storm().path("/gateway"), &[post, get], &[false, true]);
        check(storm().times(1), &[post, post], &[true, false]);
        check(storm().every(2), &[post, post, post, post], &[false, true, false, true]);
        check(storm().every(2).times(1), &[post, post, post, post], &[false, true, false, false]);
    }
}
