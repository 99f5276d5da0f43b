//! Roles of a guild (resources/guild).

use serde_json::Value;

use super::members::below_bot;
use super::{Answer, Call, Reply, Route, route};
use crate::core::Core;
use crate::error::{ApiError, FormFaults, MAX_GUILD_ROLES, UNKNOWN_ROLE};
use crate::gateway::events;
use crate::id::Id;
use crate::permissions::Permissions;
use crate::rules::fields;
use crate::rules::limits;
use crate::world::Role;

pub(super) const ROUTES: &[Route] = &[
    route("GET", "guilds/{guild}/roles", list),
    route("POST", "guilds/{guild}/roles", create),
    route("GET", "guilds/{guild}/roles/{role}", get),
    route("PATCH", "guilds/{guild}/roles/{role}", edit),
    route("DELETE", "guilds/{guild}/roles/{role}", delete),
];

fn list(core: &mut Core, call: &Call) -> Answer {
    let guild = call.id("guild")?;
    core.bot_needs_in_guild(guild, Permissions::NONE)?;
    Ok(Reply::Ok(core.places.guild(guild)?.roles.values().map(Role::to_json).collect()))
}

fn shown(core: &Core, guild: Id, role: Id) -> Result<Value, ApiError> {
    Ok(core.places.guild(guild)?.roles.get(&role).ok_or(UNKNOWN_ROLE)?.to_json())
}

fn get(core: &mut Core, call: &Call) -> Answer {
    let (guild, role) = (call.id("guild")?, call.id("role")?);
    core.bot_needs_in_guild(guild, Permissions::NONE)?;
    Ok(Reply::Ok(shown(core, guild, role)?))
}

fn apply(body: &Value, role: &mut Role) -> Result<(), ApiError> {
    const KNOWN: &[&str] = &[
        "name",
        "permissions",
        "color",
        "colors",
        "hoist",
        "icon",
        "unicode_emoji",
        "mentionable",
        "position",
    ];
    let mut faults = FormFaults::default();
    fields::known(body, "", KNOWN, &mut faults);
    if let Some(name) = fields::text(body, "", "name", 1..=limits::ROLE_NAME, &mut faults) {
        name.clone_into(&mut role.name);
    }
    let bits = fields::number(body, "", "permissions", 0..=u64::MAX, &mut faults);
    role.permissions = bits.map_or(role.permissions, Permissions);
    role.color = fields::number(body, "", "color", 0..=0xFF_FFFF, &mut faults).unwrap_or(role.color);
    role.hoist = fields::flag(body, "", "hoist", &mut faults).unwrap_or(role.hoist);
    role.mentionable = fields::flag(body, "", "mentionable", &mut faults).unwrap_or(role.mentionable);
    faults.result()
}

fn create(core: &mut Core, call: &Call) -> Answer {
    let guild = call.id("guild")?;
    core.bot_needs_in_guild(guild, Permissions::MANAGE_ROLES)?;
    if core.places.guild(guild)?.roles.len() >= limits::ROLES {
        return Err(MAX_GUILD_ROLES.into());
    }
    let id = core.new_id();
    let mut role = Role {
        id,
        name: "new role".to_owned(),
        permissions: Permissions::NONE,
        mentionable: false,
        position: 1,
        color: 0,
        hoist: false,
        bot: None,
    };
    apply(&call.body, &mut role)?;
    core.places.guild_mut(guild)?.roles.insert(id, role);
    events::role(core, guild, id, true);
    core.touch();
    Ok(Reply::Ok(shown(core, guild, id)?))
}

fn edit(core: &mut Core, call: &Call) -> Answer {
    let (guild, id) = (call.id("guild")?, call.id("role")?);
    core.bot_needs_in_guild(guild, Permissions::MANAGE_ROLES)?;
    below_bot(core, guild, id)?;
    let role = core.places.guild_mut(guild)?.roles.get_mut(&id).ok_or(UNKNOWN_ROLE)?;
    apply(&call.body, role)?;
    events::role(core, guild, id, false);
    core.touch();
    Ok(Reply::Ok(shown(core, guild, id)?))
}

fn delete(core: &mut Core, call: &Call) -> Answer {
    let (guild, id) = (call.id("guild")?, call.id("role")?);
    core.bot_needs_in_guild(guild, Permissions::MANAGE_ROLES)?;
    below_bot(core, guild, id)?;
    let found = core.places.guild_mut(guild)?;
    found.roles.remove(&id);
    for member in found.members.values_mut() {
        member.roles.retain(|role| *role != id);
    }
    events::role_deleted(core, guild, id);
    core.touch();
    Ok(Reply::Nothing)
}
