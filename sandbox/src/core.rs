//! The state of one sandbox. One lock holds it; whoever changes it calls [`Core::touch`], and everybody who waits
//! looks again.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::faults::Faults;
use crate::gateway::Hub;
use crate::id::{Id, IdSource};
use crate::interactions::Interaction;
use crate::mentions::PingReason;
use crate::rates::{RateLimits, Rates};
use crate::rules::limits;
use crate::transcript::Transcript;
use crate::world::Places;

/// Somebody's attention was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ping {
    /// Who.
    pub user: Id,
    /// By which message.
    pub message: Id,
    /// Where.
    pub channel: Id,
    /// How.
    pub reason: PingReason,
    /// Whether the message was sent without a sound (SUPPRESS_NOTIFICATIONS).
    pub silent: bool,
    /// Whether it came with an edit; Discord shows the mention then, and makes no sound.
    pub by_edit: bool,
}

/// Something that the bot must never do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Violation {
    /// A route that the sandbox does not know: what the bot relies on is not played here.
    UnknownRoute {
        /// The method.
        method: String,
        /// The path without tokens.
        path: String,
    },
    /// A form that Discord refuses.
    RefusedForm {
        /// The method.
        method: String,
        /// The path without tokens.
        path: String,
        /// Discord's number.
        code: u32,
        /// Discord's `errors` tree as text, or its sentence.
        detail: String,
    },
    /// A gateway payload that Discord closes the connection for.
    Gateway {
        /// The close code.
        close: u16,
        /// What was wrong.
        detail: String,
    },
}

/// Every ping, in order, and where those of one message stand.
#[derive(Debug, Default)]
pub(crate) struct Pings {
    all: Vec<Ping>,
    of_message: BTreeMap<Id, Vec<usize>>,
}

impl Pings {
    /// Notes a ping; the list is bounded because a bot may never stop.
    pub(crate) fn add(&mut self, ping: Ping) {
        const MOST: usize = 100_000;
        if self.all.len() < MOST {
            self.of_message.entry(ping.message).or_default().push(self.all.len());
            self.all.push(ping);
        }
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Ping> {
        self.all.iter()
    }

    pub(crate) fn of(&self, message: Id) -> impl Iterator<Item = &Ping> {
        self.of_message.get(&message).into_iter().flatten().filter_map(|index| self.all.get(*index))
    }
}

/// What holds for the whole run.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) heartbeat_ms: u64,
    pub(crate) nonce_window_ms: u64,
    pub(crate) compress: bool,
    pub(crate) rate_limits: RateLimits,
    pub(crate) identifies_a_day: usize,
    pub(crate) identify_interval_ms: u64,
    pub(crate) guilds_a_shard: usize,
    /// How long a story's wait lasts before it gives up, in real time.
    pub(crate) patience: std::time::Duration,
}

/// A nonce that was used.
#[derive(Clone, Debug)]
pub(crate) struct UsedNonce {
    pub(crate) channel: Id,
    pub(crate) author: Id,
    pub(crate) nonce: String,
    pub(crate) message: Id,
    pub(crate) at_ms: u64,
}

pub(crate) struct Core {
    pub(crate) clock: Clock,
    pub(crate) rate_clock: Clock,
    pub(crate) settings: Settings,
    pub(crate) ids: IdSource,
    pub(crate) places: Places,
    pub(crate) token: String,
    pub(crate) token_revoked: bool,
    pub(crate) hub: Hub,
    pub(crate) interactions: BTreeMap<Id, Interaction>,
    /// Interactions by their token.
    pub(crate) tokens: BTreeMap<String, Id>,
    pub(crate) held: VecDeque<Id>,
    pub(crate) option_files: VecDeque<crate::world::Attachment>,
    pub(crate) nonces: VecDeque<UsedNonce>,
    pub(crate) pings: Pings,
    pub(crate) faults: Faults,
    pub(crate) rates: Rates,
    pub(crate) transcript: Transcript,
    pub(crate) violations: Vec<Violation>,
    pub(crate) command_creates_ms: VecDeque<u64>,
    pub(crate) old_edits_ms: BTreeMap<Id, VecDeque<u64>>,
    pub(crate) gateway_url: String,
    changed: watch::Sender<u64>,
}

impl Core {
    pub(crate) fn new(
        clock: Clock,
        rate_clock: Clock,
        settings: Settings,
        ids: IdSource,
        places: Places,
    ) -> Self {
        let token = crate::token::bot(places.application.id);
        Self {
            clock,
            rate_clock,
            settings,
            ids,
            places,
            token,
            token_revoked: false,
            hub: Hub::default(),
            interactions: BTreeMap::new(),
            tokens: BTreeMap::new(),
            held: VecDeque::new(),
            option_files: VecDeque::new(),
            nonces: VecDeque::new(),
            pings: Pings::default(),
            faults: Faults::default(),
            rates: Rates::default(),
            transcript: Transcript::default(),
            violations: Vec::new(),
            command_creates_ms: VecDeque::new(),
            old_edits_ms: BTreeMap::new(),
            gateway_url: String::new(),
            changed: watch::Sender::new(0),
        }
    }

    pub(crate) fn now_ms(&self) -> u64 {
        self.clock.now_ms()
    }

    pub(crate) fn new_id(&mut self) -> Id {
        let now = self.now_ms();
        self.ids.next(now)
    }

    /// Wakes everybody who waits for a change.
    pub(crate) fn touch(&self) {
        self.changed.send_modify(|version| *version = version.wrapping_add(1));
    }

    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Notes what must never happen; the list is bounded because a bot may repeat itself.
    pub(crate) fn violate(&mut self, violation: Violation) {
        const MOST: usize = 1_000;
        if self.violations.len() < MOST {
            self.violations.push(violation);
        }
    }

    /// The message that was already sent with this nonce, if the window is still open.
    pub(crate) fn nonce_used(&mut self, channel: Id, author: Id, nonce: &str) -> Option<Id> {
        let now = self.now_ms();
        let window = self.settings.nonce_window_ms;
        self.nonces.retain(|used| used.at_ms.saturating_add(window) > now);
        let same =
            |used: &&UsedNonce| used.channel == channel && used.author == author && used.nonce == nonce;
        self.nonces
            .iter()
            .find(same)
            .map(|used| used.message)
            .filter(|id| self.places.messages.contains_key(id))
    }

    /// Counts an answer with 401, 403 or a 429 that was not shared.
    pub(crate) fn count_invalid(&mut self) {
        let now = self.rate_clock.now_ms();
        self.rates.count_invalid(self.settings.rate_limits.invalid, now);
    }

    /// Forgets times that are older than a window and says how many are left.
    pub(crate) fn recent(times: &mut VecDeque<u64>, now_ms: u64, window_ms: u64) -> usize {
        while times.front().is_some_and(|at| at.saturating_add(window_ms) <= now_ms) {
            times.pop_front();
        }
        times.len()
    }

    /// Counts an edit of an old message; `Err` with the seconds to wait when there were too many.
    pub(crate) fn count_old_edit(&mut self, channel: Id) -> Result<(), f64> {
        let now = self.now_ms();
        let times = self.old_edits_ms.entry(channel).or_default();
        if Self::recent(times, now, limits::OLD_EDIT_WINDOW_MS) >= limits::OLD_EDITS {
            let ends = times.front().map_or(now, |first| first + limits::OLD_EDIT_WINDOW_MS);
            return Err(seconds(ends - now));
        }
        times.push_back(now);
        Ok(())
    }
}

/// Milliseconds as Discord writes durations.
#[expect(clippy::cast_precision_loss, reason = "durations are far below 2^52 milliseconds")]
pub(crate) fn seconds(ms: u64) -> f64 {
    ms as f64 / 1_000.0
}

/// The state, shared by all connections and handles.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Mutex<Core>>);

impl Shared {
    pub(crate) fn new(core: Core) -> Self {
        Self(Arc::new(Mutex::new(core)))
    }

    /// A panic under the lock is a failed assertion of a story's own closure; the state is whole.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Core> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
