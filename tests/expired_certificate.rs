//! The night of an expired submission certificate, minute by minute: one `/log`, two `/fix`, and buttons, by one person,
//! who hands over in the middle.

use watchpost_lab::{Fault, Switch};
use watchpost_sandbox::{ChannelHandle, MemberHandle, MessageView};

use crate::night::{Night, is_card};

fn with_button(label: &'static str) -> impl Fn(&MessageView) -> bool {
    move |shown| shown.buttons().contains(&label.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_one_log_two_fixes_and_buttons() {
    let night = Night::begins("expired_certificate").await;
    let (ana, ben, uli) = (night.person("ana"), night.person("ben"), night.person("uli"));
    let status = night.stage.discord.channel("mail-status");
    night.stage.lab.switch(Fault::CertificateExpired, Switch::On).await;

    // 02:12: one line, and everything follows. 02:24: I have it.
    let declared = ana.types("/incident", &[("text", "Phones cannot send")], "ops").await.expect("typed");
    declared.answer(|shown| shown.says("INC-1 is declared as SEV2")).await;
    let thread = night.thread("INC-1").await;
    let place = thread.id().to_string();
    let card = thread.wait_for_message(|shown| is_card(shown) && shown.says("finding: TLS")).await;
    assert!(card.says("certificate-expired") && card.says("Never tell people to accept"), "{}", card.text());
    night.minutes(12).await;
    let led = ana.clicks(&card, "I have it").await.expect("clicked");
    led.answer(|shown| shown.says("You lead INC-1")).await;

    // 02:25: the first text, by a button.
    let card = thread.wait_for_message(|shown| is_card(shown) && shown.says("Lead\nana")).await;
    let form = ana.clicks(&card, "Tell stakeholders").await.expect("clicked").modal().await;
    let fields = [("impact", "Phones cannot send"), ("instead", "Use webmail"), ("eta", "in 65 minutes")];
    // All texts are shown before they go out.
    let draft = ana.fills_in(&form, &fields).await.expect("sent").answer(with_button("Send")).await;
    ana.clicks(&draft, "Send").await.expect("clicked").wait_answered().await;
    status.wait_for_message(|shown| shown.says("Phones cannot send") && shown.says("Use webmail")).await;

    // 02:40: somebody without mail is answered privately; the card counts, the thread is quiet.
    night.minutes(15).await;
    let options = [("symptom", "cannot send"), ("client", "mail program")];
    let reported = uli.types("/report", &options, "mail-status").await.expect("typed");
    let answer = reported.answer(|shown| shown.says("Known since")).await;
    assert_eq!(answer.ephemeral_for.as_deref(), Some("uli"));
    assert!(answer.says("Until then: Use webmail") && answer.says("We shall ask you"), "{}", answer.text());
    thread.wait_for_message(|shown| is_card(shown) && shown.says("1 person, all cannot send")).await;

    // 02:44: what contradicts the published text is offered as a correction.
    let offered = thread.wait_for_message(with_button("Correct")).await;
    assert!(offered.says("A report names “mail program”"), "{}", offered.text());
    let form = ana.clicks(&offered, "Correct").await.expect("clicked").modal().await;
    let fields = [("impact", "Phones and mail programs cannot send")];
    ana.fills_in(&form, &fields).await.expect("sent").wait_answered().await;
    status.wait_for_message(|shown| shown.says("orrection") && shown.says("mail programs")).await;

    // 02:50: the one /log, and a button makes it the cause.
    night.minutes(10).await;
    let text = "renewal timer failing since 12 Oct";
    let logged = ana.types("/log", &[("text", text)], &place).await.expect("typed");
    let logged = logged.answer(|shown| shown.says("as finding (TLS)")).await;
    ana.clicks(&logged, "It is the cause").await.expect("clicked").wait_answered().await;
    thread
        .wait_for_message(|shown| is_card(shown) && shown.says("identified") && shown.says("folded away"))
        .await;

    // 03:05: the first /fix. 03:12: Done, and it does not hold.
    night.minutes(15).await;
    let texts = status.messages().len();
    let options = [("text", "renew certificate, reload"), ("eta", "in 35 minutes")];
    let fix = ana.types("/fix", &options, &place).await.expect("typed");
    let fix = fix.answer(with_button("Done")).await;
    assert!(fix.says("Low risk, nobody needs to approve"), "{}", fix.text());
    // Whoever waits hears the new end at once.
    assert!(fix.says("Expected end") && fix.says("users") && fix.says("read it now"), "{}", fix.text());
    status
        .wait_until("the new end", |all| all.len() > texts && all.iter().any(|m| m.says("Expected end <t:")))
        .await;
    night.minutes(7).await;
    let done = ana.clicks(&fix, "Done").await.expect("clicked");
    let not_yet = done.answer(|shown| shown.says("Not yet.")).await;
    thread.wait_for_message(|shown| is_card(shown) && shown.says("investigating")).await;

    // 03:14: the expected end does not hold either, and whoever was told it hears so, without the usual ten minutes.
    night.minutes(2).await;
    let updates = status.messages().len();
    ana.clicks(&not_yet, "End unknown").await.expect("clicked").wait_answered().await;
    status
        .wait_until("the withdrawn end", |all| all.len() > updates && all.iter().any(|m| m.says("nknown")))
        .await;
    thread.wait_for_message(|shown| is_card(shown) && shown.says("withdrawn")).await;

    // 04:20: the second /fix is risky. A second person sees exactly what will be done.
    night.minutes(20).await;
    let options = [("text", "restart node 2"), ("rollback", "start the old process")];
    let fix = ana.types("/fix", &options, &place).await.expect("typed");
    let fix = fix.answer(with_button("Approve")).await;
    assert!(fix.says("start the old process") && fix.says("about a minute"), "{}", fix.text());
    let approved = ben.clicks(&fix, "Approve").await.expect("clicked").answer(with_button("Start")).await;

    hands_over(&ana, &thread, text).await;
    let started = ben.clicks(&approved, "Start").await.expect("clicked").answer(with_button("Done")).await;

    // 05:00: it works.
    night.stage.lab.switch(Fault::CertificateExpired, Switch::Off).await;
    let done = ben.clicks(&started, "Done").await.expect("clicked");
    done.answer(|shown| shown.says("first round is green")).await;
    let card = thread.wait_for_message(|shown| is_card(shown) && shown.says("verifying")).await;

    // 05:12: proved in three rounds, and closed.
    night.rounds(&thread).await;
    let form = ben.clicks(&card, "Close").await.expect("clicked").modal().await;
    let why = [("why", "renewed the certificate; node 2 restarted; my phone sends")];
    ben.fills_in(&form, &why).await.expect("sent").answer(|shown| shown.says("INC-1 is closed")).await;
    status.wait_for_message(|shown| shown.says("works again")).await;

    // Everything stands in the timeline.
    let options = [("incident", "INC-1"), ("format", "Markdown file")];
    let pulled = ana.types("/timeline", &options, "ops").await.expect("typed");
    let pulled = pulled.answer(|shown| !shown.attachments.is_empty()).await;
    let document = pulled.attachments[0].text();
    for expected in [
        text,
        "confirmed entry",
        "A report names",
        "changed the expected end: unknown",
        "proposes: restart node 2",
        "ben approved action",
        "ana handed the lead over to ben",
        "Round 3 of the proof is green",
        "ben closed it",
    ] {
        assert!(document.contains(expected), "“{expected}” is missing in\n{document}");
    }
    night.ends().await;
}

/// A hand-over in the middle: who comes reads where it stands.
async fn hands_over(ana: &MemberHandle, thread: &ChannelHandle, found: &str) {
    let card = thread.wait_for_message(is_card).await;
    let more = ana.clicks(&card, "More…").await.expect("clicked").answer(with_button("Hand over")).await;
    let whom = ana.clicks(&more, "Hand over").await.expect("clicked");
    let whom = whom.answer(|shown| shown.says("Who leads INC-1")).await;
    let brief = ana.chooses(&whom, "Who leads from now on", &["ben"]).await.expect("chosen");
    let brief = brief.answer(|shown| shown.says("INC-1: ben leads")).await;
    for part in ["restart node 2 (approved)", "Told", "next by", found, "SEV2, investigating"] {
        assert!(brief.says(part), "“{part}” is missing in {}", brief.text());
    }
    thread.wait_for_message(|shown| is_card(shown) && shown.says("Lead\nben")).await;
}
