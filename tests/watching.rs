//! Nobody reports anything: the monitor sees it, somebody takes it, work is planned, and how it went is looked up.

use std::time::Duration;

use watchpost_lab::{Fault, Switch};
use watchpost_sandbox::{ChannelHandle, MessageView};

use crate::night::{Night, is_card};

/// Lets minutes pass until a message is there; checks take their time between two of them.
pub async fn minutes_until(
    night: &Night,
    channel: &ChannelHandle,
    fits: impl Fn(&MessageView) -> bool,
) -> MessageView {
    for _ in 0..20 {
        night.minutes(1).await;
        let wait = channel.wait_for_message(&fits);
        if let Ok(found) = tokio::time::timeout(Duration::from_secs(6), wait).await {
            return found;
        }
    }
    panic!("nothing of the kind was posted in twenty minutes: {:?}", channel.messages());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_that_nobody_reports_is_seen_and_taken() {
    let night = Night::begins("watching").await;
    let (ana, ops) = (night.person("ana"), night.stage.discord.channel("ops"));

    night.stage.lab.switch(Fault::CertificateExpired, Switch::On).await;
    let alarm =
        minutes_until(&night, &ops, |shown| shown.buttons().contains(&"Not an incident".to_owned())).await;
    assert!(alarm.says("certificate"), "{}", alarm.text());
    assert_eq!(alarm.buttons(), ["I have it", "Not an incident", "Maintenance"]);
    assert!(ana.pings().iter().any(|ping| ping.channel == "ops"), "the responders are called");

    let refused = night.person("uli").clicks(&alarm, "I have it").await;
    if let Ok(refused) = refused {
        refused.answer(|shown| shown.says("You may not")).await;
    }
    ana.clicks(&alarm, "I have it").await.expect("clicked").answer(|shown| shown.says("INC-1")).await;
    let thread = night.thread("INC-1").await;
    thread
        .wait_for_message(|shown| is_card(shown) && shown.says("ana") && shown.says("certificate-expired"))
        .await;
    ops.wait_for_message(|shown| shown.says("It is INC-1 now")).await;
    night.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn planned_work_holds_the_alarm_and_history_is_shown() {
    let night = Night::begins("planned_work").await;
    let (ana, ops) = (night.person("ana"), night.stage.discord.channel("ops"));

    let nothing = ana.types("/watch maintenance", &[], "ops").await.expect("typed");
    nothing.answer(|shown| shown.says("Nothing is planned")).await;
    let wrong = [("start", "25 o'clock")];
    let refused = ana.types("/watch maintenance", &wrong, "ops").await.expect("typed");
    refused.answer(|shown| shown.says("Give it as")).await;
    let work = [("start", "now"), ("end", "30 min"), ("why", "new storage"), ("announce", "true")];
    let planned = ana.types("/watch maintenance", &work, "ops").await.expect("typed");
    let listed = planned.answer(|shown| shown.says("Maintenance of all services")).await;
    let status = night.stage.discord.channel("mail-status");
    let told = status.wait_for_message(|shown| shown.says("Planned work on e-mail")).await;
    assert!(!told.says("storage") && !told.says("ana"), "users read no reason and no name: {}", told.text());

    let form = ana.clicks(&listed, "1: Extend…").await.expect("clicked").modal().await;
    let extended = ana.fills_in(&form, &[("until", "60 min")]).await.expect("filled in");
    extended.answer(|shown| shown.says("goes on until")).await;
    ops.wait_for_message(|shown| shown.says("takes longer")).await;

    night.minutes(2).await;
    let shown = ana.types("/watch history", &[("span", "24 hours")], "ops").await.expect("typed");
    shown.answer(|shown| shown.says("main: 24 hours") && !shown.attachments.is_empty()).await;

    let ended = ana.clicks(&listed, "1: End now").await.expect("clicked");
    ended.answer(|shown| shown.says("Nothing is planned")).await;
    ops.wait_for_message(|shown| shown.says("was ended by hand")).await;
    night.ends().await;
}
