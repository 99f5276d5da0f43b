//! The real program, started as an operator starts it: what it says when it cannot run, and how it ends.

use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};
use watchpost_sandbox::{Guild, Places, Sandbox, World};

use crate::running::configuration_text;

/// A program that takes longer than this to end hangs.
const LONGEST: Duration = Duration::from_secs(12);

fn program(discord: &Sandbox, folder: &Path, guild: &str, token: &str) -> Command {
    let data = folder.join("data");
    let text = format!("{}\n[store]\nfolder = {:?}\n", configuration_text(discord, guild), data.display());
    let file = folder.join("watchpost.toml");
    std::fs::write(&file, text).expect("written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_watchpost"));
    command.args(["run", "--config"]).arg(file).env("DISCORD_API_BASE", discord.api_base());
    command.env("DISCORD_TOKEN", token).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

async fn ends(child: Child) -> Output {
    let ended = tokio::time::timeout(LONGEST, child.wait_with_output()).await;
    ended.expect("the program ends").expect("its output is read")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_discord_does_not_know_ends_it_in_words() {
    let discord = Sandbox::start(World::standard()).await.expect("a port");
    let folder = tempfile::tempdir().expect("a folder");
    let guild = discord.guild_id().to_string();
    let token = "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWsAbCdEfGhIjK";
    let output = ends(program(&discord, folder.path(), &guild, token).spawn().expect("it starts")).await;
    assert_eq!(output.status.code(), Some(78), "{}", said(&output));
    assert!(
        said(&output).contains("Discord does not accept the bot token. Make a new one"),
        "{}",
        said(&output)
    );
    assert!(!said(&output).contains(token) && !said(&output).contains("ZnCjm1XVW7"), "the token is shown");
    assert!(discord.invalid_requests() < 10, "it asks again and again: {}", discord.invalid_requests());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_configured_is_left() {
    let discord = Sandbox::start(World::standard()).await.expect("a port");
    let folder = tempfile::tempdir().expect("a folder");
    let child =
        program(&discord, folder.path(), "1020304050607080900", &discord.token()).spawn().expect("it starts");
    let alone = |places: &Places| {
        let bots = |guild: &Guild| guild.members.keys().filter(|id| places.users[id].bot).count();
        (places.guilds.values().map(bots).sum::<usize>() == 0).then_some(())
    };
    discord.wait_for("the bot to leave", alone).await;
    let commands = discord.look(|places| places.commands.len());
    assert_eq!(commands, 0, "nothing is registered in a foreign server");
    terminate(&child);
    assert_eq!(ends(child).await.status.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_ends_it_in_order_within_ten_seconds() {
    let discord = Sandbox::start(World::standard()).await.expect("a port");
    let folder = tempfile::tempdir().expect("a folder");
    let guild = discord.guild_id().to_string();
    let child = program(&discord, folder.path(), &guild, &discord.token()).spawn().expect("it starts");
    discord.wait_for_commands(&["incident", "check"]).await;
    let ana = discord.member("ana");
    let declared = ana.types("/incident", &[("text", "Phones cannot send")], "ops").await.expect("typed");
    declared.message().await;
    terminate(&child);
    let begun = std::time::Instant::now();
    let output = ends(child).await;
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    discord.wait_gone().await;

    let child = program(&discord, folder.path(), &guild, &discord.token()).spawn().expect("it starts");
    discord.wait_ready().await;
    let shown = ana.types("/timeline", &[("incident", "INC-1")], "ops").await.expect("typed").message().await;
    assert!(shown.says("ana declared the incident as SEV2: Phones cannot send"), "{}", shown.text());
    terminate(&child);
    let said = said(&ends(child).await);
    assert!(said.contains("stopped in order"), "{said}");
}

/// Reads the log until a line holds `words`.
async fn logs(lines: &mut Lines<BufReader<ChildStderr>>, words: &str) {
    let found = async {
        while let Some(line) = lines.next_line().await.expect("the log is text") {
            if line.contains(words) {
                return;
            }
        }
        panic!("the log ended without {words:?}");
    };
    tokio::time::timeout(LONGEST, found).await.unwrap_or_else(|_| panic!("the log never says {words:?}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn sighup_takes_a_changed_configuration_or_none_of_it() {
    let discord = Sandbox::start(World::standard()).await.expect("a port");
    let folder = tempfile::tempdir().expect("a folder");
    let guild = discord.guild_id().to_string();
    let mut child = program(&discord, folder.path(), &guild, &discord.token()).spawn().expect("it starts");
    let mut lines = BufReader::new(child.stderr.take().expect("its log")).lines();
    discord.wait_for_commands(&["check"]).await;
    let file = folder.path().join("watchpost.toml");
    let before = std::fs::read_to_string(&file).expect("the configuration");
    let ana = discord.member("ana");

    std::fs::write(&file, format!("{before}\n[service.second]\ndomian = \"second.example\"\n"))
        .expect("written");
    signal(&child, "-HUP");
    logs(&mut lines, "Did you mean domain?").await;
    let unknown = ana.types("/check", &[("service", "second")], "ops").await.expect("typed").message().await;
    assert!(unknown.says("is not a service that I watch"), "{}", unknown.text());

    std::fs::write(&file, format!("{before}\n[service.second]\ndomain = \"second.example\"\n"))
        .expect("written");
    signal(&child, "-HUP");
    logs(&mut lines, "the configuration was reloaded").await;
    let known = ana.types("/check", &[("service", "second")], "ops").await.expect("typed").message().await;
    assert!(!known.says("is not a service that I watch"), "{}", known.text());
    terminate(&child);
    assert_eq!(ends(child).await.status.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_program_over_the_same_data_is_refused_in_words() {
    let discord = Sandbox::start(World::standard()).await.expect("a port");
    let folder = tempfile::tempdir().expect("a folder");
    let guild = discord.guild_id().to_string();
    let first = program(&discord, folder.path(), &guild, &discord.token()).spawn().expect("it starts");
    discord.wait_for_commands(&["incident"]).await;
    let second =
        ends(program(&discord, folder.path(), &guild, &discord.token()).spawn().expect("it starts")).await;
    assert_eq!(second.status.code(), Some(73), "{}", said(&second));
    assert!(said(&second).contains("another Watchpost is using"), "{}", said(&second));
    terminate(&first);
    assert_eq!(ends(first).await.status.code(), Some(0));
}

#[tokio::test]
async fn a_configuration_with_an_error_starts_nothing() {
    let discord = Sandbox::start(World::standard()).await.expect("a port");
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = program(&discord, folder.path(), "not-a-number", &discord.token());
    let output = ends(command.spawn().expect("it starts")).await;
    assert_eq!(output.status.code(), Some(78), "{}", said(&output));
    assert!(said(&output).contains("not-a-number"), "{}", said(&output));
    assert!(discord.requests().is_empty() && !folder.path().join("data").exists());
}

/// SIGTERM, as an init system sends it.
fn terminate(child: &Child) {
    signal(child, "-TERM");
}

fn signal(child: &Child, signal: &str) {
    let id = child.id().expect("it runs").to_string();
    let sent = std::process::Command::new("kill").args([signal, &id]).status().expect("kill is there");
    assert!(sent.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn under_systemd_it_says_that_it_serves_is_well_and_ends() {
    let discord = Sandbox::start(World::standard()).await.expect("a port");
    let folder = tempfile::tempdir().expect("a folder");
    let socket = folder.path().join("notify");
    let told = tokio::net::UnixDatagram::bind(&socket).expect("a socket");
    let guild = discord.guild_id().to_string();
    let mut command = program(&discord, folder.path(), &guild, &discord.token());
    // Half a second of watchdog: told every quarter.
    command.env("NOTIFY_SOCKET", &socket).env("WATCHDOG_USEC", "500000");
    let child = command.spawn().expect("it starts");
    let hears = async |wanted: &str| {
        let mut bytes = [0; 256];
        loop {
            let heard =
                tokio::time::timeout(LONGEST, told.recv(&mut bytes)).await.expect("in time").expect("heard");
            if String::from_utf8_lossy(&bytes[..heard]).contains(wanted) {
                return;
            }
        }
    };
    hears("READY=1").await;
    hears("WATCHDOG=1").await;
    hears("WATCHDOG=1").await;
    discord.wait_ready().await;
    let pid = child.id().expect("it runs").to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs").success());
    hears("STOPPING=1").await;
    assert_eq!(ends(child).await.status.code(), Some(0));
}
