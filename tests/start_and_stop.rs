//! The real program, started as an operator starts it: what it says when it cannot run, and how it ends.

use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use tokio::process::{Child, Command};
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

#[tokio::test(flavor = "multi_thread")]
async fn a_second_program_over_the_same_data_is_refused_in_words() {
    let discord = Sandbox::start(World::standard()).await.expect("a port");
    let folder = tempfile::tempdir().expect("a folder");
    let guild = discord.guild_id().to_string();
    let first = program(&discord, folder.path(), &guild, &discord.token()).spawn().expect("it starts");
    discord.wait_for_commands(&["incident"]).await;
    let second =
        ends(program(&discord, folder.path(), &guild, &discord.token()).spawn().expect("it starts")).await;
    assert_eq!(second.status.code(), Some(74), "{}", said(&second));
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
    let id = child.id().expect("it runs").to_string();
    let sent = std::process::Command::new("kill").args(["-TERM", &id]).status().expect("kill is there");
    assert!(sent.success());
}
