//! The real program is stopped by a signal, as a machine that sleeps or a paused container stops it; an hour passes on its
//! clock, and it goes on: what came due meanwhile is said once, and nothing is lost.
//!
//! Its clock is moved by libfaketime, which stands between the program and the system; where that is not installed, the
//! test says so. (`store::tests::outside` shows the same of the store alone, everywhere.)

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use watchpost::clock::Clock;
use watchpost_sandbox::MessageView;

use crate::night::Night;
use crate::restart::{Program, exported};

/// A text every ten minutes.
const OFTEN: &str = r#"
[cadence.SEV2]
first = "10m"
users = "10m"
management = "on change"
partners = "on change"
"#;

/// Where distributions put it.
fn faketime() -> Option<PathBuf> {
    let places =
        ["/usr/lib/x86_64-linux-gnu/faketime", "/usr/lib/aarch64-linux-gnu/faketime", "/usr/lib/faketime"];
    places.iter().map(|folder| Path::new(folder).join("libfaketimeMT.so.1")).find(|library| library.exists())
}

fn signal(program: &Program, name: &str) {
    let sent = Command::new("kill").args([format!("-{name}"), program.process().to_string()]).status();
    assert!(sent.expect("kill runs").success());
}

fn updates(all: &[MessageView]) -> Vec<String> {
    all.iter().filter(|message| message.says("update")).map(MessageView::text).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn stopped_for_an_hour_it_says_once_what_came_due() {
    let Some(library) = faketime() else {
        println!("skipped: libfaketime is not installed");
        return;
    };
    let night = Night::set("stopped", Clock::system(), OFTEN, None).await;
    let hour = night.stage.file.with_file_name("hour");
    std::fs::write(&hour, "+0").expect("written");
    let environment = [
        ("LD_PRELOAD", library.to_str().expect("a path in ASCII")),
        ("FAKETIME_TIMESTAMP_FILE", hour.to_str().expect("a path in ASCII")),
        // Looked at each second: it is moved while the program stands still.
        ("FAKETIME_CACHE_DURATION", "1"),
        // As on a machine that slept: Linux does not count that time (clock_gettime(2), CLOCK_MONOTONIC).
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        ("DONT_FAKE_MONOTONIC", "1"),
    ];
    let program = Program::starts_with(&night, &environment).await;
    let ana = night.person("ana");
    let declared = ana.types("/incident", &[("text", "No mail at all")], "ops").await.expect("typed");
    declared.answer(|shown| shown.says("INC-1 is declared")).await;
    let thread = night.thread("INC-1").await;
    let place = thread.id().to_string();
    let logged = ana.types("/log", &[("text", "before it stood still")], &place).await.expect("typed");
    logged.answer(|shown| shown.says("Logged in INC-1")).await;
    thread.wait_for_message(|shown| shown.pinned && shown.says("before it stood still")).await;

    signal(&program, "STOP");
    let status = night.stage.discord.channel("mail-status");
    let before = updates(&status.messages()).len();
    std::fs::write(&hour, "+3600").expect("written");
    // For Discord an hour has passed as well: it has long given up the connection.
    night.stage.discord.drop_gateway();
    night.stage.discord.wait_gone().await;
    signal(&program, "CONT");

    let caught_up = format!("update {}", before + 1);
    status.wait_for_message(|shown| shown.says(&caught_up)).await;
    night.stage.discord.wait_ready().await;
    let logged = ana.types("/log", &[("text", "it goes on")], &place).await.expect("typed");
    logged.answer(|shown| shown.says("Logged in INC-1")).await;
    let events = exported(&night).await;
    for text in ["before it stood still", "it goes on"] {
        let times = events.iter().filter(|event| event["event"]["text"] == text).count();
        assert_eq!(times, 1, "“{text}” was acknowledged");
    }
    let missed: u64 = events.iter().filter_map(|event| event["event"]["missed"].as_u64()).sum();
    assert!((3..=5).contains(&missed), "the catch-up says how many were missed: {missed}");
    let said = updates(&status.messages());
    assert_eq!(said.len(), before + 1, "one text for the whole hour: {said:#?}");
    let (first, last) = (&events[0]["recorded_at"], &events[events.len() - 1]["recorded_at"]);
    let apart = last.as_i64().unwrap_or_default() - first.as_i64().unwrap_or_default();
    assert!(apart >= 3_600_000, "an hour has passed for it: {first} {last}");

    // It never lost its folder to another one.
    let second = tokio::process::Command::new(env!("CARGO_BIN_EXE_watchpost"))
        .args(["run", "--config"])
        .arg(&night.stage.file)
        .kill_on_drop(true)
        .output();
    let second =
        tokio::time::timeout(Duration::from_secs(60), second).await.expect("it ends").expect("it runs");
    assert_eq!(second.status.code(), Some(73), "{}", String::from_utf8_lossy(&second.stderr));
    program.dies(&night).await;
    night.judged();
}
