//! The process is killed in the middle of an incident, and started again: nothing that was acknowledged is lost, what
//! was overdue is caught up once, and nothing is said twice.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, Command};
use watchpost::clock::Clock;
use watchpost_sandbox::MessageView;

use crate::night::{Night, transcript};

/// A text every four seconds, so that the story takes seconds; the first after two.
const OFTEN: &str = r#"
[cadence.SEV2]
first = "2s"
users = "4s"
management = "on change"
partners = "on change"

[update]
minimum_distance = "1s"
"#;

/// The real program, as an operator starts it.
struct Program(Child);

impl Program {
    async fn starts(night: &Night) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_watchpost"))
            .args(["run", "--config"])
            .arg(&night.stage.file)
            .env("WATCHPOST_TRANSCRIPT", transcript("restart"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("the program starts");
        night.stage.discord.wait_ready().await;
        night.stage.discord.wait_for_commands(&["incident", "timeline"]).await;
        Program(child)
    }

    /// SIGKILL: no goodbye, no last write.
    async fn is_killed(mut self, night: &Night) {
        self.0.kill().await.expect("it ran");
        night.stage.discord.wait_gone().await;
    }
}

fn updates(night: &Night) -> Vec<MessageView> {
    let all = night.stage.discord.channel("mail-status").messages();
    all.into_iter().filter(|message| message.says("update")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_the_middle_and_started_again() {
    let clock = Clock::system();
    let night = Night::set("restart", clock.clone(), OFTEN, None).await;
    let program = Program::starts(&night).await;
    let ana = night.person("ana");

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

    program.is_killed(&night).await;
    let before = updates(&night).len();
    // Three words come due while nothing runs.
    clock.wait_until(clock.now() + Duration::from_secs(13)).await;
    assert_eq!(updates(&night).len(), before, "nothing runs");

    let program = Program::starts(&night).await;
    let caught_up = format!("update {}", before + 1);
    let caught_up = status.wait_for_message(|shown| shown.says(&caught_up)).await;
    let next = format!("update {}", before + 2);
    let next = status.wait_for_message(|shown| shown.says(&next)).await;
    let apart = next.created_ms.saturating_sub(caught_up.created_ms);
    assert!(apart >= 2_500, "caught up once, and then at the old distance: {apart} ms");
    let numbers: Vec<String> = updates(&night).iter().map(MessageView::text).collect();
    for (place, text) in numbers.iter().enumerate() {
        assert!(text.contains(&format!("update {}", place + 1)), "each once, in order: {numbers:#?}");
    }

    let options = [("incident", "INC-1"), ("format", "JSON file")];
    let pulled = ana.types("/timeline", &options, "ops").await.expect("typed");
    let pulled = pulled.answer(|shown| !shown.attachments.is_empty()).await;
    let story: serde_json::Value = serde_json::from_str(&pulled.attachments[0].text()).expect("JSON");
    let events = story["events"].as_array().expect("events");
    for text in &acknowledged {
        let times = events.iter().filter(|event| event["event"]["text"] == *text).count();
        assert_eq!(times, 1, "“{text}” was acknowledged");
    }
    let missed: u64 = events.iter().filter_map(|event| event["event"]["missed"].as_u64()).sum();
    assert!(missed >= 2, "the catch-up says how many were missed: {missed}");

    // What is pulled in a shell, while the bot runs, is the same story.
    let output = Command::new(env!("CARGO_BIN_EXE_watchpost"))
        .args(["export", "INC-1", "--format", "json", "--config"])
        .arg(&night.stage.file)
        .output()
        .await
        .expect("the program runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let exported: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let exported = exported["events"].as_array().expect("events");
    assert_eq!(exported[..events.len()], events[..]);
    program.is_killed(&night).await;
    if let Err(objections) = night.stage.discord.verdict() {
        panic!("Discord objects:\n{objections}");
    }
}
