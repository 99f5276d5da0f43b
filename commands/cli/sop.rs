//! `watchpost sop check|diff|show|versions`: the procedure as a file with versions, also while the bot runs.
//!
//! A version is named by `shipped`, `configured` (the file of `[procedure]`, else the shipped one), `followed` (with what
//! reviews changed), the number of an accepted proposal, an incident (the version that it ran under), or a file.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Subcommand;
use watchpost::book::procedure::Version;
use watchpost::clock::{Clock, UtcMs};
use watchpost::config::{Config, ConfigError, Environment};
use watchpost::desk::Desk;
use watchpost::ids::IncidentId;
use watchpost::incident::Incident;
use watchpost::policy::Policy;
use watchpost::review::local;
use watchpost::sop::Procedure;
use watchpost::sop::difference::difference;
use watchpost::store::{JournalStore, Options, StoreError, backup};
use watchpost_texts::say;

/// What is wanted of the procedure.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Say whether a procedure is sound, and everything that is wrong with it.
    Check {
        /// Which: a file, shipped, configured, followed, a proposal's number, or an incident.
        #[arg(default_value = "configured")]
        which: String,
    },
    /// Say what differs between two versions, line by line. Exit status 1 where anything does.
    Diff {
        /// The older one.
        #[arg(default_value = "configured")]
        old: String,
        /// The newer one.
        #[arg(default_value = "followed")]
        new: String,
    },
    /// Print a version whole, such as into a file of your own.
    Show {
        /// Which.
        #[arg(default_value = "followed")]
        which: String,
    },
    /// List the versions: what reviews changed, when, and why.
    Versions,
}

/// Why nothing is said.
#[derive(Debug, thiserror::Error)]
enum SopError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(
        "{}", say!("“{0}” is no version: write a file, shipped, configured, followed, the number of an accepted proposal, or an incident such as INC-42", _0))]
    Unknown(String),
    #[error("{}", say!("the text of {0} is not kept: it ran under {1}. `watchpost sop versions` lists what is", _0, _1))]
    NotKept(IncidentId, String),
    #[error("{}", say!("the system refuses: {0}", _0))]
    System(#[from] io::Error),
}

/// Does it.
///
/// # Errors
/// Where the answer could not be written.
pub fn run(
    verb: &Verb,
    config: &Path,
    environment: &Environment,
    now: UtcMs,
    out: &mut dyn Write,
    problems: &mut dyn Write,
) -> io::Result<ExitCode> {
    let known = Known { config, environment, now };
    let done = match verb {
        Verb::Check { which } => check(&known, which, out),
        Verb::Diff { old, new } => diff(&known, old, new, out),
        Verb::Show { which } => known.text(which).and_then(|text| {
            out.write_all(text.as_bytes())?;
            Ok(ExitCode::SUCCESS)
        }),
        Verb::Versions => versions(&known, out),
    };
    done.or_else(|error| {
        writeln!(problems, "{}", say!("watchpost: {error}"))?;
        Ok(ExitCode::from(match error {
            SopError::Config(_) => 78,
            SopError::Unknown(_) | SopError::NotKept(..) => 66,
            SopError::Store(_) | SopError::System(_) => 74,
        }))
    })
}

fn check(known: &Known<'_>, which: &str, out: &mut dyn Write) -> Result<ExitCode, SopError> {
    match Procedure::parse(&known.text(which)?) {
        Ok(sound) => {
            let (lines, aid) = (sound.lines.len(), sound.first_aid.len());
            writeln!(
                out,
                "{}",
                say!(
                    "{}: sound. {lines} lines, {aid} pieces of first aid, cadences for {} severities, {}.",
                    sound.named(),
                    sound.cadence.len(),
                    if sound.texts.0.is_empty() {
                        say!("no texts of its own")
                    } else {
                        say!("texts of its own")
                    }
                )
            )?;
            Ok(ExitCode::SUCCESS)
        }
        Err(unsound) => {
            for fault in &unsound.0 {
                writeln!(out, "{}", say!("{which}: {fault}"))?;
            }
            Ok(ExitCode::FAILURE)
        }
    }
}

fn diff(known: &Known<'_>, old: &str, new: &str, out: &mut dyn Write) -> Result<ExitCode, SopError> {
    let said = difference(&known.text(old)?, &known.text(new)?);
    if said.is_empty() {
        writeln!(out, "{}", say!("Nothing differs between {old} and {new}."))?;
        return Ok(ExitCode::SUCCESS);
    }
    write!(out, "{}", say!("--- {old}\n+++ {new}\n{said}"))?;
    Ok(ExitCode::FAILURE)
}

fn versions(known: &Known<'_>, out: &mut dyn Write) -> Result<ExitCode, SopError> {
    let config = known.configured()?;
    let zone = config.organisation.time_zone;
    writeln!(out, "{}", say!("configured: {}", config.procedure.named()))?;
    known.with_desk(|desk| {
        let book = desk.book();
        for proposal in &book.procedure.proposals {
            let became = proposal.became.as_deref().unwrap_or(say!("waits for a second person"));
            writeln!(
                out,
                "{}",
                say!(
                    "{}: {}, {} of {} by {}: {became}. Because: {}",
                    proposal.number,
                    local(proposal.at, zone),
                    if proposal.said.old.is_empty() { say!("an addition") } else { "a change" },
                    proposal.said.incident,
                    proposal.by,
                    proposal.said.why
                )
            )?;
        }
        writeln!(out, "{}", say!("followed: {}", desk.policy().procedure.named()))?;
        Ok(ExitCode::SUCCESS)
    })
}

/// Where versions are looked for.
struct Known<'k> {
    config: &'k Path,
    environment: &'k Environment,
    now: UtcMs,
}

impl Known<'_> {
    fn configured(&self) -> Result<Config, SopError> {
        Ok(Config::load(self.config, self.environment)?)
    }

    /// The text of a version.
    fn text(&self, which: &str) -> Result<String, SopError> {
        let unknown = || SopError::Unknown(which.to_owned());
        match which {
            "shipped" => return Ok(Procedure::shipped().to_owned()),
            "configured" => return Ok(self.configured()?.procedure.text.clone()),
            "followed" => return self.with_desk(|desk| Ok(desk.policy().procedure.text.clone())),
            _ => {}
        }
        if let Ok(number) = which.parse::<u64>() {
            return self.with_desk(|desk| {
                let book = desk.book();
                let version = book.procedure.versions.iter().find(|version| version.number == number);
                version.map(|version| version.text.to_string()).ok_or_else(unknown)
            });
        }
        if let Ok(id) = which.parse::<IncidentId>() {
            return self.with_desk(|desk| of_incident(desk, id).ok_or_else(unknown)?);
        }
        std::fs::read_to_string(which).map_err(|_| unknown())
    }

    /// The data folder as of one commit: the bot that runs on it holds it.
    fn with_desk<T>(&self, then: impl FnOnce(&Desk) -> Result<T, SopError>) -> Result<T, SopError> {
        let config = self.configured()?;
        let copies = tempfile::tempdir()?;
        let copy = copies.path().join("copy");
        backup::backup_folder(&config.store.folder, &copy)?;
        let store = JournalStore::open(&copy, Options { ballast_bytes: 0, ..Options::default() }, self.now)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let open = Desk::open(Arc::new(store), Policy::of(&config), Clock::stepped(self.now));
        let desk = runtime.block_on(open)?;
        let _entered = runtime.enter();
        then(&desk)
    }
}

/// The version under which an incident was declared, where its text is kept; none where there is no such incident.
fn of_incident(desk: &Desk, id: IncidentId) -> Option<Result<String, SopError>> {
    let events = tokio::runtime::Handle::current().block_on(desk.all_events(id)).ok()?;
    let incident = Incident::from_events(id, &events);
    let named = incident.procedure.or(incident.checklist.procedure)?;
    let configured = desk.configured_procedure();
    let shipped = Procedure::default();
    let book = desk.book();
    let accepted = |version: &Version| {
        let parsed = Procedure::parse(&version.text).ok()?;
        (parsed.named() == named).then_some(parsed.text)
    };
    let kept = [configured.as_ref(), &shipped].into_iter().find(|one| one.named() == named);
    let text = kept.map(|one| one.text.clone()).or_else(|| book.procedure.versions.iter().find_map(accepted));
    Some(text.ok_or(SopError::NotKept(id, named)))
}
