//! Members of a guild (resources/guild).

use serde_json::Value;

use super::{Answer, Call, Reply, Route, route};
use crate::core::Core;
use crate::error::{ApiError, FormFaults, MISSING_ACCESS, MISSING_PERMISSIONS, UNKNOWN_MEMBER, UNKNOWN_ROLE};
use crate::gateway::{events, intents};
use crate::id::Id;
use crate::permissions::Permissions;
use crate::rules::fields;
use crate::world::Guild;

pub(super) const ROUTES: &[Route] = &[
    route("GET", "guilds/{guild}/members", list),
    route("GET", "guilds/{guild}/members/search", search),
    route("GET", "guilds/{guild}/members/{user}", get),
    route("PATCH", "guilds/{guild}/members/@me", edit_me),
    route("PATCH", "guilds/{guild}/members/{user}", edit),
    route("PUT", "guilds/{guild}/members/{user}/roles/{role}", give),
    route("DELETE", "guilds/{guild}/members/{user}/roles/{role}", take),
];

fn shown(core: &Core, guild: Id, user: Id) -> Result<Value, ApiError> {
    let member = core.places.guild(guild)?.members.get(&user).ok_or(UNKNOWN_MEMBER)?;
    Ok(member.to_json(&core.places))
}

fn get(core: &mut Core, call: &Call) -> Answer {
    let (guild, user) = (call.id("guild")?, call.id("user")?);
    core.bot_needs_in_guild(guild, Permissions::NONE)?;
    Ok(Reply::Ok(shown(core, guild, user)?))
}

/// The whole list is for applications with the privileged intent (resources/guild, "List Guild Members").
fn list(core: &mut Core, call: &Call) -> Answer {
    let guild = call.id("guild")?;
    core.bot_needs_in_guild(guild, Permissions::NONE)?;
    if core.places.application.privileged_intents & intents::GUILD_MEMBERS == 0 {
        return Err(MISSING_ACCESS.into());
    }
    let limit = call.limit(1, 1_000)?;
    let after = call.query_id("after")?.unwrap_or(Id(0));
    let members = core.places.guild(guild)?.members.values();
    let page = members.filter(|member| member.user > after).take(limit);
    Ok(Reply::Ok(page.map(|member| member.to_json(&core.places)).collect()))
}

fn search(core: &mut Core, call: &Call) -> Answer {
    let guild = call.id("guild")?;
    core.bot_needs_in_guild(guild, Permissions::NONE)?;
    let limit = call.limit(1, 1_000)?;
    let wanted = call.query.get("query").map(|text| text.to_lowercase()).unwrap_or_default();
    let fits =
        |id: &Id| core.places.users.get(id).is_some_and(|user| user.name.to_lowercase().starts_with(&wanted));
    let members = core.places.guild(guild)?.members.values().filter(|member| fits(&member.user));
    Ok(Reply::Ok(members.take(limit).map(|member| member.to_json(&core.places)).collect()))
}

fn edit_me(core: &mut Core, call: &Call) -> Answer {
    let (guild, bot) = (call.id("guild")?, core.places.bot());
    core.bot_needs_in_guild(guild, Permissions::NONE)?;
    rename(core, call, guild, bot)
}

fn edit(core: &mut Core, call: &Call) -> Answer {
    let (guild, user) = (call.id("guild")?, call.id("user")?);
    core.bot_needs_in_guild(guild, Permissions::MANAGE_ROLES)?;
    let mut faults = FormFaults::default();
    let roles = fields::ids(&call.body, "", "roles", 250, &mut faults);
    faults.result()?;
    if let Some(roles) = roles {
        for role in &roles {
            below_bot(core, guild, *role)?;
        }
        core.places.guild_mut(guild)?.members.get_mut(&user).ok_or(UNKNOWN_MEMBER)?.roles = roles;
    }
    rename(core, call, guild, user)
}

fn rename(core: &mut Core, call: &Call, guild: Id, user: Id) -> Answer {
    let mut faults = FormFaults::default();
    let nick = fields::text(&call.body, "", "nick", 0..=32, &mut faults).map(str::to_owned);
    faults.result()?;
    if call.body.get("nick").is_some() {
        let member = core.places.guild_mut(guild)?.members.get_mut(&user).ok_or(UNKNOWN_MEMBER)?;
        member.nick = nick.filter(|nick| !nick.is_empty());
    }
    events::member_updated(core, guild, user);
    core.touch();
    Ok(Reply::Ok(shown(core, guild, user)?))
}

/// The mightiest role of a member.
pub(super) fn highest(guild: &Guild, user: Id) -> u64 {
    let Some(member) = guild.members.get(&user) else {
        return 0;
    };
    member.roles.iter().filter_map(|id| guild.roles.get(id)).map(|role| role.position).max().unwrap_or(0)
}

/// A bot touches only roles below its own highest one (topics/permissions, "Permission Hierarchy").
pub(super) fn below_bot(core: &Core, guild: Id, role: Id) -> Result<(), ApiError> {
    let guild = core.places.guild(guild)?;
    let position = guild.roles.get(&role).ok_or(UNKNOWN_ROLE)?.position;
    if position < highest(guild, core.places.bot()) { Ok(()) } else { Err(MISSING_PERMISSIONS.into()) }
}

fn change(core: &mut Core, call: &Call, give: bool) -> Answer {
    let (guild, user, role) = (call.id("guild")?, call.id("user")?, call.id("role")?);
    core.bot_needs_in_guild(guild, Permissions::MANAGE_ROLES)?;
    below_bot(core, guild, role)?;
    let member = core.places.guild_mut(guild)?.members.get_mut(&user).ok_or(UNKNOWN_MEMBER)?;
    member.roles.retain(|other| *other != role);
    if give {
        member.roles.push(role);
    }
    events::member_updated(core, guild, user);
    core.touch();
    Ok(Reply::Nothing)
}

fn give(core: &mut Core, call: &Call) -> Answer {
    change(core, call, true)
}

fn take(core: &mut Core, call: &Call) -> Answer {
    change(core, call, false)
}
