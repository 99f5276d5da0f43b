//! Channels and threads.

use serde_json::json;

use super::{Audience, in_guild, tell};
use crate::clock::iso8601;
use crate::core::Core;
use crate::gateway::intents;
use crate::id::Id;
use crate::world::{Channel, ChannelKind};

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
    let Some(channel) = core.places.channels.get(&thread) else {
        return;
    };
    let (Some(guild), Some(state)) = (channel.guild, channel.thread.as_ref()) else {
        return;
    };
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
