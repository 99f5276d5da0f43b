//! SIGKILL of the real program at each step between due and proven: no update is lost, none stands twice in Discord, and
//! elsewhere at most one comes twice for each kill.

use std::collections::BTreeMap;

use serde_json::Value;
use watchpost::clock::Clock;
use watchpost_sandbox::{Effect, RestFault};

use crate::night::Night;
use crate::recorder::{Answers, Recorder};
use crate::restart::{Program, exported};

/// A text every three seconds, to users in Discord and to a hall outside; the first after two.
const OFTEN: &str = r#"
[audience.hall]
destinations = ["screen"]

[cadence.SEV2]
first = "2s"
users = "3s"
hall = "3s"
management = "on change"
partners = "on change"

[update]
minimum_distance = "1s"
"#;

/// Where the program is when it dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Nothing is due.
    BeforeDue,
    /// Both are on their way, and neither is answered; Discord has not got its own.
    OnTheWay,
    /// Both have arrived, and the answers are lost.
    Arrived,
    /// One is proved, the other just arrived.
    HalfProved,
}

/// The numbers of an audience's updates, by what became of them.
#[derive(Debug, Default)]
struct Story {
    issued: Vec<u64>,
    superseded: Vec<u64>,
}

fn story(events: &[Value], audience: &str) -> Story {
    let mut story = Story::default();
    for event in events.iter().map(|event| &event["event"]).filter(|event| event["audience"] == audience) {
        let Some(number) = event["number"].as_u64() else { continue };
        match (event["type"].as_str(), event["what"].as_str()) {
            (Some("update_issued"), _) => story.issued.push(number),
            (Some("telling"), Some("superseded")) => story.superseded.push(number),
            _ => {}
        }
    }
    story
}

/// How often each update of users stands in Discord.
fn in_discord(night: &Night) -> BTreeMap<u64, usize> {
    let mut found = BTreeMap::new();
    for message in night.stage.discord.channel("mail-status").messages() {
        let text = message.text();
        let number = text.split("users · update ").nth(1).map(|rest| {
            rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().expect("a number")
        });
        if let Some(number) = number {
            *found.entry(number).or_default() += 1;
        }
    }
    found
}

/// How often each update came to the screen.
fn at_the_screen(recorder: &Recorder) -> BTreeMap<u64, usize> {
    let mut found = BTreeMap::new();
    for number in recorder.got("screen").iter().filter_map(|request| request.json()["update"].as_u64()) {
        *found.entry(number).or_default() += 1;
    }
    found
}

/// Waits until the next update is where the step wants it, and kills.
async fn dies_at(step: Step, night: &Night, recorder: &Recorder, program: Program) {
    let newest = |found: BTreeMap<u64, usize>| found.into_keys().max().unwrap_or_default();
    let (told, shown) = (newest(in_discord(night)), newest(at_the_screen(recorder)));
    let discord = &night.stage.discord;
    match step {
        Step::BeforeDue => {}
        Step::OnTheWay => {
            recorder.answers("screen", Answers::Nothing);
            let channel = discord.channel("mail-status").id().to_string();
            discord.fault(RestFault::new(Effect::Hang).method("POST").path(&channel));
            recorder.wait_for("screen", |request| request.json()["update"].as_u64() > Some(shown)).await;
        }
        Step::Arrived => {
            recorder.answers("screen", Answers::Nothing);
            let channel = discord.channel("mail-status").id().to_string();
            discord.fault(RestFault::new(Effect::LostAnswer).method("POST").path(&channel));
            discord
                .channel("mail-status")
                .wait_for_message(|shown| shown.says(&format!("users · update {}", told + 1)))
                .await;
            recorder.wait_for("screen", |request| request.json()["update"].as_u64() > Some(shown)).await;
        }
        Step::HalfProved => {
            recorder.wait_for("screen", |request| request.json()["update"].as_u64() > Some(shown)).await;
        }
    }
    program.dies(night).await;
    discord.heal();
    recorder.answers("screen", Answers::Status(204));
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_due_and_proven_nothing_is_lost_and_nothing_stands_twice() {
    let recorder = Recorder::listens().await;
    let more = format!("{OFTEN}\n{}", recorder.destination("webhook", "screen", ""));
    let night = Night::set("killed_updates", Clock::system(), &more, None).await;
    let mut program = Program::starts(&night).await;
    let ana = night.person("ana");
    let declared = ana.types("/incident", &[("text", "No mail at all")], "ops").await.expect("typed");
    declared.answer(|shown| shown.says("INC-1 is declared")).await;
    let status = night.stage.discord.channel("mail-status");
    status.wait_for_message(|shown| shown.says("users · update 1")).await;

    let steps =
        [Step::BeforeDue, Step::OnTheWay, Step::Arrived, Step::HalfProved, Step::OnTheWay, Step::Arrived];
    for (kills, step) in (1..).zip(steps) {
        dies_at(step, &night, &recorder, program).await;
        let last = story(&exported(&night).await, "users").issued.into_iter().max().unwrap_or_default();
        program = Program::starts(&night).await;
        // A later one is there: whatever was on its way before has found its end.
        let later = format!("users · update {}", last + 2);
        status.wait_for_message(|shown| shown.says(&later)).await;
        recorder.wait_for("screen", |request| request.json()["update"].as_u64() > Some(last)).await;
        judge(&night, &recorder, kills, step, last).await;
    }
    program.dies(&night).await;
    night.judged();
}

async fn judge(night: &Night, recorder: &Recorder, kills: usize, step: Step, last: u64) {
    let events = exported(night).await;
    let (discord, screen) = (in_discord(night), at_the_screen(recorder));
    for (audience, found) in [("users", &discord), ("hall", &screen)] {
        let story = story(&events, audience);
        for number in story.issued.iter().filter(|number| **number <= last) {
            let lost = !found.contains_key(number) && !story.superseded.contains(number);
            assert!(!lost, "{step:?}: update {number} to {audience} is lost: {story:?}, found {found:?}");
        }
    }
    let twice: Vec<_> = discord.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "{step:?}: twice in Discord: {twice:?}");
    let again: usize = screen.values().map(|times| times - 1).sum();
    assert!(again <= kills, "{step:?}: {again} came again after {kills} kills: {screen:?}");
}
