//! Messages, reactions, pins.

use serde_json::json;

use super::{in_channel, tell};
use crate::clock::iso8601;
use crate::core::Core;
use crate::gateway::intents;
use crate::id::Id;
use crate::world::Reaction;

fn message(core: &mut Core, id: Id, name: &str) {
    let Some(message) = core.places.messages.get(&id).filter(|message| message.ephemeral_for.is_none())
    else {
        return;
    };
    let bot = core.places.bot();
    let data = message.to_event_json(&core.places);
    let mut audience = in_channel(core, message.channel, intents::GUILD_MESSAGES, intents::DIRECT_MESSAGES);
    // events/gateway, "Message Content Intent": own messages, mentions of the bot and DMs come whole.
    let own = message.author == bot || message.mentions.contains(&bot);
    audience.censored = audience.guild.is_some() && !own;
    tell(core, &audience, name, &data);
}

pub(crate) fn message_created(core: &mut Core, id: Id) {
    message(core, id, "MESSAGE_CREATE");
}

pub(crate) fn message_updated(core: &mut Core, id: Id) {
    message(core, id, "MESSAGE_UPDATE");
}

pub(crate) fn message_deleted(core: &mut Core, channel: Id, ids: &[Id]) {
    let audience = in_channel(core, channel, intents::GUILD_MESSAGES, intents::DIRECT_MESSAGES);
    match ids {
        [id] => {
            let data = json!({"id": id, "channel_id": channel, "guild_id": audience.guild});
            tell(core, &audience, "MESSAGE_DELETE", &data);
        }
        _ => {
            let data = json!({"ids": ids, "channel_id": channel, "guild_id": audience.guild});
            tell(core, &audience, "MESSAGE_DELETE_BULK", &data);
        }
    }
}

pub(crate) fn reaction(core: &mut Core, message: Id, emoji: &str, user: Id, added: bool) {
    let Some(message) = core.places.messages.get(&message) else {
        return;
    };
    let audience = in_channel(core, message.channel, intents::GUILD_REACTIONS, intents::DIRECT_REACTIONS);
    let mut data = json!({
        "user_id": user, "channel_id": message.channel, "message_id": message.id, "guild_id": audience.guild,
        "emoji": Reaction::emoji_json(emoji), "burst": false, "type": 0,
    });
    let guild = audience.guild.and_then(|id| core.places.guilds.get(&id));
    if let Some(member) = guild.and_then(|guild| guild.members.get(&user)).filter(|_| added) {
        data["member"] = member.to_json(&core.places);
        data["message_author_id"] = json!(message.author);
    }
    let name = if added { "MESSAGE_REACTION_ADD" } else { "MESSAGE_REACTION_REMOVE" };
    tell(core, &audience, name, &data);
}

pub(crate) fn reactions_cleared(core: &mut Core, channel: Id, message: Id, emoji: Option<&str>) {
    let audience = in_channel(core, channel, intents::GUILD_REACTIONS, intents::DIRECT_REACTIONS);
    let mut data = json!({"channel_id": channel, "message_id": message, "guild_id": audience.guild});
    match emoji {
        None => tell(core, &audience, "MESSAGE_REACTION_REMOVE_ALL", &data),
        Some(emoji) => {
            data["emoji"] = Reaction::emoji_json(emoji);
            data["burst"] = json!(false);
            data["type"] = json!(0);
            tell(core, &audience, "MESSAGE_REACTION_REMOVE_EMOJI", &data);
        }
    }
}

pub(crate) fn pins_changed(core: &mut Core, channel: Id) {
    let audience = in_channel(core, channel, intents::GUILDS, intents::DIRECT_MESSAGES);
    let last = core.places.channels.get(&channel).and_then(|channel| channel.last_pin_ms);
    let data =
        json!({"guild_id": audience.guild, "channel_id": channel, "last_pin_timestamp": last.map(iso8601)});
    tell(core, &audience, "CHANNEL_PINS_UPDATE", &data);
}
