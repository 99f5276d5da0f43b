//! The same against a real Postfix, Dovecot and Unbound: `.ci/maillab` starts them and sets `WATCHPOST_MAILLAB`.
//!
//! Where they are not there, the story says so and is over.

use std::path::PathBuf;
use std::process::Command;

use watchpost::clock::Clock;

use crate::night::{Night, START, is_card};

/// The folder of the mail lab, where one runs.
fn lab() -> Option<PathBuf> {
    let folder = std::env::var_os("WATCHPOST_MAILLAB").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped: no real mail servers (.ci/maillab starts them)");
    }
    folder
}

fn fault(lab: &std::path::Path, arguments: &[&str]) {
    let status = Command::new(lab.join("fault")).args(arguments).status().expect("the lab's switches");
    assert!(status.success(), "{arguments:?}");
}

/// The service of `tests/maillab.toml`, with absolute paths.
fn service() -> String {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests");
    let text = std::fs::read_to_string(here.join("maillab.toml")).expect("the sample");
    let from = text.find("[service.lab]").expect("the service");
    let to = text.find("[store]").expect("the store");
    let password = here.join("maillab.password");
    text[from..to].replace("maillab.password", &password.display().to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn real_servers_are_checked_and_their_faults_named() {
    let Some(lab) = lab() else { return };
    fault(&lab, &["clear"]);
    let mut night = Night::set("maillab", Clock::stepped(START), "", Some(service())).await;
    night.starts().await;
    let ana = night.person("ana");

    let healthy = ana.types("/check", &[], "ops").await.expect("typed");
    healthy.answer(|shown| shown.says("lab works")).await;
    for (name, cause) in [
        ("smtp-stopped", "connection-refused"),
        ("cert-expired", "certificate-expired"),
        ("imap-down", "imap-down"),
    ] {
        fault(&lab, &[name, "on"]);
        let checked = ana.types("/check", &[], "ops").await.expect("typed");
        checked.answer(|shown| shown.says(cause)).await;
        fault(&lab, &[name, "off"]);
    }

    fault(&lab, &["imap-down", "on"]);
    let declared = ana.types("/incident", &[("text", "Nobody can read mail")], "ops").await.expect("typed");
    declared.answer(|shown| shown.says("INC-1 is declared")).await;
    let thread = night.thread("INC-1").await;
    thread.wait_for_message(|shown| is_card(shown) && shown.says("imap-down")).await;
    night.minutes(15).await;
    let status = night.stage.discord.channel("mail-status");
    status.wait_for_message(|shown| shown.says("update 1")).await;
    night.minutes(60).await;
    status.wait_for_message(|shown| shown.says("update 2")).await;
    fault(&lab, &["clear"]);

    let options = [("incident", "INC-1"), ("format", "Markdown file")];
    let pulled = ana.types("/timeline", &options, "ops").await.expect("typed");
    let pulled = pulled.answer(|shown| !shown.attachments.is_empty()).await;
    let document = pulled.attachments[0].text();
    for expected in ["Nobody can read mail", "imap-down", "Update 1 to users", "Update 2 to users"] {
        assert!(document.contains(expected), "“{expected}” is missing in\n{document}");
    }
    night.ends().await;
}
