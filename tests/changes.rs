//! What was changed? One change was entered by a person while all was well, the other one the checks have seen.

use watchpost_lab::{Fault, Switch};

use crate::night::{Night, is_card};

#[tokio::test(flavor = "multi_thread")]
async fn recent_changes_are_shown_around_the_start() {
    let night = Night::begins("changes").await;
    let ana = night.person("ana");

    // All is well, and that is remembered; a person notes what was done in the afternoon, another long ago.
    let checked = ana.types("/check", &[], "ops").await.expect("typed");
    checked.answer(|shown| shown.says("works")).await;
    let kind = ("kind", "change: made before or during the incident");
    for (text, at) in [("new relay for the newsletter", "3 hours ago"), ("moved the house", "40 hours ago")] {
        let noted = ana.types("/log", &[("text", text), kind, ("at", at)], "ops").await.expect("typed");
        noted.answer(|shown| shown.says("Noted as a change")).await;
    }

    // Somebody moves the MX, and mail does not come any more.
    night.minutes(10).await;
    night.stage.lab.switch(Fault::MxChanged, Switch::On).await;
    let declared = ana.types("/incident", &[("text", "No mail comes in")], "ops").await.expect("typed");
    declared.answer(|shown| shown.says("INC-1 is declared")).await;
    let thread = night.thread("INC-1").await;
    let card = thread.wait_for_message(|shown| is_card(shown) && shown.says("What works")).await;
    let place = thread.id().to_string();
    let during = [("text", "firewall rule 12 taken away"), kind];
    let logged = ana.types("/log", &during, &place).await.expect("typed");
    logged.answer(|shown| shown.says("Logged in INC-1 as change")).await;

    let more = ana.clicks(&card, "More…").await.expect("clicked").answer(|shown| shown.says("INC-1")).await;
    let shown = ana.clicks(&more, "Recent changes").await.expect("clicked");
    let shown = shown.answer(|shown| shown.says("changes from a day before")).await;
    assert!(shown.says("ana: new relay for the newsletter"), "{}", shown.text());
    assert!(shown.says("Watchpost: mx of") && shown.says("was 10"), "{}", shown.text());
    assert!(shown.says("ana: firewall rule 12 taken away"), "{}", shown.text());
    assert!(!shown.says("moved the house"), "longer ago than a day: {}", shown.text());
    night.ends().await;
}
