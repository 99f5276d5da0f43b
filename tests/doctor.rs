//! Before the outage: a first configuration from nothing but a domain, and the doctor who says what is still missing.

use std::path::Path;
use std::process::{Output, Stdio};

use tokio::process::Command;
use watchpost::clock::Clock;
use watchpost_commands::cli::demo::stage::{Options, Stage};
use watchpost_commands::cli::run;
use watchpost_lab::{Host, Lab, LabOptions, Service};
use watchpost_sandbox::{Permissions, Sandbox, World};

use crate::running::configuration_text;

fn watchpost(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_watchpost"));
    command.args(arguments).arg("--config").arg(folder.join("watchpost.toml"));
    command.env_clear().stdin(Stdio::null()).kill_on_drop(true);
    command
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// A sandbox with its configuration in a folder.
async fn installed() -> (Sandbox, tempfile::TempDir) {
    let discord = Sandbox::start(World::standard()).await.expect("a port");
    let folder = tempfile::tempdir().expect("a folder");
    let text = configuration_text(&discord, &discord.guild_id().to_string());
    let store = format!("\n[store]\nfolder = {:?}\n", folder.path().join("data").display());
    // A name server that is not there: nothing leaves this machine.
    let text =
        text.replace("domain = \"example.org\"", "domain = \"example.org\"\nresolvers = [\"127.0.0.1:9\"]");
    std::fs::write(folder.path().join("watchpost.toml"), text + &store).expect("written");
    (discord, folder)
}

async fn doctor(discord: &Sandbox, folder: &Path, arguments: &[&str]) -> Output {
    let all: Vec<&str> = [&["doctor"], arguments].concat();
    let mut command = watchpost(folder, &all);
    command.env("DISCORD_API_BASE", discord.api_base()).env("DISCORD_TOKEN", discord.token());
    command.output().await.expect("it runs")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_configuration_from_a_domain_and_never_over_another() {
    let lab = Lab::start(LabOptions::default()).await.expect("a lab");
    let resolver = lab.dns().to_string();
    let folder = tempfile::tempdir().expect("a folder");
    let line = [
        "init",
        "lab.example",
        "--resolver",
        &resolver,
        "--time-zone",
        "Europe/Berlin",
        "--application",
        "42",
    ];
    let output = watchpost(folder.path(), &line).output().await.expect("it runs");
    let text = said(&output);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("lab.example takes mail at mail.lab.example"), "{text}");
    assert!(text.contains("client_id=42&scope=bot+applications.commands&permissions="), "{text}");
    let written = std::fs::read_to_string(folder.path().join("watchpost.toml")).expect("the file");
    let imap = lab.endpoint(Host::Mail, Service::Imaps).expect("IMAP").port();
    assert!(written.contains(&format!("mail.lab.example:{imap}")), "{written}");
    let check = watchpost(folder.path(), &["config", "check"]).output().await.expect("it runs");
    assert!(check.status.success(), "{}", said(&check));

    let again = watchpost(folder.path(), &line).output().await.expect("it runs");
    assert_eq!(again.status.code(), Some(73));
    assert!(said(&again).contains("is there already, and was left as it is"), "{}", said(&again));
    assert_eq!(std::fs::read_to_string(folder.path().join("watchpost.toml")).expect("the file"), written);
    lab.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_without_mail_is_said_and_nothing_is_written() {
    let lab = Lab::start(LabOptions::default()).await.expect("a lab");
    let resolver = lab.dns().to_string();
    let folder = tempfile::tempdir().expect("a folder");
    for (domain, code, words) in
        [("nothing.lab.example", 68, "no mail reaches it"), ("a b", 64, "is no mail domain")]
    {
        let output = watchpost(folder.path(), &["init", domain, "--resolver", &resolver])
            .output()
            .await
            .expect("it runs");
        assert_eq!(output.status.code(), Some(code), "{}", said(&output));
        assert!(said(&output).contains(words), "{}", said(&output));
    }
    assert!(!folder.path().join("watchpost.toml").exists());
    lab.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_says_what_is_missing_in_discord_and_what_to_do() {
    let (discord, folder) = installed().await;
    let text = said(&doctor(&discord, folder.path(), &[]).await);
    for good in ["✓ good: Discord", "✓ good: incidents channel", "✓ good: clock", "✓ good: data folder"]
    {
        assert!(text.contains(good), "{good}\n{text}");
    }
    assert!(text.contains("✗ mend it: name servers for mail: none answers"), "{text}");
    assert!(text.contains("· not asked: destination status: not tried."), "{text}");
    assert!(text.contains("to mend,"), "{text}");
    assert!(!text.contains(&discord.token()), "the token is shown");

    let ops = discord.channel("ops");
    discord.set_bot_overwrite(&ops, Permissions::NONE, Permissions::PIN_MESSAGES);
    let text = said(&doctor(&discord, folder.path(), &[]).await);
    assert!(text.contains("lacks Pin Messages: the card is not pinned"), "{text}");
    discord.verdict().expect("no invalid request");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_marked_sample_reaches_each_destination_where_it_is_asked_for() {
    let (discord, folder) = installed().await;
    let text = said(&doctor(&discord, folder.path(), &["--send"]).await);
    assert!(text.contains("✓ good: destination status: the sample arrived"), "{text}");
    let there = discord.channel("mail-status").messages();
    assert_eq!(there.len(), 1);
    let embed = &there[0].embeds[0];
    assert!(embed.to_string().contains("TEST · Watchpost"), "{embed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_asks_the_doctor_in_the_chat_and_nobody_else() {
    let stage =
        Stage::set(Options { folder: tempfile::tempdir().expect("a folder").keep(), ..Options::default() });
    let stage = stage.await.expect("a stage");
    let (_stop, stopped) = tokio::sync::watch::channel(false);
    let (config, clock) = (stage.config.clone(), Clock::system());
    tokio::spawn(async move { run::until(&config, clock, None, stopped).await });
    stage.discord.wait_for_commands(&["admin"]).await;

    let refused = stage.discord.member("ana").types("/admin doctor", &[], "ops").await.expect("typed");
    refused.answer(|shown| shown.says("You may not look after Watchpost")).await;
    let asked =
        stage.discord.member("pia").types("/admin doctor", &[("send", "true")], "ops").await.expect("typed");
    let shown = asked.answer(|shown| shown.says("points; `watchpost doctor`")).await;
    for words in ["probe of main", "machine of main", "operations channel", "destination portal", "clock"] {
        assert!(shown.says(words), "{words}: {shown:?}");
    }
    assert_eq!(shown.ephemeral_for.as_deref(), Some("pia"));
    stage.discord.channel("management").wait_for_message(|shown| shown.says("TEST · Watchpost")).await;
}
