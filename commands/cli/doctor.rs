//! `watchpost doctor [--send]`: is everything as it must be before an outage? Each point with what to do.
//!
//! The exit status is that of the worst point: 0 nothing to mend, 1 something to look at, 2 something does not work,
//! 78 the configuration is not sound.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use async_trait::async_trait;
use watchpost::broadcast::Routes;
use watchpost::check::Prober;
use watchpost::clock::Clock;
use watchpost::config::{Config, Environment};
use watchpost::doctor::{self, Point, State, destinations, machine, worst};
use watchpost::outbox::{Delivery, Item, Proof, Transport};
use watchpost_texts::say;

use super::config::MISCONFIGURED;
use crate::bot;
use crate::bot::delivery::DiscordDelivery;
use crate::bot::gate::{Gate, GateOptions, Limits, Traffic, Upstream};

/// What was typed behind `doctor`.
#[derive(Debug, clap::Args)]
pub struct Doctor {
    /// Send a marked sample to every destination. It reaches real people.
    #[arg(long)]
    send: bool,
}

/// Examines everything for the configuration at `path`.
///
/// # Errors
/// Only when `out` or `problems` cannot be written.
pub fn run(
    asked: &Doctor,
    path: &Path,
    environment: &Environment,
    out: &mut dyn Write,
    problems: &mut dyn Write,
) -> io::Result<ExitCode> {
    let config = match Config::load(path, environment) {
        Ok(config) => config,
        Err(error) => {
            writeln!(problems, "{error}")?;
            return Ok(ExitCode::from(MISCONFIGURED));
        }
    };
    let _ = rustls::crypto::ring::default_provider().install_default();
    let clock = Clock::system();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let points = runtime.block_on(examine(&config, asked.send, &clock));
    for point in &points {
        writeln!(out, "{point}")?;
    }
    let worst = worst(&points);
    writeln!(out, "{}", summary(&points))?;
    Ok(match worst {
        State::Good | State::NotAsked => ExitCode::SUCCESS,
        State::Warning => ExitCode::from(1),
        State::Bad => ExitCode::from(2),
    })
}

/// Everything, as the shell sees it: with a connection to Discord of its own.
async fn examine(config: &Config, send: bool, clock: &Clock) -> Vec<Point> {
    let now = clock.now();
    let mut points = vec![Point::good("configuration", say!("{} is sound.", config.file.display()))];
    points.extend(doctor::examine(config, &Prober::default(), now).await);
    let (of_discord, chat) = of_discord(config).await;
    points.extend(of_discord);
    points.push(machine::clock(clock.now(), bot::doctor::clock_of(config.discord.api_base.as_str()).await));
    match Routes::open(config, clock, None) {
        Ok(routes) => points.extend(destinations::examine(config, send, &*chat, &routes, now).await),
        Err(error) => points.push(Point::new(
            "destinations",
            State::Bad,
            say!("they cannot be prepared: {error}."),
            say!("Look at the addresses in the configuration."),
        )),
    }
    points
}

async fn of_discord(config: &Config) -> (Vec<Point>, Arc<dyn Transport>) {
    match connect(config).await {
        Ok((gate, http)) => {
            let points = bot::doctor::examine(&http, config).await;
            (points, Arc::new(Connected { _gate: gate, delivery: DiscordDelivery::new(Arc::new(http)) }))
        }
        Err(why) => {
            let mend = say!("Without it `watchpost run` does not start.");
            (vec![Point::new("Discord", State::Bad, why, mend)], Arc::new(NoChat))
        }
    }
}

async fn connect(config: &Config) -> Result<(Gate, serenity::http::Http), String> {
    let token = config.ready_for_discord().map_err(|error| error.to_string())?.value().clone();
    let upstream = Upstream::parse(config.discord.api_base.as_str()).map_err(|error| error.to_string())?;
    let options = GateOptions { upstream, token, limits: Limits::default(), raw_transcript: None };
    let gate = Gate::start(options).await.map_err(|error| error.to_string())?;
    let http = gate.http(Traffic::Normal).map_err(|error| error.to_string())?.build();
    Ok((gate, http))
}

/// Discord through a gate that lives as long as it.
struct Connected {
    _gate: Gate,
    delivery: DiscordDelivery,
}

#[async_trait]
impl Transport for Connected {
    async fn deliver(&self, item: &Item) -> Delivery {
        self.delivery.deliver(item).await
    }

    async fn find(&self, item: &Item) -> Option<Proof> {
        self.delivery.find(item).await
    }
}

/// In place of a Discord that cannot be reached.
struct NoChat;

#[async_trait]
impl Transport for NoChat {
    async fn deliver(&self, _item: &Item) -> Delivery {
        Delivery::Dead { why: say!("Discord cannot be reached").to_owned() }
    }

    async fn find(&self, _item: &Item) -> Option<Proof> {
        None
    }
}

/// One line at the end.
fn summary(points: &[Point]) -> String {
    let count = |state: State| points.iter().filter(|point| point.state == state).count();
    match (count(State::Bad), count(State::Warning)) {
        (0, 0) => say!("{} points, nothing to mend.", points.len()),
        (bad, warnings) => say!("{} points: {bad} to mend, {warnings} to look at.", points.len()),
    }
}
