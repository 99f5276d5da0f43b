//! Nobody answers until the third person: who is rung, by which way, and what stands in the timeline.

use crate::night::{Night, is_card};

#[tokio::test(flavor = "multi_thread")]
async fn nobody_answers_until_the_third_person() {
    let mut night =
        Night::set("woken", watchpost::clock::Clock::stepped(crate::night::START), "", None).await;
    // The stage has ana and ben; mia is the third.
    let mia = night.person("mia").id();
    night.adds(&format!("[responder.mia]\ndiscord = \"{mia}\"\nroutes = [\"mention\"]\n"));
    night.starts().await;
    let (ana, ben, mia) = (night.person("ana"), night.person("ben"), night.person("mia"));
    let ops = night.stage.discord.channel("ops");

    let declared = ben.types("/incident", &[("text", "No mail")], "ops").await.expect("typed");
    declared.answer(|shown| shown.says("INC-1 is declared")).await;
    let thread = night.thread("INC-1").await;
    thread.wait_for_message(is_card).await;

    // Who declared it had two minutes to take it; then ana is mentioned, written to, and ben is next.
    night.minutes(2).await;
    ops.wait_for_message(|shown| shown.says("You are called") && shown.pinged().contains(&"ana".to_owned()))
        .await;
    night.minutes(2).await;
    thread.wait_for_message(|shown| shown.says("ana by direct message")).await;
    night.minutes(2).await;
    ops.wait_for_message(|shown| shown.says("You are called") && shown.pinged().contains(&"ben".to_owned()))
        .await;
    night.minutes(2).await;
    thread.wait_for_message(|shown| shown.says("ben by direct message")).await;
    night.minutes(2).await;
    let ring = ops
        .wait_for_message(|shown| shown.says("You are called") && shown.pinged().contains(&"mia".to_owned()))
        .await;
    assert!(mia.pings().iter().any(|ping| ping.channel == "ops"), "it rings");

    // Management is rung and may not take it; ana wakes up and does, from the last ring.
    let refused = mia.clicks(&ring, "I have it").await.expect("clicked");
    refused.answer(|shown| shown.says("You may not work on incidents")).await;
    ana.clicks(&ring, "I have it").await.expect("clicked").answer(|shown| shown.says("INC-1")).await;
    thread.wait_for_message(|shown| shown.says("ana answered after 5 rings")).await;
    night.minutes(30).await;

    let options = [("incident", "INC-1"), ("format", "Markdown file")];
    let pulled = ana.types("/timeline", &options, "ops").await.expect("typed");
    let document = pulled.answer(|shown| !shown.attachments.is_empty()).await.attachments[0].text();
    for expected in ["Ring 1: ana by a mention", "Ring 3: ben", "Ring 5: mia", "Ring 5 arrived (message"] {
        assert!(document.contains(expected), "“{expected}” is missing in\n{document}");
    }
    assert!(!document.contains("Ring 6"), "nobody is rung after somebody has it:\n{document}");
    night.ends().await;
}
