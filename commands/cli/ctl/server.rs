//! The socket on which the bot that runs listens for `watchpost ctl`.
//!
//! 1. It lies in the data folder, and only the user that Watchpost runs as can open it (0600).
//! 2. One line of JSON comes in, one goes out; what does not come within ten seconds is not waited for.
//! 3. It needs neither Discord nor the network.

use std::io;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Semaphore, watch};
use watchpost::ids::IncidentId;
use watchpost_texts::say;

use super::{Answer, Ctl, SOCKET, Verb, check, fix, incident, log, timeline, update, who, words};
use crate::bot::framework::Mind;
use crate::bot::framework::call::Call;
use crate::bot::framework::failure::Failure;
use crate::bot::framework::reply::Heard;

/// For a line to come in.
const LONGEST_LINE: Duration = Duration::from_secs(10);
/// Bytes of a line: what a person may type, and room.
const MOST_BYTES: u64 = 256 * 1024;
/// Lines that are carried out at once.
const AT_ONCE: usize = 16;

/// Opens the socket in this folder.
///
/// # Errors
/// What the system says. A socket that an earlier run has left is replaced; anything else of that name is not.
pub fn open(folder: &Path) -> io::Result<(UnixListener, PathBuf)> {
    let path = folder.join(SOCKET);
    match std::fs::symlink_metadata(&path) {
        // The store's lock says that no other Watchpost uses this folder.
        Ok(found) if found.file_type().is_socket() => std::fs::remove_file(&path)?,
        Ok(_) => return Err(io::Error::other(say!("{} is there and is no socket", path.display()))),
        Err(_) => {}
    }
    let listener = UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    Ok((listener, path))
}

/// Listens until `stop` becomes true.
pub async fn serve(listener: UnixListener, path: PathBuf, mind: Arc<Mind>, mut stop: watch::Receiver<bool>) {
    let Ok(own) = std::fs::metadata(&path).map(|found| found.uid()) else { return };
    let room = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "`watchpost ctl` could not connect");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
            () = told(&mut stop) => break,
        };
        let Ok(place) = room.clone().acquire_owned().await else { break };
        let mind = mind.clone();
        tokio::spawn(async move {
            let _place = place;
            if let Err(error) = converse(stream, &mind, own).await {
                tracing::debug!(%error, "`watchpost ctl` went away");
            }
        });
    }
    let _ = std::fs::remove_file(&path);
}

async fn converse(mut stream: UnixStream, mind: &Arc<Mind>, own: u32) -> io::Result<()> {
    let uid = stream.peer_cred()?.uid();
    let (read, mut write) = stream.split();
    let mut line = String::new();
    let mut lines = BufReader::new(read.take(MOST_BYTES));
    tokio::time::timeout(LONGEST_LINE, lines.read_line(&mut line)).await.map_err(io::Error::other)??;
    let answer = match serde_json::from_str::<Ctl>(&line) {
        Ok(asked) => answered(mind, uid, own, asked).await,
        Err(_) => refused(
            say!("this `watchpost ctl` and the bot that runs are of different versions. Restart the bot")
                .to_owned(),
        ),
    };
    let mut text = serde_json::to_string(&answer).map_err(io::Error::other)?;
    text.push('\n');
    write.write_all(text.as_bytes()).await?;
    write.shutdown().await
}

async fn answered(mind: &Arc<Mind>, uid: u32, own: u32, asked: Ctl) -> Answer {
    let policy = mind.desk.policy();
    let known = who::guild(&policy, asked.guild.as_deref())
        .and_then(|guild| Ok((guild, who::asker(&policy, guild, uid, own, asked.who.as_deref())?)));
    let (guild, asker) = match known {
        Ok(known) => known,
        Err(unknown) => {
            tracing::warn!(uid, "`watchpost ctl` was refused");
            return refused(unknown.to_string());
        }
    };
    tracing::info!(uid, person = asker.person.name, "a line of `watchpost ctl`");
    let heard = Heard::default();
    let call = Call::at_the_shell(mind, guild, asker, heard.clone());
    let carried_out = match asked.incident.as_deref().map(str::parse::<IncidentId>).transpose() {
        Ok(named) => carry_out(&call, named, asked.verb).await,
        Err(wrong) => Err(Failure::Unreadable(wrong.0)),
    };
    if let Err(failure) = carried_out {
        return refused(words::of(&failure.rendered().into_said(), mind.zone));
    }
    // In Discord each answer takes the place of the one before; so the last one counts.
    let last = heard.lock().unwrap_or_else(std::sync::PoisonError::into_inner).pop().unwrap_or_default();
    let files = last.files.iter().map(|file| (file.name.clone(), file.content.clone())).collect();
    Answer { done: true, text: words::of(&last, mind.zone), files }
}

async fn carry_out(call: &Call, named: Option<IncidentId>, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::Check(asked) => check::run(call, named, asked).await,
        Verb::Fix(asked) => fix::run(call, named, asked).await,
        Verb::Incident(asked) => incident::run(call, named, asked).await,
        Verb::Log(asked) => log::run(call, named, asked).await,
        Verb::Timeline(asked) => timeline::run(call, named, asked).await,
        Verb::Update(asked) => update::run(call, named, asked).await,
    }
}

fn refused(text: String) -> Answer {
    Answer { done: false, text, files: Vec::new() }
}

async fn told(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}
