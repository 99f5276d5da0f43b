//! It was not over: by the button, and by the same cause that comes again within a day.

use std::time::Duration;

use watchpost::ids::IncidentId;
use watchpost::incident::Phase;
use watchpost_sandbox::{ChannelHandle, MemberHandle, MessageView};

use crate::commands::{declared, private};
use crate::running::House;

fn with_button(label: &'static str) -> impl Fn(&MessageView) -> bool {
    move |shown| shown.pinned && shown.buttons().contains(&label.to_owned())
}

/// Closes it without proof: what is played here needs none.
async fn closes(person: &MemberHandle, thread: &ChannelHandle) -> MessageView {
    let card = thread.wait_for_message(with_button("Close")).await;
    let refused = private(person.clicks(&card, "Close").await.expect("clicked")).await;
    let form = person.clicks(&refused, "Close without proof").await.expect("clicked").modal().await;
    private(person.fills_in(&form, &[("why", "renewed; my phone sends")]).await.expect("sent")).await;
    thread.wait_for_message(with_button("Reopen")).await
}

#[tokio::test]
async fn an_incident_that_was_not_over_is_opened_again() {
    let house = House::start().await;
    house.service.certificate_expires();
    let thread = declared(&house, "Phones cannot send").await;
    let (ana, uli) = (house.discord.member("ana"), house.discord.member("uli"));
    let card = thread.wait_for_message(|shown| shown.pinned && shown.says("certificate-expired")).await;
    private(ana.clicks(&card, "I have it").await.expect("clicked")).await;
    let card = closes(&ana, &thread).await;

    // By the button, with the reason; whoever may not work on incidents may not do this either.
    let denied = private(uli.clicks(&card, "Reopen").await.expect("clicked")).await;
    assert!(denied.says("You may not lead incidents"), "{}", denied.text());
    let form = ana.clicks(&card, "Reopen").await.expect("clicked").modal().await;
    let why = [("why", "two people cannot send again")];
    let opened = private(ana.fills_in(&form, &why).await.expect("sent")).await;
    assert!(opened.says("INC-1 is open again"), "{}", opened.text());
    let card = thread.wait_for_message(with_button("Close")).await;
    assert!(card.says("investigating"), "{}", card.text());
    let all = [("show", "everything, in the order in which it was recorded")];
    let here = thread.id().to_string();
    let told = private(ana.types("/timeline", &all, &here).await.expect("typed")).await;
    assert!(told.says("ana reopened it: two people cannot send again"), "{}", told.text());

    // The same cause within a day: offered as a reopening, in the thread of the new one.
    closes(&ana, &thread).await;
    house.step(Duration::from_secs(3_600));
    let again = ana.types("/incident", &[("text", "Phones cannot send again")], "ops").await.expect("typed");
    private(again).await;
    let second = house.discord.channel("ops").wait_for_thread("INC-2").await;
    let offered =
        second.wait_for_message(|shown| shown.buttons().contains(&"Reopen the earlier one".to_owned())).await;
    assert!(offered.says("INC-1"), "{}", offered.text());
    let done = private(ana.clicks(&offered, "Reopen the earlier one").await.expect("clicked")).await;
    assert!(done.says("INC-1 is open again, and INC-2 goes on there"), "{}", done.text());
    thread.wait_for_message(with_button("Close")).await;
    let phase = |id| house.desk.incident(IncidentId(id)).expect("in memory").phase;
    assert_eq!((phase(1), phase(2)), (Phase::Investigating, Phase::Resolved));
    house.discord.strict_verdict().expect("Discord has nothing to complain of");
}
