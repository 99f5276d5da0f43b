//! One update to a thousand channels: how long it takes beside what Discord's 50 requests a second allow.
//!
//! `cargo bench -p watchpost-commands --bench broadcast`. The program runs in a process of its own, the stand-in Discord in
//! this one, with Discord's limits in force; the goal is 1.1 times those 20 seconds, without one 429.
//! `WATCHPOST_CHANNELS` names another number of channels.

#[expect(dead_code, reason = "the stories use more of it")]
#[path = "../tests/running.rs"]
mod running;

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use watchpost_sandbox::{ChannelKind, Sandbox, World};

/// Channels that hear of it.
const CHANNELS: usize = 1_000;
/// Requests that Discord takes in a second.
const A_SECOND: usize = 50;
/// Longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(180);

#[tokio::main]
async fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let given = std::env::var("WATCHPOST_CHANNELS").ok().and_then(|text| text.parse().ok());
    let many: usize = given.unwrap_or(CHANNELS);
    let world = World::standard().patience(PATIENCE);
    let world = (0..many).fold(world, |world, number| world.channel(&name(number), ChannelKind::Text));
    let discord = Sandbox::start(world).await.expect("a port");
    let folder = tempfile::tempdir().expect("a folder");
    let _program = Program::start(&discord, folder.path(), many);
    discord.wait_for_commands(&["incident", "update"]).await;
    let ana = discord.member("ana");
    let declared = ana.types("/incident", &[("text", "Phones cannot send")], "ops").await.expect("typed");
    declared.answer(|answer| answer.says("INC-1 is declared")).await;
    // The home is built first: it is no part of what is measured.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let before = discord.requests().last().map_or(0, |request| request.number);
    let begun = Instant::now();
    ana.types("/update", &[("sentence", "Two of three ways work again")], "ops").await.expect("typed");
    let told = loop {
        let told = told(&discord, before);
        if told.len() >= many || begun.elapsed() > PATIENCE {
            break told;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    let first = told.iter().min().copied().unwrap_or_default();
    let last = told.iter().max().copied().unwrap_or_default();
    let allowed = millis(many) * 1_000 / millis(A_SECOND);
    say(&format!(
        "{} of {many} channels told, the last {} ms after the first, {} ms after the command; allowed at {A_SECOND} a second: {allowed} ms",
        told.len(),
        last.saturating_sub(first),
        begun.elapsed().as_millis(),
    ));
    say(&format!(
        "times what is allowed, in hundredths: {}",
        last.saturating_sub(first) * 100 / allowed.max(1)
    ));
    let refused = discord.requests().iter().filter(|request| request.status == 429).count();
    say(&format!("429: {refused}, invalid requests: {}", discord.invalid_requests()));
}

fn name(number: usize) -> String {
    format!("news-{number}")
}

fn millis(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// When each new message was posted that names the update.
fn told(discord: &Sandbox, before: u64) -> Vec<u64> {
    let requests = discord.requests();
    let posts = requests.iter().filter(|request| {
        request.number > before
            && request.method == "POST"
            && request.path.ends_with("/messages")
            && request.status == 200
            && request.body.as_ref().is_some_and(|body| body.to_string().contains("users · update"))
    });
    posts.map(|request| request.time_ms).collect()
}

/// The real program.
struct Program(Child);

impl Program {
    fn start(discord: &Sandbox, folder: &std::path::Path, many: usize) -> Self {
        let text = running::configuration_text(discord, &discord.guild_id().to_string());
        let names: Vec<String> = (0..many).map(|number| format!("{:?}", name(number))).collect();
        let mut text = text.replace("[\"status\"]", &format!("[{}]", names.join(", ")));
        for number in 0..many {
            let (name, channel) = (name(number), discord.channel(&name(number)).id());
            // Writing to a string cannot fail.
            let _ = write!(text, "\n[destination.{name}]\nkind = \"discord\"\nchannel = {channel}\n");
        }
        let _ = write!(text, "\n[store]\nfolder = {:?}\n", folder.join("data").display().to_string());
        let file = folder.join("watchpost.toml");
        std::fs::write(&file, text).expect("written");
        let child = Command::new(env!("CARGO_BIN_EXE_watchpost"))
            .args(["run", "--config"])
            .arg(&file)
            .env("DISCORD_API_BASE", discord.api_base())
            .env("DISCORD_TOKEN", discord.token())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        Program(child)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").expect("standard output is open");
}
