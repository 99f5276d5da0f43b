//! After the end the service is watched for a day: the same fault offers to reopen, and after a day nobody looks any more.

use watchpost_lab::{Fault, Switch};
use watchpost_sandbox::{ChannelHandle, MemberHandle};

use crate::night::{Night, is_card, offers};
use crate::watching::minutes_until;

/// Phones could not send, it was mended, proved and closed.
async fn closed(night: &Night) -> (MemberHandle, ChannelHandle) {
    let ana = night.person("ana");
    night.stage.lab.switch(Fault::CertificateExpired, Switch::On).await;
    let declared = ana.types("/incident", &[("text", "Phones cannot send")], "ops").await.expect("typed");
    declared.answer(|shown| shown.says("INC-1 is declared")).await;
    let thread = night.thread("INC-1").await;
    let card = thread.wait_for_message(|shown| is_card(shown) && shown.says("certificate-expired")).await;
    ana.clicks(&card, "I have it").await.expect("clicked").wait_answered().await;
    let card = thread.wait_for_message(|shown| is_card(shown) && offers("Close")(shown)).await;
    night.stage.lab.switch(Fault::CertificateExpired, Switch::Off).await;
    night.proves(&ana, &thread).await;
    let form = ana.clicks(&card, "Close").await.expect("clicked").modal().await;
    let answer = ana.fills_in(&form, &[("why", "renewed the certificate")]).await.expect("sent");
    answer.answer(|shown| shown.says("It is watched until")).await;
    (ana, thread)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_fault_within_a_day_offers_to_reopen() {
    let night = Night::begins("afterwards").await;
    let (ana, thread) = closed(&night).await;
    let ops = night.stage.discord.channel("ops");
    night.minutes(3 * 60).await;
    assert!(!ops.messages().iter().any(|shown| shown.says("is back")), "all is well");

    night.stage.lab.switch(Fault::CertificateExpired, Switch::On).await;
    let back =
        minutes_until(&night, &ops, |shown| shown.says("INC-1 was closed, and the same trouble is back"))
            .await;
    assert!(back.says("the certificate has expired"), "with the evidence: {}", back.text());
    let form = ana.clicks(&back, "Reopen").await.expect("clicked").modal().await;
    let why = [("why", "the old certificate was loaded again")];
    let reopened = ana.fills_in(&form, &why).await.expect("filled in");
    reopened.answer(|shown| shown.says("INC-1")).await;
    thread.wait_for_message(|shown| is_card(shown) && shown.says("investigating")).await;
    night.ends().await;
}
