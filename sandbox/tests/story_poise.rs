//! A bot written with poise 0.7, as most bots on serenity are: typed commands with subcommands, choices and suggestions, menus,
//! a button that it waits for, a modal, and its own wording of errors.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use serenity::all::{
    AutocompleteChoice, ButtonStyle, ClientBuilder, ComponentInteractionCollector, CreateActionRow,
    CreateAutocompleteResponse, CreateButton, CreateInteractionResponse, CreateInteractionResponseMessage,
    GatewayIntents, GuildId, Message, User,
};
use serenity::builder::CreateEmbed;
use watchpost_sandbox::{CommandLine, Response, Sandbox, World};

use crate::bot::http;

type Error = Box<dyn std::error::Error + Send + Sync>;
type Context<'a> = poise::Context<'a, (), Error>;
type Application<'a> = poise::ApplicationContext<'a, (), Error>;

/// How loudly.
#[derive(Debug, poise::ChoiceParameter)]
enum Tone {
    #[name = "quietly"]
    Quiet,
    #[name = "loudly"]
    Loud,
}

async fn towns(_: Context<'_>, typed: &str) -> CreateAutocompleteResponse {
    let towns = ["Aachen", "Bonn", "Celle"].into_iter().filter(|town| town.starts_with(typed));
    CreateAutocompleteResponse::new()
        .set_choices(towns.map(|town| AutocompleteChoice::new(town, town)).collect())
}

/// Greets a town
#[poise::command(slash_command)]
async fn greet(
    context: Context<'_>,
    #[description = "Which town"]
    #[autocomplete = "towns"]
    town: String,
    #[description = "How loudly"] tone: Option<Tone>,
) -> Result<(), Error> {
    context.defer_ephemeral().await?;
    let mark = if matches!(tone, Some(Tone::Loud)) { "!" } else { "." };
    context.say(format!("Hello {town}{mark}")).await?;
    Ok(())
}

/// Counts
#[poise::command(slash_command, subcommands("up", "fail"))]
#[expect(clippy::unused_async, reason = "poise asks for it")]
async fn count(_: Context<'_>) -> Result<(), Error> {
    Ok(())
}

/// Counts one up, when the button is pressed
#[poise::command(slash_command)]
async fn up(context: Context<'_>) -> Result<(), Error> {
    let button = CreateButton::new("up").label("Up").style(ButtonStyle::Primary);
    let embed = CreateEmbed::new().title("Count").description("0");
    let reply =
        poise::CreateReply::default().embed(embed).components(vec![CreateActionRow::Buttons(vec![button])]);
    // Listens before the button is shown, so that a quick press is heard.
    let mut clicks = ComponentInteractionCollector::new(context)
        .custom_ids(vec!["up".to_owned()])
        .timeout(Duration::from_secs(20))
        .stream();
    context.send(reply).await?;
    let click = clicks.next().await.ok_or("nobody pressed")?;
    let one = CreateInteractionResponseMessage::new()
        .embed(CreateEmbed::new().title("Count").description("1"))
        .components(Vec::new());
    click.create_response(context, CreateInteractionResponse::UpdateMessage(one)).await?;
    Ok(())
}

/// Always fails
#[poise::command(slash_command)]
#[expect(clippy::unused_async, reason = "poise asks for it")]
async fn fail(_: Context<'_>) -> Result<(), Error> {
    Err("the counter is broken".into())
}

#[derive(Debug, poise::Modal)]
#[name = "A wish"]
struct Wish {
    #[name = "What do you wish for?"]
    #[placeholder = "Rain"]
    text: String,
}

/// Takes a wish
#[poise::command(slash_command)]
async fn wish(context: Application<'_>) -> Result<(), Error> {
    let wish = <Wish as poise::Modal>::execute(context).await?.ok_or("no wish")?;
    context.say(format!("Wished: {}", wish.text)).await?;
    Ok(())
}

#[poise::command(context_menu_command = "Shout")]
async fn shout(context: Context<'_>, message: Message) -> Result<(), Error> {
    context.say(message.content.to_uppercase()).await?;
    Ok(())
}

#[poise::command(context_menu_command = "Wave")]
async fn wave(context: Context<'_>, user: User) -> Result<(), Error> {
    context.say(format!("waves at {}", user.name)).await?;
    Ok(())
}

async fn worded(error: poise::FrameworkError<'_, (), Error>) {
    if let poise::FrameworkError::Command { error, ctx, .. } = error {
        let _ = ctx.say(format!("Sorry: {error}")).await;
    }
}

/// A poise bot on a sandbox of its own.
async fn started() -> (Sandbox, tokio::task::JoinHandle<()>) {
    let discord = Sandbox::start(World::standard()).await.unwrap();
    let guild = GuildId::new(discord.guild_id().0);
    let options = poise::FrameworkOptions {
        commands: vec![greet(), count(), wish(), shout(), wave()],
        on_error: |error| Box::pin(worded(error)),
        ..poise::FrameworkOptions::default()
    };
    let framework = poise::Framework::builder()
        .options(options)
        .initialize_owners(false)
        .setup(move |context, _, framework| {
            let (http, commands) = (Arc::clone(&context.http), &framework.options().commands);
            Box::pin(async move {
                poise::builtins::register_in_guild(&http, commands, guild).await?;
                Ok(())
            })
        })
        .build();
    let mut client = ClientBuilder::new_with_http(http(&discord), GatewayIntents::non_privileged())
        .framework(framework)
        .await
        .unwrap();
    let running = tokio::spawn(async move {
        let _ = client.start().await;
    });
    discord.wait_ready().await;
    discord.wait_for_commands(&["greet", "count", "wish", "Shout", "Wave"]).await;
    (discord, running)
}

#[tokio::test]
async fn a_poise_bot_is_typed_to_and_pressed() {
    let (discord, running) = started().await;
    let ana = discord.member("ana");
    assert_eq!(ana.is_offered("/greet", &[("town", "B")], "town", "ops").await.unwrap(), ["Bonn"]);
    let greeted = ana.types("/greet", &[("town", "Bonn"), ("tone", "loudly")], "ops").await.unwrap();
    let answer = greeted.answer(|message| !message.loading).await;
    assert_eq!((answer.content.as_str(), answer.ephemeral_for.as_deref()), ("Hello Bonn!", Some("ana")));

    let counter = ana.types("/count up", &[], "ops").await.unwrap().message().await;
    assert!(counter.says("0"));
    discord.member("ben").clicks(&counter, "Up").await.unwrap().wait_answered().await;
    discord
        .channel("ops")
        .wait_for_message(|message| message.says("1") && message.buttons().is_empty())
        .await;

    let failed = ana.types("/count fail", &[], "ops").await.unwrap().message().await;
    assert_eq!(failed.content, "Sorry: the counter is broken");
    discord.strict_verdict().unwrap();
    running.abort();
}

#[tokio::test]
async fn a_poise_bot_takes_forms_and_menus() {
    let (discord, running) = started().await;
    let ana = discord.member("ana");
    let form = ana.types("/wish", &[], "ops").await.unwrap().modal().await;
    assert_eq!(form.title, "A wish");
    ana.fills_in(&form, &[("What do you wish for?", "Snow")]).await.unwrap();
    discord.channel("ops").wait_for_message(|message| message.content == "Wished: Snow").await;

    let written = ana.writes("it is late", "ops").await.unwrap();
    assert_eq!(ana.uses_on("Shout", &written).await.unwrap().message().await.content, "IT IS LATE");
    let waved = ana.uses_on_member("Wave", "uli", "ops").await.unwrap().message().await;
    assert_eq!(waved.content, "waves at uli");
    let unknown = ana.sends(CommandLine::new("/greet", "ops")).await;
    assert!(unknown.is_err(), "a required option is missing, and Discord's client says so itself");
    assert!(matches!(
        ana.types("/greet", &[("town", "Ulm")], "ops").await.unwrap().wait_answered().await,
        Response::Thinking | Response::Message { .. }
    ));
    discord.strict_verdict().unwrap();
    running.abort();
}
