//! What arrives outside the chat, by shape and signature; and what does not arrive, and who is told of that.

use watchpost::broadcast::webhook::signature;
use watchpost::clock::Clock;
use watchpost_lab::{Fault, Host, Place, Switch};
use watchpost_sandbox::{Effect, RestFault};

use crate::commands::private;
use crate::night::{Night, START};
use crate::recorder::{Answers, Recorder};
use crate::restart::exported;

const KEY: &str = "the key of this story";

async fn declares(night: &Night) -> watchpost_sandbox::ChannelHandle {
    let ana = night.person("ana");
    let declared = ana.types("/incident", &[("text", "Phones cannot send")], "ops").await.expect("typed");
    declared.answer(|shown| shown.says("INC-1 is declared")).await;
    let thread = night.thread("INC-1").await;
    thread.wait_for_message(|shown| shown.pinned).await;
    thread
}

async fn tells(night: &Night, place: &str, sentence: &str) {
    let options = [("sentence", sentence), ("impact", "Phones cannot send")];
    private(night.person("ana").types("/update", &options, place).await.expect("typed")).await;
}

/// Lets minutes pass until an update is proved to have arrived there. The shell is asked, as an operator would.
async fn delivered(night: &Night, destination: &str) {
    for _ in 0..60 {
        let arrived = |event: &serde_json::Value| {
            event["event"]["type"] == "update_delivered" && event["event"]["destination"] == destination
        };
        if exported(night).await.iter().any(arrived) {
            return;
        }
        night.minutes(1).await;
    }
    panic!("nothing arrived at {destination} within an hour");
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_come_to_a_recorder_that_checks_signature_and_shape() {
    let recorder = Recorder::listens().await;
    let key = format!("secret_file = {:?}", recorder.secret("key", KEY));
    let more = [
        "[audience.vendors]\ndestinations = [\"signed\", \"room\", \"phones\"]\n".to_owned(),
        recorder.destination("webhook", "signed", &key),
        recorder.destination("slack", "room", ""),
        recorder.destination("ntfy", "phones", ""),
    ];
    recorder.answers("signed", Answers::Status(503));
    let night = Night::with("webhooks", &more.concat()).await;
    let thread = declares(&night).await;
    tells(&night, &thread.id().to_string(), "<!channel> We have found it & mend it").await;

    let first = recorder.wait_for("signed", |_| true).await;
    recorder.answers("signed", Answers::Status(200));
    delivered(&night, "signed").await;
    let again = recorder.wait_for("signed", |request| {
        request.header("webhook-timestamp") != first.header("webhook-timestamp")
    });
    let again = again.await;
    assert_eq!(
        first.header("webhook-id"),
        again.header("webhook-id"),
        "the receiver can tell that it is the same"
    );
    for request in [&first, &again] {
        let timestamp: i64 = request.header("webhook-timestamp").parse().expect("seconds");
        assert!((0..=3_600).contains(&(timestamp - START.seconds())), "{timestamp}");
        let right = signature(KEY, request.header("webhook-id"), timestamp, &request.body);
        assert_eq!(request.header("webhook-signature"), right);
    }
    let said = again.json();
    assert_eq!((said["incident"].as_str(), said["audience"].as_str()), (Some("INC-1"), Some("vendors")));
    assert_eq!(said["update"], 1);
    assert!(said["text"].as_str().expect("a text").contains("We have found it"), "{said}");

    let room = recorder.wait_for("room", |_| true).await.json();
    let text = room["text"].as_str().expect("Slack's one field");
    assert!(text.starts_with("*E-mail is disturbed*\n") && text.contains("&amp; mend it"), "{text}");
    assert!(!text.contains("<!channel>"), "nobody's text calls a channel: {text}");
    let phones = recorder.wait_for("phones", |_| true).await;
    assert!(phones.header("title").starts_with("=?UTF-8?B?") && !phones.header("priority").is_empty());
    assert!((1..=160).contains(&phones.body.chars().count()), "{}", phones.body);
    night.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_is_gone_is_told_of_and_never_asked_again() {
    let recorder = Recorder::listens().await;
    let more = [
        "[audience.vendors]\ndestinations = [\"gone\"]\nfallback = [\"spare\"]\n".to_owned(),
        recorder.destination("webhook", "gone", ""),
        recorder.destination("webhook", "spare", ""),
    ];
    recorder.answers("gone", Answers::Status(404));
    let night = Night::with("gone", &more.concat()).await;
    let thread = declares(&night).await;
    let here = thread.id().to_string();
    tells(&night, &here, "We look for it").await;
    thread.wait_for_message(|shown| shown.says("Update 1 to vendors did not reach gone")).await;
    let spare = recorder.wait_for("spare", |_| true).await.json();
    let text = spare["text"].as_str().expect("a text").to_owned();
    assert!(text.starts_with("You read this here because another way does not work"), "{text}");
    night.minutes(11).await;
    tells(&night, &here, "We have found it").await;
    thread.wait_for_message(|shown| shown.says("Update 2 to vendors did not reach gone")).await;
    recorder.wait_for("spare", |request| request.json()["update"] == 2).await;
    assert_eq!(recorder.got("gone").len(), 1, "what is gone is asked once");
    night.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_says_not_now_for_an_hour_gets_only_the_newest_text() {
    let night = Night::begins("relay_hour").await;
    let lab = night.stage.lab.clone();
    let down = Fault::by_name("filter-down").expect("a fault of the lab");
    lab.switch_at(down, Place::host(Host::Outside), Switch::On).await;
    let thread = declares(&night).await;
    tells(&night, &thread.id().to_string(), "We look for it").await;
    let board = lab.account("board").expect("the board").address.clone();
    for _ in 0..13 {
        night.minutes(5).await;
        // The shell answers when the store has: meanwhile the relay is asked in real time.
        exported(&night).await;
        assert_eq!(lab.inbox(&board).len(), 0);
    }
    lab.clear().await;
    delivered(&night, "board-mail").await;
    let mail = lab.inbox(&board);
    assert_eq!(mail.len(), 1, "one mail, not one for each that was missed");
    let text = String::from_utf8_lossy(&mail[0].1).into_owned();
    assert!(!text.contains("We look for it"), "the newest: {text}");
    assert!(text.contains("Subject: [INC-1] E-mail is disturbed"), "{text}");
    night.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_announcement_is_published_to_its_followers_once() {
    let mut night = Night::set("crosspost", Clock::stepped(START), "", None).await;
    let channel = night.stage.discord.channel("mail-status");
    night.adds(&format!(
        "[audience.followers]\ndestinations = [\"news\"]\n[destination.news]\nkind = \"announcement\"\nchannel = \"{}\"\n",
        channel.id()
    ));
    night.starts().await;
    // The first answer to a publication is lost: it is looked for, and neither posted nor published twice.
    night.stage.discord.fault(RestFault::new(Effect::LostAnswer).path("/crosspost").times(1));
    let thread = declares(&night).await;
    tells(&night, &thread.id().to_string(), "We look for it").await;
    let published = |night: &Night| {
        let requests = night.stage.discord.requests();
        requests.iter().filter(|one| one.path.ends_with("/crosspost") && one.status == 200).count()
    };
    delivered(&night, "news").await;
    let posts = channel.messages().into_iter().filter(|shown| shown.says("followers · update 1")).count();
    assert_eq!(posts, 1, "posted once");
    assert!(published(&night) <= 2, "the channel's own update, and this one");
    night.ends().await;
}
