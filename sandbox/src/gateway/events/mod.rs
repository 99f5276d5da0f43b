//! What the gateway tells: one function for each thing that happens.

mod channels;
mod guilds;
mod interactions;
mod messages;

use serde_json::{Value, json};

use crate::core::Core;
use crate::gateway::intents;
use crate::id::Id;
use crate::permissions::{self, Permissions};

pub(crate) use channels::{channel_created, channel_deleted, channel_updated, thread_members};
pub(crate) use guilds::{
    command_decided, guild_created, guild_left, member_added, member_removed, member_updated, role,
    role_deleted, scheduled, webhooks_changed,
};
pub(crate) use interactions::{deliver, interaction};
pub(crate) use messages::{
    message_created, message_deleted, message_updated, pins_changed, reaction, reactions_cleared,
};

/// Who hears of something.
struct Audience {
    guild: Option<Id>,
    /// Only who may see this channel.
    channel: Option<Id>,
    /// Any of these bits; 0 for everybody.
    intents: u64,
    /// Whether text, embeds, files and components are taken out without the MESSAGE_CONTENT intent.
    censored: bool,
}

fn tell(core: &mut Core, audience: &Audience, name: &str, data: &Value) {
    if core.faults.gateway.deaf {
        return;
    }
    if let Some(channel) = audience.channel.and_then(|id| core.places.channels.get(&id)) {
        let bot = core.places.bot();
        if !permissions::in_channel(&core.places, channel, bot).has(Permissions::VIEW_CHANNEL) {
            return;
        }
    }
    if audience.guild.is_some_and(|id| !bot_is_in(core, id)) {
        return;
    }
    let wants = |intents: u64| audience.intents == 0 || intents & audience.intents != 0;
    let sessions: Vec<_> = core
        .hub
        .sessions
        .iter()
        .filter(|(_, session)| wants(session.intents) && session.sees(audience.guild))
        .map(|(id, session)| (id.clone(), session.intents & intents::MESSAGE_CONTENT != 0))
        .collect();
    for (session, privileged) in sessions {
        if audience.censored && !privileged {
            core.hub.dispatch(&session, name, &without_content(data));
        } else {
            core.hub.dispatch(&session, name, data);
        }
    }
}

fn bot_is_in(core: &Core, guild: Id) -> bool {
    let bot = core.places.bot();
    core.places.guilds.get(&guild).is_some_and(|guild| guild.members.contains_key(&bot))
}

fn without_content(message: &Value) -> Value {
    let mut message = message.clone();
    message["content"] = json!("");
    for list in ["embeds", "attachments", "components"] {
        message[list] = json!([]);
    }
    message
}

fn in_channel(core: &Core, channel: Id, guild_intent: u64, dm_intent: u64) -> Audience {
    let guild = core.places.channels.get(&channel).and_then(|channel| channel.guild);
    let intents = if guild.is_some() { guild_intent } else { dm_intent };
    Audience { guild, channel: Some(channel), intents, censored: false }
}

fn in_guild(guild: Id, intents: u64) -> Audience {
    Audience { guild: Some(guild), channel: None, intents, censored: false }
}
