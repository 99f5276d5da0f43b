//! A bare serenity bot with one of each thing that a bot does.

use std::sync::{Arc, Mutex};

use serenity::all::{
    ActionRowComponent, ButtonStyle, ClientBuilder, CommandInteraction, CommandOptionType, CommandType,
    ComponentInteraction, ComponentInteractionDataKind, Context, CreateActionRow, CreateAllowedMentions,
    CreateAttachment, CreateAutocompleteResponse, CreateButton, CreateCommand, CreateCommandOption,
    CreateEmbed, CreateInputText, CreateInteractionResponse, CreateInteractionResponseFollowup,
    CreateInteractionResponseMessage, CreateModal, CreateSelectMenu, CreateSelectMenuKind,
    CreateSelectMenuOption, EditInteractionResponse, Event, EventHandler, GatewayIntents, GuildId, Http,
    HttpBuilder, InputTextStyle, Interaction, ModalInteraction, RawEventHandler, Ready,
};
use serenity::async_trait;
use watchpost_sandbox::{Sandbox, World};

/// A running bot. It stops when it is dropped.
pub struct Bot {
    pub http: Arc<Http>,
    pub seen: Arc<Mutex<Vec<String>>>,
    sandbox: Sandbox,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Bot {
    /// With `SANDBOX_TRANSCRIPTS` set to a folder, every story leaves its requests there for the checker.
    fn drop(&mut self) {
        self.task.abort();
        if let Some(folder) = std::env::var_os("SANDBOX_TRANSCRIPTS") {
            let name = format!("{}.jsonl", self.sandbox.application_id());
            let _ = std::fs::write(std::path::Path::new(&folder).join(name), self.sandbox.transcript_jsonl());
        }
    }
}

impl Bot {
    /// Names of events that serenity could not read although it knows their name.
    pub fn unread(&self) -> Vec<String> {
        self.seen.lock().unwrap().iter().filter(|name| name.starts_with('?')).cloned().collect()
    }

    pub fn saw(&self, name: &str) -> usize {
        self.seen.lock().unwrap().iter().filter(|seen| *seen == name).count()
    }
}

pub fn http(sandbox: &Sandbox) -> Http {
    let http = HttpBuilder::new(sandbox.token()).proxy(sandbox.api_base()).ratelimiter_disabled(true).build();
    http.set_application_id(sandbox.application_id().0.into());
    http
}

/// A sandbox and a bot that is connected to it, with its commands registered.
pub async fn running(world: World) -> (Sandbox, Bot) {
    let sandbox = Sandbox::start(world).await.unwrap();
    let bot = connect(&sandbox, GatewayIntents::non_privileged()).await;
    sandbox.wait_ready().await;
    sandbox.wait_for_commands(&["ask"]).await;
    (sandbox, bot)
}

pub async fn connect(sandbox: &Sandbox, intents: GatewayIntents) -> Bot {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let guild = GuildId::new(sandbox.guild_id().0);
    let mut client = ClientBuilder::new_with_http(http(sandbox), intents)
        .event_handler(Handler { guild })
        .raw_event_handler(Recorder { seen: Arc::clone(&seen) })
        .await
        .unwrap();
    let http = Arc::clone(&client.http);
    let task = tokio::spawn(async move {
        let _ = client.start().await;
    });
    Bot { http, seen, sandbox: sandbox.clone(), task }
}

struct Recorder {
    seen: Arc<Mutex<Vec<String>>>,
}

#[async_trait]
impl RawEventHandler for Recorder {
    async fn raw_event(&self, _: Context, event: Event) {
        let name = match &event {
            Event::Unknown(unknown) => format!("?{}", unknown.kind),
            known => known.name().unwrap_or_default(),
        };
        self.seen.lock().unwrap().push(name);
    }
}

struct Handler {
    guild: GuildId,
}

#[async_trait]
impl EventHandler for Handler {
    async fn ready(&self, context: Context, _: Ready) {
        self.guild.set_commands(&context.http, commands()).await.unwrap();
    }

    async fn interaction_create(&self, context: Context, interaction: Interaction) {
        let done = match interaction {
            Interaction::Command(command) => on_command(&context, command).await,
            Interaction::Autocomplete(typing) => on_autocomplete(&context, typing).await,
            Interaction::Component(component) => on_component(&context, component).await,
            Interaction::Modal(modal) => on_modal(&context, modal).await,
            _ => Ok(()),
        };
        // What a story breaks on purpose ends here.
        drop(done);
    }
}

pub fn commands() -> Vec<CreateCommand> {
    let option = |name: &str, kind| CreateCommandOption::new(kind, name, "An option");
    let text = || option("text", CommandOptionType::String);
    vec![
        CreateCommand::new("ask")
            .description("Answers at once")
            .add_option(text().required(true).max_length(50)),
        CreateCommand::new("slow")
            .description("Thinks first")
            .add_option(option("hidden", CommandOptionType::Boolean)),
        CreateCommand::new("card").description("Shows a card with buttons and a select"),
        CreateCommand::new("form").description("Opens a form"),
        CreateCommand::new("file")
            .description("Takes a file and gives one")
            .add_option(option("upload", CommandOptionType::Attachment).required(true)),
        CreateCommand::new("pick")
            .description("Offers suggestions")
            .add_option(text().set_autocomplete(true)),
        CreateCommand::new("admin")
            .description("For administrators")
            .default_member_permissions(serenity::all::Permissions::MANAGE_GUILD)
            .add_option(
                option("doctor", CommandOptionType::SubCommand)
                    .add_sub_option(option("who", CommandOptionType::User).required(true))
                    .add_sub_option(option("where", CommandOptionType::Channel)),
            ),
        CreateCommand::new("mute").description("Never answers"),
        CreateCommand::new("Quote it").kind(CommandType::Message),
        CreateCommand::new("Look at").kind(CommandType::User),
    ]
}

fn message(content: impl Into<String>) -> CreateInteractionResponseMessage {
    let mentions = CreateAllowedMentions::new();
    CreateInteractionResponseMessage::new().content(content).allowed_mentions(mentions)
}

async fn on_command(context: &Context, command: CommandInteraction) -> serenity::Result<()> {
    let http = &context.http;
    let reply = |text: String| CreateInteractionResponse::Message(message(text));
    match command.data.name.as_str() {
        "ask" => {
            let text = command.data.options[0].value.as_str().unwrap_or_default().to_owned();
            command.create_response(http, reply(format!("You asked: {text}"))).await
        }
        "slow" => {
            if command.data.options.first().and_then(|option| option.value.as_bool()) == Some(true) {
                command.defer_ephemeral(http).await?;
            } else {
                command.defer(http).await?;
            }
            command.edit_response(http, EditInteractionResponse::new().content("Half way")).await?;
            command.edit_response(http, EditInteractionResponse::new().content("Thought about it")).await?;
            let more = CreateInteractionResponseFollowup::new().content("One more thing").ephemeral(true);
            command.create_followup(http, more).await.map(drop)
        }
        "card" => command.create_response(http, CreateInteractionResponse::Message(card())).await,
        "form" => command.create_response(http, CreateInteractionResponse::Modal(form())).await,
        "file" => {
            let resolved = &command.data.resolved.attachments;
            let bytes = resolved.values().next().unwrap().download().await?;
            let copy = CreateAttachment::bytes(bytes, "copy.txt").description("The same again");
            command
                .create_response(http, CreateInteractionResponse::Message(message("Here").add_file(copy)))
                .await
        }
        "admin" => {
            let users: Vec<_> = command.data.resolved.users.values().map(|user| user.name.clone()).collect();
            command.create_response(http, reply(format!("Looked at {users:?}"))).await
        }
        "Quote it" => {
            let quoted = command.data.resolved.messages.values().next().unwrap().content.clone();
            command.create_response(http, reply(format!("> {quoted}"))).await
        }
        "Look at" => {
            let name = command.data.resolved.users.values().next().unwrap().name.clone();
            command.create_response(http, reply(format!("Saw {name}"))).await
        }
        _ => Ok(()),
    }
}

fn card() -> CreateInteractionResponseMessage {
    let options =
        vec![CreateSelectMenuOption::new("High", "high"), CreateSelectMenuOption::new("Low", "low")];
    let kind = CreateSelectMenuKind::String { options };
    let users = CreateSelectMenuKind::User { default_users: None };
    message("")
        .embed(CreateEmbed::new().title("A card").description("Nobody has it").field("State", "open", true))
        .components(vec![
            CreateActionRow::Buttons(vec![
                CreateButton::new("have").label("I have it").style(ButtonStyle::Success),
                CreateButton::new("off").label("Off").disabled(true),
                CreateButton::new_link("https://example.org").label("Docs"),
                CreateButton::new("tell").label("Tell"),
            ]),
            CreateActionRow::SelectMenu(CreateSelectMenu::new("severity", kind).placeholder("Severity")),
            CreateActionRow::SelectMenu(CreateSelectMenu::new("who", users).placeholder("Who")),
        ])
}

fn form() -> CreateModal {
    CreateModal::new("form:1", "A form").components(vec![
        CreateActionRow::InputText(CreateInputText::new(InputTextStyle::Short, "ETA", "eta").value("02:00")),
        CreateActionRow::InputText(
            CreateInputText::new(InputTextStyle::Paragraph, "Why", "why").required(false),
        ),
    ])
}

async fn on_autocomplete(context: &Context, typing: CommandInteraction) -> serenity::Result<()> {
    let typed = typing.data.autocomplete().map(|option| option.value.to_owned()).unwrap_or_default();
    let choices = ["mail", "calendar", "contacts"].into_iter().filter(|name| name.starts_with(&typed));
    let response =
        choices.fold(CreateAutocompleteResponse::new(), |all, name| all.add_string_choice(name, name));
    typing.create_response(&context.http, CreateInteractionResponse::Autocomplete(response)).await
}

async fn on_component(context: &Context, component: ComponentInteraction) -> serenity::Result<()> {
    let http = &context.http;
    let update = |text: String| CreateInteractionResponse::UpdateMessage(message(text));
    match (&component.data.kind, component.data.custom_id.as_str()) {
        (ComponentInteractionDataKind::Button, "have") => {
            component.create_response(http, update(format!("{} has it", component.user.name))).await
        }
        (ComponentInteractionDataKind::Button, _) => {
            component.defer(http).await?;
            component
                .create_followup(
                    http,
                    CreateInteractionResponseFollowup::new().content("Only you").ephemeral(true),
                )
                .await
                .map(drop)
        }
        (ComponentInteractionDataKind::StringSelect { values }, _) => {
            component.create_response(http, update(format!("Severity {}", values.join(",")))).await
        }
        (ComponentInteractionDataKind::UserSelect { .. }, _) => {
            let names: Vec<_> =
                component.data.resolved.users.values().map(|user| user.name.clone()).collect();
            component.create_response(http, update(format!("Chosen {}", names.join(",")))).await
        }
        _ => Ok(()),
    }
}

async fn on_modal(context: &Context, modal: ModalInteraction) -> serenity::Result<()> {
    let rows = modal.data.components.iter().flat_map(|row| &row.components);
    let filled: Vec<_> = rows
        .filter_map(|item| match item {
            ActionRowComponent::InputText(input) => {
                Some(format!("{}={}", input.custom_id, input.value.clone().unwrap_or_default()))
            }
            _ => None,
        })
        .collect();
    modal.create_response(&context.http, CreateInteractionResponse::Message(message(filled.join(" ")))).await
}
