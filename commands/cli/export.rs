//! `watchpost export INC-42 --format md|html|json|csv [--outside]`: an incident's whole story as a file, also while the bot runs.
//!
//! 1. The data folder is copied as of one commit, because the bot that runs on it holds it.
//! 2. The copy is opened, and the story read from it.
//! 3. It is written to standard output.
//!
//! `--from FILE` reads a JSON export back in place of 1 and 2.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use watchpost::clock::{Clock, UtcMs};
use watchpost::config::{Config, ConfigError, Environment};
use watchpost::desk::Desk;
use watchpost::ids::IncidentId;
use watchpost::incident::Incident;
use watchpost::policy::Policy;
use watchpost::review::json::{self, NotRead};
use watchpost::review::{Format, Readers, Story};
use watchpost::store::{JournalStore, Options, StoreError, backup};
use watchpost_texts::say;

/// What is pulled.
#[derive(Debug, Args)]
pub struct Export {
    /// Which incident, such as INC-42.
    #[arg(required_unless_present = "from")]
    incident: Option<IncidentId>,
    /// Read it from a JSON file that was exported before, rather than from the data folder.
    #[arg(long, conflicts_with = "incident")]
    from: Option<PathBuf>,
    /// For readers outside: no name of a person, no host, no address.
    #[arg(long)]
    outside: bool,
    /// Also write the files that were kept as evidence into this folder.
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["from", "outside"])]
    files: Option<PathBuf>,
    /// In which form: md or html to read, json for programs and for reading back, csv for tables.
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
    #[error("{}", say!("there is no {0} in {1}. `watchpost db stat` says how many there are", _0, _1))]
    Unknown(IncidentId, String),
    #[error("{0}: {1}")]
    NotRead(String, NotRead),
    #[error("{}", say!("the system refuses: {0}", _0))]
    System(#[from] io::Error),
}

impl ExportError {
    /// As sysexits.h has it.
    fn exit_code(&self) -> u8 {
        match self {
            ExportError::Config(_) => 78,
            ExportError::Unknown(..) => 66,
            ExportError::NotRead(..) => 65,
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
            writeln!(problems, "{}", say!("watchpost: {error}"))?;
            Ok(ExitCode::from(error.exit_code()))
        }
    }
}

fn story(export: &Export, path: &Path, environment: &Environment, now: UtcMs) -> Result<String, ExportError> {
    let readers = if export.outside { Readers::Outside } else { Readers::Inside };
    if let Some(file) = &export.from {
        let wrong = |why| ExportError::NotRead(file.display().to_string(), why);
        let back = json::read(&std::fs::read_to_string(file)?).map_err(wrong)?;
        let (incident, events, zone, around) = (&back.incident, &back.events, back.zone, &back.around);
        return Ok(export.format.write(&Story { incident, events, zone, around, readers }));
    }
    let config = Config::load(path, environment)?;
    let id = export.incident.unwrap_or(IncidentId(0));
    let copies = tempfile::tempdir()?;
    let copy = copies.path().join("copy");
    backup::backup_folder(&config.store.folder, &copy)?;
    let store = JournalStore::open(&copy, Options { ballast_bytes: 0, ..Options::default() }, now)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let desk = runtime.block_on(Desk::open(Arc::new(store), Policy::of(&config), Clock::stepped(now)))?;
    let events = runtime.block_on(desk.all_events(id))?;
    if events.is_empty() || id == IncidentId(0) {
        return Err(ExportError::Unknown(id, config.store.folder.display().to_string()));
    }
    let incident = Incident::from_events(id, &events);
    if let Some(folder) = &export.files {
        runtime.block_on(write_files(&desk, &incident, folder))?;
    }
    let around = runtime.block_on(desk.around(&incident))?;
    let zone = config.organisation.time_zone;
    Ok(export.format.write(&Story { incident: &incident, events: &events, zone, around: &around, readers }))
}

/// The evidence, each file under its name and the first digits of its hash.
async fn write_files(desk: &Desk, incident: &Incident, folder: &Path) -> Result<(), ExportError> {
    std::fs::create_dir_all(folder)?;
    for (_, evidence) in incident.checklist.all_evidence() {
        // Of somebody who was forgotten there is no content any more.
        let Some(bytes) = desk.file(evidence).await? else { continue };
        let safe = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
        let name: String = evidence.name.chars().map(safe).collect();
        let front = evidence.sha256.get(..8).unwrap_or_default();
        std::fs::write(folder.join(format!("{front}-{name}")), bytes)?;
    }
    Ok(())
}
