//! A changed configuration is taken while the program runs: SIGHUP.
//!
//! 1. The file is read again and judged whole ([`Config::reload`]); a problem leaves everything as it was.
//! 2. What may fail (the destinations) is made before anything is replaced.
//! 3. Policy, services and destinations are replaced; what is under way ends with what it began with.

use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use watchpost::book::BookRequest;
use watchpost::book::configuration::ConfigurationRequest;
use watchpost::broadcast::Routes;
use watchpost::clock::Clock;
use watchpost::config::{Config, ConfigError, Environment};
use watchpost::desk::{Desk, Entering};
use watchpost::incident::event::Origin;
use watchpost::monitor::Monitor;
use watchpost::outbox::{Delivery, Item, Proof, Transport};
use watchpost::person::Actor;
use watchpost::policy::Policy;
use watchpost_texts::say;

use super::prober::ConfiguredProber;

/// The destinations of the configuration that is in force.
pub struct CurrentRoutes(RwLock<Arc<Routes>>);

impl CurrentRoutes {
    /// With these to begin with.
    pub fn new(routes: Routes) -> Arc<Self> {
        Arc::new(Self(RwLock::new(Arc::new(routes))))
    }

    fn current(&self) -> Arc<Routes> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn replace(&self, routes: Routes) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(routes);
    }
}

#[async_trait]
impl Transport for CurrentRoutes {
    async fn deliver(&self, item: &Item) -> Delivery {
        self.current().deliver(item).await
    }

    async fn find(&self, item: &Item) -> Option<Proof> {
        self.current().find(item).await
    }
}

/// Why nothing was replaced.
#[derive(Debug, thiserror::Error)]
enum ReloadError {
    /// The file.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The destinations outside Discord.
    #[error("{}", say!("the destinations outside Discord: {0}", _0))]
    Routes(String),
}

/// Everything that follows the configuration while the program runs.
pub struct Replaceable {
    /// Decides by it.
    pub desk: Arc<Desk>,
    /// Checks its services.
    pub prober: Arc<ConfiguredProber>,
    /// Watches its services.
    pub monitor: Arc<Monitor>,
    /// Brings updates to its destinations.
    pub routes: Arc<CurrentRoutes>,
    /// The clock of new destinations.
    pub clock: Clock,
    /// Told which configuration holds.
    pub in_force: watch::Sender<Arc<Config>>,
}

impl Replaceable {
    async fn reload(&self, config: &Config, environment: &Environment) -> Result<Config, ReloadError> {
        let new = config.reload(environment)?;
        let routes = Routes::open(&new, &self.clock, Some(&self.desk))
            .map_err(|error| ReloadError::Routes(error.to_string()))?;
        self.routes.replace(routes);
        self.prober.replace(&new);
        self.monitor.replace(&new);
        if let Err(error) = self.desk.replace_policy(Policy::of(&new)).await {
            tracing::warn!(%error, "due times stay as they were until the next text");
        }
        self.in_force.send_replace(Arc::new(new.clone()));
        Ok(new)
    }
}

/// Says in the book which configuration holds. That it cannot be stored does not keep it from holding.
pub async fn enter(desk: &Desk, hash: String, changed: Vec<String>) {
    let entering = Entering {
        actor: Actor::Watchpost,
        origin: Origin::Shell,
        once: None,
        request: BookRequest::Configuration(ConfigurationRequest::Take { hash, changed }),
    };
    if let Err(refusal) = desk.enter(entering).await {
        tracing::warn!(code = refusal.code(), "which configuration holds was not stored");
    }
}

/// The dead-man's switch is called from now on as the configuration says, or not at all.
pub async fn begin_heartbeat(desk: &Desk) {
    if let Err(error) = desk.beat().await {
        tracing::warn!(%error, "the heartbeat does not begin");
    }
}

/// Reloads at each SIGHUP, for as long as the program runs.
pub async fn at_each_hangup(replaceable: Replaceable, mut config: Config) {
    let mut hangups = match signal(SignalKind::hangup()) {
        Ok(hangups) => hangups,
        Err(error) => return tracing::warn!(%error, "the configuration cannot be reloaded while this runs"),
    };
    while hangups.recv().await.is_some() {
        match replaceable.reload(&config, &Environment::of_process()).await {
            Ok(new) => {
                let keys: Vec<_> = config.differences(&new).into_iter().map(|(key, _)| key).collect();
                enter(&replaceable.desk, new.hash(), keys.iter().map(ToString::to_string).collect()).await;
                tracing::info!(
                    hash = new.hash(),
                    changed = keys.join(", "),
                    "the configuration was reloaded"
                );
                config = new;
            }
            Err(error) => {
                tracing::error!("the configuration was not reloaded, nothing has changed:\n{error}");
            }
        }
    }
}
