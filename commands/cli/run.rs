//! `watchpost run`: the bot, until it is told to stop.
//!
//! 1. Read the configuration; nothing starts where something in it is wrong.
//! 2. Open the store, then the desk: what was promised before is known before anything new is promised.
//! 3. Listen for `watchpost ctl` ([`super::ctl`]), then start the bot ([`crate::bot::life`]), and who looks after what is stored
//!    ([`Keeper`]).
//! 4. SIGHUP: take a changed configuration, or none of it ([`reload`]).
//! 5. SIGTERM or Ctrl+C: stop in order, within ten seconds.
//!
//! The exit status says what is to be done: 0 stopped, 64 wrong command line, 70 fault, 73 another Watchpost has the data
//! folder, 74 the store, 75 start again, 78 the configuration or the token (sysexits.h).

mod consulting;
mod prober;
mod reload;
mod supervised;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use tokio::sync::watch;
use watchpost::broadcast::Routes;
use watchpost::clock::Clock;
use watchpost::config::{Config, ConfigError, Environment};
use watchpost::desk::Desk;
use watchpost::keeper::Keeper;
use watchpost::monitor::Monitor;
use watchpost::policy::Policy;
use watchpost::store::{JournalStore, Options, Store, StoreError};
use watchpost::web::Web;

use self::reload::{CurrentRoutes, Replaceable};
use super::{ctl, logging, say};
use crate::bot::framework::Mind;
use crate::bot::gate::{Traffic, Upstream, UpstreamError};
use crate::bot::life::{Bot, GOODBYE, Setup, StartError};
use crate::bot::supervisor::{Outcome, Pace, sessions};

/// Every REST request of this run is written into the file that this variable names; for the stories.
const TRANSCRIPT: &str = "WATCHPOST_TRANSCRIPT";

/// Why the bot does not run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Something in the configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The log.
    #[error("{0}")]
    Log(String),
    /// The base address of Discord.
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
    /// What is stored.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The bot itself.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The destinations outside Discord.
    #[error("{}", say!("the destinations outside Discord: {0}", _0))]
    Routes(String),
    /// The system.
    #[error("{}", say!("the system refuses: {0}", _0))]
    System(#[from] std::io::Error),
}

impl RunError {
    fn exit_code(&self) -> u8 {
        match self {
            RunError::Config(_) | RunError::Log(_) | RunError::Upstream(_) => 78,
            RunError::Store(StoreError::InUse(_)) => 73,
            RunError::Store(_) => 74,
            RunError::Start(_) | RunError::Routes(_) | RunError::System(_) => 70,
        }
    }
}

/// Runs the bot with the configuration at `path`.
pub fn run(path: &Path, environment: &Environment) -> ExitCode {
    let ended = prepared(path, environment).and_then(|(config, runtime)| {
        let transcript = environment.get(TRANSCRIPT).map(Into::into);
        let ended = runtime.block_on(live(&config, Clock::system(), transcript));
        // What still runs after the goodbye is not waited for.
        runtime.shutdown_timeout(std::time::Duration::from_millis(200));
        ended
    });
    match ended {
        Ok(outcome) => {
            if outcome != Outcome::Stopped {
                say(&outcome);
            }
            ExitCode::from(outcome.exit_code())
        }
        Err(error) => {
            say(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

fn prepared(path: &Path, environment: &Environment) -> Result<(Config, tokio::runtime::Runtime), RunError> {
    let config = Config::load(path, environment)?;
    let token = config.ready_for_discord()?;
    logging::start(&config.log, vec![token.value().clone()]).map_err(RunError::Log)?;
    // One TLS provider for all; where it is there already, it is the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    Ok((config, runtime))
}

/// Runs the bot until it is told to stop by a signal.
///
/// # Errors
/// [`RunError`] says what does not start, and why.
pub async fn live(
    config: &Config,
    clock: Clock,
    transcript: Option<std::path::PathBuf>,
) -> Result<Outcome, RunError> {
    let (tell, stop) = watch::channel(false);
    tokio::spawn(told_to_stop(tell));
    until(config, clock, transcript, stop).await
}

/// Runs the bot until `stop` becomes true.
///
/// # Errors
/// [`RunError`] says what does not start, and why.
pub async fn until(
    config: &Config,
    clock: Clock,
    transcript: Option<std::path::PathBuf>,
    stop: watch::Receiver<bool>,
) -> Result<Outcome, RunError> {
    let store = open(config, &clock)?;
    let desk = Desk::open(store, Policy::of(config), clock.clone()).await?;
    reload::enter(&desk, config.hash(), Vec::new()).await;
    let keeper = Keeper::open(desk.clone(), &config.store);
    let routes =
        Routes::open(config, &clock, Some(&desk)).map_err(|error| RunError::Routes(error.to_string()))?;
    let web = Web::new(desk.clone(), config);
    if let Some(listen) = config.web.listen {
        tokio::spawn(serve_pages(web.clone(), listen, stop.clone()));
    }
    let prober = prober::ConfiguredProber::new(config, clock.clone(), keeper.history().clone());
    let monitor = Monitor::new(desk.clone(), prober.clone(), Some(keeper.history().clone()), config);
    web.watches(monitor.clone());
    let watching = tokio::spawn(monitor.clone().run(stop.clone()));
    reload::begin_heartbeat(&desk).await;
    let routes = CurrentRoutes::new(routes);
    let (in_force, config_in_force) = watch::channel(Arc::new(config.clone()));
    let replaceable = Replaceable {
        desk: desk.clone(),
        prober: prober.clone(),
        monitor,
        routes: routes.clone(),
        clock: clock.clone(),
        in_force,
    };
    let reloading = tokio::spawn(reload::at_each_hangup(replaceable, config.clone()));
    let mind = Mind::new(desk, prober.clone(), config.organisation.time_zone, keeper.clone());
    listen_at_the_host(&config.store.folder, &mind, &stop);
    let setup = Setup {
        mind,
        upstream: Upstream::parse(config.discord.api_base.as_str())?,
        token: config.ready_for_discord()?.value().clone(),
        routes: routes.clone(),
        transcript,
        sessions: Some(config.store.folder.join(sessions::FILE)),
        pace: Pace::default(),
    };
    let mind = setup.mind.clone();
    let bot = Bot::start(setup, stop.clone()).await?;
    let chat = Arc::new(bot.gate().http(Traffic::Normal).map_err(StartError::from)?.build());
    let consulting = consulting::Consulting { config: config_in_force, prober, routes, chat, clock };
    // Set once, here.
    let _ = mind.doctor.set(Arc::new(consulting));
    supervised::ready();
    let alive = tokio::spawn(supervised::stay_alive(mind.desk.clone()));
    let (end, ends) = watch::channel(false);
    let mut keeping = tokio::spawn(keeper.run(ends));
    let mut running = tokio::spawn(bot.run());
    let outcome = tokio::select! {
        outcome = &mut running => outcome,
        () = overdue(stop) => {
            running.abort();
            Ok(Outcome::Stopped)
        }
    };
    supervised::stopping();
    alive.abort();
    reloading.abort();
    watching.abort();
    // Whatever the end: the last minute of the check history is written.
    end.send_replace(true);
    if tokio::time::timeout(GOODBYE / 20, &mut keeping).await.is_err() {
        tracing::warn!("the check history was not written a last time; a minute of it may be missing");
        keeping.abort();
    }
    Ok(outcome.map_err(|panic| std::io::Error::other(panic.to_string()))?)
}

fn open(config: &Config, clock: &Clock) -> Result<Arc<dyn Store>, StoreError> {
    let ballast_bytes = u64::from(config.store.ballast_mib) * 1024 * 1024;
    let options = Options { ballast_bytes, ..Options::default() };
    let store = JournalStore::open(&config.store.folder, options, clock.now())?;
    tracing::info!("{}", store.opened().summary());
    Ok(Arc::new(store))
}

/// `watchpost ctl` is for the worst of times; that it cannot be offered does not keep the bot from starting.
fn listen_at_the_host(folder: &Path, mind: &Arc<Mind>, stop: &watch::Receiver<bool>) {
    match ctl::server::open(folder) {
        Ok((listener, path)) => {
            tokio::spawn(ctl::server::serve(listener, path, mind.clone(), stop.clone()));
        }
        Err(error) => tracing::error!(%error, "`watchpost ctl` cannot be used: its socket does not open"),
    }
}

/// A page that cannot be served does not keep people from being told in the chat.
async fn serve_pages(web: Arc<Web>, listen: std::net::SocketAddr, stop: watch::Receiver<bool>) {
    if let Err(error) = watchpost::web::serve(web, listen, stop).await {
        tracing::error!(%listen, %error, "the status page is not served; is the port in use?");
    }
}

/// Waits for SIGTERM or Ctrl+C.
async fn told_to_stop(tell: watch::Sender<bool>) {
    let interrupted = tokio::signal::ctrl_c();
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminated) => tokio::select! {
            _ = interrupted => {}
            _ = terminated.recv() => {}
        },
        Err(_) => drop(interrupted.await),
    }
    tracing::info!("stopping");
    tell.send_replace(true);
    // Held until the process ends: a sender that is gone would look like nobody.
    std::future::pending::<()>().await;
}

/// Ends a little before ten seconds after the signal.
async fn overdue(mut stop: watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
    tokio::time::sleep(GOODBYE - std::time::Duration::from_millis(500)).await;
    tracing::warn!("not everything has ended in time; what was not proved is looked for at the next start");
}
