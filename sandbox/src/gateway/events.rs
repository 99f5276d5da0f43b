//! What the gateway tells: one function for each thing that happens.

use serde_json::{Value, json};

use super::intents;
use crate::clock::iso8601;
use crate::core::Core;
use crate::faults::Delivery;
use crate::id::Id;
use crate::permissions::{self, Permissions};
use crate::world::{Channel, ChannelKind, Reaction, ScheduledEvent};

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

fn channel(core: &mut Core, channel: &Channel, plain: &str, thread: &str) {
    let audience = Audience {
        guild: channel.guild,
        channel: Some(channel.id),
        intents: intents::GUILDS,
        censored: false,
    };
    if channel.kind == ChannelKind::Dm {
        return;
    }
    let name = if channel.thread.is_some() { thread } else { plain };
    tell(core, &audience, name, &channel.to_json());
}

pub(crate) fn channel_created(core: &mut Core, id: Id) {
    let Some(created) = core.places.channels.get(&id).cloned() else {
        return;
    };
    if created.thread.is_none() {
        return channel(core, &created, "CHANNEL_CREATE", "");
    }
    let audience =
        Audience { guild: created.guild, channel: Some(id), intents: intents::GUILDS, censored: false };
    let mut data = created.to_json();
    data["newly_created"] = json!(true);
    tell(core, &audience, "THREAD_CREATE", &data);
}

pub(crate) fn channel_updated(core: &mut Core, id: Id) {
    let Some(updated) = core.places.channels.get(&id).cloned() else {
        return;
    };
    channel(core, &updated, "CHANNEL_UPDATE", "THREAD_UPDATE");
}

/// Tells of a channel that is already gone.
pub(crate) fn channel_deleted(core: &mut Core, gone: &Channel) {
    let Some(guild) = gone.guild else { return };
    let audience = in_guild(guild, intents::GUILDS);
    if gone.thread.is_some() {
        let data = json!({
            "id": gone.id, "guild_id": guild, "parent_id": gone.parent, "type": gone.kind.number(),
        });
        tell(core, &audience, "THREAD_DELETE", &data);
    } else {
        tell(core, &audience, "CHANNEL_DELETE", &gone.to_json());
    }
}

pub(crate) fn thread_members(core: &mut Core, thread: Id, added: &[Id], removed: &[Id]) {
    let Some(channel) = core.places.channels.get(&thread) else { return };
    let (Some(guild), Some(state)) = (channel.guild, channel.thread.as_ref()) else { return };
    let joined =
        |id: &Id| json!({"id": thread, "user_id": id, "join_timestamp": iso8601(core.now_ms()), "flags": 0});
    let data = json!({
        "id": thread, "guild_id": guild, "member_count": state.members.len().min(50),
        "added_members": added.iter().map(joined).collect::<Vec<_>>(), "removed_member_ids": removed,
    });
    let audience =
        Audience { guild: Some(guild), channel: Some(thread), intents: intents::GUILDS, censored: false };
    tell(core, &audience, "THREAD_MEMBERS_UPDATE", &data);
}

pub(crate) fn role(core: &mut Core, guild: Id, role: Id, created: bool) {
    let role = core.places.guilds.get(&guild).and_then(|guild| guild.roles.get(&role));
    let Some(role) = role.map(|role| json!({"guild_id": guild, "role": role.to_json()})) else {
        return;
    };
    let name = if created { "GUILD_ROLE_CREATE" } else { "GUILD_ROLE_UPDATE" };
    tell(core, &in_guild(guild, intents::GUILDS), name, &role);
}

pub(crate) fn role_deleted(core: &mut Core, guild: Id, role: Id) {
    let data = json!({"guild_id": guild, "role_id": role});
    tell(core, &in_guild(guild, intents::GUILDS), "GUILD_ROLE_DELETE", &data);
}

pub(crate) fn member_updated(core: &mut Core, guild: Id, user: Id) {
    let member = core.places.guilds.get(&guild).and_then(|guild| guild.members.get(&user));
    let Some(mut data) = member.map(|member| member.to_json(&core.places)) else {
        return;
    };
    data["guild_id"] = json!(guild);
    // The bot hears of itself without the privileged intent.
    let intents = if user == core.places.bot() { 0 } else { intents::GUILD_MEMBERS };
    tell(core, &in_guild(guild, intents), "GUILD_MEMBER_UPDATE", &data);
}

pub(crate) fn member_added(core: &mut Core, guild: Id, user: Id) {
    let member = core.places.guilds.get(&guild).and_then(|guild| guild.members.get(&user));
    let Some(mut data) = member.map(|member| member.to_json(&core.places)) else {
        return;
    };
    data["guild_id"] = json!(guild);
    tell(core, &in_guild(guild, intents::GUILD_MEMBERS), "GUILD_MEMBER_ADD", &data);
}

pub(crate) fn member_removed(core: &mut Core, guild: Id, user: Id) {
    let data = json!({"guild_id": guild, "user": core.places.user_json(user)});
    tell(core, &in_guild(guild, intents::GUILD_MEMBERS), "GUILD_MEMBER_REMOVE", &data);
}

pub(crate) fn webhooks_changed(core: &mut Core, guild: Id, channel: Id) {
    let data = json!({"guild_id": guild, "channel_id": channel});
    tell(core, &in_guild(guild, intents::GUILD_WEBHOOKS), "WEBHOOKS_UPDATE", &data);
}

pub(crate) fn scheduled(core: &mut Core, guild: Id, event: &ScheduledEvent, what: &str) {
    let data = event.to_json(guild, &core.places);
    let name = format!("GUILD_SCHEDULED_EVENT_{what}");
    tell(core, &in_guild(guild, intents::SCHEDULED_EVENTS), &name, &data);
}

/// Sends GUILD_CREATE to sessions that do not know the guild yet.
pub(crate) fn guild_created(core: &mut Core, guild: Id) {
    let Some(data) = core.places.guilds.get(&guild).map(|guild| guild.to_create_json(&core.places)) else {
        return;
    };
    let fits = |intents: u64| intents & intents::GUILDS != 0;
    let mut fresh = Vec::new();
    for (id, session) in &mut core.hub.sessions {
        if fits(session.intents) && session.sees(Some(guild)) && !session.guilds.contains(&guild) {
            session.guilds.push(guild);
            fresh.push(id.clone());
        }
    }
    for session in fresh {
        core.hub.dispatch(&session, "GUILD_CREATE", &data);
    }
}

/// The bot is no longer in the guild.
pub(crate) fn guild_left(core: &mut Core, guild: Id) {
    let data = json!({"id": guild});
    let sessions: Vec<_> = core.hub.sessions.keys().cloned().collect();
    for session in sessions {
        core.hub.dispatch(&session, "GUILD_DELETE", &data);
    }
    for session in core.hub.sessions.values_mut() {
        session.guilds.retain(|known| *known != guild);
    }
}

/// Delivers an interaction as the switched-on faults say.
pub(crate) fn interaction(core: &mut Core, id: Id) {
    match core.faults.gateway.interactions {
        Delivery::Lost => {}
        Delivery::Held => core.held.push_back(id),
        Delivery::Normal => deliver(core, id),
        Delivery::Twice => {
            deliver(core, id);
            deliver(core, id);
        }
    }
}

/// Delivers an interaction now, whatever is switched on.
pub(crate) fn deliver(core: &mut Core, id: Id) {
    let Some(data) = crate::user::wire::interaction(core, id) else {
        return;
    };
    let guild = core.interactions.get(&id).and_then(|interaction| interaction.guild);
    // Interactions need no intent and no sight of the channel.
    let audience = Audience { guild, channel: None, intents: 0, censored: false };
    tell(core, &audience, "INTERACTION_CREATE", &data);
}
