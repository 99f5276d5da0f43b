//! `watchpost init DOMAIN`: a first configuration from a mail domain, and the invitation for Discord.
//!
//! 1. DNS is asked what the domain says of itself ([`watchpost::setup`]).
//! 2. The file is written; one that is there is never written over.
//! 3. What remains to be done is said, step by step, with the invitation that asks for exactly the permissions needed.
//!
//! The exit status is 0 written, 64 wrong command line, 68 nothing known of the domain, 73 not written (sysexits.h).

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;

use watchpost::service::HostName;
use watchpost::setup::{self, Found, Sure};

use crate::bot::permissions::invitation;

/// What was typed behind `init`.
#[derive(Debug, clap::Args)]
pub struct Init {
    /// The mail domain: the part after the @.
    domain: String,
    /// What the organisation is called; without it the domain.
    #[arg(long)]
    organisation: Option<String>,
    /// The time zone in which times are typed, such as Europe/Berlin.
    #[arg(long, default_value = "UTC")]
    time_zone: chrono_tz::Tz,
    /// The application's number in Discord's developer portal, for the invitation.
    #[arg(long)]
    application: Option<u64>,
    /// A name server to ask in place of this machine's own, as ADDRESS:PORT.
    #[arg(long)]
    resolver: Vec<SocketAddr>,
}

/// "The command was used incorrectly", as sysexits.h has it.
const USAGE: u8 = 64;
/// "The host specified did not exist".
const NO_HOST: u8 = 68;
/// "A (user specified) output file cannot be created".
const NOT_CREATED: u8 = 73;

/// Writes the configuration to `path`.
///
/// # Errors
/// Only when `out` or `problems` cannot be written.
pub fn run(asked: &Init, path: &Path, out: &mut dyn Write, problems: &mut dyn Write) -> io::Result<ExitCode> {
    let domain = match HostName::parse(&asked.domain) {
        Ok(domain) => domain,
        Err(error) => {
            writeln!(problems, "{:?} is no mail domain: {error}. It looks like example.org.", asked.domain)?;
            return Ok(ExitCode::from(USAGE));
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let found = match runtime.block_on(setup::look(domain, &asked.resolver)) {
        Ok(found) => found,
        Err(nothing) => {
            writeln!(problems, "{nothing}.")?;
            return Ok(ExitCode::from(NO_HOST));
        }
    };
    let organisation = asked.organisation.clone().unwrap_or_else(|| found.domain.to_string());
    if let Err(error) = create(path, &found.configuration(&organisation, asked.time_zone)) {
        writeln!(problems, "{}", not_created(path, &error))?;
        return Ok(ExitCode::from(NOT_CREATED));
    }
    tell(&found, path, asked.application, out)?;
    Ok(ExitCode::SUCCESS)
}

/// Never in place of what somebody wrote.
fn create(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn not_created(path: &Path, error: &io::Error) -> String {
    let path = path.display();
    match error.kind() {
        io::ErrorKind::AlreadyExists => format!(
            "{path} is there already, and was left as it is. Name another file with --config, or put that one away."
        ),
        _ => format!("{path} cannot be written: {error}."),
    }
}

fn tell(found: &Found, path: &Path, application: Option<u64>, out: &mut dyn Write) -> io::Result<()> {
    let sure = match found.sure {
        Sure::Published => "published by the domain",
        Sure::Guessed => "guessed from usual names",
    };
    writeln!(out, "{} takes mail at {}.", found.domain, found.exchangers.join(", "))?;
    writeln!(out, "Submission ({sure}): {}.", found.submission.join(", "))?;
    writeln!(out, "IMAP ({sure}): {}.", found.imap.join(", "))?;
    writeln!(out, "Written to {}. Now:", path.display())?;
    let application = application.map_or_else(|| "APPLICATION".to_owned(), |number| number.to_string());
    let steps = [
        "`watchpost check` tries what was found, still without Discord.".to_owned(),
        format!(
            "Invite the bot (in place of APPLICATION its number in the developer portal): {}",
            invitation(&application)
        ),
        "Put server, channels and roles into the file: the remarks say where to find their ids.".to_owned(),
        "`watchpost doctor` says what is still missing; then `watchpost run`.".to_owned(),
    ];
    for (step, number) in steps.iter().zip(1..) {
        writeln!(out, "{number}. {step}")?;
    }
    Ok(())
}
