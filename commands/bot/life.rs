//! The life of a bot: what is started in which order, and how it ends.
//!
//! 1. The gate: all REST goes through it.
//! 2. The relay of the outbox, before the gateway: telling people does not wait for a login. Beside it, who says on the
//!    cards that nothing is being stored.
//! 3. The prover, which measures the rounds of proofs ([`prover`]); the supervisor, which keeps one client connected.
//! 4. Discord lost ([`super::away`]): people are told elsewhere and everything else goes on, also when the token is revoked.
//! 5. Told to stop: the client says goodbye, deliveries under way are given the time they need, and after ten seconds it
//!    is over whatever still runs. What was not proved is looked for at the next start.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use serenity::all::ClientBuilder;
use serenity::http::Http;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use watchpost::book::chat::WhyLost;
use watchpost::outbox::Transport;
use watchpost::outbox::relay::{self, Transports};
use watchpost::storing;
use watchpost_texts::say;

use super::away::{self, Parked, Presence, Signs};
use super::delivery::DiscordDelivery;
use super::fetch::Fetcher;
use super::framework::{INTENTS, Mind, framework};
use super::gate::{Gate, GateError, GateOptions, Limits, Traffic, Upstream};
use super::prover;
use super::supervisor::{
    Canary, CanaryPace, Outcome, Pace, Patience, RelayLimits, SerenityClients, Supervisor, SupervisorError,
    SupervisorOptions, ThreadCanary,
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
    /// The file in which sessions are noted, so that a restart counts on.
    pub sessions: Option<PathBuf>,
    /// How often it looks after Discord, and when Discord counts as down.
    pub pace: Pace,
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
    refused: watch::Sender<Option<WhyLost>>,
    watching: JoinHandle<()>,
    stop: watch::Receiver<bool>,
}

impl Bot {
    /// Starts everything but the connection to the gateway.
    ///
    /// # Errors
    /// [`StartError`] when the system refuses a port or an HTTP client, or the token cannot be one.
    pub async fn start(setup: Setup, stop: watch::Receiver<bool>) -> Result<Self, StartError> {
        let Setup { mind, upstream, token, routes, transcript, sessions, pace } = setup;
        if let Some(fetcher) = Fetcher::of(&upstream) {
            // Set once: a bot is started once in a process.
            let _ = mind.fetcher.set(fetcher);
        }
        let options = GateOptions { upstream, token, limits: Limits::default(), raw_transcript: transcript };
        let gate = Arc::new(Gate::start(options).await?);
        let chat: Arc<Http> = Arc::new(gate.http(Traffic::Background)?.build());
        let urgent: Arc<Http> = Arc::new(gate.http(Traffic::Normal)?.build());
        // Lost before the last stop is lost until Discord has answered once.
        let lost = mind.desk.book().chat.is_some();
        let presence = watch::Sender::new(if lost { Presence::Away } else { Presence::There });
        let chat = Parked::new(Arc::new(DiscordDelivery::new(chat).urgent(urgent)), presence.subscribe());
        let transports = Transports { chat: Arc::new(chat), routes };
        tokio::spawn(storing::run(mind.desk.clone(), transports.chat.clone(), stop.clone()));
        let relay = tokio::spawn(relay::run(mind.desk.clone(), transports, stop.clone()));
        tokio::spawn(prover::run(mind.clone(), stop.clone()));
        let options = SupervisorOptions {
            gate: gate.clone(),
            patience: Patience::default(),
            relay: RelayLimits { sessions, ..RelayLimits::default() },
            pace,
            canary: canary(&gate, &mind)?,
            canary_pace: CanaryPace::default(),
        };
        let supervisor = Supervisor::start(options).await?;
        let refused = watch::Sender::new(None);
        let signs = Signs {
            health: supervisor.health(),
            gate: gate.state(),
            rest: gate.rest_health(),
            refused: refused.subscribe(),
        };
        let watching = tokio::spawn(away::watch(mind.desk.clone(), signs, presence));
        Ok(Bot { gate, supervisor, mind, relay, refused, watching, stop })
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
        let Bot { gate, supervisor, mind, mut relay, refused, watching, mut stop } = self;
        let minds = mind.clone();
        let clients = SerenityClients::new(move || client(gate.clone(), minds.clone()));
        let outcome = supervisor.run(Arc::new(clients), stop.clone()).await;
        match outcome {
            Outcome::Stopped => {}
            // People wait for the next word elsewhere, and nothing that is due may be lost with Discord.
            Outcome::Fatal(fatal) if is_needed(&mind, &supervisor) => {
                tracing::error!(%fatal, "everything but Discord goes on until Watchpost is stopped");
                refused.send_replace(Some(away::why(fatal)));
            }
            Outcome::Fatal(_) | Outcome::Exhausted(_) => {
                relay.abort();
                watching.abort();
                return outcome;
            }
        }
        let _ = stop.wait_for(|stop| *stop).await;
        watching.abort();
        if tokio::time::timeout(GOODBYE / 2, &mut relay).await.is_err() {
            tracing::warn!("deliveries under way are left; they are looked for at the next start");
            relay.abort();
        }
        outcome
    }
}

/// Whether others than Discord's readers count on this process. At a first start with a wrong token nobody does, and the
/// person who starts it must see what is wrong.
fn is_needed(mind: &Mind, supervisor: &Supervisor) -> bool {
    let policy = mind.desk.policy();
    let open = policy.guilds.keys().any(|guild| !mind.desk.open_incidents(*guild).is_empty());
    open || supervisor.status().borrow().identifies > 0
}

/// The canary sings in a thread of the first server's operations channel, where it disturbs nobody.
fn canary(gate: &Gate, mind: &Mind) -> Result<Option<Arc<dyn Canary>>, GateError> {
    let policy = mind.desk.policy();
    let Some((guild, first)) =
        policy.guilds.iter().find(|(guild, first)| guild.0 != 0 && first.operations.0 != 0)
    else {
        return Ok(None);
    };
    let http = gate.http(Traffic::Background)?.build();
    let canary = ThreadCanary::new(http, guild.0.into(), first.operations.0.into());
    Ok(Some(Arc::new(canary)))
}

/// One client, not started.
async fn client(gate: Arc<Gate>, mind: Arc<Mind>) -> serenity::Result<serenity::Client> {
    // A gate that cannot make a client has failed at the start already.
    let http =
        gate.http(Traffic::Normal).map_err(|_| serenity::Error::Other(say!("no HTTP client")))?.build();
    ClientBuilder::new_with_http(http, INTENTS).framework(framework(mind)).await
}
