//! Reading what was written (resources/message, "Get Channel Messages").

use serde_json::Value;

use super::{Answer, Call, Reply, Route, route};
use crate::core::Core;
use crate::id::Id;
use crate::permissions::Permissions;
use crate::rules::limits;
use crate::world::Message;

pub(super) const ROUTES: &[Route] = &[
    route("GET", "channels/{channel}/messages", history),
    route("GET", "channels/{channel}/messages/{message}", get),
];

fn history(core: &mut Core, call: &Call) -> Answer {
    let channel = call.id("channel")?;
    let has = core.bot_needs(channel, Permissions::NONE)?;
    let limit = call.limit(50, limits::HISTORY_PAGE)?;
    if !has.has(Permissions::READ_MESSAGE_HISTORY) {
        return Ok(Reply::Ok(Value::Array(Vec::new())));
    }
    let (before, after) = (call.query_id("before")?, call.query_id("after")?);
    let around = call.query_id("around")?;
    let mut found: Vec<&Message> = if let Some(after) = after {
        core.places.history(channel).filter(|message| message.id > after).take(limit).collect()
    } else if let Some(around) = around {
        around_page(core, channel, around, limit)
    } else {
        let old = |message: &&Message| before.is_none_or(|before| message.id < before);
        core.places.history(channel).rev().filter(old).take(limit).collect()
    };
    found.sort_by_key(|message| std::cmp::Reverse(message.id));
    Ok(Reply::Ok(found.into_iter().map(|message| message.to_json(&core.places)).collect()))
}

fn around_page(core: &Core, channel: Id, around: Id, limit: usize) -> Vec<&Message> {
    let half = limit / 2;
    let older = core.places.history(channel).rev().filter(|message| message.id <= around).take(half + 1);
    let newer = core.places.history(channel).filter(|message| message.id > around).take(half);
    older.chain(newer).take(limit).collect()
}

fn get(core: &mut Core, call: &Call) -> Answer {
    let (channel, id) = (call.id("channel")?, call.id("message")?);
    core.bot_needs(channel, Permissions::READ_MESSAGE_HISTORY)?;
    Ok(Reply::Ok(core.places.message(channel, id)?.to_json(&core.places)))
}
