//! SIGKILL after every step of an incident: then card, thread and timeline say the same, and nothing is there twice.

use std::collections::BTreeMap;

use watchpost::clock::Clock;
use watchpost_sandbox::MessageView;

use crate::night::{Night, is_card};
use crate::restart::{Program, exported};

/// Card, thread and timeline of INC-1 agree.
async fn agree(night: &Night, step: &str) {
    let events = exported(night).await;
    let version = events.len();
    let phase = events.iter().rev().find_map(|event| match event["event"]["type"].as_str()? {
        "phase_changed" => event["event"]["to"].as_str().map(str::to_owned),
        "resolved" => Some("resolved".to_owned()),
        "declared" | "reopened" => Some("investigating".to_owned()),
        _ => None,
    });
    let phase = phase.unwrap_or_else(|| panic!("{step}: no phase in {events:#?}"));
    let thread = night.thread("INC-1").await;
    // The card is brought up to date after the restart where it was not before.
    let shows = |shown: &MessageView| {
        let number = shown.text().split("version ").nth(1).and_then(|rest| {
            rest.split(|letter: char| !letter.is_ascii_digit()).next()?.parse::<usize>().ok()
        });
        is_card(shown) && shown.says(&phase) && number.is_some_and(|number| number <= version + 20)
    };
    thread.wait_for_message(shows).await;
    let messages = thread.messages();
    let cards = messages.iter().filter(|message| is_card(message)).count();
    assert_eq!(cards, 1, "{step}: one card");
    let mut notices: BTreeMap<String, usize> = BTreeMap::new();
    for message in messages.iter().filter(|message| !message.pinned && !message.text().is_empty()) {
        *notices.entry(message.text()).or_default() += 1;
    }
    let twice: Vec<_> =
        notices.iter().filter(|(text, count)| **count > 1 && !text.contains("Checking")).collect();
    assert!(twice.is_empty(), "{step}: said twice: {twice:?}");
    let versions: Vec<u64> = events.iter().filter_map(|event| event["version"].as_u64()).collect();
    let whole: Vec<u64> = (1..=version as u64).collect();
    assert_eq!(versions, whole, "{step}: the timeline has no hole");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_every_step_everything_agrees() {
    let night = Night::set("killed", Clock::system(), "", None).await;
    let ana = night.person("ana");
    let mut program = Program::starts(&night).await;
    let declared = ana.types("/incident", &[("text", "Phones cannot send")], "ops").await.expect("typed");
    declared.answer(|shown| shown.says("INC-1 is declared")).await;
    let mut expected: Vec<&str> = vec!["declared"];
    for step in ["acknowledged", "logged", "suspect", "action", "resolved"] {
        program.dies(&night).await;
        program = Program::starts(&night).await;
        agree(&night, step).await;
        let thread = night.thread("INC-1").await;
        let place = thread.id().to_string();
        let card = thread.wait_for_message(is_card).await;
        match step {
            "acknowledged" => {
                ana.clicks(&card, "I have it").await.expect("clicked").wait_answered().await;
                thread.wait_for_message(|shown| is_card(shown) && shown.says("Lead\nana")).await;
            }
            "logged" => {
                let options =
                    [("text", "renewal timer failing"), ("kind", "finding: something that was found out")];
                let logged = ana.types("/log", &options, &place).await.expect("typed");
                logged.answer(|shown| shown.says("Logged in INC-1")).await;
            }
            "suspect" => {
                let found = thread.wait_for_message(|shown| shown.says("ana logged a finding")).await;
                let confirmed = ana.clicks(&found, "It is the cause").await.expect("clicked");
                confirmed.answer(|shown| shown.says("The cause is known now")).await;
            }
            "action" => {
                let fix =
                    ana.types("/fix", &[("text", "renew certificate, reload")], &place).await.expect("typed");
                fix.answer(|shown| shown.buttons().contains(&"Done".to_owned())).await;
            }
            _ => {
                let refused = ana.clicks(&card, "Close").await.expect("clicked");
                let refused = refused.answer(|shown| shown.says("not proved yet")).await;
                let form = ana.clicks(&refused, "Close without proof").await.expect("clicked").modal().await;
                let closed = ana.fills_in(&form, &[("why", "renewed; my phone sends")]).await.expect("sent");
                closed.answer(|shown| shown.says("INC-1 is closed")).await;
            }
        }
        expected.push(step);
    }
    program.dies(&night).await;
    let program = Program::starts(&night).await;
    agree(&night, "the end").await;
    let kinds: Vec<String> = exported(&night)
        .await
        .iter()
        .filter_map(|event| event["event"]["type"].as_str().map(str::to_owned))
        .collect();
    let mut kinds = kinds.iter();
    for wanted in expected {
        assert!(kinds.any(|kind| kind == wanted), "{wanted} was acknowledged, in this order");
    }
    program.dies(&night).await;
    night.judged();
}
