//! The whole way with the real program: checks name what is broken, an incident is declared, updates arrive on the timer,
//! the process is killed and started again. Nothing that was acknowledged is lost, what was overdue is caught up once,
//! and nothing is said twice. Played over the lab crate here, and over real servers in `maillab`.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, Command};
use watchpost::clock::Clock;
use watchpost_lab::{Fault, Switch};
use watchpost_sandbox::{MemberHandle, MessageView};

use crate::night::{Night, transcript};

/// A text every four seconds, so that the story takes seconds; the first after two.
pub const OFTEN: &str = r#"
[cadence.SEV2]
first = "2s"
users = "4s"
management = "on change"
partners = "on change"

[update]
minimum_distance = "1s"
"#;

/// The real program, as an operator starts it.
pub struct Program(Child);

impl Program {
    /// Starts it, and waits until it is there.
    pub async fn starts(night: &Night) -> Self {
        Self::starts_with(night, &[]).await
    }

    /// The same with more in its environment.
    pub async fn starts_with(night: &Night, environment: &[(&str, &str)]) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_watchpost"))
            .envs(environment.iter().copied())
            .args(["run", "--config"])
            .arg(&night.stage.file)
            .env("WATCHPOST_TRANSCRIPT", transcript(night.name))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("the program starts");
        night.stage.discord.wait_ready().await;
        night.stage.discord.wait_for_commands(&["incident", "timeline"]).await;
        Program(child)
    }

    /// The number of its process.
    pub fn process(&self) -> u32 {
        self.0.id().expect("it runs")
    }

    /// SIGKILL: no goodbye, no last write.
    pub async fn dies(mut self, night: &Night) {
        self.0.kill().await.expect("it ran");
        night.stage.discord.wait_gone().await;
    }
}

fn updates(night: &Night) -> Vec<MessageView> {
    let all = night.stage.discord.channel("mail-status").messages();
    all.into_iter().filter(|message| message.says("update")).collect()
}

/// Switches a fault of the mail service on or off, by its name.
pub trait Faults {
    /// In force when it returns.
    async fn switch(&self, name: &str, on: bool);
}

/// `/check` names each fault, and says that all is well before and after it.
async fn checks_name_what_is_broken(ana: &MemberHandle, works: &str, faults: &impl Faults) {
    checked(ana, works).await;
    for (name, cause) in [
        ("smtp-stopped", "connection-refused"),
        ("cert-expired", "certificate-expired"),
        ("imap-down", "imap-down"),
    ] {
        faults.switch(name, true).await;
        checked(ana, cause).await;
        faults.switch(name, false).await;
        checked(ana, works).await;
    }
}

/// Checks until the answer says it: real servers hold back for a while after a repair.
async fn checked(ana: &MemberHandle, says: &str) {
    for _ in 0..20 {
        let check = ana.types("/check", &[], "ops").await.expect("typed");
        if check.answer(|shown| !shown.says("Checking") && !shown.loading).await.says(says) {
            return;
        }
    }
    panic!("/check never said “{says}”");
}

/// The story; `works` is what a healthy check says.
pub async fn plays(night: &Night, works: &str, faults: &impl Faults) {
    let clock = night.clock.clone();
    let program = Program::starts(night).await;
    let ana = night.person("ana");
    checks_name_what_is_broken(&ana, works, faults).await;

    let declared = ana.types("/incident", &[("text", "No mail at all")], "ops").await.expect("typed");
    declared.answer(|shown| shown.says("INC-1 is declared")).await;
    let thread = night.thread("INC-1").await;
    thread.wait_for_message(|shown| shown.pinned).await;
    let place = thread.id().to_string();
    let mut acknowledged = Vec::new();
    for number in 1..=5 {
        let text = format!("finding number {number}");
        let logged = ana.types("/log", &[("text", &text)], &place).await.expect("typed");
        logged.answer(|shown| shown.says("Logged")).await;
        acknowledged.push(text);
    }
    let status = night.stage.discord.channel("mail-status");
    status.wait_for_message(|shown| shown.says("update 1")).await;

    program.dies(night).await;
    let before = updates(night).len();
    // Three words come due while nothing runs.
    clock.wait_until(clock.now() + Duration::from_secs(13)).await;
    assert_eq!(updates(night).len(), before, "nothing runs");

    let program = Program::starts(night).await;
    let caught_up = format!("update {}", before + 1);
    let caught_up = status.wait_for_message(|shown| shown.says(&caught_up)).await;
    let next = format!("update {}", before + 2);
    let next = status.wait_for_message(|shown| shown.says(&next)).await;
    let apart = next.created_ms.saturating_sub(caught_up.created_ms);
    assert!(apart >= 2_500, "caught up once, and then at the old distance: {apart} ms");
    let texts: Vec<String> = updates(night).iter().map(MessageView::text).collect();
    for (place, text) in texts.iter().enumerate() {
        assert!(text.contains(&format!("update {}", place + 1)), "each once, in order: {texts:#?}");
    }

    let events = pulled(&ana).await;
    for text in &acknowledged {
        let times = events.iter().filter(|event| event["event"]["text"] == *text).count();
        assert_eq!(times, 1, "“{text}” was acknowledged");
    }
    let missed: u64 = events.iter().filter_map(|event| event["event"]["missed"].as_u64()).sum();
    assert!(missed >= 2, "the catch-up says how many were missed: {missed}");
    let exported = exported(night).await;
    assert_eq!(exported[..events.len()], events[..], "what is pulled in a shell is the same story");
    program.dies(night).await;
}

/// The events of `/timeline`, taken away as JSON.
async fn pulled(ana: &MemberHandle) -> Vec<serde_json::Value> {
    let options = [("incident", "INC-1"), ("format", "JSON file")];
    let pulled = ana.types("/timeline", &options, "ops").await.expect("typed");
    let pulled = pulled.answer(|shown| !shown.attachments.is_empty()).await;
    events(pulled.attachments[0].text().as_bytes())
}

/// The events of `watchpost export`, while the bot runs.
pub async fn exported(night: &Night) -> Vec<serde_json::Value> {
    let output = Command::new(env!("CARGO_BIN_EXE_watchpost"))
        .args(["export", "INC-1", "--format", "json", "--config"])
        .arg(&night.stage.file)
        .output()
        .await
        .expect("the program runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    events(&output.stdout)
}

fn events(document: &[u8]) -> Vec<serde_json::Value> {
    let story: serde_json::Value = serde_json::from_slice(document).expect("JSON");
    story["events"].as_array().expect("events").clone()
}

impl Faults for watchpost_lab::Lab {
    async fn switch(&self, name: &str, on: bool) {
        let fault = Fault::by_name(name).unwrap_or_else(|| panic!("no fault {name}"));
        watchpost_lab::Lab::switch(self, fault, if on { Switch::On } else { Switch::Off }).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_the_middle_and_started_again() {
    let night = Night::set("restart", Clock::system(), OFTEN, None).await;
    plays(&night, "main works", &*night.stage.lab).await;
    night.judged();
}
