//! `watchpost demo`: a whole outage on this machine, without any account.
//!
//! 1. [`stage`] sets up a stand-in Discord and a stand-in mail service, and writes the configuration that joins them.
//! 2. The same bot as always runs against both, with its store in a folder of its own.
//! 3. A page shows the chat; beside it stand a guided tour, the switches of the mail service ([`mail`]), the status page,
//!    and what was received elsewhere ([`page`]).

pub mod mail;
pub mod page;
pub mod received;
pub mod stage;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use watchpost::clock::Clock;
use watchpost_texts::to_say;

use super::run::{self, RunError};
use super::{logging, say};
use crate::bot::supervisor::Outcome;
use stage::{Options, Stage, StageError};

/// What can be said on the command line.
#[derive(Debug, Args)]
pub struct Demo {
    /// The port of the page on 127.0.0.1; 0 takes any that is free.
    #[arg(long, default_value_t = 4780)]
    port: u16,
    /// The folder for what is stored; without it, one that is gone afterwards.
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
}

/// Three rounds in a minute and a half: who looks on does not want to wait ten.
const SHORT_PROOF: &str = to_say!("[proof]\nlasts = \"90s\"\n");

/// Why there is no demonstration.
#[derive(Debug, thiserror::Error)]
enum DemoError {
    #[error(transparent)]
    Stage(#[from] StageError),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error("{}", say!("the system refuses: {0}", _0))]
    System(#[from] std::io::Error),
}

/// Runs the demonstration until Ctrl+C.
pub fn run(demo: &Demo) -> ExitCode {
    match perform(demo) {
        Ok(Outcome::Stopped) => ExitCode::SUCCESS,
        Ok(outcome) => {
            say(&outcome);
            ExitCode::from(outcome.exit_code())
        }
        Err(error) => {
            say(&error);
            ExitCode::FAILURE
        }
    }
}

fn perform(demo: &Demo) -> Result<Outcome, DemoError> {
    // One TLS provider for all; where it is there already, it is the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let temporary = tempfile::tempdir()?;
    let folder = demo.data.clone().unwrap_or_else(|| temporary.path().to_owned());
    runtime.block_on(async {
        let clock = Clock::system();
        let options = Options {
            port: demo.port,
            folder,
            clock: clock.clone(),
            more: SHORT_PROOF.to_owned(),
            ..Options::default()
        };
        let stage = Stage::set(options).await?;
        logging::start(&stage.config.log, vec![stage.token()]).map_err(RunError::Log)?;
        greet(&stage)?;
        Ok(run::live(&stage.config, clock, None).await?)
    })
}

fn greet(stage: &Stage) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", say!("Watchpost demo: open {}/demo/ in your browser.", stage.discord.api_base()))?;
    writeln!(
        out,
        "{}",
        say!("You are ana, a responder, at night. The tour beside the chat leads through a whole outage.")
    )?;
    writeln!(out, "{}", say!("The status page: {}", stage.status_page))?;
    writeln!(
        out,
        "{}",
        say!("The stand-in Discord as it is, with every request: {}", stage.discord.api_base())
    )?;
    writeln!(out, "{}", say!("Ctrl+C ends it."))
}
