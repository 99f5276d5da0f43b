//! `watchpost ctl …`: the commands of Discord for somebody on the host, when Discord is away.
//!
//! 1. The bot that runs listens on a socket in its data folder ([`server`]), which only its own user can open (0600): whoever
//!    can open it is authorised.
//! 2. The kernel says which user has opened it, and the configuration which person that is ([`who`]).
//! 3. The line goes there as it was typed; one file for each verb hands it to the same handler as Discord's command, so the
//!    same desk decides, with the same refusals. What it causes is recorded with the shell as its origin.
//! 4. The answer comes back as text ([`words`]) with its files.

mod check;
mod fix;
mod incident;
mod log;
pub mod server;
mod timeline;
mod update;
pub mod who;
mod words;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use watchpost::config::{Config, Environment};
use watchpost_texts::say;

/// The socket's name in the data folder.
pub const SOCKET: &str = "ctl.sock";
/// A check takes 20 seconds at most; nothing takes longer.
const LONGEST: Duration = Duration::from_secs(60);
/// Bytes of an answer: a timeline of ten thousand entries is about two million.
const MOST_BYTES: u64 = 16 * 1024 * 1024;
/// The request was not carried out: `EX_NOPERM` would be wrong for most refusals, so it is plain failure.
const REFUSED: u8 = 1;
/// `EX_UNAVAILABLE`: nobody listens.
const NOBODY: u8 = 69;

/// What is typed after `watchpost ctl`.
#[derive(Debug, Args, Serialize, Deserialize)]
pub struct Ctl {
    /// Who you are, by your name in the configuration; needed only where your user number is not in it.
    #[arg(long = "as", global = true, value_name = "NAME")]
    who: Option<String>,
    /// Which incident, such as INC-42; the only open one where you say nothing.
    #[arg(long, global = true, value_name = "INCIDENT")]
    incident: Option<String>,
    /// The socket, where the configuration cannot be read from here (its secrets may be for the service alone).
    #[arg(long, global = true, value_name = "FILE", env = "WATCHPOST_CTL")]
    #[serde(skip)]
    socket: Option<PathBuf>,
    /// Which server (guild), where several are configured.
    #[arg(long, global = true, value_name = "ID")]
    guild: Option<String>,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand, Serialize, Deserialize)]
enum Verb {
    /// Check a mail service now: what is wrong, for whom, and what to do next.
    Check(check::Check),
    /// Propose a repair, or say how it went.
    Fix(fix::Fix),
    /// Declare an incident with one line, take it, close it, or see the open one.
    Incident(incident::Incident),
    /// Write down what you found, suspect or changed.
    Log(log::Log),
    /// See the timeline, or take it away as a file.
    Timeline(timeline::Timeline),
    /// Tell stakeholders; without anything, see what was sent.
    Update(update::Update),
}

/// What comes back.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Answer {
    /// Whether it was carried out.
    done: bool,
    /// What is said.
    text: String,
    /// Files that come with it: name and content.
    files: Vec<(String, String)>,
}

/// Carries out a line; the files of an answer are written into the folder that one stands in.
///
/// # Errors
/// When the answer cannot be written out.
pub fn run(
    line: &Ctl,
    config: &Path,
    environment: &Environment,
    out: &mut impl Write,
    problems: &mut impl Write,
) -> io::Result<ExitCode> {
    let configured = || Config::load(config, environment).map(|config| config.store.folder.join(SOCKET));
    let socket = match line.socket.clone().map_or_else(configured, Ok) {
        Ok(socket) => socket,
        Err(error) => {
            writeln!(
                problems,
                "{}",
                say!("watchpost: {error}\nOr name the socket with --socket: {SOCKET} in the data folder.")
            )?;
            return Ok(ExitCode::from(78));
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match runtime.block_on(asked(line, &socket)) {
        Ok(answer) => show(&answer, out, problems),
        Err(sentence) => {
            writeln!(problems, "{}", say!("watchpost: {sentence}"))?;
            Ok(ExitCode::from(NOBODY))
        }
    }
}

fn show(answer: &Answer, out: &mut impl Write, problems: &mut impl Write) -> io::Result<ExitCode> {
    if !answer.done {
        writeln!(problems, "{}", answer.text)?;
    } else {
        writeln!(out, "{}", answer.text)?;
    }
    for (name, content) in &answer.files {
        let path = free(name);
        std::fs::write(&path, content)?;
        writeln!(out, "{}", say!("Written: {}", path.display()))?;
    }
    Ok(if answer.done { ExitCode::SUCCESS } else { ExitCode::from(REFUSED) })
}

/// A name in the folder that one stands in which no file has yet.
fn free(name: &str) -> PathBuf {
    let name: String = name
        .chars()
        .map(|letter| if letter.is_alphanumeric() || "._-".contains(letter) { letter } else { '_' })
        .collect();
    let numbered = (2..).map(|number| PathBuf::from(format!("{number}-{name}")));
    let mut names = std::iter::once(PathBuf::from(&name)).chain(numbered);
    names.find(|path| !path.exists()).unwrap_or_else(|| PathBuf::from(&name))
}

async fn asked(line: &Ctl, socket: &Path) -> Result<Answer, String> {
    let stream = UnixStream::connect(socket).await.map_err(|error| nobody(socket, &error))?;
    let lost = |_: io::Error| {
        say!(
            "the bot has ended before it answered. Look with `watchpost ctl timeline` whether it was recorded"
        )
        .to_owned()
    };
    let (read, mut write) = stream.into_split();
    let mut text = serde_json::to_string(line).map_err(|error| error.to_string())?;
    text.push('\n');
    write.write_all(text.as_bytes()).await.map_err(lost)?;
    let mut answer = String::new();
    let mut lines = BufReader::new(read.take(MOST_BYTES));
    let reading = tokio::time::timeout(LONGEST, lines.read_line(&mut answer));
    let late = |_| {
        say!(
            "the bot did not answer within a minute. Look with `watchpost ctl timeline` whether it was recorded"
        )
    };
    reading.await.map_err(late)?.map_err(lost)?;
    serde_json::from_str(&answer).map_err(|_| lost(io::ErrorKind::UnexpectedEof.into()))
}

fn nobody(socket: &Path, error: &io::Error) -> String {
    let socket = socket.display();
    match error.kind() {
        io::ErrorKind::PermissionDenied => say!(
            "you may not open {socket}: it belongs to the user that Watchpost runs as. Use that user, as with \
             `sudo -u watchpost watchpost ctl …`"
        ),
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => {
            say!(
                "no Watchpost listens on {socket}. Start it with `watchpost run`, also while Discord is away"
            )
        }
        _ => say!("{socket} cannot be opened: {error}"),
    }
}
