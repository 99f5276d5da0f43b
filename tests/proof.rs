//! Proof before the end: closed when it is proved, or on the lead's word; back to troubleshooting by itself.

use std::net::{IpAddr, Ipv4Addr};

use watchpost::clock::Clock;
use watchpost_lab::{Fault, Host, Place, Service, Switch};
use watchpost_sandbox::{ChannelHandle, MemberHandle, MessageView};

use crate::night::{Night, START, is_card};
use crate::restart::Program;

const FIRST_NODE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const SECOND_NODE: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 4));

/// Phones cannot send; ana has it, and her thread shows why.
async fn broken(night: &Night) -> (MemberHandle, ChannelHandle, MessageView) {
    let ana = night.person("ana");
    night.stage.lab.switch(Fault::CertificateExpired, Switch::On).await;
    let declared = ana.types("/incident", &[("text", "Phones cannot send")], "ops").await.expect("typed");
    declared.answer(|shown| shown.says("INC-1 is declared")).await;
    let thread = night.thread("INC-1").await;
    let card = thread.wait_for_message(|shown| is_card(shown) && shown.says("certificate-expired")).await;
    ana.clicks(&card, "I have it").await.expect("clicked").wait_answered().await;
    let card = thread.wait_for_message(|shown| is_card(shown) && offers("Close")(shown)).await;
    (ana, thread, card)
}

fn offers(label: &'static str) -> impl Fn(&MessageView) -> bool {
    move |shown| shown.buttons().contains(&label.to_owned())
}

/// Somebody writes down what they repair, and presses Done.
async fn repaired(who: &MemberHandle, thread: &ChannelHandle, text: &str) -> MessageView {
    let proposed = who.types("/fix", &[("text", text)], &thread.id().to_string()).await.expect("typed");
    let proposed = proposed.answer(offers("Done")).await;
    let done = who.clicks(&proposed, "Done").await.expect("clicked");
    done.answer(|shown| shown.says("Not yet.") || shown.says("first round is green")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fix_that_holds_on_one_of_two_nodes_goes_back_by_itself() {
    let mut night =
        Night::on_nodes("proof_two_nodes", Clock::stepped(START), vec![FIRST_NODE, SECOND_NODE]).await;
    night.starts().await;
    let (ana, thread, _) = broken(&night).await;
    let status = night.stage.discord.channel("mail-status");
    night.minutes(15).await;
    status.wait_for_message(|shown| shown.says("update 1")).await;

    // Renewed everywhere; submission on the second node was not reloaded.
    let lab = &night.stage.lab;
    let forgotten = Place { address: Some(SECOND_NODE), service: Some(Service::Submission), host: None };
    lab.switch(Fault::CertificateExpired, Switch::Off).await;
    lab.switch_at(Fault::CertificateExpired, forgotten, Switch::On).await;
    let answer = repaired(&ana, &thread, "renew certificate, reload").await;
    let port = |service| lab.endpoint(Host::Mail, service).expect("an endpoint").port();
    let (good, bad) = (port(Service::Submissions), port(Service::Submission));
    for expected in [
        format!("{good} is good"),
        format!("{bad} on mail.lab.example (127.0.0.4): the certificate has expired"),
        "Nobody was told that it works".to_owned(),
        "back at troubleshooting".to_owned(),
    ] {
        assert!(answer.says(&expected), "“{expected}” is missing in {}", answer.text());
    }
    assert!(!answer.says("(127.0.0.1)"), "the first node is good: {}", answer.text());
    thread.wait_for_message(|shown| is_card(shown) && shown.says("investigating")).await;
    let told = status.messages().iter().filter(|shown| shown.says("checking")).count();
    assert_eq!(told, 0, "nobody was told that it works");

    lab.switch_at(Fault::CertificateExpired, forgotten, Switch::Off).await;
    let answer = repaired(&ana, &thread, "reload configuration on node 2").await;
    assert!(answer.says("first round is green"), "{}", answer.text());
    status.wait_for_message(|shown| shown.says("update 2") && shown.says("checking")).await;
    night.rounds(&thread).await;
    night.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_told_that_it_works_hears_that_it_does_not_and_nobody_else() {
    let night = Night::begins("proof_setback").await;
    let (ana, thread, _) = broken(&night).await;
    let status = night.stage.discord.channel("mail-status");
    night.minutes(15).await;
    status.wait_for_message(|shown| shown.says("update 1")).await;
    night.stage.lab.switch(Fault::CertificateExpired, Switch::Off).await;
    let asked = ana.types("/check", &[("prove", "True")], &thread.id().to_string()).await.expect("typed");
    asked.answer(|shown| shown.says("first round is green")).await;
    status.wait_for_message(|shown| shown.says("update 2")).await;

    night.stage.lab.switch(Fault::CertificateExpired, Switch::On).await;
    thread.wait_for_message(|shown| is_card(shown) && shown.says("Round 1 of 3")).await;
    night.minutes(5).await;
    let failed = thread.wait_for_message(offers("Tell them now")).await;
    assert!(failed.says("the certificate has expired"), "{}", failed.text());
    thread.wait_for_message(|shown| is_card(shown) && shown.says("investigating")).await;
    ana.clicks(&failed, "Tell them now").await.expect("clicked").wait_answered().await;
    status.wait_for_message(|shown| shown.says("update 3") && shown.says("not work after all")).await;
    night.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_is_refused_and_the_lead_closes_with_a_reason() {
    let night = Night::begins("proof_override").await;
    let (ana, thread, card) = broken(&night).await;
    let ben = night.person("ben");
    let refused = ana.clicks(&card, "Close").await.expect("clicked");
    let refused = refused.answer(|shown| shown.says("not proved yet")).await;
    assert!(refused.says("log in and hand in mail"), "the red cell is named: {}", refused.text());

    let press = |who: MemberHandle, shown: MessageView| async move {
        let form = who.clicks(&shown, "Close without proof").await.expect("clicked").modal().await;
        who.fills_in(&form, &[("why", "the probe account is locked")]).await.expect("sent")
    };
    let own = ben.clicks(&card, "Close").await.expect("clicked").answer(offers("Close without proof")).await;
    press(ben, own).await.answer(|shown| shown.says("only who leads")).await;
    press(ana, refused).await.answer(|shown| shown.says("INC-1 is closed")).await;
    thread.wait_for_message(|shown| shown.says("CLOSED IT WITHOUT PROOF")).await;
    let options = [("incident", "INC-1"), ("format", "Markdown file")];
    let pulled = night.person("ana").types("/timeline", &options, "ops").await.expect("typed");
    let document = pulled.answer(|shown| !shown.attachments.is_empty()).await.attachments[0].text();
    let first = document.lines().nth(2).expect("a line under the title");
    assert!(
        first.starts_with("Closed without proof by ana") && first.contains("account is locked"),
        "{first}"
    );
    night.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reported_is_asked_and_who_says_no_is_listed() {
    let night = Night::begins("proof_asked").await;
    let (ana, thread, card) = broken(&night).await;
    let uli = night.person("uli");
    let options = [("symptom", "cannot send"), ("client", "phone")];
    let reported = uli.types("/report", &options, "mail-status").await.expect("typed");
    reported.answer(|shown| shown.says("Known since")).await;
    night.stage.lab.switch(Fault::CertificateExpired, Switch::Off).await;
    night.proves(&ana, &thread).await;
    let form = ana.clicks(&card, "Close").await.expect("clicked").modal().await;
    let closed = ana.fills_in(&form, &[("why", "renewed the certificate")]).await.expect("sent");
    closed.answer(|shown| shown.says("It is watched until")).await;

    let question = uli.dms().wait_for_message(|shown| shown.says("does it work now?")).await;
    assert!(!question.says("lab.example"), "nothing of the inside: {}", question.text());
    let answered = uli.clicks(&question, "No").await.expect("clicked");
    answered.wait_answered().await;
    let listed = thread.wait_for_message(offers("Contact")).await;
    assert!(listed.says("uli says that it does not work (phone)"), "{}", listed.text());
    assert!(listed.buttons().contains(&"Reopen".to_owned()));
    let contact = ana.clicks(&listed, "Contact").await.expect("clicked");
    contact.answer(|shown| shown.says("cannot send")).await;
    night.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_two_rounds_the_proof_goes_on() {
    let short = "[proof]\nlasts = \"8s\"\n";
    let night = Night::set("proof_killed", Clock::system(), short, None).await;
    let program = Program::starts(&night).await;
    let (ana, thread, _) = broken(&night).await;
    night.stage.lab.switch(Fault::CertificateExpired, Switch::Off).await;
    let asked = ana.types("/check", &[("prove", "True")], &thread.id().to_string()).await.expect("typed");
    asked.answer(|shown| shown.says("first round is green")).await;
    program.dies(&night).await;
    let program = Program::starts(&night).await;
    thread.wait_for_message(|shown| shown.says("Proved: mail works since")).await;
    program.dies(&night).await;
    night.judged();
}
