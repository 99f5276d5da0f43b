//! A sandbox, a gate, a supervisor and a small bot that answers `/ask`.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use serenity::all::{
    ChannelId, Client, ClientBuilder, CommandOptionType, Context, CreateAllowedMentions, CreateCommand,
    CreateCommandOption, CreateInteractionResponse, CreateInteractionResponseMessage, CreateMessage,
    EventHandler, GatewayIntents, GuildId, Http, Interaction, Message, Ready,
};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use watchpost_commands::bot::gate::{Gate, GateOptions, Limits, RestFailure, Traffic, Upstream};
use watchpost_commands::bot::supervisor::{
    Canary, CanaryPace, Outcome, Pace, Patience, RelayLimits, SerenityClients, Status, Supervisor,
    SupervisorOptions, ThreadCanary,
};
use watchpost_sandbox::{Sandbox, World};

/// Limits that let a story fail in seconds what fails in minutes in operation.
pub fn short() -> Limits {
    Limits {
        attempt: Duration::from_millis(1500),
        patience: Duration::from_millis(700),
        again_after: Duration::from_millis(20),
        ..Limits::default()
    }
}

/// Everything comes long before that, or never: also on a machine that is busy with much else.
pub const LONGEST: Duration = Duration::from_secs(120);

pub async fn within<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(LONGEST, future).await.expect("it should have come long ago")
}

pub async fn gate(discord: &Sandbox, limits: Limits) -> Arc<Gate> {
    let upstream = Upstream::parse(&discord.api_base()).unwrap();
    let token = SecretString::from(discord.token());
    Arc::new(Gate::start(GateOptions { upstream, token, limits, raw_transcript: None }).await.unwrap())
}

pub fn http(gate: &Gate, discord: &Sandbox) -> Http {
    let http = gate.http(Traffic::Normal).unwrap().build();
    http.set_application_id(discord.application_id().0.into());
    http
}

pub fn channel(discord: &Sandbox, name: &str) -> ChannelId {
    ChannelId::new(discord.channel(name).id().0)
}

/// A message into a channel, and what became of it.
pub async fn say(http: &Http, channel: ChannelId, text: &str) -> Result<Message, RestFailure> {
    let message = CreateMessage::new().content(text).allowed_mentions(CreateAllowedMentions::new());
    within(channel.send_message(http, message)).await.map_err(|error| RestFailure::read(&error))
}

/// A night on which the bot runs.
pub struct Night {
    pub discord: Sandbox,
    pub gate: Arc<Gate>,
    supervisor: Arc<Supervisor>,
    stop: watch::Sender<bool>,
    running: JoinHandle<Outcome>,
}

impl Night {
    /// Starts everything and waits until the bot answers.
    pub async fn begin(world: World) -> Self {
        Self::with_patience(world, Duration::from_secs(20)).await
    }

    /// As [`Night::begin`]; a client is rebuilt when it is away for this long.
    pub async fn with_patience(world: World, away: Duration) -> Self {
        let discord = Sandbox::start(world.patience(LONGEST)).await.unwrap();
        let gate = gate(&discord, Limits::default()).await;
        let guild = GuildId::new(discord.guild_id().0);
        let canary = ThreadCanary::new(http(&gate, &discord), guild, channel(&discord, "ops"));
        let options = SupervisorOptions {
            gate: Arc::clone(&gate),
            patience: Patience { away, ..Patience::default() },
            relay: RelayLimits {
                hello: Duration::from_secs(1),
                connect: Duration::from_secs(1),
                ..RelayLimits::default()
            },
            pace: Pace { look: Duration::from_millis(50), ..Pace::default() },
            canary: Some(Arc::new(canary) as Arc<dyn Canary>),
            canary_pace: CanaryPace {
                every: Duration::from_secs(2),
                again: Duration::from_millis(200),
                heard_within: Duration::from_secs(1),
            },
        };
        let supervisor = Arc::new(Supervisor::start(options).await.unwrap());
        let stop = watch::Sender::new(false);
        let clients = Arc::new(SerenityClients::new(client_of(&gate, &discord)));
        let running = tokio::spawn({
            let (supervisor, stop) = (Arc::clone(&supervisor), stop.subscribe());
            async move { supervisor.run(clients, stop).await }
        });
        within(discord.wait_for_commands(&["ask"])).await;
        Self { discord, gate, supervisor, stop, running }
    }

    /// What is typed reaches the bot, and its answer comes.
    pub async fn answers(&self, text: &str) {
        let ana = self.discord.member("ana");
        let turn = ana.types("/ask", &[("text", text)], "ops").await.unwrap();
        let answer = within(turn.message()).await;
        assert_eq!(answer.content, format!("You asked: {text}"));
    }

    pub async fn until(&self, reached: impl FnMut(&Status) -> bool) -> Status {
        *within(self.supervisor.status().wait_for(reached)).await.unwrap()
    }

    pub async fn end(self) -> Outcome {
        self.stop.send_replace(true);
        self.ends().await
    }

    /// The end to which it comes by itself.
    pub async fn ends(self) -> Outcome {
        within(self.running).await.unwrap()
    }
}

fn client_of(
    gate: &Arc<Gate>,
    discord: &Sandbox,
) -> impl Fn() -> futures::future::BoxFuture<'static, serenity::Result<Client>> + Send + Sync + 'static {
    let (gate, guild) = (Arc::clone(gate), GuildId::new(discord.guild_id().0));
    move || {
        let http = gate.http(Traffic::Normal).unwrap().build();
        let intents = GatewayIntents::GUILDS | GatewayIntents::GUILD_MESSAGES;
        Box::pin(
            async move { ClientBuilder::new_with_http(http, intents).event_handler(Answers { guild }).await },
        )
    }
}

struct Answers {
    guild: GuildId,
}

#[serenity::async_trait]
impl EventHandler for Answers {
    async fn ready(&self, context: Context, _: Ready) {
        let text = CreateCommandOption::new(CommandOptionType::String, "text", "What to ask").required(true);
        let ask = CreateCommand::new("ask").description("Answers at once").add_option(text);
        // A night on which Discord refuses it is what some of the stories are about.
        let _ = self.guild.set_commands(&context.http, vec![ask]).await;
    }

    async fn interaction_create(&self, context: Context, interaction: Interaction) {
        let Interaction::Command(command) = interaction else {
            return;
        };
        let text = command.data.options[0].value.as_str().unwrap_or_default();
        let message = CreateInteractionResponseMessage::new()
            .content(format!("You asked: {text}"))
            .allowed_mentions(CreateAllowedMentions::new());
        let _ = command.create_response(&context.http, CreateInteractionResponse::Message(message)).await;
    }
}
