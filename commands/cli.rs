//! What is typed in a shell: one file for each verb.

pub mod check;
pub mod config;
pub mod contacts;
pub mod ctl;
pub mod db;
#[cfg(feature = "demo")]
pub mod demo;
pub mod doctor;
pub mod explain;
pub mod export;
pub mod health;
pub mod init;
pub mod logging;
pub mod man;
pub mod run;
pub mod sop;
pub mod texts;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use watchpost::clock::Clock;
use watchpost::config::Environment;
use watchpost_texts::say;

/// "The command was used incorrectly", as sysexits.h has it.
const USAGE: u8 = 64;
/// "An error occurred while doing I/O on some file".
const NOT_WRITTEN: u8 = 74;

/// Watchpost runs an organisation's procedure for outages of its e-mail.
#[derive(Debug, Parser)]
#[command(name = "watchpost", version, arg_required_else_help = true)]
struct Line {
    /// The configuration.
    #[arg(
        long,
        env = "WATCHPOST_CONFIG",
        default_value = "watchpost.toml",
        global = true,
        value_name = "FILE"
    )]
    config: PathBuf,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Check services: what is wrong, for whom, and what to do next.
    Check(check::Check),
    /// Look at the configuration.
    Config {
        #[command(subcommand)]
        verb: config::Verb,
    },
    /// Work on an incident from this host, as in Discord: for when Discord is away.
    Ctl(ctl::Ctl),
    /// Say who outside can help: vendor, registrar, provider, with their numbers. Needs no network.
    Contacts,
    /// Look after the stored data.
    Db(db::Db),
    /// Say whether everything is as it must be before an outage, point by point.
    Doctor(doctor::Doctor),
    /// Say what a reply, a bounce, headers, a queue or log lines mean.
    Explain(explain::Explain),
    /// Take an incident's whole story away as a file.
    Export(export::Export),
    /// Show a whole outage on this machine: a stand-in Discord, a stand-in mail service, and the bot. No account needed.
    #[cfg(feature = "demo")]
    Demo(demo::Demo),
    /// Ask the Watchpost that runs by this configuration whether it is alive.
    Health,
    /// Write a first configuration from a mail domain, and show the invitation for Discord.
    Init(init::Init),
    /// Write the manual pages into a folder.
    Man(man::Man),
    /// Begin a translation, or say what one lacks.
    Texts(texts::Texts),
    /// Run the bot until it is told to stop (SIGTERM or Ctrl+C).
    Run,
    /// Look at the procedure: its versions, what differs between them, whether a file is sound.
    Sop {
        #[command(subcommand)]
        verb: sop::Verb,
    },
}

/// Carries out a command line; the program ends with the answer.
pub fn carry_out(line: impl IntoIterator<Item = OsString>) -> ExitCode {
    let line = match Line::try_parse_from(line) {
        Ok(line) => line,
        Err(error) => return show_usage(&error),
    };
    let environment = Environment::of_process();
    texts::speak(&line.config, &environment);
    match line.verb {
        Verb::Check(asked) => {
            let (mut out, mut problems) = (io::stdout().lock(), io::stderr().lock());
            let done = check::run(&asked, &line.config, &environment, &mut out, &mut problems);
            done.unwrap_or(ExitCode::from(NOT_WRITTEN))
        }
        Verb::Config { verb } => {
            let (mut out, mut problems) = (io::stdout().lock(), io::stderr().lock());
            let done = config::run(verb, &line.config, &environment, &mut out, &mut problems);
            done.unwrap_or(ExitCode::from(NOT_WRITTEN))
        }
        Verb::Ctl(asked) => {
            let (mut out, mut problems) = (io::stdout().lock(), io::stderr().lock());
            let done = ctl::run(&asked, &line.config, &environment, &mut out, &mut problems);
            done.unwrap_or(ExitCode::from(NOT_WRITTEN))
        }
        Verb::Contacts => {
            let (mut out, mut problems) = (io::stdout().lock(), io::stderr().lock());
            let done = contacts::run(&line.config, &environment, &mut out, &mut problems);
            done.unwrap_or(ExitCode::from(NOT_WRITTEN))
        }
        Verb::Db(asked) => look_after(asked, &line.config, &environment),
        Verb::Export(asked) => {
            let (mut out, mut problems) = (io::stdout().lock(), io::stderr().lock());
            let now = Clock::system().now();
            let done = export::run(&asked, &line.config, &environment, now, &mut out, &mut problems);
            done.unwrap_or(ExitCode::from(NOT_WRITTEN))
        }
        Verb::Doctor(asked) => {
            let (mut out, mut problems) = (io::stdout().lock(), io::stderr().lock());
            let done = doctor::run(&asked, &line.config, &environment, &mut out, &mut problems);
            done.unwrap_or(ExitCode::from(NOT_WRITTEN))
        }
        Verb::Explain(arguments) => {
            let (mut out, mut problems) = (io::stdout().lock(), io::stderr().lock());
            let now = Clock::system().now();
            let done = explain::run(&arguments, &mut io::stdin().lock(), now, &mut out, &mut problems);
            done.unwrap_or(ExitCode::from(NOT_WRITTEN))
        }
        #[cfg(feature = "demo")]
        Verb::Demo(demo) => demo::run(&demo),
        Verb::Health => {
            let (mut out, mut problems) = (io::stdout().lock(), io::stderr().lock());
            let done = health::run(&line.config, &environment, &mut out, &mut problems);
            done.unwrap_or(ExitCode::from(NOT_WRITTEN))
        }
        Verb::Init(asked) => {
            let (mut out, mut problems) = (io::stdout().lock(), io::stderr().lock());
            let done = init::run(&asked, &line.config, &mut out, &mut problems);
            done.unwrap_or(ExitCode::from(NOT_WRITTEN))
        }
        Verb::Man(asked) => match man::run(&asked, &mut io::stdout().lock()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                say(&say!("{} cannot be written: {error}", asked.folder().display()));
                ExitCode::from(NOT_WRITTEN)
            }
        },
        Verb::Texts(asked) => {
            texts::run(&asked, &mut io::stdout().lock()).unwrap_or(ExitCode::from(NOT_WRITTEN))
        }
        Verb::Run => run::run(&line.config, &environment),
        Verb::Sop { verb } => {
            let (mut out, mut problems) = (io::stdout().lock(), io::stderr().lock());
            let now = Clock::system().now();
            let done = sop::run(&verb, &line.config, &environment, now, &mut out, &mut problems);
            done.unwrap_or(ExitCode::from(NOT_WRITTEN))
        }
    }
}

fn look_after(asked: db::Db, config: &Path, environment: &Environment) -> ExitCode {
    let done = db::run(asked, config, environment, Clock::system().now(), &mut io::stdout().lock());
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&error);
            ExitCode::from(error.exit_status())
        }
    }
}

/// Help and version go to standard output and are no failure; a wrong line is one.
fn show_usage(error: &clap::Error) -> ExitCode {
    // Where the words cannot be written, the exit status still says it.
    let _ = error.print();
    if error.use_stderr() { ExitCode::from(USAGE) } else { ExitCode::SUCCESS }
}

/// Writes a sentence for the person at the shell.
fn say(sentence: &dyn std::fmt::Display) {
    let _ = writeln!(io::stderr().lock(), "{}", say!("watchpost: {sentence}"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Line::command().debug_assert();
    }

    #[test]
    fn a_wrong_line_is_told_from_help() {
        let carry_out = |words: &[&str]| carry_out(words.iter().map(OsString::from));
        assert_eq!(carry_out(&["watchpost", "--help"]), ExitCode::SUCCESS);
        assert_eq!(carry_out(&["watchpost", "fly"]), ExitCode::from(USAGE));
    }
}
