//! The supervisor: keeps one client connected to Discord's gateway, and knows when it is not.
//!
//! 1. `preflight`: Discord must have named a gateway that belongs to it, and enough sessions must be left;
//! 2. `client`: one client is built and led through the `relay`, which sees, bounds and counts what passes;
//! 3. `canary`: an event is provoked now and then, to know that events still arrive;
//! 4. `decide`, on every change and every second: keep, wait, rebuild the client, give the process up, or stop for good;
//! 5. `health`, beside all that: is Discord down, so that people must be told by other ways?

mod address;
mod canary;
mod client;
mod decide;
mod doubt;
mod health;
mod identify;
mod observed;
mod outcome;
mod peek;
mod preflight;
mod relay;
pub mod sessions;

#[cfg(test)]
mod tests;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use serenity::http::Http;
use thiserror::Error;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep, timeout};
use watchpost_texts::say;

pub use address::AddressError;
pub use canary::{Canary, CanaryPace, ThreadCanary};
pub use client::{Clients, SerenityClients};
pub use decide::{ClientEnd, Fatal, Patience, Reason, Waiting};
pub use health::{DiscordHealth, DownAfter, DownBecause};
pub use observed::Stage;
pub use outcome::Outcome;
pub use relay::RelayLimits;

use crate::bot::gate::{Gate, GateError, GateState, Traffic};
use canary::Songs;
use decide::{Next, Observed, decide, is_steady};
use preflight::Preflight;
use relay::Relay;

/// What the supervisor needs to know.
pub struct SupervisorOptions {
    /// All REST goes through it.
    pub gate: Arc<Gate>,
    /// When it acts.
    pub patience: Patience,
    /// What bounds a gateway connection.
    pub relay: RelayLimits,
    /// How often it looks.
    pub pace: Pace,
    /// What provokes an event, if there is a channel for it.
    pub canary: Option<Arc<dyn Canary>>,
    /// How often the canary sings.
    pub canary_pace: CanaryPace,
}

/// How often the supervisor looks, and how long it waits.
#[derive(Clone, Debug)]
pub struct Pace {
    /// Between two decisions when nothing happens.
    pub look: Duration,
    /// After the first question before the start that was not answered; doubled for each further one.
    pub first_pause: Duration,
    /// The longest of these pauses.
    pub longest_pause: Duration,
    /// Between two requests that only ask whether REST answers, while there is doubt.
    pub probe: Duration,
    /// For a client to end when it is told to.
    pub goodbye: Duration,
    /// When Discord counts as down.
    pub down: DownAfter,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            look: Duration::from_secs(1),
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(60),
            probe: Duration::from_secs(10),
            // Five for serenity, one for the relay's own goodbye.
            goodbye: Duration::from_secs(6),
            down: DownAfter::default(),
        }
    }
}

/// Why the supervisor does not start.
#[derive(Debug, Error)]
pub enum SupervisorError {
    /// No port on loopback.
    #[error("{}", say!("no port of this machine can be opened for the gateway of Discord: {0}", _0))]
    Listen(#[source] io::Error),
    /// No HTTP client.
    #[error(transparent)]
    Gate(#[from] GateError),
}

/// What the supervisor is about, for those who watch it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// Where the gateway connection stands.
    pub stage: Stage,
    /// What is waited for, if it is more than the connection itself.
    pub waiting: Option<Waiting>,
    /// Clients that were rebuilt since the start.
    pub rebuilt: u32,
    /// Why the last one was.
    pub last_reason: Option<Reason>,
    /// Sessions started in the last 24 hours.
    pub identifies: usize,
    /// Sessions of this client; each after the first means that what was typed meanwhile was not seen.
    pub sessions: u32,
}

/// Keeps one client connected.
pub struct Supervisor {
    parts: Arc<Parts>,
    health: watch::Receiver<DiscordHealth>,
    status: watch::Sender<Status>,
    // Ends its tasks when dropped.
    _watching: JoinSet<()>,
}

struct Parts {
    options: SupervisorOptions,
    relay: Relay,
    http: Http,
}

/// How one client was given up.
enum After {
    Rebuild(Reason),
    End(Outcome),
}

impl Supervisor {
    /// Opens the relay and begins to watch Discord's health. Connects nothing yet.
    ///
    /// # Errors
    /// When the system refuses a port or an HTTP client.
    pub async fn start(options: SupervisorOptions) -> Result<Self, SupervisorError> {
        let relay = Relay::start(options.gate.upstream().clone(), options.relay.clone())
            .await
            .map_err(SupervisorError::Listen)?;
        let http = options.gate.http(Traffic::Background)?.build();
        let parts = Arc::new(Parts { options, relay, http });
        let (tell, health) = watch::channel(DiscordHealth::default());
        let mut watching = JoinSet::new();
        watching.spawn(doubt::watch(Arc::clone(&parts), tell));
        watching.spawn(doubt::probe(Arc::clone(&parts), health.clone()));
        let status = watch::Sender::new(Status {
            stage: Stage::Away,
            waiting: None,
            rebuilt: 0,
            last_reason: None,
            identifies: 0,
            sessions: 0,
        });
        Ok(Self { parts, health, status, _watching: watching })
    }

    /// Whether Discord is down, now and on every change.
    #[must_use]
    pub fn health(&self) -> watch::Receiver<DiscordHealth> {
        self.health.clone()
    }

    /// What the supervisor is about, now and on every change.
    #[must_use]
    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.subscribe()
    }

    /// Runs one client after another until `stop` turns true, or nothing more can be done.
    pub async fn run(&self, clients: Arc<dyn Clients>, mut stop: watch::Receiver<bool>) -> Outcome {
        let mut rebuilds = 0;
        loop {
            let gateway = tokio::select! {
                gateway = self.preflight() => gateway,
                () = told(&mut stop) => return Outcome::Stopped,
            };
            let gateway = match gateway {
                Ok(gateway) => gateway,
                Err(fatal) => return Outcome::Fatal(fatal),
            };
            let address = self.parts.relay.admit(gateway);
            match self.supervise(&clients, address, &mut rebuilds, &mut stop).await {
                After::End(outcome) => return outcome,
                After::Rebuild(reason) => {
                    tracing::warn!(?reason, "the connection to Discord is built anew");
                    rebuilds += 1;
                    self.status.send_modify(|status| {
                        status.rebuilt += 1;
                        status.last_reason = Some(reason);
                    });
                }
            }
        }
    }

    async fn preflight(&self) -> Result<reqwest::Url, Fatal> {
        let parts = &self.parts;
        let mut pause = parts.options.pace.first_pause;
        loop {
            match preflight::ask(&parts.http, parts.options.gate.upstream()).await {
                Preflight::Go(gateway) => return Ok(gateway),
                Preflight::Never(fatal) => return Err(fatal),
                Preflight::NoSessions(wait) => {
                    tracing::error!(
                        seconds = wait.as_secs(),
                        "nearly all sessions that Discord allows a day are used; the bot does not connect until they are back"
                    );
                    self.waits_for(Waiting::ForASession(Instant::now() + wait));
                    sleep(wait).await;
                }
                Preflight::NoAnswer => {
                    self.waits_for(Waiting::ForDiscord);
                    sleep(pause).await;
                    pause = (pause * 2).min(parts.options.pace.longest_pause);
                }
            }
        }
    }

    fn waits_for(&self, waiting: Waiting) {
        self.status.send_modify(|status| status.waiting = Some(waiting));
    }

    async fn supervise(
        &self,
        clients: &Arc<dyn Clients>,
        address: String,
        rebuilds: &mut u32,
        stop: &mut watch::Receiver<bool>,
    ) -> After {
        let (tell, told_client) = watch::channel(false);
        let clients = Arc::clone(clients);
        let mut running = tokio::spawn(async move { clients.run(address, told_client).await });
        let songs = watch::Sender::new(Songs::default());
        let _singing = self.sing(songs.clone());
        let mut ended = None;
        loop {
            tokio::select! {
                end = &mut running => {
                    ended = Some(end.unwrap_or_else(|_| ClientEnd::Failed(say!("it panicked").to_owned())));
                }
                () = self.parts.relay.changed() => {}
                () = sleep(self.parts.options.pace.look) => {}
                () = told(stop) => {
                    self.stop_client(&tell, running).await;
                    return After::End(Outcome::Stopped);
                }
            }
            let next = self.look(&ended, *songs.borrow(), rebuilds);
            let after = match next {
                Next::Keep | Next::Wait(_) => continue,
                Next::Rebuild(reason) => After::Rebuild(reason),
                Next::Exhausted(reason) => After::End(Outcome::Exhausted(reason)),
                Next::Stop(fatal) => After::End(Outcome::Fatal(fatal)),
            };
            if ended.is_none() {
                self.stop_client(&tell, running).await;
            }
            self.parts.relay.retire();
            return after;
        }
    }

    /// Gathers what is known, decides, and tells those who watch.
    fn look(&self, ended: &Option<ClientEnd>, songs: Songs, rebuilds: &mut u32) -> Next {
        let (parts, now) = (&self.parts, Instant::now());
        let gateway = parts.relay.gateway();
        if songs.heard > 0 || is_steady(&gateway, &parts.options.patience, now) {
            *rebuilds = 0;
        }
        let observed = Observed {
            gateway,
            ended: ended.clone(),
            canaries_missed: songs.missed_in_a_row,
            rebuilds: *rebuilds,
            rest_fails: parts.options.gate.rest_health().borrow().is_troubled(),
            revoked: *parts.options.gate.state().borrow() == GateState::Revoked,
        };
        let next = decide(&observed, &parts.options.patience, now);
        let identifies = parts.relay.identifies();
        self.status.send_if_modified(|status| {
            let waiting = if let Next::Wait(waiting) = next { Some(waiting) } else { None };
            let (stage, sessions) = (observed.gateway.stage, observed.gateway.sessions);
            let after = Status { stage, waiting, identifies, sessions, ..*status };
            std::mem::replace(status, after) != after
        });
        next
    }

    fn sing(&self, songs: watch::Sender<Songs>) -> JoinSet<()> {
        let mut singing = JoinSet::new();
        if let Some(canary) = self.parts.options.canary.clone() {
            let parts = Arc::clone(&self.parts);
            singing.spawn(async move {
                canary::listen(canary.as_ref(), &parts.relay, &parts.options.canary_pace, &songs).await;
            });
        }
        singing
    }

    /// Tells the client to end, waits as long as it may take, and ends its connection whatever it does.
    async fn stop_client(&self, tell: &watch::Sender<bool>, mut running: JoinHandle<ClientEnd>) {
        tell.send_replace(true);
        if timeout(self.parts.options.pace.goodbye, &mut running).await.is_err() {
            tracing::warn!("the client did not end in time and is dropped");
            running.abort();
        }
        self.parts.relay.retire();
    }
}

async fn told(stop: &mut watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        // Nobody can tell any more: that is not the same as being told.
        std::future::pending::<()>().await;
    }
}
