//! `watchpost export INC-42 --format md|json`: an incident's whole story as a file, also while the bot runs.
//!
//! 1. The data folder is copied as of one commit, because the bot that runs on it holds it.
//! 2. The copy is opened, and the story read from it.
//! 3. It is written to standard output.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use watchpost::clock::UtcMs;
use watchpost::config::{Config, ConfigError, Environment};
use watchpost::ids::IncidentId;
use watchpost::incident::Incident;
use watchpost::incident::event::Recorded;
use watchpost::review::{Format, Story};
use watchpost::store::{JournalStore, Options, Store, StoreError, backup};

/// Events that are read in one go.
const PAGE: usize = 512;

/// What is pulled.
#[derive(Debug, Args)]
pub struct Export {
    /// Which incident, such as INC-42.
    incident: IncidentId,
    /// In which form: md to read, json for programs.
    #[arg(long, default_value = "md")]
    format: Format,
}

/// Why nothing is pulled.
#[derive(Debug, thiserror::Error)]
enum ExportError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("there is no {0} in {1}. `watchpost db stat` says how many there are")]
    Unknown(IncidentId, String),
    #[error("the system refuses: {0}")]
    System(#[from] io::Error),
}

impl ExportError {
    /// As sysexits.h has it.
    fn exit_code(&self) -> u8 {
        match self {
            ExportError::Config(_) => 78,
            ExportError::Unknown(..) => 66,
            ExportError::Store(_) | ExportError::System(_) => 74,
        }
    }
}

/// Writes the story.
///
/// # Errors
/// Where it could not be written.
pub fn run(
    export: &Export,
    config: &Path,
    environment: &Environment,
    now: UtcMs,
    out: &mut dyn Write,
    problems: &mut dyn Write,
) -> io::Result<ExitCode> {
    match story(export, config, environment, now) {
        Ok(story) => out.write_all(story.as_bytes()).map(|()| ExitCode::SUCCESS),
        Err(error) => {
            writeln!(problems, "watchpost: {error}")?;
            Ok(ExitCode::from(error.exit_code()))
        }
    }
}

fn story(export: &Export, path: &Path, environment: &Environment, now: UtcMs) -> Result<String, ExportError> {
    let config = Config::load(path, environment)?;
    let copies = tempfile::tempdir()?;
    let copy = copies.path().join("copy");
    backup::backup_folder(&config.store.folder, &copy)?;
    let store = JournalStore::open(&copy, Options { ballast_bytes: 0, ..Options::default() }, now)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let events = runtime.block_on(read(&store, export.incident))?;
    if events.is_empty() {
        return Err(ExportError::Unknown(export.incident, config.store.folder.display().to_string()));
    }
    let incident = Incident::from_events(export.incident, &events);
    let zone = config.organisation.time_zone;
    Ok(export.format.write(&Story { incident: &incident, events: &events, zone }))
}

async fn read(store: &JournalStore, incident: IncidentId) -> Result<Vec<Recorded>, StoreError> {
    let mut all: Vec<Recorded> = Vec::new();
    loop {
        let page = store.events(incident, all.last().map_or(0, |last| last.version), PAGE).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}
