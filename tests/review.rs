//! The morning after: questions, the page, follow-ups, the meeting, the files.

use watchpost_sandbox::MessageView;

use crate::night::{Night, is_card};

fn with_button(label: &'static str) -> impl Fn(&MessageView) -> bool {
    move |shown| shown.buttons().contains(&label.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_questions_to_the_published_review() {
    let night = Night::begins("review").await;
    let (ana, ben, pia) = (night.person("ana"), night.person("ben"), night.person("pia"));
    let declared = ana.types("/incident", &[("text", "Phones cannot send")], "ops").await.expect("typed");
    declared.answer(|shown| shown.says("INC-1 is declared")).await;
    let thread = night.thread("INC-1").await;
    let place = thread.id().to_string();
    let card = thread.wait_for_message(|shown| is_card(shown) && shown.says("works")).await;
    ben.clicks(&card, "I have it").await.expect("clicked").wait_answered().await;
    let card = thread.wait_for_message(|shown| is_card(shown) && shown.says("ben")).await;
    // Forty-eight minutes of silence: a hole.
    night.minutes(48).await;
    night.proves(&ana, &thread).await;
    let form = ana.clicks(&card, "Close").await.expect("clicked").modal().await;
    let closed = ana.fills_in(&form, &[("why", "renewed the certificate")]).await.expect("filled in");
    closed.wait_answered().await;
    thread.wait_for_message(|shown| shown.says("ana closed it")).await;

    // It is three in the morning now; at two in the afternoon both are asked, the hole first.
    night.minutes(11 * 60).await;
    let asked = thread.wait_for_message(with_button("Answer")).await;
    assert!(
        asked.says("Nothing is recorded 02:1") && asked.says("What helped, what hurt"),
        "{}",
        asked.text()
    );
    assert!(asked.pinged().contains(&"ana".to_owned()) && asked.pinged().contains(&"ben".to_owned()));
    let form = ben.clicks(&asked, "Answer").await.expect("clicked").modal().await;
    let fields =
        [("one", "I looked for the password"), ("two", "Luck: node 1 was new"), ("three", "An alarm")];
    let thanked = ben.fills_in(&form, &fields).await.expect("filled in");
    thanked.answer(|shown| shown.says("before the others have answered: ana")).await;
    let hidden = ana.types("/review", &[], &place).await.expect("typed");
    let hidden = hidden.answer(|shown| shown.says("The clocks")).await;
    assert!(!hidden.says("node 1 was new"), "nobody is led: {}", hidden.text());
    let form = ana.clicks(&asked, "Answer").await.expect("clicked").modal().await;
    let thanked = ana.fills_in(&form, &[("two", "Webmail helped")]).await.expect("filled in");
    thanked.answer(|shown| shown.says("All have answered")).await;

    // The page, with its picture.
    let page = ana.types("/review", &[("incident", "INC-1")], "ops").await.expect("typed");
    let page = page.answer(|shown| shown.says("node 1 was new")).await;
    assert!(page.file("INC-1-at-a-glance.png").is_some(), "the picture is there");
    assert!(page.says("time to recovery") && page.says("Holes in the record"), "{}", page.text());

    // A follow-up with everything, given to ben.
    let form = ana.clicks(&page, "Follow-up").await.expect("clicked").modal().await;
    let fields = [
        ("text", "Check every node"),
        ("shown_by", "an alarm in the drill"),
        ("due", "in 14 days"),
        ("sort", "detect"),
    ];
    let noted = ana.fills_in(&form, &fields).await.expect("filled in");
    let noted = noted.answer(|shown| shown.says("Who does it?")).await;
    let given = ana.chooses(&noted, "Who does it", &["ben"]).await.expect("chosen");
    given.answer(|shown| shown.says("detect, ben") || shown.says("(detect, ben")).await;

    // A milestone is put right; the clocks follow.
    let form = ana.clicks(&page, "Correct a milestone").await.expect("clicked").modal().await;
    let fields =
        [("which", "impact start"), ("at", "02:10"), ("basis", "observed"), ("why", "the log has it")];
    let set = ana.fills_in(&form, &fields).await.expect("filled in");
    set.answer(|shown| shown.says("the clocks follow")).await;

    // An entry is corrected: both readings stand in the file.
    let form = ana.clicks(&page, "Correct an entry").await.expect("clicked").modal().await;
    let set = ana
        .fills_in(&form, &[("number", "1"), ("text", "Laptops could not send either")])
        .await
        .expect("filled in");
    set.answer(|shown| shown.says("is put right")).await;
    let options = [("incident", "INC-1"), ("format", "HTML file")];
    let file = ana.types("/timeline", &options, "ops").await.expect("typed");
    let file = file.answer(|shown| !shown.attachments.is_empty()).await;
    let html = file.attachments[0].text();
    assert!(html.contains("Laptops could not send either") && html.contains("was: ana declared"), "{html}");
    assert!(!html.contains("<script"), "nothing runs in it");

    // The meeting: by the rule, and in the calendar.
    let form = ana.clicks(&page, "Meeting").await.expect("clicked").modal().await;
    let set = ana.fills_in(&form, &[("at", "2026-11-26 10:00")]).await.expect("filled in");
    set.answer(with_button("Put it into the calendar")).await;
    let hers = pia.types("/review", &[("incident", "INC-1")], "ops").await.expect("typed");
    let hers = hers.answer(with_button("Put it into the calendar")).await;
    let placed = pia.clicks(&hers, "Put it into the calendar").await.expect("clicked");
    placed.answer(|shown| shown.says("stands in the calendar")).await;
    night.minutes(20 * 60).await;
    thread.wait_for_message(|shown| shown.says("This is its page") && !shown.attachments.is_empty()).await;

    // Management reads and may not publish; whoever leads may.
    let begun = ana.clicks(&page, "Begin the review").await.expect("clicked");
    begun.answer(|shown| shown.says("in review")).await;
    let mia = night.person("mia");
    let read = mia.types("/review", &[("incident", "INC-1")], "ops").await.expect("typed");
    let read = read.answer(with_button("Publish")).await;
    let refused = mia.clicks(&read, "Publish").await.expect("clicked");
    refused.answer(|shown| shown.says("You may not publish reviews")).await;
    let hers = pia.types("/review", &[("incident", "INC-1")], "ops").await.expect("typed");
    let hers = hers.answer(with_button("Publish")).await;
    let published = pia.clicks(&hers, "Publish").await.expect("clicked");
    published.answer(|shown| shown.says("is: reviewed")).await;

    // Two days before its date, ben is reminded.
    night.minutes(12 * 24 * 60).await;
    let reminded = thread.wait_for_message(|shown| shown.says("Follow-up") && shown.says("is due")).await;
    assert_eq!(reminded.pinged(), ["ben"]);
    let form = ben.clicks(&reminded, "It is done").await.expect("clicked").modal().await;
    let done = ben.fills_in(&form, &[("why", "the alarm came")]).await.expect("filled in");
    done.answer(|shown| shown.says("done: the alarm came")).await;
    night.ends().await;
}
