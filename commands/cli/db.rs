//! `watchpost db`: looks after the data folder, whether or not a Watchpost is running on it.
//!
//! `verify`, `backup` and `stat` only read, and may be used while Watchpost runs. `rebuild` writes and is refused then;
//! `restore` writes only into an empty folder.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use secrecy::SecretString;
use watchpost::clock::UtcMs;
use watchpost::config::{Config, ConfigError, Environment};
use watchpost::store::vault::{self, Passphrase};
use watchpost::store::{StoreError, Verified, backup, salvage, stat};
use watchpost_texts::say;

/// Look after the stored data.
#[derive(Debug, Args)]
pub struct Db {
    /// The data folder; without it, that of the configuration.
    #[arg(long, global = true, env = "WATCHPOST_DATA", value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Passphrase of sealed backups.
    #[arg(long, env = "WATCHPOST_BACKUP_PASSPHRASE", hide_env_values = true, value_name = "TEXT")]
    passphrase: Option<SecretString>,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Read everything and say what is not as it was written.
    Verify,
    /// Copy everything into an empty folder, or with a passphrase into one sealed file.
    Backup {
        /// The empty folder, or the file.
        to: PathBuf,
    },
    /// Make the data folder from a backup. The data folder must be empty: move the old one aside first.
    Restore {
        /// The backup: a folder, or a sealed file.
        from: PathBuf,
        /// Take what can still be read of a damaged folder, where there is no backup.
        #[arg(long)]
        salvage: bool,
    },
    /// Fill the read model anew from the journal.
    Rebuild,
    /// Say how much there is.
    Stat,
}

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// The configuration, which names the data folder.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The store says why.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something is not as it was written; each fault was printed.
    #[error("{}", say!("{0} faults. Restore the newest backup: watchpost db restore", _0))]
    Faults(usize),
    /// The answer could not be printed.
    #[error("{}", say!("the answer could not be printed: {0}", _0))]
    Output(#[from] io::Error),
    /// A sealed backup needs its passphrase.
    #[error("{}", say!("{} is sealed. Give its passphrase with WATCHPOST_BACKUP_PASSPHRASE", _0.display()))]
    NoPassphrase(PathBuf),
}

impl DbError {
    /// The process's exit status: 1 for faults, and from sysexits.h 73 where another process has the folder, 74 for
    /// everything that the disk refused, 77 where the passphrase is missing.
    pub fn exit_status(&self) -> u8 {
        match self {
            DbError::Faults(_) | DbError::Store(StoreError::Damaged(_)) => 1,
            DbError::Store(StoreError::InUse(_)) => 73,
            DbError::NoPassphrase(_) => 77,
            DbError::Config(_) => 78,
            DbError::Store(_) | DbError::Output(_) => 74,
        }
    }
}

/// Does what was asked and prints what came of it. Blocks.
///
/// # Errors
/// [`DbError`], in words for the person at the shell.
pub fn run(
    db: Db,
    config: &Path,
    environment: &Environment,
    now: UtcMs,
    out: &mut dyn Write,
) -> Result<(), DbError> {
    let data = match db.data {
        Some(data) => data,
        None => Config::load(config, environment)?.store.folder,
    };
    let passphrase = db.passphrase.map(Passphrase::new);
    match db.action {
        Action::Verify => verify(&data, out),
        Action::Backup { to } => back_up(&data, &to, passphrase.as_ref(), out),
        Action::Restore { from, salvage: true } => take_what_is_left(&from, &data, now, out),
        Action::Restore { from, salvage: false } => restore(&from, &data, passphrase.as_ref(), now, out),
        Action::Rebuild => {
            let opened = backup::rebuild(&data, now)?;
            Ok(writeln!(out, "{}", opened.summary())?)
        }
        Action::Stat => show_stat(&data, out),
    }
}

fn verify(data: &Path, out: &mut dyn Write) -> Result<(), DbError> {
    let verified = backup::verify_folder(data)?;
    for fault in &verified.faults {
        writeln!(out, "{}", say!("fault: {fault}"))?;
    }
    show(&verified, out)?;
    match verified.faults.len() {
        0 => Ok(()),
        faults => Err(DbError::Faults(faults)),
    }
}

fn show(verified: &Verified, out: &mut dyn Write) -> io::Result<()> {
    let Verified { commits, events, head, .. } = verified;
    writeln!(out, "{}", say!("{commits} commits, {events} events, head {head}"))
}

fn back_up(
    data: &Path,
    to: &Path,
    passphrase: Option<&Passphrase>,
    out: &mut dyn Write,
) -> Result<(), DbError> {
    let verified = match passphrase {
        None => backup::backup_folder(data, to)?,
        Some(passphrase) => {
            let beside = to.with_extension("unfinished");
            let copied = backup::backup_folder(data, &beside)
                .and_then(|verified| vault::seal_folder(&beside, passphrase, to).map(|()| verified));
            remove_folder(&beside)?;
            copied?
        }
    };
    show(&verified, out)?;
    Ok(writeln!(out, "{}", say!("copied to {} and read again: nothing is missing", to.display()))?)
}

fn restore(
    from: &Path,
    data: &Path,
    passphrase: Option<&Passphrase>,
    now: UtcMs,
    out: &mut dyn Write,
) -> Result<(), DbError> {
    let (opened, verified) = if from.is_dir() {
        backup::restore(from, data, now)?
    } else {
        let passphrase = passphrase.ok_or_else(|| DbError::NoPassphrase(from.to_owned()))?;
        let beside = data.with_extension("unsealed");
        vault::open_sealed(from, passphrase, &beside)?;
        let restored = backup::restore(&beside, data, now);
        remove_folder(&beside)?;
        restored?
    };
    show(&verified, out)?;
    Ok(writeln!(out, "{}", say!("restored into {}: {}", data.display(), opened.summary()))?)
}

fn take_what_is_left(from: &Path, data: &Path, now: UtcMs, out: &mut dyn Write) -> Result<(), DbError> {
    let saved = salvage::salvage(from, data, now)?;
    for missing in &saved.missing {
        writeln!(out, "{}", say!("missing: {missing}"))?;
    }
    writeln!(
        out,
        "{}",
        say!("{} events of {} incidents are in {}", saved.events, saved.incidents, data.display())
    )?;
    Ok(writeln!(out, "{}", say!("messages that waited to be delivered were left out; due times were kept"))?)
}

fn remove_folder(folder: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn show_stat(data: &Path, out: &mut dyn Write) -> Result<(), DbError> {
    let seen = stat(data)?;
    let mebibytes = |bytes: u64| bytes.div_ceil(1024 * 1024);
    writeln!(
        out,
        "{}",
        say!("{} events of {} incidents, {} people", seen.last_seq.0, seen.incidents, seen.people)
    )?;
    writeln!(out, "{}", say!("{} messages are still to be delivered", seen.open_items))?;
    writeln!(
        out,
        "{}",
        say!(
            "journal: {} files, {} MiB; read model: {} MiB",
            seen.files,
            mebibytes(seen.journal_bytes),
            mebibytes(seen.model_bytes)
        )
    )?;
    Ok(writeln!(out, "{}", say!("head {}", seen.head))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use watchpost::ids::IncidentId;
    use watchpost::incident::event::{Event, NewEvent, Origin};
    use watchpost::person::Actor;
    use watchpost::store::{Commit, JournalStore, Options, Store};

    #[derive(Parser)]
    struct Shell {
        #[command(flatten)]
        db: Db,
    }

    const NOW: UtcMs = UtcMs(1_795_392_000_000);

    fn type_in(data: &Path, words: &[&str]) -> (Result<(), DbError>, String) {
        let data = data.display().to_string();
        let typed = ["db", "--data", &data].into_iter().chain(words.iter().copied());
        let shell = Shell::parse_from(typed);
        let mut out = Vec::new();
        let done = run(shell.db, Path::new("watchpost.toml"), &Environment::default(), NOW, &mut out);
        (done, String::from_utf8(out).expect("text"))
    }

    fn filled() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        let store = JournalStore::open(folder.path(), Options::default(), NOW).expect("a store");
        let event = NewEvent {
            incident: IncidentId(1),
            happened_at: NOW,
            actor: Actor::Watchpost,
            origin: Origin::Shell,
            event: Event::Acknowledged,
        };
        let commit = Commit { recorded_at: NOW, events: vec![event], ..Commit::default() };
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(store.commit(commit)).expect("stored");
        folder
    }

    #[test]
    fn a_folder_is_verified_copied_sealed_restored_and_filled_anew() {
        let (data, elsewhere) = (filled(), tempfile::tempdir().expect("a folder"));
        let (done, said) = type_in(data.path(), &["verify"]);
        assert!(done.is_ok() && said.starts_with("1 commits, 1 events, head "), "{said}");
        let head = said.trim_end().rsplit(' ').next().expect("a head").to_owned();
        let copy = elsewhere.path().join("copy").display().to_string();
        let (done, said) = type_in(data.path(), &["backup", &copy]);
        assert!(done.is_ok() && said.contains(&head), "{said}");
        let (done, said) = type_in(&elsewhere.path().join("restored"), &["restore", &copy]);
        assert!(done.is_ok() && said.contains(&head), "{said}");
        let (done, said) = type_in(data.path(), &["rebuild"]);
        assert!(done.is_ok() && said.contains("filled anew"), "{said}");
        let (done, said) = type_in(data.path(), &["stat"]);
        assert!(done.is_ok() && said.contains("1 events of 1 incidents"), "{said}");
    }

    #[test]
    fn what_cannot_be_done_is_said_with_a_status() {
        let (data, nowhere) = (filled(), tempfile::tempdir().expect("a folder"));
        let copy = nowhere.path().join("sealed").display().to_string();
        std::fs::write(&copy, "x").expect("written");
        let cases: [(&Path, &[&str], u8, &str); 4] = [
            (nowhere.path(), &["verify"], 74, "journal"),
            (nowhere.path(), &["stat"], 74, "there is no journal"),
            (data.path(), &["restore", &copy], 77, "is sealed"),
            (data.path(), &["--passphrase", "x", "restore", &copy], 1, "wrong passphrase"),
        ];
        for (folder, words, status, expected) in cases {
            let (done, _) = type_in(folder, words);
            let error = done.expect_err("refused");
            assert_eq!(error.exit_status(), status, "{words:?}: {error}");
            assert!(error.to_string().contains(expected), "{words:?}: {error}");
        }
        let file = data.path().join("journal/00000001.journal");
        let whole = std::fs::read(&file).expect("bytes");
        std::fs::write(&file, &whole[..200]).expect("written");
        let (done, said) = type_in(data.path(), &["verify"]);
        assert_eq!(done.expect_err("refused").exit_status(), 1);
        assert!(said.contains("fault: "), "{said}");
        let damaged = data.path().display().to_string();
        let (done, said) = type_in(&nowhere.path().join("saved"), &["restore", "--salvage", &damaged]);
        assert!(done.is_ok() && said.contains("events of"), "{said}");
    }
}
