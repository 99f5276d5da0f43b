//! The gate: every REST request of this bot to Discord goes through one loopback listener inside the process.
//!
//! serenity's own limiter lets a burst out at once and then draws one 429 after another (50 messages to one channel took
//! 226 s and 225 answers 429), reads the wall clock, has no deadlines, and ignores `proxy`. So it is switched off
//! (`ratelimiter_disabled`), `proxy` leads here, and the gate keeps what Discord asks for:
//!
//! 1. `listener` lets in what carries the bot's token;
//! 2. `route` sorts it: which limit, which lane, how urgent;
//! 3. `call` takes it through `lanes` and `queue` (made of `bucket`, `budget` and `breaker`, which are pure),
//!    sends it with `forward` and asks `retry` what its answer means;
//! 4. `answer` says in a way that survives serenity whether a failed request was carried out.

mod answer;
mod breaker;
mod bucket;
mod budget;
mod call;
mod form;
mod forward;
mod headers;
mod health;
mod lanes;
mod limits;
mod listener;
mod queue;
mod retry;
mod route;
mod shared;
mod transcript;
mod upstream;

#[cfg(test)]
pub(crate) mod tests;

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use axum::serve::ListenerExt;
use secrecy::{ExposeSecret, SecretString};
use serenity::http::HttpBuilder;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::{Notify, Semaphore, watch};
use tokio::time::Instant;
use watchpost_texts::say;

pub use answer::{NotSent, RestFailure, Unknown};
pub use health::RestHealth;
pub use limits::Limits;
pub use queue::GateState;
pub use route::Traffic;
pub use transcript::{Counters, Entry};
pub(crate) use upstream::is_loopback_host;
pub use upstream::{DISCORD, Upstream, UpstreamError};

use lanes::Lanes;
use listener::{BACKGROUND, Door};
use queue::Queue;
use shared::{Roads, Shared};
use transcript::Transcript;

/// What the gate needs to know.
pub struct GateOptions {
    /// Where Discord is.
    pub upstream: Upstream,
    /// The bot's token, without `Bot `.
    pub token: SecretString,
    /// Its bounds.
    pub limits: Limits,
    /// Every request is appended here as one line of JSON (`method`, `path`, `body`). Holds tokens of interactions and
    /// what people wrote: for checking requests against Discord's description, not for operation.
    pub raw_transcript: Option<PathBuf>,
}

/// Why the gate does not open.
#[derive(Debug, Error)]
pub enum GateError {
    /// No port on loopback.
    #[error("{}", say!("no port of this machine can be opened for the requests to Discord: {0}", _0))]
    Listen(#[source] io::Error),
    /// No HTTP client.
    #[error("{}", say!("the connection to Discord cannot be prepared: {0}", _0))]
    Client(String),
    /// The raw transcript.
    #[error("{}", say!("the transcript of requests cannot be opened: {0}; choose another file or leave it out", _0))]
    Transcript(#[source] io::Error),
    /// The token is empty or cannot stand in a header.
    #[error(
        "{}", say!("the bot token is empty or has characters that no token has; copy it again from the developer portal"))]
    Token,
}

/// The open gate; closes when dropped.
pub struct Gate {
    shared: Arc<Shared>,
    token: SecretString,
    address: SocketAddr,
    server: tokio::task::AbortHandle,
}

impl Gate {
    /// Opens the gate on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// When the token cannot be one, or when port, HTTP client or transcript are refused by the system.
    pub async fn start(options: GateOptions) -> Result<Self, GateError> {
        let authorization = authorization(&options.token)?;
        let shared = Arc::new(shared(&options)?);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(GateError::Listen)?;
        let address = listener.local_addr().map_err(GateError::Listen)?;
        let door = Door { shared: Arc::clone(&shared), key: listener::digest(authorization.as_bytes()) };
        // Small answers must not wait for an acknowledgement that the other side delays.
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        let server = tokio::spawn(async move { axum::serve(listener, listener::router(door)).await });
        Ok(Self { shared, token: options.token, address, server: server.abort_handle() })
    }

    /// What `HttpBuilder::proxy` takes. [`Traffic::Background`] has an address of its own, because serenity can tell the
    /// gate nothing else about a request.
    #[must_use]
    pub fn proxy_url(&self, traffic: Traffic) -> String {
        let prefix = if traffic == Traffic::Background { BACKGROUND } else { "" };
        format!("http://{}{prefix}", self.address)
    }

    /// A serenity HTTP client that speaks through the gate.
    ///
    /// # Errors
    /// When the system refuses an HTTP client.
    pub fn http(&self, traffic: Traffic) -> Result<HttpBuilder, GateError> {
        let limits = &self.shared.limits;
        // The gate ends every call; this bound is only for a gate that is gone.
        let longest = limits.patience + limits.attempt * 2;
        let client = reqwest::Client::builder()
            // Never through a proxy of the environment: the way leads to this very process.
            .no_proxy()
            .timeout(longest)
            .build()
            .map_err(|error| GateError::Client(error.without_url().to_string()))?;
        Ok(HttpBuilder::new(self.token.expose_secret())
            .client(client)
            .proxy(self.proxy_url(traffic))
            // With it on, serenity ignores the proxy and asks discord.com.
            .ratelimiter_disabled(true))
    }

    /// Where Discord is.
    #[must_use]
    pub fn upstream(&self) -> &Upstream {
        &self.shared.upstream
    }

    /// The gate as a whole, now and on every change that a request brings.
    #[must_use]
    pub fn state(&self) -> watch::Receiver<GateState> {
        self.shared.state.subscribe()
    }

    /// Whether REST answers at all, now and after every request.
    #[must_use]
    pub fn rest_health(&self) -> watch::Receiver<RestHealth> {
        self.shared.rest.subscribe()
    }

    /// The last requests, oldest first, without tokens and bodies.
    #[must_use]
    pub fn transcript(&self) -> Vec<Entry> {
        self.shared.transcript().last()
    }

    /// What went out since the start.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.shared.transcript().counters
    }

    /// Answers of the last ten minutes that Discord counts as invalid.
    #[must_use]
    pub fn invalid_in_ten_minutes(&self) -> usize {
        self.shared.queue().invalid_in_ten_minutes(Instant::now())
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Gate")
            .field("upstream", &self.shared.upstream)
            .field("address", &self.address)
            .field("state", &*self.shared.state.borrow())
            .finish_non_exhaustive()
    }
}

fn authorization(token: &SecretString) -> Result<String, GateError> {
    let token = token.expose_secret().trim();
    let bare = token.strip_prefix("Bot ").unwrap_or(token);
    let usable = !bare.is_empty() && bare != "Bot" && bare.bytes().all(|byte| byte.is_ascii_graphic());
    usable.then(|| format!("Bot {bare}")).ok_or(GateError::Token)
}

fn shared(options: &GateOptions) -> Result<Shared, GateError> {
    let limits = options.limits.clone();
    let raw = options.raw_transcript.as_deref();
    Ok(Shared {
        client: forward::client(&options.upstream, &limits)?,
        upstream: options.upstream.clone(),
        lanes: Lanes::default(),
        settled: Notify::new(),
        calls: Semaphore::new(limits.calls),
        lines: Default::default(),
        roads: Roads::new(limits.connections),
        rest: watch::Sender::new(RestHealth::default()),
        state: watch::Sender::new(GateState::Open),
        started: Instant::now(),
        queue: Mutex::new(Queue::new(&limits)),
        transcript: Mutex::new(Transcript::open(limits.transcript, raw).map_err(GateError::Transcript)?),
        limits,
    })
}
