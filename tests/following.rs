//! Who wants to be told of it is told by direct message, until they have heard enough.

use std::time::Duration;

use watchpost_sandbox::MessageView;

use crate::running::House;

fn with_button(label: &'static str) -> impl Fn(&MessageView) -> bool {
    move |shown| shown.buttons().contains(&label.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_follows_an_incident_by_a_button_and_stops_again() {
    let house = House::start().await;
    let (ana, uli) = (house.discord.member("ana"), house.discord.member("uli"));
    let status = house.discord.channel("mail-status");
    let tell = async |sentence: &str| {
        let told = ana.types("/update", &[("sentence", sentence)], "ops").await.expect("typed");
        told.wait_answered().await;
        status.wait_for_message(|shown| shown.says(sentence)).await
    };
    let declared = ana.types("/incident", &[("text", "Phones cannot send")], "ops").await.expect("typed");
    declared.answer(|shown| shown.says("INC-1 is declared")).await;
    let first = tell("Webmail works.").await;
    let followed = uli.clicks(&first, "Tell me").await.expect("clicked");
    let answer = followed.answer(|shown| shown.says("by direct message")).await;
    assert_eq!(answer.ephemeral_for.as_deref(), Some("uli"), "nobody else reads it");
    assert!(!with_button("Tell this channel")(&answer), "a channel is for responders to decide");

    house.step(Duration::from_secs(11 * 60));
    tell("Sending works from the office.").await;
    let direct = uli.dms().wait_for_message(|shown| shown.says("Sending works from the office.")).await;
    assert!(direct.says("INC-1"), "{}", direct.text());
    let left = uli.clicks(&direct, "No more of this").await.expect("clicked");
    left.answer(|shown| shown.says("hear no more of INC-1")).await;

    house.step(Duration::from_secs(11 * 60));
    tell("Telephones can send again.").await;
    let heard = uli.dms().messages();
    assert!(!heard.iter().any(|shown| shown.says("Telephones can send again.")), "they had enough");
    house.stop().await.0.strict_verdict().expect("no form was refused");
}
