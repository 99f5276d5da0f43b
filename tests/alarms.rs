//! What a person makes of an alarm and of a warning: no incident, maintenance, silenced, seen to.

use watchpost_lab::{Fault, Switch};
use watchpost_sandbox::{MemberHandle, MessageView};

use crate::night::{Night, is_card, offers};
use crate::watching::minutes_until;

/// The timeline as a file, once the monitor has told this in it: it does so when it looks the next time.
async fn document_with(night: &Night, who: &MemberHandle, part: &str) -> String {
    let options = [("incident", "INC-1"), ("format", "Markdown file")];
    for _ in 0..10 {
        night.minutes(1).await;
        let pulled = who.types("/timeline", &options, "ops").await.expect("typed");
        let document = pulled.answer(|shown| !shown.attachments.is_empty()).await.attachments[0].text();
        if document.contains(part) {
            return document;
        }
    }
    panic!("“{part}” stands in no timeline of the next ten minutes");
}

/// Posts of alarms that stand in the operations channel.
fn alarms(night: &Night) -> Vec<MessageView> {
    let posts = night.stage.discord.channel("ops").messages();
    posts.into_iter().filter(|shown| shown.says("does not work") && shown.says("main since")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_incident_is_left_alone_with_its_reason() {
    let night = Night::begins("no_incident").await;
    let (ana, ben, ops) = (night.person("ana"), night.person("ben"), night.stage.discord.channel("ops"));
    night.stage.lab.switch(Fault::SmtpStopped, Switch::On).await;
    let alarm = minutes_until(&night, &ops, offers("Not an incident")).await;
    let refused = night.person("uli").clicks(&alarm, "Not an incident").await;
    if let Ok(refused) = refused {
        refused.answer(|shown| shown.says("You may not")).await;
    }
    let form = ana.clicks(&alarm, "Not an incident").await.expect("clicked").modal().await;
    let noted = ana.fills_in(&form, &[("why", "The standby is being tried")]).await.expect("filled in");
    noted.answer(|shown| shown.says("It is not raised again until it has worked in between")).await;
    let edited =
        ops.wait_for_message(|shown| shown.says("ana: no incident. The standby is being tried")).await;
    assert_eq!(edited.buttons(), Vec::<String>::new(), "nothing is left to press");

    // Ben still has the old buttons on his screen.
    let late = ben.clicks(&alarm, "I have it").await;
    if let Ok(late) = late {
        late.answer(|shown| shown.says("ana said that it is no incident: The standby is being tried")).await;
    }
    night.minutes(10).await;
    assert_eq!(alarms(&night).len(), 1, "it is not raised again");
    night.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_that_is_maintenance_waits_for_its_end_and_rings_then() {
    let night = Night::begins("alarm_is_maintenance").await;
    let (ana, ops) = (night.person("ana"), night.stage.discord.channel("ops"));
    night.stage.lab.switch(Fault::SmtpStopped, Switch::On).await;
    let alarm = minutes_until(&night, &ops, offers("Maintenance")).await;
    let form = ana.clicks(&alarm, "Maintenance").await.expect("clicked").modal().await;
    let wrong =
        ana.fills_in(&form, &[("until", "yesterday"), ("why", "new storage")]).await.expect("filled in");
    wrong.answer(|shown| shown.says("Give it as")).await;
    let form = ana.clicks(&alarm, "Maintenance").await.expect("clicked").modal().await;
    let noted = ana.fills_in(&form, &[("until", "20 min"), ("why", "new storage")]).await.expect("filled in");
    noted.answer(|shown| shown.says("The alarm waits until")).await;
    ops.wait_for_message(|shown| shown.says("Waits for the end of the maintenance")).await;
    let before = ana.pings().len();

    let raised =
        minutes_until(&night, &ops, |shown| shown.id != alarm.id && offers("Not an incident")(shown)).await;
    assert!(raised.says("main since"), "{}", raised.text());
    assert!(ana.pings().len() > before, "the end of the maintenance rings");
    ana.clicks(&raised, "I have it").await.expect("clicked").answer(|shown| shown.says("INC-1")).await;
    let thread = night.thread("INC-1").await;
    thread.wait_for_message(|shown| is_card(shown) && shown.says("ana")).await;
    night.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silence_keeps_quiet_to_its_end_and_its_reason_stands_in_the_incident() {
    let night = Night::begins("silence").await;
    let (ana, ops) = (night.person("ana"), night.stage.discord.channel("ops"));
    let unexplained = ana.types("/watch silence", &[("until", "15 min")], "ops").await.expect("typed");
    unexplained.answer(|shown| shown.says("The text is empty")).await;
    let options = [("until", "15 min"), ("why", "the filter is replaced")];
    let silenced = ana.types("/watch silence", &options, "ops").await.expect("typed");
    silenced.answer(|shown| shown.says("Silence of all services")).await;
    night.stage.lab.switch(Fault::SmtpStopped, Switch::On).await;
    night.minutes(8).await;
    assert_eq!(alarms(&night).len(), 0, "kept back");
    let alarm = minutes_until(&night, &ops, offers("Not an incident")).await;
    ana.clicks(&alarm, "I have it").await.expect("clicked").answer(|shown| shown.says("INC-1")).await;
    let thread = night.thread("INC-1").await;
    thread.wait_for_message(|shown| is_card(shown) && shown.says("ana")).await;
    let document = document_with(&night, &ana, "kept alarms back from").await;
    assert!(document.contains("the filter is replaced"), "{document}");
    night.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_will_end_is_taken_by_one_and_silenced_by_another() {
    let night = Night::begins("warned").await;
    let (ana, ben, ops) = (night.person("ana"), night.person("ben"), night.stage.discord.channel("ops"));
    night.stage.lab.switch(Fault::CertSoon, Switch::On).await;
    let warned = minutes_until(&night, &ops, offers("I renew it")).await;
    assert!(warned.says("The certificate of mail.lab.example (main) ends"), "{}", warned.text());
    assert_eq!(warned.buttons(), ["I renew it", "Silence…"]);
    let refused = night.person("uli").clicks(&warned, "I renew it").await;
    if let Ok(refused) = refused {
        refused.answer(|shown| shown.says("You may not")).await;
    }
    let taken = ana.clicks(&warned, "I renew it").await.expect("clicked");
    taken.answer(|shown| shown.says("Noted, with your name")).await;
    let again = ben.clicks(&warned, "I renew it").await.expect("clicked");
    again.answer(|shown| shown.says("ana sees to it already")).await;
    let form = ben.clicks(&warned, "Silence…").await.expect("clicked").modal().await;
    let fields = [("until", "2 h"), ("why", "the host is switched off")];
    let silenced = ben.fills_in(&form, &fields).await.expect("filled in");
    silenced.answer(|shown| shown.says("The reason goes into the incident")).await;

    // Nobody renewed it: who was warned, who took it and why it was silenced stand in the incident.
    night.stage.lab.clear().await;
    night.stage.lab.switch(Fault::CertificateExpired, Switch::On).await;
    let alarm = minutes_until(&night, &ops, offers("Not an incident")).await;
    ana.clicks(&alarm, "I have it").await.expect("clicked").answer(|shown| shown.says("INC-1")).await;
    let thread = night.thread("INC-1").await;
    thread.wait_for_message(|shown| is_card(shown) && shown.says("ana")).await;
    let document = document_with(&night, &ana, "Warned before").await;
    for part in
        ["Warned before, in the operations channel", "ana took it", "ben silenced it until", "switched off"]
    {
        assert!(document.contains(part), "“{part}” is missing in\n{document}");
    }
    night.ends().await;
}
