//! Who is in a thread (resources/channel).

use super::messages::refuse_archived;
use super::threads::member_json;
use super::{Answer, Call, Reply, Route, route};
use crate::core::Core;
use crate::error::{ApiError, UNKNOWN_USER, WRONG_CHANNEL_TYPE};
use crate::gateway::events;
use crate::id::Id;
use crate::permissions::Permissions;
use crate::world::Thread;

pub(super) const ROUTES: &[Route] = &[
    route("GET", "channels/{channel}/thread-members", members),
    route("PUT", "channels/{channel}/thread-members/@me", join),
    route("DELETE", "channels/{channel}/thread-members/@me", leave),
    route("GET", "channels/{channel}/thread-members/{user}", member),
    route("PUT", "channels/{channel}/thread-members/{user}", add),
    route("DELETE", "channels/{channel}/thread-members/{user}", remove),
];

fn state(core: &Core, id: Id) -> Result<&Thread, ApiError> {
    core.places.channel(id)?.thread.as_ref().ok_or_else(|| WRONG_CHANNEL_TYPE.into())
}

fn members(core: &mut Core, call: &Call) -> Answer {
    let id = call.id("channel")?;
    core.bot_needs(id, Permissions::NONE)?;
    let all = state(core, id)?.members.iter().map(|user| member_json(core, id, *user));
    Ok(Reply::Ok(all.collect()))
}

fn member(core: &mut Core, call: &Call) -> Answer {
    let (id, user) = (call.id("channel")?, call.id("user")?);
    core.bot_needs(id, Permissions::NONE)?;
    if !state(core, id)?.members.contains(&user) {
        return Err(UNKNOWN_USER.into());
    }
    Ok(Reply::Ok(member_json(core, id, user)))
}

fn join(core: &mut Core, call: &Call) -> Answer {
    let id = call.id("channel")?;
    core.bot_needs(id, Permissions::NONE)?;
    let bot = core.places.bot();
    put_in(core, id, bot)
}

fn add(core: &mut Core, call: &Call) -> Answer {
    let (id, user) = (call.id("channel")?, call.id("user")?);
    core.bot_needs(id, Permissions::SEND_MESSAGES_IN_THREADS)?;
    let guild = core.places.channel(id)?.guild.and_then(|id| core.places.guilds.get(&id));
    if !guild.is_some_and(|guild| guild.members.contains_key(&user)) {
        return Err(UNKNOWN_USER.into());
    }
    put_in(core, id, user)
}

fn put_in(core: &mut Core, id: Id, user: Id) -> Answer {
    refuse_archived(core, id)?;
    let channel = core.places.channel_mut(id)?;
    let thread = channel.thread.as_mut().ok_or(WRONG_CHANNEL_TYPE)?;
    if !thread.members.contains(&user) {
        thread.members.push(user);
        events::thread_members(core, id, &[user], &[]);
        core.touch();
    }
    Ok(Reply::Nothing)
}

fn leave(core: &mut Core, call: &Call) -> Answer {
    let id = call.id("channel")?;
    core.bot_needs(id, Permissions::NONE)?;
    let bot = core.places.bot();
    take_out(core, id, bot)
}

fn remove(core: &mut Core, call: &Call) -> Answer {
    let (id, user) = (call.id("channel")?, call.id("user")?);
    if state(core, id)?.owner != core.places.bot() {
        core.bot_needs(id, Permissions::MANAGE_THREADS)?;
    }
    take_out(core, id, user)
}

fn take_out(core: &mut Core, id: Id, user: Id) -> Answer {
    refuse_archived(core, id)?;
    let channel = core.places.channel_mut(id)?;
    let thread = channel.thread.as_mut().ok_or(WRONG_CHANNEL_TYPE)?;
    thread.members.retain(|member| *member != user);
    events::thread_members(core, id, &[], &[user]);
    core.touch();
    Ok(Reply::Nothing)
}
