//! One night, from the first check to the pulled timeline.

use watchpost_lab::{Fault, Switch};

use crate::night::{Night, is_card};

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_certificate_from_the_check_to_the_timeline() {
    let night = Night::begins("declare_to_review").await;
    let ana = night.person("ana");
    let status = night.stage.discord.channel("mail-status");

    let healthy = ana.types("/check", &[], "ops").await.expect("typed");
    healthy.answer(|shown| shown.says("main works")).await;

    night.stage.lab.switch(Fault::CertificateExpired, Switch::On).await;
    let broken = ana.types("/check", &[], "ops").await.expect("typed");
    broken.answer(|shown| shown.says("certificate-expired")).await;

    let declared = ana.types("/incident", &[("text", "Phones cannot send")], "ops").await.expect("typed");
    declared.answer(|shown| shown.says("INC-1 is declared as SEV2")).await;
    let thread = night.thread("INC-1").await;
    let card = thread.wait_for_message(|shown| is_card(shown) && shown.says("certificate-expired")).await;
    assert!(ana.pings().iter().any(|ping| ping.channel == "ops"), "the responders are called");
    assert!(night.person("uli").pings().is_empty(), "nobody else is");

    let taken = ana.clicks(&card, "I have it").await.expect("clicked");
    taken.wait_answered().await;
    let card = thread.wait_for_message(|shown| is_card(shown) && shown.says("ana")).await;

    // Nobody writes anything: the first text is due after 15 minutes and goes out by itself.
    night.minutes(15).await;
    let first = status.wait_for_message(|shown| shown.says("update 1")).await;
    assert!(first.says("Next <t:"), "{}", first.text());
    assert!(!first.says("127.0.0.1") && !first.says("lab.example"), "users read no host: {}", first.text());

    let found = "renewal timer failing since 12 Oct";
    let options = [("text", found), ("kind", "cause: it is this")];
    let logged = ana.types("/log", &options, &thread.id().to_string()).await.expect("typed");
    logged.wait_answered().await;
    thread.wait_for_message(|shown| is_card(shown) && shown.says("identified")).await;

    night.minutes(60).await;
    let second = status.wait_for_message(|shown| shown.says("update 2")).await;
    assert!(second.says("Nothing new"), "{}", second.text());

    night.stage.lab.switch(Fault::CertificateExpired, Switch::Off).await;
    let refused = ana.clicks(&card, "Close").await.expect("clicked");
    refused.answer(|shown| shown.says("not proved yet") && shown.says("log in and hand in mail")).await;
    night.proves(&ana, &thread).await;
    // At the first green round, and only then, users read that it works.
    let still = status.wait_for_message(|shown| shown.says("update 3")).await;
    assert!(still.says("still checking"), "{}", still.text());
    let form = ana.clicks(&card, "Close").await.expect("clicked").modal().await;
    let closed = ana.fills_in(&form, &[("why", "renewed the certificate; 465 and 587 are good")]).await;
    closed.expect("filled in").wait_answered().await;
    let last = status.wait_for_message(|shown| shown.says("update 4")).await;
    assert!(last.says("E-mail works again"), "{}", last.text());

    let options = [("incident", "INC-1"), ("format", "Markdown file")];
    let pulled = ana.types("/timeline", &options, "ops").await.expect("typed");
    let pulled = pulled.answer(|shown| !shown.attachments.is_empty()).await;
    let document = pulled.attachments[0].text();
    for expected in [
        "Phones cannot send",
        found,
        "Update 1 to users",
        "Update 4 to users",
        "Round 3 of the proof is green",
        "arrived at mail-status",
        "ana closed it",
    ] {
        assert!(document.contains(expected), "“{expected}” is missing in\n{document}");
    }
    night.ends().await;
}
