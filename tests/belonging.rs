//! Several incidents at once, reports before there is one, and a matter for few people.

use watchpost_sandbox::MessageView;

use crate::commands::{declared, private};
use crate::running::House;

fn with_button(label: &'static str) -> impl Fn(&MessageView) -> bool {
    move |shown| shown.buttons().contains(&label.to_owned())
}

#[tokio::test]
async fn two_incidents_at_once_and_one_is_the_same() {
    let house = House::start().await;
    let first = declared(&house, "Phones cannot send").await;
    let (ana, ben) = (house.discord.member("ana"), house.discord.member("ben"));
    let other = ben.types("/incident", &[("text", "Nobody can send")], "ops").await.expect("typed");
    private(other).await;
    let second = house.discord.channel("ops").wait_for_thread("INC-2").await;
    let card = second.wait_for_message(|shown| shown.pinned).await;

    // Elsewhere it is not clear which one is meant; the incident can be named.
    let unclear = private(ana.types("/log", &[("text", "x")], "ops").await.expect("typed")).await;
    assert!(unclear.says("2 incidents are open"), "{}", unclear.text());
    let named = [("text", "the queue is empty"), ("incident", "INC-1")];
    let logged = private(ana.types("/log", &named, "ops").await.expect("typed")).await;
    assert!(logged.says("Logged in INC-1"), "{}", logged.text());

    let more = private(ana.clicks(&card, "More…").await.expect("clicked")).await;
    let asked = private(ana.clicks(&more, "Link or duplicate").await.expect("clicked")).await;
    let chosen = private(ana.chooses(&asked, "The other incident", &["INC-1"]).await.expect("chosen")).await;
    let done = private(ana.clicks(&chosen, "It is the same").await.expect("clicked")).await;
    assert!(done.says("INC-2 is a duplicate of INC-1"), "{}", done.text());
    // The old thread leads on, and only one incident is left.
    second.wait_for_message(|shown| shown.pinned && shown.says("a duplicate of INC-1")).await;
    let here = second.id().to_string();
    let leads_on =
        private(ana.types("/log", &[("text", "typed in the old thread")], &here).await.expect("typed")).await;
    assert!(leads_on.says("Logged in INC-1"), "{}", leads_on.text());
    let only = private(ana.types("/log", &[("text", "typed elsewhere")], "ops").await.expect("typed")).await;
    assert!(only.says("Logged in INC-1"), "{}", only.text());
    first.wait_for_message(|shown| shown.pinned && shown.says("INC-2 is the same")).await;
    house.discord.strict_verdict().expect("Discord has nothing to complain of");
}

#[tokio::test]
async fn reports_before_an_incident_propose_one_and_count_for_it() {
    let house = House::start().await;
    let (ana, uli) = (house.discord.member("ana"), house.discord.member("uli"));
    let options = [("symptom", "cannot send"), ("client", "phone")];
    let told = private(uli.types("/report", &options, "mail-status").await.expect("typed")).await;
    assert!(told.says("You are the first to say so"), "{}", told.text());
    let again = private(uli.types("/report", &options, "mail-status").await.expect("typed")).await;
    assert!(again.says("I have your report"), "{}", again.text());
    let desk = [("symptom", "cannot send"), ("client", "phone"), ("count", "10")];
    let told =
        private(house.discord.member("mia").types("/report", &desk, "mail-status").await.expect("typed"))
            .await;
    assert!(told.says("11 people said so") && told.says("have been called"), "{}", told.text());

    let ops = house.discord.channel("ops");
    let proposal = ops.wait_for_message(with_button("Not an incident")).await;
    assert!(
        proposal.says("11 people, all cannot send, all phone: looks like submission"),
        "{}",
        proposal.text()
    );
    let declared = private(ana.clicks(&proposal, "Declare").await.expect("clicked")).await;
    assert!(declared.says("INC-1 is declared"), "{}", declared.text());
    let thread = ops.wait_for_thread("INC-1").await;
    let card = thread.wait_for_message(|shown| shown.pinned && shown.says("11 people")).await;
    assert!(card.says("all cannot send"), "{}", card.text());
    let twice = private(ana.clicks(&proposal, "Declare").await.expect("clicked")).await;
    assert!(twice.says("nothing is proposed any more"), "{}", twice.text());
    house.discord.strict_verdict().expect("Discord has nothing to complain of");
}

#[tokio::test]
async fn a_restricted_incident_is_seen_by_few_and_says_nothing_in_its_thread() {
    let house = House::start().await;
    let thread = declared(&house, "The account of Uwe sends spam").await;
    let here = thread.id().to_string();
    let (ana, ben) = (house.discord.member("ana"), house.discord.member("ben"));
    let card = thread.wait_for_message(|shown| shown.pinned).await;
    let more = private(ana.clicks(&card, "More…").await.expect("clicked")).await;
    let form = ana.clicks(&more, "Restrict").await.expect("clicked").modal().await;
    private(ana.fills_in(&form, &[("why", "a person is named")]).await.expect("sent")).await;
    let closed =
        thread.wait_for_message(|shown| shown.pinned && shown.says("Only the people who work on it")).await;
    assert!(!closed.says("Uwe"), "{}", closed.text());

    for line in ["/incident", "/timeline", "/update"] {
        let refused = private(ben.types(line, &[], &here).await.expect("typed")).await;
        assert!(refused.says("There is no INC-1 here"), "{line}: {}", refused.text());
    }
    let refused = private(ben.clicks(&closed, "I have it").await.expect("clicked")).await;
    assert!(refused.says("There is no INC-1 here"), "{}", refused.text());
    let inside = private(ana.types("/incident", &[], &here).await.expect("typed")).await;
    assert!(inside.says("The account of Uwe"), "{}", inside.text());
    let more = private(ana.clicks(&closed, "More…").await.expect("clicked")).await;
    let asked = private(ana.clicks(&more, "Let in").await.expect("clicked")).await;
    let refused = private(ana.chooses(&asked, "Who else may see it", &["uli"]).await.expect("chosen")).await;
    assert!(refused.says("You may not") || refused.says("may not"), "{}", refused.text());
    private(ana.chooses(&asked, "Who else may see it", &["ben"]).await.expect("chosen")).await;
    let inside = private(ben.types("/incident", &[], &here).await.expect("typed")).await;
    assert!(inside.says("The account of Uwe"), "{}", inside.text());
    house.discord.strict_verdict().expect("Discord has nothing to complain of");
}

#[tokio::test]
async fn a_change_voids_what_was_approved_and_the_approver_sees_what_it_would_break() {
    let house = House::start().await;
    let thread = declared(&house, "Phones cannot send").await;
    let here = thread.id().to_string();
    let (ana, ben) = (house.discord.member("ana"), house.discord.member("ben"));
    let checked = ana.types("/check", &[], &here).await.expect("typed");
    checked.answer(|shown| shown.says("mail works")).await;
    let renew = ana.types("/fix", &[("text", "renew certificate, reload")], &here).await.expect("typed");
    let renew = renew.answer(with_button("Done")).await;
    assert!(renew.says("What this would break") && renew.says("TLSA record is out"), "{}", renew.text());

    let restart = ana.types("/fix", &[("text", "restart node 2")], &here).await.expect("typed");
    let restart = restart.answer(with_button("Approve")).await;
    let approved =
        ben.clicks(&restart, "Approve").await.expect("clicked").answer(with_button("Change")).await;
    let form = ana.clicks(&approved, "Change").await.expect("clicked").modal().await;
    assert_eq!(form.prefilled("text"), Some("restart node 2"), "begins with what was proposed");
    let changed = ana.fills_in(&form, &[("text", "restart node 1 and node 2")]).await.expect("sent");
    let changed =
        changed.answer(|shown| shown.says("node 1 and node 2") && with_button("Approve")(shown)).await;
    let old = ben.clicks(&restart, "Approve").await.expect("clicked");
    old.followup(|shown| shown.says("what it stood for was changed")).await;
    let form = ben.clicks(&changed, "Refuse").await.expect("clicked").modal().await;
    let refused = ben.fills_in(&form, &[("why", "node 1 serves everybody")]).await.expect("sent");
    refused.answer(|shown| shown.says("is refused")).await;
    house.discord.strict_verdict().expect("Discord has nothing to complain of");
}
