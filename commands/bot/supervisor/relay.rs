//! The relay: serenity's gateway connection goes through a loopback listener inside the process, as REST goes through the
//! gate. serenity 0.12.5 bounds neither the connection nor Discord's first word, starts a new session where it could
//! resume, never uses `resume_gateway_url`, spins when a stream ends without a close code, retries some close codes that
//! forbid it, and shows nobody how many sessions it starts. What passes here is seen, bounded and counted:
//!
//! 1. a connection must carry the secret path of the client that is running; a newer one ends the older;
//! 2. it waits: for the budget of new sessions, and longer after each fruitless try;
//! 3. it is joined to Discord ([`line`]), at the address for resuming when serenity resumes;
//! 4. frames pass unchanged and are read on their way ([`super::peek`] into [`super::observed`]);
//! 5. it ends on Discord's side never with 1000, which would end the session as well.

mod line;

#[cfg(test)]
mod tests;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rand::Rng;
use reqwest::Url;
use tokio::net::TcpListener;
use tokio::sync::{Notify, broadcast, watch};
use tokio::time::Instant;

use super::address;
use super::identify::IdentifyBudget;
use super::observed::{Gateway, Stage};
use super::peek::{Heard, Said};
use super::sessions::Sessions;
use crate::bot::gate::Upstream;

/// What bounds a connection.
#[derive(Clone, Debug)]
pub struct RelayLimits {
    /// To reach Discord, TLS and upgrade included.
    pub connect: Duration,
    /// From the connection to HELLO, and as long again to READY or RESUMED.
    pub hello: Duration,
    /// The pause after the first fruitless try; doubled for each further one.
    pub first_pause: Duration,
    /// The longest of these pauses.
    pub longest_pause: Duration,
    /// How long serenity may take for its first word: one that resumes speaks at once, a new one waits for HELLO.
    pub first_word: Duration,
    /// To say goodbye.
    pub goodbye: Duration,
    /// The file in which sessions are noted, so that a restart counts on.
    pub sessions: Option<PathBuf>,
}

impl Default for RelayLimits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            hello: Duration::from_secs(15),
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(15),
            first_word: Duration::from_millis(100),
            goodbye: Duration::from_secs(1),
            sessions: None,
        }
    }
}

/// The open relay; closes when dropped.
pub(crate) struct Relay {
    shared: Arc<Shared>,
    address: SocketAddr,
    server: tokio::task::AbortHandle,
}

struct Shared {
    upstream: Upstream,
    limits: RelayLimits,
    sessions: Option<Sessions>,
    state: Mutex<State>,
    /// Which connection may speak.
    turn: watch::Sender<Turn>,
    /// Rings whenever something was observed.
    changed: Notify,
    edited: broadcast::Sender<u64>,
}

struct State {
    gateway: Gateway,
    budget: IdentifyBudget,
    client: Option<Admitted>,
}

/// The client that may connect, and where to.
#[derive(Clone)]
struct Admitted {
    path: String,
    gateway: Url,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Turn {
    connection: u64,
    /// The client is being stopped: say goodbye to Discord too.
    goodbye: bool,
}

impl Relay {
    /// Opens the relay on a free port of 127.0.0.1.
    pub(crate) async fn start(upstream: Upstream, limits: RelayLimits) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let sessions = limits.sessions.as_deref().map(Sessions::at);
        let ages = sessions.as_ref().map(Sessions::ages).unwrap_or_default();
        let shared = Arc::new(Shared {
            upstream,
            sessions,
            limits,
            state: Mutex::new(State {
                gateway: Gateway::new(Instant::now()),
                budget: IdentifyBudget::of_ages(ages, Instant::now()),
                client: None,
            }),
            turn: watch::Sender::default(),
            changed: Notify::new(),
            edited: broadcast::Sender::new(64),
        });
        let server = tokio::spawn(accept(listener, Arc::clone(&shared))).abort_handle();
        Ok(Self { shared, address, server })
    }

    /// Lets the next client connect, and only it. Returns the address that it must be given.
    pub(crate) fn admit(&self, gateway: Url) -> String {
        // Any program on this machine can knock; a client that was given up may still knock as well.
        let path = format!("/{:032x}", rand::rng().random::<u128>());
        let mut state = self.shared.state();
        state.gateway = Gateway::new(Instant::now());
        state.client = Some(Admitted { path: path.clone(), gateway });
        format!("ws://{}{path}", self.address)
    }

    /// Lets nobody connect any more, and takes leave of Discord so that the session could be resumed.
    pub(crate) fn retire(&self) {
        self.shared.state().client = None;
        self.shared.turn.send_modify(|turn| {
            *turn = Turn { connection: turn.connection + 1, goodbye: true };
        });
    }

    /// What was observed so far.
    pub(crate) fn gateway(&self) -> Gateway {
        self.shared.state().gateway.clone()
    }

    /// Sessions that were started in the last 24 hours.
    pub(crate) fn identifies(&self) -> usize {
        self.shared.state().budget.used(Instant::now())
    }

    /// Until something was observed.
    pub(crate) async fn changed(&self) {
        self.shared.changed.notified().await;
    }

    /// The ids of messages that were edited, from now on.
    pub(crate) fn edited(&self) -> broadcast::Receiver<u64> {
        self.shared.edited.subscribe()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.retire();
        self.server.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let _ = stream.set_nodelay(true);
                tokio::spawn(line::serve(Arc::clone(&shared), stream));
            }
            // Out of file descriptors, most likely: others may give some back.
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn client(&self, path: &str) -> Option<Admitted> {
        self.state().client.clone().filter(|client| client.path == path)
    }

    /// Ends the connection before, if there is one, and gives the turn to a new one.
    fn take_turn(&self) -> u64 {
        let mut state = self.state();
        if state.gateway.stage != Stage::Away {
            state.gateway.ended(None, Instant::now());
        }
        let mut connection = 0;
        self.turn.send_modify(|turn| {
            connection = turn.connection + 1;
            *turn = Turn { connection, goodbye: false };
        });
        connection
    }

    /// Writes down what a connection observed, unless a newer one has taken its turn.
    fn observe(&self, connection: u64, what: impl FnOnce(&mut State, Instant)) {
        let mut state = self.state();
        if self.turn.borrow().connection == connection {
            what(&mut state, Instant::now());
            self.changed.notify_one();
        }
    }

    fn heard(&self, connection: u64, what: &Heard) {
        if let Heard::Edited(id) = what {
            // Nobody listens between two canaries.
            let _ = self.edited.send(*id);
        } else if *what != Heard::Other {
            self.observe(connection, |state, now| state.gateway.heard(what, now));
        }
    }

    fn said(&self, connection: u64, what: Said) {
        if what != Said::Other {
            self.observe(connection, |state, now| {
                state.gateway.said(what, now);
                if what == Said::Identify {
                    state.budget.spend(now);
                    if let Some(sessions) = &self.sessions {
                        sessions.note();
                    }
                }
            });
        }
    }

    /// When this connection must be allowed to go on, at the earliest.
    fn not_before(&self, connection: u64, resumes: bool) -> Instant {
        let mut at = Instant::now();
        self.observe(connection, |state, now| {
            at = now + self.pause(state.gateway.fruitless);
            if !resumes {
                let free_at = state.budget.free_at(now);
                at = at.max(free_at);
                state.gateway.held_until = Some(free_at).filter(|until| *until > now);
            }
        });
        at
    }

    fn pause(&self, fruitless: u32) -> Duration {
        let Some(doublings) = fruitless.checked_sub(1) else {
            return Duration::ZERO;
        };
        let pause = self.limits.first_pause.saturating_mul(2_u32.saturating_pow(doublings));
        pause.min(self.limits.longest_pause).mul_f64(rand::rng().random_range(0.5..=1.0))
    }

    /// Until when the line must have shown its next sign of life.
    fn deadline(&self) -> Option<Instant> {
        let gateway = &self.state().gateway;
        match gateway.stage {
            Stage::Away => None,
            Stage::Greeting => Some(gateway.alive_at + self.limits.hello),
            Stage::LoggingIn => Some(gateway.alive_at + self.limits.hello),
            Stage::Connected => gateway.ack_due,
        }
    }

    /// Where to connect: the session's own address when serenity resumes, if it belongs to the same Discord.
    fn address(&self, client: &Admitted, resumes: bool) -> Url {
        let resume_at = self.state().gateway.resume_at.clone().filter(|_| resumes);
        let vetted = resume_at.map(|text| address::vet(&text, &self.upstream));
        if let Some(Err(error)) = &vetted {
            tracing::warn!(%error, "the address for resuming is not used");
        }
        vetted.and_then(Result::ok).unwrap_or_else(|| client.gateway.clone())
    }
}
