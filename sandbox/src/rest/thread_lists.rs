//! Lists of threads (resources/channel, resources/guild).

use serde_json::{Value, json};

use super::threads::member_json;
use super::{Answer, Call, Reply, Route, route};
use crate::clock::parse_iso8601;
use crate::core::Core;
use crate::permissions::Permissions;
use crate::world::Channel;

pub(super) const ROUTES: &[Route] = &[
    route("GET", "guilds/{guild}/threads/active", active),
    route("GET", "channels/{channel}/threads/archived/public", archived_public),
    route("GET", "channels/{channel}/threads/archived/private", archived_private),
];

fn active(core: &mut Core, call: &Call) -> Answer {
    let guild = call.id("guild")?;
    core.bot_needs_in_guild(guild, Permissions::NONE)?;
    let is_open = |channel: &&Channel| {
        channel.guild == Some(guild) && channel.thread.as_ref().is_some_and(|thread| !thread.archived)
    };
    let threads: Vec<_> = core.places.channels.values().filter(is_open).collect();
    Ok(Reply::Ok(thread_list(core, &threads)))
}

fn thread_list(core: &Core, threads: &[&Channel]) -> Value {
    let seen: Vec<_> =
        threads.iter().filter(|thread| core.bot_needs(thread.id, Permissions::NONE).is_ok()).collect();
    let bot = core.places.bot();
    let joined =
        |thread: &&&&Channel| thread.thread.as_ref().is_some_and(|state| state.members.contains(&bot));
    let members: Vec<_> =
        seen.iter().filter(joined).map(|thread| member_json(core, thread.id, bot)).collect();
    json!({"threads": seen.iter().map(|thread| thread.to_json()).collect::<Vec<_>>(), "members": members})
}

fn archived(core: &Core, call: &Call, private: bool) -> Answer {
    let parent = call.id("channel")?;
    core.bot_needs(parent, Permissions::READ_MESSAGE_HISTORY)?;
    if private {
        core.bot_needs(parent, Permissions::MANAGE_THREADS)?;
    }
    let limit = call.limit(50, 100)?;
    let before = call.query.get("before").and_then(|text| parse_iso8601(text)).unwrap_or(u64::MAX);
    let fits = |channel: &&Channel| {
        channel.is_private_thread() == private
            && channel.thread.as_ref().is_some_and(|thread| thread.archived && thread.archive_ms < before)
    };
    let mut threads: Vec<_> = core.places.threads(parent).filter(fits).collect();
    threads.sort_by_key(|channel| std::cmp::Reverse(channel.thread.as_ref().map(|thread| thread.archive_ms)));
    let more = threads.len() > limit;
    threads.truncate(limit);
    let mut list = thread_list(core, &threads);
    list["has_more"] = json!(more);
    Ok(Reply::Ok(list))
}

fn archived_public(core: &mut Core, call: &Call) -> Answer {
    archived(core, call, false)
}

fn archived_private(core: &mut Core, call: &Call) -> Answer {
    archived(core, call, true)
}
