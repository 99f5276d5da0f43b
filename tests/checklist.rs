//! Step 3 as people meet it: the components one by one, suspects by button, first aid on the card.

use crate::commands::{declared, private};
use crate::running::House;

#[tokio::test]
async fn a_check_fills_the_checklist_and_people_do_the_rest() {
    let house = House::start().await;
    house.service.certificate_expires();
    let thread = declared(&house, "Phones cannot send").await;
    let ana = house.discord.member("ana");
    let card = thread
        .wait_for_message(|shown| shown.pinned && shown.says("finding: TLS") && shown.says("Submission"))
        .await;
    assert!(
        card.says("First aid") && card.says("Never tell people to accept the warning"),
        "{}",
        card.text()
    );
    assert!(card.says("systemctl reload postfix dovecot"), "ready to copy: {}", card.text());

    let list = private(ana.clicks(&card, "Checklist").await.expect("clicked")).await;
    assert!(list.says("finding: TLS (mail.example.org 587: certificate-expired)"), "{}", list.text());
    assert!(list.says("ruled out: DNS") && list.says("open: Hardware"), "{}", list.text());
    let queue = private(ana.chooses(&list, "Look at a component", &["queue"]).await.expect("chosen")).await;
    assert!(queue.says("postqueue -p"), "what to type: {}", queue.text());
    let taken = private(ana.clicks(&queue, "I look at it").await.expect("clicked")).await;
    assert!(taken.says("ana looks at it"), "{}", taken.text());
    let form = ana.clicks(&taken, "Ruled out").await.expect("clicked").modal().await;
    let ruled_out = private(ana.fills_in(&form, &[("why", "it is empty")]).await.expect("sent")).await;
    assert!(ruled_out.says("ruled out") && ruled_out.says("it is empty"), "{}", ruled_out.text());
    house.discord.strict_verdict().expect("Discord has nothing to complain of");
}

#[tokio::test]
async fn a_logged_line_becomes_the_cause_by_a_button() {
    let house = House::start().await;
    let thread = declared(&house, "Phones cannot send").await;
    let here = thread.id().to_string();
    let (ana, ben) = (house.discord.member("ana"), house.discord.member("ben"));
    let text = "renewal timer failing since 12 Oct";
    let options = [("text", text), ("kind", "finding: something that was found out")];
    let logged = private(ana.types("/log", &options, &here).await.expect("typed")).await;
    assert!(logged.says("as finding (TLS)"), "{}", logged.text());

    // Everybody in the thread sees a finding, and can say what it is.
    let shown = thread.wait_for_message(|shown| !shown.pinned && shown.says("ana logged a finding")).await;
    let suspected = private(ben.clicks(&shown, "Suspect").await.expect("clicked")).await;
    assert!(suspected.says("ben suspects entry"), "{}", suspected.text());
    thread.wait_for_message(|shown| shown.pinned && shown.says("Suspects")).await;
    let form = ana.clicks(&logged, "Other time").await.expect("clicked").modal().await;
    let moved = private(ana.fills_in(&form, &[("at", "01:30")]).await.expect("sent")).await;
    assert!(moved.says("ana corrected the time of entry"), "{}", moved.text());

    let confirmed = private(ana.clicks(&logged, "It is the cause").await.expect("clicked")).await;
    assert!(confirmed.says("The cause is known now"), "{}", confirmed.text());
    let card = thread.wait_for_message(|shown| shown.pinned && shown.says("identified")).await;
    assert!(card.says("folded away") && card.says(text), "{}", card.text());
    let twice = private(ben.clicks(&shown, "It is the cause").await.expect("clicked")).await;
    assert!(twice.says("this is the cause already"), "twice clicked is once done: {}", twice.text());
    let uli = house.discord.member("uli");
    let denied = private(uli.clicks(&shown, "Ruled out").await.expect("clicked")).await;
    assert!(denied.says("You may not work on incidents"), "{}", denied.text());
    house.discord.strict_verdict().expect("Discord has nothing to complain of");
}
