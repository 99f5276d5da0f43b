//! How soon a typed command is acknowledged, how soon the program is ready, and how much memory it holds.
//!
//! `cargo bench -p watchpost-commands --bench acknowledge`. Discord gives three seconds; the goal is 50 milliseconds for
//! 99 of 100 commands when 200 people type at once. Measured in one process with the sandbox: its work is in the figures.

#[path = "../tests/running.rs"]
mod running;

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use watchpost::clock::Clock;
use watchpost::store::{JournalStore, Options};
use watchpost_sandbox::{Sandbox, World};

/// People who type at the same moment.
const AT_ONCE: usize = 200;
/// How often they do it.
const ROUNDS: usize = 5;

#[tokio::main]
async fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    acknowledgements().await;
    program().await;
}

/// The real program: until its commands can be typed, and what it holds when nothing happens.
async fn program() {
    let discord = Sandbox::start(World::standard()).await.expect("a port");
    let folder = tempfile::tempdir().expect("a folder");
    let text = running::configuration_text(&discord, &discord.guild_id().to_string());
    let file = folder.path().join("watchpost.toml");
    let text = format!("{text}\n[store]\nfolder = {:?}\n", folder.path().join("data").display());
    std::fs::write(&file, text).expect("written");
    let begun = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_watchpost"))
        .args(["run", "--config"])
        .arg(&file)
        .env("DISCORD_API_BASE", discord.api_base())
        .env("DISCORD_TOKEN", discord.token())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    discord.wait_ready().await;
    say(&format!("start to READY: {} ms", begun.elapsed().as_millis()));
    discord.wait_for_commands(&["incident"]).await;
    say(&format!("start to the first command that can be typed: {} ms", begun.elapsed().as_millis()));
    tokio::time::sleep(Duration::from_secs(5)).await;
    say(&format!("memory when idle: {}", memory(child.id())));
    child.kill().expect("it runs");
    child.wait().expect("it ended");
}

fn memory(process: u32) -> String {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    line.map_or_else(|| "not known here".to_owned(), |line| line["VmRSS:".len()..].trim().to_owned())
}

async fn acknowledgements() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = Clock::system();
    let options = Options { ballast_bytes: 0, ..Options::default() };
    let store = JournalStore::open(folder.path(), options, clock.now()).expect("the store opens");
    let discord = Sandbox::start(World::standard()).await.expect("a port");
    let house = running::House::start_in(discord, clock, Arc::new(store)).await;
    let ana = house.discord.member("ana");
    let declared = ana.types("/incident", &[("text", "Phones cannot send")], "ops").await.expect("typed");
    declared.message().await;
    let (mut first, mut whole) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let mut begun = BTreeMap::new();
        let mut turns = Vec::new();
        let started = Instant::now();
        for number in 0..AT_ONCE {
            let text = format!("round {round}, finding {number}");
            // Nine read for each one who writes: so it is in an outage.
            let turn = match number % 10 {
                0 => ana.types("/log", &[("text", &text)], "ops").await,
                _ => ana.types("/help", &[], "ops").await,
            };
            let turn = turn.expect("typed");
            begun.insert(turn.id().to_string(), house.clock.now().0);
            turns.push(turn);
        }
        for turn in &turns {
            let answer = turn.message().await;
            assert!(answer.says("INC-1"), "{}", answer.text());
        }
        whole.push(i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX));
        first.extend(acknowledged(&house.discord, &begun));
    }
    assert_eq!(first.len(), AT_ONCE * ROUNDS, "every command was acknowledged");
    say(&format!("{AT_ONCE} commands at once, {ROUNDS} times, until acknowledged: {}", figures(first)));
    say(&format!("until all {AT_ONCE} have their whole answer: {}", figures(whole)));
}

/// Milliseconds from typing to the acknowledgement's arrival at Discord.
fn acknowledged(discord: &Sandbox, begun: &BTreeMap<String, i64>) -> Vec<i64> {
    let requests = discord.requests();
    let callbacks = requests.iter().filter(|request| request.path.ends_with("/callback"));
    callbacks
        .filter_map(|request| {
            let id = request.path.split('/').rev().nth(2)?;
            Some(i64::try_from(request.time_ms).ok()? - begun.get(id)?)
        })
        .collect()
}

fn figures(mut millis: Vec<i64>) -> String {
    millis.sort_unstable();
    let at = |share: usize| millis[(millis.len() * share / 100).min(millis.len() - 1)];
    format!("p50 {} ms, p99 {} ms, longest {} ms", at(50), at(99), at(100))
}

fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").expect("standard output is open");
}
