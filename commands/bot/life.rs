//! The life of a bot: what is started in which order, and how it ends.
//!
//! 1. The gate: all REST goes through it.
//! 2. The relay of the outbox, before the gateway: telling people does not wait for a login. Beside it, who says on the
//!    cards that nothing is being stored.
//! 3. The supervisor, which keeps one client connected.
//! 4. Told to stop: the client says goodbye, deliveries under way are given the time they need, and after ten seconds it
//!    is over whatever still runs. What was not proved is looked for at the next start.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use serenity::all::ClientBuilder;
use serenity::http::Http;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use watchpost::outbox::Transport;
use watchpost::outbox::relay::{self, Transports};
use watchpost::storing;

use super::delivery::DiscordDelivery;
use super::framework::{INTENTS, Mind, framework};
use super::gate::{Gate, GateError, GateOptions, Limits, Traffic, Upstream};
use super::supervisor::{
    CanaryPace, Outcome, Pace, Patience, RelayLimits, SerenityClients, Supervisor, SupervisorError,
    SupervisorOptions,
};

/// How long a bot takes to end at most.
pub const GOODBYE: Duration = Duration::from_secs(10);

/// What a bot needs.
pub struct Setup {
    /// What it speaks to.
    pub mind: Arc<Mind>,
    /// Where Discord is.
    pub upstream: Upstream,
    /// The bot's token.
    pub token: SecretString,
    /// Brings what does not go to Discord.
    pub routes: Arc<dyn Transport>,
    /// Every REST request is written here, with all that it holds: for tests only.
    pub transcript: Option<PathBuf>,
}

/// Why a bot does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The way to Discord's REST.
    #[error(transparent)]
    Gate(#[from] GateError),
    /// The way to Discord's gateway.
    #[error(transparent)]
    Supervisor(#[from] SupervisorError),
}

/// A bot that runs.
pub struct Bot {
    gate: Arc<Gate>,
    supervisor: Supervisor,
    mind: Arc<Mind>,
    relay: JoinHandle<()>,
    stop: watch::Receiver<bool>,
}

impl Bot {
    /// Starts everything but the connection to the gateway.
    ///
    /// # Errors
    /// [`StartError`] when the system refuses a port or an HTTP client, or the token cannot be one.
    pub async fn start(setup: Setup, stop: watch::Receiver<bool>) -> Result<Self, StartError> {
        let Setup { mind, upstream, token, routes, transcript } = setup;
        let options = GateOptions { upstream, token, limits: Limits::default(), raw_transcript: transcript };
        let gate = Arc::new(Gate::start(options).await?);
        let chat: Arc<Http> = Arc::new(gate.http(Traffic::Background)?.build());
        let transports = Transports { chat: Arc::new(DiscordDelivery::new(chat)), routes };
        tokio::spawn(storing::run(mind.desk.clone(), transports.chat.clone(), stop.clone()));
        let relay = tokio::spawn(relay::run(mind.desk.clone(), transports, stop.clone()));
        let options = SupervisorOptions {
            gate: gate.clone(),
            patience: Patience::default(),
            relay: RelayLimits::default(),
            pace: Pace::default(),
            canary: None,
            canary_pace: CanaryPace::default(),
        };
        let supervisor = Supervisor::start(options).await?;
        Ok(Bot { gate, supervisor, mind, relay, stop })
    }

    /// The supervisor, to watch.
    pub fn supervisor(&self) -> &Supervisor {
        &self.supervisor
    }

    /// The gate, to watch.
    pub fn gate(&self) -> &Arc<Gate> {
        &self.gate
    }

    /// Stays connected until it is told to stop, or nothing more can be done.
    pub async fn run(self) -> Outcome {
        let Bot { gate, supervisor, mind, mut relay, mut stop } = self;
        let clients = SerenityClients::new(move || client(gate.clone(), mind.clone()));
        let outcome = supervisor.run(Arc::new(clients), stop.clone()).await;
        if outcome != Outcome::Stopped {
            relay.abort();
            return outcome;
        }
        let _ = stop.wait_for(|stop| *stop).await;
        if tokio::time::timeout(GOODBYE / 2, &mut relay).await.is_err() {
            tracing::warn!("deliveries under way are left; they are looked for at the next start");
            relay.abort();
        }
        outcome
    }
}

/// One client, not started.
async fn client(gate: Arc<Gate>, mind: Arc<Mind>) -> serenity::Result<serenity::Client> {
    // A gate that cannot make a client has failed at the start already.
    let http = gate.http(Traffic::Normal).map_err(|_| serenity::Error::Other("no HTTP client"))?.build();
    ClientBuilder::new_with_http(http, INTENTS).framework(framework(mind)).await
}
