//! A review changes the procedure: one proposes, another accepts, and the next incident runs under the new version.

use crate::commands::{declared, private};
use crate::running::House;

#[tokio::test]
async fn a_second_person_accepts_what_a_review_proposes() {
    let house = House::start().await;
    let thread = declared(&house, "Phones cannot send").await;
    let here = thread.id().to_string();
    let (ana, ben) = (house.discord.member("ana"), house.discord.member("ben"));

    // The page leads to the procedure as a file, and to the form.
    let page = private(ana.types("/review", &[], &here).await.expect("typed")).await;
    let shown = private(ana.clicks(&page, "Change the procedure").await.expect("clicked")).await;
    assert!(shown.says("ran under the procedure watchpost 1 ("), "{}", shown.text());
    let file = shown.file("procedure.toml").expect("the procedure").text();
    assert!(file.contains("Is the domain paid for?"), "{file}");
    let form = ana.clicks(&shown, "Propose a change").await.expect("clicked").modal().await;
    let missing = [("old", "This stands nowhere"), ("new", "x"), ("why", "y")];
    let refused = private(ana.fills_in(&form, &missing).await.expect("sent")).await;
    assert!(refused.says("does not stand in the procedure"), "{}", refused.text());
    let form = ana.clicks(&shown, "Propose a change").await.expect("clicked").modal().await;
    let change = [
        ("old", "Is the domain paid for?"),
        ("new", "Is the domain paid for, and by whom?"),
        ("why", "nobody knew who pays"),
    ];
    let noted = private(ana.fills_in(&form, &change).await.expect("sent")).await;
    assert!(noted.says("for a second person to accept"), "{}", noted.text());

    // Who proposed it does not accept it; somebody else does.
    let asked = thread.wait_for_message(|shown| shown.buttons().contains(&"Accept".to_owned())).await;
    assert!(asked.says("and by whom?") && asked.says("nobody knew"), "{}", asked.text());
    let own = private(ana.clicks(&asked, "Accept").await.expect("clicked")).await;
    assert!(own.says("You may not") || own.says("You proposed it yourself"), "{}", own.text());
    let accepted = private(ben.clicks(&asked, "Accept").await.expect("clicked")).await;
    assert!(accepted.says("is followed from now on"), "{}", accepted.text());
    let told = thread.wait_for_message(|shown| shown.says("because of proposal")).await;
    assert!(told.file("procedure.toml").expect("the new one").text().contains("and by whom?"));
    let again = private(ben.clicks(&asked, "Accept").await.expect("clicked")).await;
    assert!(again.says("accepted by ben"), "{}", again.text());

    // The document says so, and keeps the version under which this incident ran.
    let pulled =
        private(ana.types("/timeline", &[("format", "Markdown file")], &here).await.expect("typed")).await;
    let text = pulled.file("INC-1.md").expect("the file").text().replace('\\', "");
    assert!(text.contains("by ana: “Is the domain paid for?” becomes"), "{text}");
    assert!(text.contains("It was accepted by ben"), "{text}");
    assert!(text.contains("watchpost 1 ("), "{text}");
    house.discord.strict_verdict().expect("Discord has nothing to complain of");
}

#[tokio::test]
async fn an_entry_is_looked_at_and_put_right_and_a_message_becomes_a_follow_up() {
    let house = House::start().await;
    let thread = declared(&house, "Phones cannot send").await;
    let here = thread.id().to_string();
    let ana = house.discord.member("ana");
    let shown = private(ana.types("/timeline", &[], &here).await.expect("typed")).await;
    let one =
        private(ana.chooses(&shown, "Look at an entry, or correct it", &["1"]).await.expect("chosen")).await;
    assert!(
        one.says("INC-1, entry 1") && one.says("Users read then") && one.says("Believed then"),
        "{}",
        one.text()
    );
    let form = ana.clicks(&one, "Correct this entry").await.expect("clicked").modal().await;
    let right =
        private(ana.fills_in(&form, &[("text", "Laptops could not send either")]).await.expect("sent")).await;
    assert!(right.says("Entry 1 of INC-1 is put right"), "{}", right.text());
    let options = [("show", "everything, in the order in which it happened")];
    let all = private(ana.types("/timeline", &options, &here).await.expect("typed")).await;
    assert!(all.says("Laptops could not send either (corrected by ana)"), "{}", all.text());

    let note = ana.writes("somebody should renew the other one too", &here).await.expect("written");
    let form = ana.uses_on("Follow-up", &note).await.expect("offered").modal().await;
    let noted =
        private(ana.fills_in(&form, &[("shown_by", "an alarm in the drill")]).await.expect("sent")).await;
    assert!(noted.says("should renew the other one") && noted.says("Who does it?"), "{}", noted.text());

    let found = private(
        ana.types("/watch search", &[("words", "phones"), ("from", "2020")], "ops").await.expect("typed"),
    )
    .await;
    assert!(found.says("INC-1") && found.says("It is not over yet"), "{}", found.text());
    let none = private(
        ana.types("/watch search", &[("words", "phones"), ("until", "2020")], "ops").await.expect("typed"),
    )
    .await;
    assert!(none.says("Nothing fits"), "{}", none.text());
    house.discord.strict_verdict().expect("Discord has nothing to complain of");
}
