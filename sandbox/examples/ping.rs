//! A bot of thirty lines against the sandbox, and a page to talk to it.
//!
//! `cargo run -p watchpost-sandbox --example ping` prints an address. Open it, type `/ping`, press the button, and then
//! switch something on under "Discord misbehaves".

use std::error::Error;

use serenity::all::{
    ClientBuilder, Context, CreateActionRow, CreateButton, CreateCommand, CreateInteractionResponse,
    CreateInteractionResponseMessage, EventHandler, GatewayIntents, GuildId, HttpBuilder, Interaction, Ready,
};
use serenity::async_trait;
use watchpost_sandbox::{Sandbox, World};

struct Ping {
    guild: GuildId,
}

#[async_trait]
impl EventHandler for Ping {
    async fn ready(&self, context: Context, _: Ready) {
        let ping = CreateCommand::new("ping").description("Answers with a button");
        let _ = self.guild.set_commands(&context.http, vec![ping]).await;
    }

    async fn interaction_create(&self, context: Context, interaction: Interaction) {
        let again = CreateActionRow::Buttons(vec![CreateButton::new("again").label("Again")]);
        let pong = CreateInteractionResponseMessage::new().content("Pong").components(vec![again]);
        let _ = match interaction {
            Interaction::Command(command) => {
                command.create_response(&context.http, CreateInteractionResponse::Message(pong)).await
            }
            Interaction::Component(component) => {
                let text = format!("Pong for {}", component.user.name);
                let pong = CreateInteractionResponse::UpdateMessage(pong.content(text));
                component.create_response(&context.http, pong).await
            }
            _ => Ok(()),
        };
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let discord = Sandbox::start(World::standard().application("Ping")).await?;
    // Both lines are needed: serenity's own limiter would send its requests to the real Discord.
    let http = HttpBuilder::new(discord.token()).proxy(discord.api_base()).ratelimiter_disabled(true).build();
    http.set_application_id(discord.application_id().0.into());
    let guild = GuildId::new(discord.guild_id().0);
    let intents = GatewayIntents::non_privileged();
    let mut client = ClientBuilder::new_with_http(http, intents).event_handler(Ping { guild }).await?;
    #[expect(clippy::print_stdout, reason = "the address is what this program is started for")]
    {
        println!("Open {}", discord.api_base());
    }
    client.start().await?;
    Ok(())
}
