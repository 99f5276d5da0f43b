//! What there is: guilds, roles, members, channels, messages, commands. Plain data with its form on the wire.

mod builder;
mod channel;
mod command;
mod guild;
mod message;
mod user;

use std::collections::BTreeMap;

use serde_json::Value;

pub use builder::World;
pub use channel::{Channel, ChannelKind, Overwrite, OverwriteKind, Tag, Thread};
pub use command::Command;
pub use guild::{Guild, Member, Role, ScheduledEvent, Webhook};
pub use message::{Attachment, InteractionOrigin, Message, Reaction};
pub use user::User;

pub(crate) use message::flags;

use crate::error::{ApiError, UNKNOWN_CHANNEL, UNKNOWN_GUILD, UNKNOWN_MESSAGE};
use crate::id::Id;

/// The bot's application.
#[derive(Clone, Debug)]
pub struct Application {
    /// Its id; the bot's user has the same one, as with every application made since 2016.
    pub id: Id,
    /// What people see.
    pub name: String,
    /// Privileged intents that are switched on in the developer portal.
    pub privileged_intents: u64,
    /// Who made it.
    pub owner: Id,
}

/// Everything that is kept of the world.
#[derive(Debug)]
pub struct Places {
    /// The bot.
    pub application: Application,
    /// Everybody, the bot among them.
    pub users: BTreeMap<Id, User>,
    /// Guilds.
    pub guilds: BTreeMap<Id, Guild>,
    /// Channels, threads and DMs.
    pub channels: BTreeMap<Id, Channel>,
    /// Messages, ephemeral ones too.
    pub messages: BTreeMap<Id, Message>,
    /// Registered commands.
    pub commands: Vec<Command>,
    /// Where attachments can be fetched: `http://127.0.0.1:PORT`.
    pub files_base: String,
}

impl Places {
    pub(crate) fn bot(&self) -> Id {
        self.application.id
    }

    pub(crate) fn guild(&self, id: Id) -> Result<&Guild, ApiError> {
        self.guilds.get(&id).ok_or_else(|| UNKNOWN_GUILD.into())
    }

    pub(crate) fn guild_mut(&mut self, id: Id) -> Result<&mut Guild, ApiError> {
        self.guilds.get_mut(&id).ok_or_else(|| UNKNOWN_GUILD.into())
    }

    pub(crate) fn channel(&self, id: Id) -> Result<&Channel, ApiError> {
        self.channels.get(&id).ok_or_else(|| UNKNOWN_CHANNEL.into())
    }

    pub(crate) fn channel_mut(&mut self, id: Id) -> Result<&mut Channel, ApiError> {
        self.channels.get_mut(&id).ok_or_else(|| UNKNOWN_CHANNEL.into())
    }

    /// A message that everybody in the channel can see.
    pub(crate) fn message(&self, channel: Id, id: Id) -> Result<&Message, ApiError> {
        self.messages
            .get(&id)
            .filter(|message| message.channel == channel && message.ephemeral_for.is_none())
            .ok_or_else(|| UNKNOWN_MESSAGE.into())
    }

    pub(crate) fn message_mut(&mut self, channel: Id, id: Id) -> Result<&mut Message, ApiError> {
        self.messages
            .get_mut(&id)
            .filter(|message| message.channel == channel && message.ephemeral_for.is_none())
            .ok_or_else(|| UNKNOWN_MESSAGE.into())
    }

    /// The messages of a channel, oldest first, without the ephemeral ones.
    pub(crate) fn history(&self, channel: Id) -> impl DoubleEndedIterator<Item = &Message> {
        self.messages
            .values()
            .filter(move |message| message.channel == channel && message.ephemeral_for.is_none())
    }

    /// The threads under a channel.
    pub(crate) fn threads(&self, parent: Id) -> impl Iterator<Item = &Channel> {
        self.channels
            .values()
            .filter(move |channel| channel.thread.is_some() && channel.parent == Some(parent))
    }

    pub(crate) fn user_json(&self, id: Id) -> Value {
        self.users.get(&id).map_or(Value::Null, User::to_json)
    }
}
