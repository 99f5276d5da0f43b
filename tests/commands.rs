//! The first six commands, as people meet them.

use std::sync::Arc;
use std::time::Duration;

use watchpost::clock::UtcMs;
use watchpost::store::{JournalStore, Options};

use watchpost_sandbox::{ChannelHandle, MessageView, Turn};

use crate::running::House;

/// The private answer to what was typed.
pub async fn private(turn: Turn) -> MessageView {
    let message = turn.message().await;
    assert!(message.ephemeral_for.is_some(), "seen by everybody: {}", message.text());
    message
}

/// Declares an incident, and waits until its home stands.
pub async fn declared(house: &House, text: &str) -> ChannelHandle {
    let ana = house.discord.member("ana");
    private(ana.types("/incident", &[("text", text)], "ops").await.expect("typed")).await;
    let thread = house.discord.channel("ops").wait_for_thread("INC-1").await;
    thread.wait_until("the pinned card", |messages| messages.iter().any(|message| message.pinned)).await;
    thread
}

#[tokio::test]
async fn one_line_declares_and_everything_follows() {
    let house = House::start().await;
    house.service.certificate_expires();
    let ana = house.discord.member("ana");
    let answer =
        private(ana.types("/incident", &[("text", "Phones cannot send")], "ops").await.expect("typed")).await;
    assert!(answer.says("INC-1 is declared as SEV2: Phones cannot send."), "{}", answer.text());
    let thread = house.discord.channel("ops").wait_for_thread("INC-1").await;
    let card = thread.wait_for_message(|message| message.pinned && message.says("the certificate of")).await;
    assert!(card.says("nobody yet") && card.buttons().contains(&"I have it".to_owned()), "{}", card.text());
    let headline = house.discord.channel("ops").wait_for_message(|message| message.says("INC-1")).await;
    assert_eq!(headline.pinged().len(), 2, "both responders are called, nobody else");

    let answer = private(ana.clicks(&card, "I have it").await.expect("clicked")).await;
    assert!(answer.says("You lead INC-1"), "{}", answer.text());
    thread.wait_for_message(|message| message.pinned && message.says("ana")).await;
    let ben = house.discord.member("ben");
    let again = private(ben.clicks(&card, "I have it").await.expect("clicked")).await;
    assert!(again.says("ana has had it since"), "{}", again.text());
    house.discord.strict_verdict().expect("Discord has nothing to complain of");
}

#[tokio::test]
async fn a_check_shows_what_is_wrong_and_what_to_do() {
    let house = House::start().await;
    house.service.certificate_expires();
    let ana = house.discord.member("ana");
    let card = ana.types("/check", &[], "ops").await.expect("typed").message().await;
    let card = house
        .discord
        .channel("ops")
        .wait_for_message(|message| message.id == card.id && !message.loading)
        .await;
    assert_eq!(card.ephemeral_for, None, "a check is part of the record");
    assert!(card.says("mail does not work") && card.says("certificate-expired"), "{}", card.text());
    assert!(card.says("What to do next") && card.file("check-mail.json").is_some());
    let unknown = private(ana.types("/check", &[("service", "web")], "ops").await.expect("typed")).await;
    assert!(unknown.says("“web” is not a service that I watch. I watch: mail"), "{}", unknown.text());
    house.discord.strict_verdict().expect("Discord has nothing to complain of");
}

#[tokio::test]
async fn what_is_logged_stands_in_the_timeline_and_its_files() {
    let house = House::start().await;
    let thread = declared(&house, "Phones cannot send").await;
    let ana = house.discord.member("ana");
    let here = thread.id().to_string();
    house.step(Duration::from_secs(2_400));
    let options = [
        ("text", "renewal timer failing since 12 Oct"),
        ("kind", "finding: something that was found out"),
        ("at", "02:20"),
    ];
    let logged = private(ana.types("/log", &options, &here).await.expect("typed")).await;
    assert!(logged.says("Logged in INC-1 as finding"), "{}", logged.text());
    let shown = private(ana.types("/timeline", &[], &here).await.expect("typed")).await;
    assert!(shown.says("ana logged a finding: renewal timer failing"), "{}", shown.text());
    for (format, file) in [("Markdown file", "INC-1.md"), ("JSON file", "INC-1.json")] {
        let pulled =
            private(ana.types("/timeline", &[("format", format)], &here).await.expect("typed")).await;
        let text = pulled.file(file).expect("the file").text();
        assert!(text.contains("renewal timer failing since 12 Oct"), "{text}");
    }
    let mia = house.discord.member("mia");
    private(mia.types("/timeline", &[], &here).await.expect("management reads")).await;
    let note = ana.writes("the old certificate is still on node 2", &here).await.expect("written");
    let from_menu = private(ana.uses_on("Log", &note).await.expect("offered")).await;
    assert!(from_menu.says("Logged in INC-1 as note"), "{}", from_menu.text());
    house.discord.strict_verdict().expect("Discord has nothing to complain of");
}

#[tokio::test]
async fn stakeholders_are_told_by_form_and_by_options() {
    let house = House::start().await;
    let thread = declared(&house, "Phones cannot send").await;
    let ana = house.discord.member("ana");
    let here = thread.id().to_string();
    let card = thread.wait_for_message(|message| message.pinned).await;
    let form = ana.clicks(&card, "Tell stakeholders").await.expect("clicked").modal().await;
    let fields = [("impact", "Phones cannot send"), ("instead", "Use webmail"), ("eta", "03:30")];
    let shown = private(ana.fills_in(&form, &fields).await.expect("sent")).await;
    assert!(shown.says("Nobody was told yet") && shown.says("Use webmail"), "{}", shown.text());
    let told = private(ana.clicks(&shown, "Send").await.expect("clicked")).await;
    assert!(told.says("On its way") && told.says("Use webmail"), "{}", told.text());
    let status = house.discord.channel("mail-status");
    let first = status.wait_for_message(|message| message.says("Phones cannot send")).await;
    assert!(first.says("Use webmail") && first.says("Expected end <t:1795401000:t>"), "{}", first.text());
    assert!(!first.says("mail.example.org"), "users read no host: {}", first.text());

    house.step(Duration::from_secs(900));
    let options = [("sentence", "The first repair was not enough"), ("eta", "unknown")];
    private(ana.types("/update", &options, &here).await.expect("typed")).await;
    status
        .wait_for_message(|message| {
            message.says("The first repair was not enough")
                && message.says("The expected end <t:1795401000:t> no longer holds; end unknown")
        })
        .await;
    let overview = private(ana.types("/update", &[], &here).await.expect("typed")).await;
    assert!(overview.says("Arrived: status.") && overview.says("Next word by"), "{}", overview.text());
    let form = ana.clicks(&overview, "Tell stakeholders").await.expect("clicked").modal().await;
    assert_eq!(
        form.prefilled("impact"),
        Some("Phones cannot send"),
        "the form begins with what was told last"
    );
    house.discord.strict_verdict().expect("Discord has nothing to complain of");
}

#[tokio::test]
async fn help_says_the_next_step_of_the_phase() {
    let house = House::start().await;
    let (ana, uli) = (house.discord.member("ana"), house.discord.member("uli"));
    let before = private(ana.types("/help", &[], "ops").await.expect("typed")).await;
    assert!(before.says("Nothing is open here"), "{}", before.text());
    let thread = declared(&house, "Phones cannot send").await;
    let unled = private(ana.types("/help", &[], &thread.id().to_string()).await.expect("typed")).await;
    assert!(unled.says("Next: somebody takes it"), "{}", unled.text());
    let outsider = private(uli.types("/help", &[], "ops").await.expect("typed")).await;
    assert!(!outsider.says("INC-1"), "who may not read learns of no incident: {}", outsider.text());
    house.discord.strict_verdict().expect("Discord has nothing to complain of");
}

#[tokio::test]
async fn closing_asks_how_it_is_known_and_tells_who_was_told() {
    let house = House::start().await;
    let thread = declared(&house, "Phones cannot send").await;
    let ana = house.discord.member("ana");
    let card = thread.wait_for_message(|message| message.pinned).await;
    private(ana.clicks(&card, "I have it").await.expect("clicked")).await;
    let led = thread
        .wait_for_message(|message| message.pinned && message.buttons().contains(&"Close".to_owned()))
        .await;
    let form = ana.clicks(&led, "Tell stakeholders").await.expect("clicked").modal().await;
    let shown = ana.fills_in(&form, &[("impact", "Phones cannot send")]).await.expect("sent");
    let shown = private(shown).await;
    private(ana.clicks(&shown, "Send").await.expect("clicked")).await;
    house.discord.channel("mail-status").wait_for_message(|message| message.says("Phones cannot send")).await;
    house.step(Duration::from_secs(1_200));
    let refused = private(ana.clicks(&led, "Close").await.expect("clicked")).await;
    assert!(refused.says("not proved yet"), "{}", refused.text());
    let asked = ana.clicks(&refused, "Prove it works").await.expect("clicked");
    asked.answer(|shown| shown.says("first round is green")).await;
    for round in ["Round 1 of 3", "Round 2 of 3"] {
        thread.wait_for_message(|message| message.pinned && message.says(round)).await;
        house.step(Duration::from_secs(300));
    }
    thread.wait_for_message(|message| message.says("Proved: mail works since")).await;
    let form = ana.clicks(&led, "Close").await.expect("clicked").modal().await;
    let closed =
        private(ana.fills_in(&form, &[("why", "Renewed; my phone sends")]).await.expect("sent")).await;
    assert!(closed.says("INC-1 is closed"), "{}", closed.text());
    house.discord.channel("mail-status").wait_for_message(|message| message.says("works again")).await;
    thread
        .wait_for_message(|message| message.pinned && message.buttons().contains(&"Reopen".to_owned()))
        .await;
    house.discord.strict_verdict().expect("Discord has nothing to complain of");
}

#[tokio::test]
async fn the_lead_is_handed_over_with_a_brief() {
    let house = House::start().await;
    let thread = declared(&house, "Phones cannot send").await;
    let (ana, ben) = (house.discord.member("ana"), house.discord.member("ben"));
    let here = thread.id().to_string();
    let card = thread.wait_for_message(|message| message.pinned).await;
    private(ana.clicks(&card, "I have it").await.expect("clicked")).await;
    private(ana.types("/log", &[("text", "renewal timer failing")], &here).await.expect("typed")).await;
    let more = private(ana.clicks(&card, "More…").await.expect("clicked")).await;
    let asked = private(ana.clicks(&more, "Hand over").await.expect("clicked")).await;
    let refused = ana.chooses(&asked, "Who leads from now on", &["uli"]).await.expect("chosen");
    let refused = private(refused).await;
    assert!(refused.says("uli may not work on incidents"), "{}", refused.text());
    let before = ben.pings().len();
    let brief = ana.chooses(&asked, "Who leads from now on", &["ben"]).await.expect("chosen").message().await;
    assert_eq!(brief.ephemeral_for, None, "everybody in the thread reads the brief");
    assert!(brief.says("ben leads") && brief.says("renewal timer failing"), "{}", brief.text());
    assert_eq!(ben.pings().len(), before + 1, "the new lead is called");
    thread.wait_for_message(|message| message.pinned && message.says("Lead\nben")).await;
    house.discord.strict_verdict().expect("Discord has nothing to complain of");
}

#[tokio::test]
async fn severity_and_phase_change_with_a_reason() {
    let house = House::start().await;
    let thread = declared(&house, "Phones cannot send").await;
    let ana = house.discord.member("ana");
    let card = thread.wait_for_message(|message| message.pinned).await;
    let more = private(ana.clicks(&card, "More…").await.expect("clicked")).await;
    assert!(more.says("SEV1: no mail in or out, for all"), "{}", more.text());
    let form = ana.clicks(&more, "SEV1").await.expect("clicked").modal().await;
    let judged = private(ana.fills_in(&form, &[("why", "nobody can send")]).await.expect("sent")).await;
    assert!(judged.says("INC-1 is SEV1 now"), "{}", judged.text());
    let form = ana.clicks(&more, "Being repaired").await.expect("clicked").modal().await;
    private(ana.fills_in(&form, &[("why", "renewing the certificate")]).await.expect("sent")).await;
    thread.wait_for_message(|message| message.pinned && message.says("SEV1") && message.says("fixing")).await;
    house.discord.strict_verdict().expect("Discord has nothing to complain of");
}

#[tokio::test]
async fn an_interaction_that_comes_five_times_is_carried_out_once() {
    let house = House::start().await;
    let ana = house.discord.member("ana");
    let turn = ana.types("/incident", &[("text", "Phones cannot send")], "ops").await.expect("typed");
    let id = turn.id();
    private(turn).await;
    for _ in 0..5 {
        house.discord.deliver_again(id);
    }
    let other = ana.types("/help", &[], "ops").await.expect("typed");
    private(other).await;
    let guild = watchpost::ids::GuildId(house.discord.guild_id().to_string().parse().expect("a number"));
    assert_eq!(house.desk.open_incidents(guild).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_that_writes_at_the_same_moment_is_recorded_whole() {
    const CROWD: usize = 100;
    let folder = tempfile::tempdir().expect("a folder");
    let store = JournalStore::open(folder.path(), Options::default(), UtcMs(0)).expect("a new store");
    let house = House::start_over(Arc::new(store)).await;
    let thread = declared(&house, "Phones cannot send").await;
    let ana = house.discord.member("ana");
    let here = thread.id().to_string();
    let mut turns = Vec::new();
    for number in 0..CROWD {
        let text = format!("finding {number}");
        turns.push(ana.types("/log", &[("text", &text)], &here).await.expect("typed"));
    }
    for turn in turns {
        let answer = turn.message().await;
        assert!(answer.says("Logged in INC-1"), "{}", answer.text());
    }
    let incident = house.desk.incident(watchpost::ids::IncidentId(1)).expect("it is open");
    assert_eq!(incident.entries.len(), CROWD);
}

#[tokio::test]
async fn a_bot_stops_in_order() {
    let house = House::start().await;
    let (discord, outcome) = house.stop().await;
    assert_eq!(outcome.exit_code(), 0);
    discord.wait_gone().await;
}
