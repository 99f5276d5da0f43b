//! Commands, components, modals: what a person does and what a serenity bot answers.

use serenity::all::GatewayIntents;
use watchpost_sandbox::{ActError, CommandLine, Response, World};

use crate::bot;

#[tokio::test]
async fn a_command_is_answered() {
    let (discord, bot) = bot::running(World::standard()).await;
    let ana = discord.member("ana");
    let asked = ana.types("/ask", &[("text", "Phones cannot send")], "ops").await.unwrap();
    let answer = asked.message().await;
    assert_eq!(answer.content, "You asked: Phones cannot send");
    assert_eq!(answer.kind, 20);
    discord.channel("ops").wait_for_message(|m| m.content.contains("Phones")).await;
    assert_eq!(bot.unread(), Vec::<String>::new());
    discord.strict_verdict().unwrap();
}

#[tokio::test]
async fn thinking_becomes_the_answer_and_more_can_follow() {
    let (discord, _bot) = bot::running(World::standard()).await;
    let ana = discord.member("ana");
    let turn = ana.types("/slow", &[("hidden", "true")], "ops").await.unwrap();
    let answer = turn.followup(|m| m.content == "One more thing").await;
    assert_eq!(answer.ephemeral_for.as_deref(), Some("ana"));
    let first = turn.message().await;
    assert_eq!(first.content, "Thought about it");
    assert!(!first.loading && first.ephemeral_for.as_deref() == Some("ana"));
    assert!(discord.member("ben").sees("ops").messages().is_empty(), "what is only for ana is seen by ben");
    discord.strict_verdict().unwrap();
}

#[tokio::test]
async fn buttons_and_selects_update_the_card() {
    let (discord, bot) = bot::running(World::standard()).await;
    let ana = discord.member("ana");
    let card = ana.types("/card", &[], "ops").await.unwrap().message().await;
    assert_eq!(card.buttons(), ["I have it", "Off", "Docs", "Tell"]);
    ana.clicks(&card, "I have it").await.unwrap();
    discord.channel("ops").wait_for_message(|m| m.content == "ana has it" && m.edited_ms.is_some()).await;
    ana.chooses(&card, "Severity", &["Low"]).await.unwrap();
    discord.channel("ops").wait_for_message(|m| m.content == "Severity low").await;
    ana.chooses(&card, "Who", &["ben"]).await.unwrap();
    discord.channel("ops").wait_for_message(|m| m.content == "Chosen ben").await;
    let told = ana.clicks(&card, "Tell").await.unwrap();
    assert_eq!(told.followup(|_| true).await.ephemeral_for.as_deref(), Some("ana"));
    let off = ana.clicks(&card, "Off").await.err();
    assert_eq!(off, Some(ActError::Disabled { label: "Off".to_owned() }));
    assert!(matches!(ana.chooses(&card, "Severity", &["None"]).await.err(), Some(ActError::Choice { .. })));
    assert_eq!(bot.unread(), Vec::<String>::new());
    discord.strict_verdict().unwrap();
}

#[tokio::test]
async fn a_form_is_filled_in_once() {
    let (discord, _bot) = bot::running(World::standard()).await;
    let ana = discord.member("ana");
    let form = ana.types("/form", &[], "ops").await.unwrap().modal().await;
    assert_eq!((form.title.as_str(), form.prefilled("ETA")), ("A form", Some("02:00")));
    assert!(matches!(ana.fills_in(&form, &[("eta", "")]).await.err(), Some(ActError::Field { .. })));
    let sent = ana.fills_in(&form, &[("eta", "03:30")]).await.unwrap();
    assert_eq!(sent.message().await.content, "eta=03:30 why=");
    assert_eq!(ana.fills_in(&form, &[]).await.err(), Some(ActError::NoModal));
    discord.strict_verdict().unwrap();
}

#[tokio::test]
async fn suggestions_files_and_menus() {
    let (discord, bot) = bot::running(World::standard()).await;
    let ana = discord.member("ana");
    assert_eq!(
        ana.is_offered("/pick", &[("text", "c")], "text", "ops").await.unwrap(),
        ["calendar", "contacts"]
    );
    let line = CommandLine::new("/file", "ops").file("upload", "a.txt", "hello");
    let answer = ana.sends(line).await.unwrap().message().await;
    assert_eq!(answer.file("copy.txt").map(watchpost_sandbox::FileView::text).as_deref(), Some("hello"));
    let note = ana.writes("look here", "ops").await.unwrap();
    let quoted = ana.uses_on("Quote it", &note).await.unwrap().message().await;
    assert_eq!((quoted.content.as_str(), quoted.kind), ("> look here", 23));
    let looked = ana.uses_on_member("Look at", "ben", "ops").await.unwrap().message().await;
    assert_eq!(looked.content, "Saw ben");
    let admin = discord.member("olga");
    let line = [("who", "ben"), ("where", "management")];
    let answer = admin.types("/admin doctor", &line, "ops").await.unwrap().message().await;
    assert_eq!(answer.content, "Looked at [\"ben\"]");
    assert_eq!(bot.unread(), Vec::<String>::new());
    discord.strict_verdict().unwrap();
}

#[tokio::test]
async fn the_client_refuses_what_discords_client_refuses() {
    let (discord, _bot) = bot::running(World::standard()).await;
    let ana = discord.member("ana");
    let denied = ana.types("/admin doctor", &[("who", "ben")], "ops").await.err();
    assert!(matches!(denied, Some(ActError::CommandNotAllowed { .. })), "{denied:?}");
    let missing = ana.types("/ask", &[], "ops").await.err();
    assert!(matches!(missing, Some(ActError::Option { .. })), "{missing:?}");
    let long = "x".repeat(51);
    assert!(matches!(
        ana.types("/ask", &[("text", &long)], "ops").await.err(),
        Some(ActError::Option { .. })
    ));
    assert!(matches!(ana.types("/nothing", &[], "ops").await.err(), Some(ActError::NoSuchCommand { .. })));
    assert!(matches!(ana.types("/ask", &[], "nowhere").await.err(), Some(ActError::NoSuchChannel { .. })));
    assert!(!ana.offered_commands("ops").contains(&"admin".to_owned()));
    assert!(discord.member("olga").offered_commands("ops").contains(&"admin".to_owned()));
}

#[tokio::test]
async fn an_answer_after_three_seconds_is_too_late() {
    let (clock, stepper) = watchpost_sandbox::Clock::stepped(1_790_000_000_000);
    let (discord, _bot) = bot::running(World::standard().clock(clock)).await;
    let turn = discord.member("ana").types("/mute", &[], "ops").await.unwrap();
    assert!(matches!(turn.response(), Response::Waiting));
    stepper.advance_ms(3_001);
    assert!(matches!(turn.wait_answered().await, Response::Failed));
}

#[tokio::test]
async fn a_second_bot_without_intents_still_hears_interactions() {
    let discord = watchpost_sandbox::Sandbox::start(World::standard()).await.unwrap();
    let bot = bot::connect(&discord, GatewayIntents::empty()).await;
    discord.wait_for_commands(&["ask"]).await;
    let turn = discord.member("ana").types("/ask", &[("text", "x")], "ops").await.unwrap();
    assert_eq!(turn.message().await.content, "You asked: x");
    assert_eq!(bot.saw("MESSAGE_CREATE"), 0);
}
