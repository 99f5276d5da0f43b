//! What people type wrong, or with ill will: a clear refusal, nothing lost, nobody pinged.

use watchpost_sandbox::{MessageView, Permissions};

use crate::commands::{declared, private};
use crate::running::House;

/// Everything that is markup or a mention, in one text.
const HOSTILE: &str = "@everyone @here <@&1> **bold** [intranet](http://evil.example) ||x|| `\u{202e}";

#[tokio::test]
async fn nobody_is_pinged_by_what_is_typed_into_any_field() {
    let house = House::start().await;
    let ana = house.discord.member("ana");
    let responder = house.discord.role_id("responder").expect("a role");
    let typed = format!("<@&{responder}> <@{}> {HOSTILE}", ana.id());
    let thread = declared(&house, &typed).await;
    let called = house.discord.member("ben").pings().len();
    assert_eq!(called, 1, "the declaration calls the responders, once");

    let here = thread.id().to_string();
    private(ana.types("/log", &[("text", &typed)], &here).await.expect("typed")).await;
    let options = [("sentence", typed.as_str()), ("impact", &typed), ("instead", &typed)];
    private(ana.types("/update", &options, &here).await.expect("typed")).await;
    house
        .discord
        .channel("mail-status")
        .wait_for_message(|message| message.says("E-mail is disturbed"))
        .await;
    private(ana.types("/timeline", &[], &here).await.expect("typed")).await;
    for at in [("at", typed.as_str()), ("kind", "note: anything worth keeping")] {
        private(ana.types("/log", &[("text", "x"), at], &here).await.expect("typed")).await;
    }
    for (command, option) in [("/check", "service"), ("/timeline", "incident"), ("/update", "eta")] {
        private(ana.types(command, &[(option, &typed)], &here).await.expect("typed")).await;
    }
    let form = ana.clicks(&card(&thread.messages()), "Log").await.expect("clicked").modal().await;
    private(ana.fills_in(&form, &[("text", &typed), ("at", "now")]).await.expect("sent")).await;

    for member in ["ana", "ben", "mia", "uli", "olga"] {
        let calls = if ["ana", "ben"].contains(&member) { 1 } else { 0 };
        assert_eq!(house.discord.member(member).pings().len(), calls, "{member}");
    }
    for place in ["ops", "mail-status", &here] {
        for message in ana.sees(place).messages() {
            let text = message.text();
            assert!(!text.contains("[intranet](http"), "a masked link: {text}");
            assert!(!text.contains("**bold**") && !text.contains('\u{202e}'), "markup: {text}");
        }
    }
    house.discord.strict_verdict().expect("Discord has nothing to complain of");
}

#[tokio::test]
async fn six_thousand_characters_are_refused_and_given_back() {
    let house = House::start().await;
    let ana = house.discord.member("ana");
    let long = "Phones cannot send. ".repeat(300);
    let refused = private(ana.types("/incident", &[("text", &long)], "ops").await.expect("typed")).await;
    assert!(refused.says("200 are possible here"), "{}", refused.text());
    assert_eq!(refused.file("what-you-typed.txt").map(|file| file.text()).as_deref(), Some(long.as_str()));
    let thread = declared(&house, "Phones cannot send").await;
    let here = thread.id().to_string();
    for (command, option, limit) in [("/log", "text", "3500"), ("/update", "impact", "600")] {
        let refused = private(ana.types(command, &[(option, &long)], &here).await.expect("typed")).await;
        assert!(refused.says(&format!("{limit} are possible here")), "{command}: {}", refused.text());
        assert!(refused.file("what-you-typed.txt").is_some(), "{command} gives back what was typed");
    }
    let form = ana.clicks(&card(&thread.messages()), "Log").await.expect("clicked").modal().await;
    let refused = private(ana.fills_in(&form, &[("text", &"x".repeat(3_900))]).await.expect("sent")).await;
    assert!(refused.says("3500 are possible here"), "{}", refused.text());
    house.discord.strict_verdict().expect("Discord has nothing to complain of");
}

#[tokio::test]
async fn who_may_not_is_told_who_may() {
    let house = House::start().await;
    let (uli, mia) = (house.discord.member("uli"), house.discord.member("mia"));
    let responder = house.discord.role_id("responder").expect("a role");
    for (command, options) in [
        ("/incident", &[("text", "x")][..]),
        ("/check", &[]),
        ("/log", &[("text", "x")]),
        ("/update", &[]),
        ("/timeline", &[]),
    ] {
        let refused = private(uli.types(command, options, "ops").await.expect("typed")).await;
        assert!(
            refused.says("You may not") && refused.says(&format!("<@&{responder}>")),
            "{}",
            refused.text()
        );
    }
    let refused = private(mia.types("/incident", &[("text", "x")], "ops").await.expect("typed")).await;
    assert!(refused.says("You may not work on incidents"), "management reads only: {}", refused.text());
    assert!(house.discord.channel("ops").messages().iter().all(|message| message.ephemeral_for.is_some()));

    let thread = declared(&house, "Phones cannot send").await;
    let card = card(&thread.messages());
    for button in card.buttons().iter().filter(|button| *button != "Timeline") {
        let refused = private(uli.clicks(&card, button).await.expect("clicked")).await;
        assert!(refused.says("You may not"), "{button}: {}", refused.text());
    }
    house.discord.strict_verdict().expect("Discord has nothing to complain of");
}

#[tokio::test]
async fn a_role_that_is_gone_at_the_click_counts_no_more() {
    let house = House::start().await;
    let thread = declared(&house, "Phones cannot send").await;
    let ana = house.discord.member("ana");
    let card = card(&thread.messages());
    let form = ana.clicks(&card, "Log").await.expect("clicked").modal().await;
    house.discord.set_roles(&ana, &[]);
    let refused = private(ana.fills_in(&form, &[("text", "x")]).await.expect("sent")).await;
    assert!(refused.says("You may not work on incidents"), "{}", refused.text());
    let refused = private(ana.clicks(&card, "I have it").await.expect("clicked")).await;
    assert!(refused.says("You may not"), "{}", refused.text());
}

#[tokio::test]
async fn a_channel_that_the_bot_may_not_write_into_is_named_with_what_it_lacks() {
    let house = House::start().await;
    let status = house.discord.channel("mail-status");
    house.discord.set_bot_overwrite(&status, Permissions::NONE, Permissions::SEND_MESSAGES);
    let thread = declared(&house, "Phones cannot send").await;
    let ana = house.discord.member("ana");
    let here = thread.id().to_string();
    private(ana.types("/update", &[("impact", "Phones cannot send")], &here).await.expect("typed")).await;
    let said = thread.wait_for_message(|message| message.says("did not reach status")).await;
    assert!(said.says("Send Messages"), "{}", said.text());
    let overview = private(ana.types("/update", &[], &here).await.expect("typed")).await;
    assert!(overview.says("Did not arrive: status."), "{}", overview.text());
}

#[tokio::test]
async fn nothing_is_done_in_direct_messages() {
    let house = House::start().await;
    let offered = house.discord.member("ana").offered_commands("dm");
    assert!(offered.is_empty(), "commands are registered in the server only: {offered:?}");
}

/// The card of the incident.
fn card(messages: &[MessageView]) -> MessageView {
    messages.iter().rev().find(|message| message.pinned).expect("the card is pinned").clone()
}
