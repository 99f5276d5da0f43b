//! The servers that Watchpost is in: commands are registered in those that are configured, the others are left.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use poise::FrameworkOptions;
use serenity::http::Http;
use serenity::model::id::GuildId as DiscordGuild;
use watchpost::ids::GuildId;
use watchpost_texts::say;

use super::failure::Failure;
use super::{Mind, holders};
use crate::bot::gate::RestFailure;

/// Pauses before each attempt to register.
const PAUSES: [Duration; 4] =
    [Duration::ZERO, Duration::from_secs(2), Duration::from_secs(15), Duration::from_secs(60)];

/// The gateway has named a server.
pub(super) async fn seen(
    http: &Arc<Http>,
    mind: &Arc<Mind>,
    options: &FrameworkOptions<Arc<Mind>, Failure>,
    guild: GuildId,
) {
    if guild.0 == 0 {
        return;
    }
    if !mind.desk.policy().guilds.contains_key(&guild) {
        tracing::warn!(%guild, "leaving a server that is not configured");
        if let Err(error) = DiscordGuild::new(guild.0).leave(http).await {
            tracing::warn!(%guild, why = %said(&error), "the server could not be left");
        }
        return;
    }
    let first = mind.registered.lock().unwrap_or_else(PoisonError::into_inner).insert(guild);
    if first && !register(http, options, guild).await {
        mind.registered.lock().unwrap_or_else(PoisonError::into_inner).remove(&guild);
    }
    if first {
        holders::look_up(http, mind, guild).await;
    }
}

/// Replaces the commands of the server by those of [`crate::all`], in one request.
async fn register(http: &Http, options: &FrameworkOptions<Arc<Mind>, Failure>, guild: GuildId) -> bool {
    for pause in PAUSES {
        tokio::time::sleep(pause).await;
        let commands = poise::builtins::create_application_commands(&options.commands);
        match DiscordGuild::new(guild.0).set_commands(http, commands).await {
            Ok(registered) => {
                tracing::info!(%guild, commands = registered.len(), "commands registered");
                return true;
            }
            Err(error) => tracing::warn!(%guild, why = %said(&error), "commands not registered"),
        }
    }
    false
}

fn said(error: &serenity::Error) -> String {
    match RestFailure::read(error) {
        RestFailure::NotSent(why) => why.to_string(),
        RestFailure::Unknown(why) => why.to_string(),
        RestFailure::Refused { status: 403, .. } => {
            say!("Discord forbids it: invite Watchpost again with the scope applications.commands").to_owned()
        }
        RestFailure::Refused { status, code } => say!("Discord refused it (status {status}, code {code})"),
    }
}
