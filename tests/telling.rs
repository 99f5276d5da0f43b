//! Telling stakeholders, as people meet it: a draft that is seen first, a text that waits for a second person, a reminder,
//! a pause with its reason, the history of every update.

use std::time::Duration;

use crate::commands::{declared, private};
use crate::running::House;

const MINUTE: u64 = 60;

#[tokio::test]
async fn a_draft_is_seen_by_its_author_first_and_can_be_dropped() {
    let house = House::start().await;
    let thread = declared(&house, "Phones cannot send").await;
    let ana = house.discord.member("ana");
    let card = thread.wait_for_message(|message| message.pinned).await;
    let form = ana.clicks(&card, "Tell stakeholders").await.expect("clicked").modal().await;
    let shown = private(ana.fills_in(&form, &[("impact", "Phones cannot send")]).await.expect("sent")).await;
    assert!(
        shown.says("Nobody was told yet") && shown.says("users") && shown.says("management"),
        "{}",
        shown.text()
    );
    let form = ana.clicks(&shown, "Tell stakeholders").await.expect("clicked").modal().await;
    assert_eq!(
        form.prefilled("impact"),
        Some("Phones cannot send"),
        "who edits goes on where the draft ends"
    );
    let dropped = private(ana.clicks(&shown, "Drop").await.expect("clicked")).await;
    assert!(dropped.says("Dropped; nobody was told."), "{}", dropped.text());
    let gone = private(ana.clicks(&shown, "Drop").await.expect("clicked")).await;
    assert!(gone.says("there is no draft any more"), "{}", gone.text());
    house.discord.strict_verdict().expect("Discord has nothing to complain of");
}

#[tokio::test]
async fn the_draft_of_what_is_due_is_shown_once_and_sent_by_a_click() {
    let house = House::start().await;
    let thread = declared(&house, "Phones cannot send").await;
    let ana = house.discord.member("ana");
    let card = thread.wait_for_message(|message| message.pinned).await;
    private(ana.clicks(&card, "I have it").await.expect("clicked")).await;
    house.step(Duration::from_secs(11 * MINUTE));
    let draft = thread.wait_for_message(|message| message.says("It sends itself then.")).await;
    assert_eq!(draft.buttons(), ["Send", "Tell stakeholders", "Later"]);
    let sent = private(ana.clicks(&draft, "Send").await.expect("clicked")).await;
    assert!(sent.says("On its way"), "{}", sent.text());
    house
        .discord
        .channel("mail-status")
        .wait_for_message(|message| message.says("E-mail is disturbed"))
        .await;
    let overview = private(ana.types("/update", &[], &thread.id().to_string()).await.expect("typed")).await;
    let history = private(ana.clicks(&overview, "Every update").await.expect("clicked")).await;
    assert!(history.says("(on time) by ana") && history.says("Arrived at status"), "{}", history.text());
    house.discord.strict_verdict().expect("Discord has nothing to complain of");
}

#[tokio::test]
async fn a_pause_needs_a_reason_and_stands_on_the_card() {
    let house = House::start().await;
    let thread = declared(&house, "Phones cannot send").await;
    let ana = house.discord.member("ana");
    let here = thread.id().to_string();
    let overview = private(ana.types("/update", &[], &here).await.expect("typed")).await;
    let form = ana.clicks(&overview, "Pause").await.expect("clicked").modal().await;
    let paused =
        private(ana.fills_in(&form, &[("why", "the director calls everybody")]).await.expect("sent")).await;
    assert!(paused.says("Nothing goes out by itself"), "{}", paused.text());
    thread
        .wait_for_message(|message| {
            message.pinned && message.says("PAUSED by ana") && message.says("the director calls")
        })
        .await;
    house.step(Duration::from_secs(60 * MINUTE));
    let overview = private(ana.types("/update", &[], &here).await.expect("typed")).await;
    assert!(overview.says("Not told yet.") && overview.says("PAUSED since"), "{}", overview.text());
    private(ana.clicks(&overview, "Go on").await.expect("clicked")).await;
    house
        .discord
        .channel("mail-status")
        .wait_for_message(|message| message.says("E-mail is disturbed"))
        .await;
    house.discord.strict_verdict().expect("Discord has nothing to complain of");
}

#[tokio::test]
async fn what_is_typed_for_outsiders_waits_for_a_second_person() {
    let house = House::start().await;
    let thread = declared(&house, "Phones cannot send").await;
    let (ana, ben) = (house.discord.member("ana"), house.discord.member("ben"));
    let here = thread.id().to_string();
    private(ben.types("/log", &[("text", "I look at the queue")], &here).await.expect("typed")).await;
    let options = [("sentence", "All will be well by noon")];
    let told = private(ana.types("/update", &options, &here).await.expect("typed")).await;
    assert!(told.says("partners waits until a second person has read it"), "{}", told.text());
    let asked = thread.wait_for_message(|message| message.says("A second person is asked")).await;
    let own = private(ana.clicks(&asked, "Approve").await.expect("clicked")).await;
    assert!(own.says("Somebody else is awake"), "{}", own.text());
    private(ben.clicks(&asked, "Approve").await.expect("clicked")).await;
    thread.wait_for_message(|message| message.says("Update 1 to partners")).await;
    house.discord.strict_verdict().expect("Discord has nothing to complain of");
}

#[tokio::test]
async fn a_text_that_names_a_host_is_refused_and_comes_back() {
    let house = House::start().await;
    let thread = declared(&house, "Phones cannot send").await;
    let ana = house.discord.member("ana");
    let here = thread.id().to_string();
    let options = [("sentence", "We restart 192.0.2.7 now")];
    let refused = private(ana.types("/update", &options, &here).await.expect("typed")).await;
    assert!(
        refused.says("192.0.2.7") && refused.says("users and partners would read it"),
        "{}",
        refused.text()
    );
    house.discord.strict_verdict().expect("Discord has nothing to complain of");
}
