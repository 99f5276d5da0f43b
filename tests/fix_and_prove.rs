//! Repairs: one that holds on nothing goes back to troubleshooting by itself, one that works is proved.

use watchpost_lab::{Fault, Switch};
use watchpost_sandbox::MessageView;

use crate::night::{Night, is_card};

fn with_button(label: &'static str) -> impl Fn(&MessageView) -> bool {
    move |shown| shown.buttons().contains(&label.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repair_that_does_not_hold_goes_back_by_itself() {
    let night = Night::begins("fix_and_prove").await;
    let (ana, ben, uli) = (night.person("ana"), night.person("ben"), night.person("uli"));
    night.stage.lab.switch(Fault::CertificateExpired, Switch::On).await;
    let declared = ana.types("/incident", &[("text", "Phones cannot send")], "ops").await.expect("typed");
    declared.answer(|shown| shown.says("INC-1 is declared")).await;
    let thread = night.thread("INC-1").await;
    let place = thread.id().to_string();
    let card = thread.wait_for_message(|shown| is_card(shown) && shown.says("certificate-expired")).await;
    ana.clicks(&card, "I have it").await.expect("clicked").wait_answered().await;

    // Somebody without mail and without a role reports, and is told what is known.
    let options = [("symptom", "cannot send"), ("client", "phone")];
    let reported = uli.types("/report", &options, "mail-status").await.expect("typed");
    let answer = reported.answer(|shown| shown.says("Known since")).await;
    assert_eq!(answer.ephemeral_for.as_deref(), Some("uli"), "nobody else reads it");
    thread
        .wait_for_message(|shown| is_card(shown) && shown.says("1 person, all cannot send, all phone"))
        .await;

    // Low risk: nobody needs to approve. Done checks by itself, and it does not work.
    let options = [("text", "renew certificate, reload")];
    let proposed = ana.types("/fix", &options, &place).await.expect("typed");
    let proposed = proposed.answer(with_button("Done")).await;
    assert!(proposed.says("Low risk"), "{}", proposed.text());
    let done = ana.clicks(&proposed, "Done").await.expect("clicked");
    done.answer(|shown| shown.says("Not yet.")).await;
    thread.wait_for_message(|shown| is_card(shown) && shown.says("investigating")).await;

    // Risky: the one who proposes cannot approve it, somebody else can.
    let proposed = ana.types("/fix", &[("text", "restart the mail server")], &place).await.expect("typed");
    let proposed = proposed.answer(with_button("Approve")).await;
    let own = ana.clicks(&proposed, "Approve").await.expect("clicked");
    own.followup(|shown| shown.says("second person")).await;
    let approved = ben.clicks(&proposed, "Approve").await.expect("clicked");
    let approved = approved.answer(with_button("Start")).await;
    let started = ana.clicks(&approved, "Start").await.expect("clicked").answer(with_button("Done")).await;
    thread.wait_for_message(|shown| is_card(shown) && shown.says("fixing")).await;
    night.stage.lab.switch(Fault::CertificateExpired, Switch::Off).await;
    let done = ana.clicks(&started, "Done").await.expect("clicked");
    done.answer(|shown| shown.says("first round is green")).await;
    thread.wait_for_message(|shown| is_card(shown) && shown.says("verifying")).await;
    night.rounds(&thread).await;
    thread.wait_for_message(with_button("Close")).await;
    night.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_text_is_explained_to_anybody() {
    let night = Night::begins("explain").await;
    let text = "550 5.1.1 <bob.smith@example.net>: Recipient address rejected: User unknown";
    let asked = night.person("uli").types("/explain", &[("text", text)], "ops").await.expect("typed");
    let answer = asked.answer(|shown| shown.says("userunknown")).await;
    assert!(!answer.text().contains("bob.smith"), "addresses are masked: {}", answer.text());
    night.ends().await;
}
