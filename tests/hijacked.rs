//! A hijacked account: somebody's roles are taken away, and whoever holds the account tries everything that is privileged.

use crate::commands::{declared, private};
use crate::running::House;
use watchpost::ids::IncidentId;

/// Commands that need a role, with what Discord wants to have filled in.
const PRIVILEGED: &[(&str, &[(&str, &str)])] = &[
    ("/incident", &[("text", "All is well")]),
    ("/check", &[]),
    ("/log", &[("text", "it was somebody else")]),
    ("/fix", &[("text", "delete the queue")]),
    ("/update", &[("sentence", "Send your password to us")]),
    ("/timeline", &[]),
    ("/timeline", &[("format", "kept files")]),
    ("/review", &[]),
    ("/watch maintenance", &[]),
    ("/watch history", &[]),
    ("/admin store", &[]),
];

#[tokio::test]
async fn a_hijacked_account_without_its_roles_can_do_nothing() {
    let house = House::start().await;
    house.service.certificate_expires();
    let thread = declared(&house, "Phones cannot send").await;
    let here = thread.id().to_string();
    let (ana, ben) = (house.discord.member("ana"), house.discord.member("ben"));
    let card = thread.wait_for_message(|shown| shown.pinned && shown.says("finding: TLS")).await;
    private(ana.clicks(&card, "I have it").await.expect("clicked")).await;
    let card = thread.wait_for_message(|shown| shown.pinned && shown.says("Lead\nana")).await;
    let more = private(ana.clicks(&card, "More…").await.expect("clicked")).await;
    let risky = ana.types("/fix", &[("text", "restart node 2")], &here).await.expect("typed");
    let risky = risky.answer(|shown| shown.buttons().contains(&"Approve".to_owned())).await;
    // A form that stands open is asked again when it is sent.
    let form = ana.clicks(&card, "Log").await.expect("clicked").modal().await;

    // Somebody else who could do it has been there too.
    private(ben.types("/timeline", &[], &here).await.expect("typed")).await;

    // The approval of one's own proposal is refused even with the role.
    let own = ana.clicks(&risky, "Approve").await.expect("clicked");
    own.followup(|shown| shown.says("second person")).await;

    house.discord.set_roles(&ana, &[]);
    let before = house.desk.incident(IncidentId(1)).expect("it is open").version;
    for (line, options) in PRIVILEGED {
        let denied = private(ana.types(line, options, &here).await.expect("typed")).await;
        assert!(denied.says("You may not"), "{line}: {}", denied.text());
    }
    for message in [&card, &more, &risky] {
        // What everybody may do is no privilege: to be told what users are told anyway.
        for button in message.buttons().into_iter().filter(|label| !label.starts_with("Tell me")) {
            let denied = private(ana.clicks(message, &button).await.expect("clicked")).await;
            assert!(denied.says("You may not"), "{button}: {}", denied.text());
            assert!(denied.says("one of these roles"), "it says which role is needed: {}", denied.text());
            assert!(denied.says("ben"), "it says who has it: {}", denied.text());
        }
    }
    let denied = private(ana.fills_in(&form, &[("text", "it was somebody else")]).await.expect("sent")).await;
    assert!(denied.says("You may not"), "{}", denied.text());
    let after = house.desk.incident(IncidentId(1)).expect("it is open");
    assert_eq!(after.version, before, "nothing was recorded");
    assert!(house.discord.channel("mail-status").messages().is_empty(), "and nobody was told anything");

    // Others go on.
    let approved = ben.clicks(&risky, "Approve").await.expect("clicked");
    approved.answer(|shown| shown.buttons().contains(&"Start".to_owned())).await;
    house.discord.strict_verdict().expect("Discord has nothing to complain of");
}
