//! Guilds, their roles, members, webhooks and calendar.

use serde_json::json;

use super::{in_guild, tell};
use crate::core::Core;
use crate::gateway::intents;
use crate::id::Id;
use crate::world::ScheduledEvent;

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

pub(crate) fn command_decided(core: &mut Core, guild: Id, command: Id) {
    let found = core.places.commands.iter().find(|found| found.id == command);
    let data = found.and_then(|found| found.exceptions_json(guild, &core.places));
    if let Some(data) = data {
        tell(core, &in_guild(guild, 0), "APPLICATION_COMMAND_PERMISSIONS_UPDATE", &data);
    }
}
