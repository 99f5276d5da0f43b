//! Pins in the old form, which serenity 0.12 uses, and in the new one (resources/message, "Get Channel Pins").

use serde_json::{Value, json};

use super::messages::refuse_archived;
use super::{Answer, Call, Reply, Route, route};
use crate::clock::{iso8601, parse_iso8601};
use crate::core::Core;
use crate::error::{ApiError, MAX_PINS, SYSTEM_MESSAGE};
use crate::gateway::events;
use crate::id::Id;
use crate::permissions::Permissions;
use crate::rules::limits;
use crate::world::Message;

pub(super) const ROUTES: &[Route] = &[
    route("GET", "channels/{channel}/pins", list_old),
    route("PUT", "channels/{channel}/pins/{message}", pin),
    route("DELETE", "channels/{channel}/pins/{message}", unpin),
    route("GET", "channels/{channel}/messages/pins", list),
    route("PUT", "channels/{channel}/messages/pins/{message}", pin),
    route("DELETE", "channels/{channel}/messages/pins/{message}", unpin),
];

/// Pinned messages, the last pinned first.
fn pinned(core: &Core, channel: Id) -> Vec<(u64, &Message)> {
    let with_time = |message: &'_ Message| message.pinned_ms;
    let mut all: Vec<_> =
        core.places.history(channel).filter_map(|message| Some((with_time(message)?, message))).collect();
    all.sort_by_key(|(at_ms, message)| std::cmp::Reverse((*at_ms, message.id)));
    all
}

fn readable(core: &Core, channel: Id) -> Result<bool, ApiError> {
    Ok(core.bot_needs(channel, Permissions::NONE)?.has(Permissions::READ_MESSAGE_HISTORY))
}

fn list_old(core: &mut Core, call: &Call) -> Answer {
    let channel = call.id("channel")?;
    if !readable(core, channel)? {
        return Ok(Reply::Ok(json!([])));
    }
    let all = pinned(core, channel).into_iter().take(limits::PIN_PAGE);
    Ok(Reply::Ok(all.map(|(_, message)| message.to_json(&core.places)).collect()))
}

fn list(core: &mut Core, call: &Call) -> Answer {
    let channel = call.id("channel")?;
    let limit = call.limit(limits::PIN_PAGE, limits::PIN_PAGE)?;
    if !readable(core, channel)? {
        return Ok(Reply::Ok(json!({"items": [], "has_more": false})));
    }
    let before = call.query.get("before").and_then(|text| parse_iso8601(text)).unwrap_or(u64::MAX);
    let all: Vec<_> = pinned(core, channel).into_iter().filter(|(at_ms, _)| *at_ms < before).collect();
    let item = |(at_ms, message): &(u64, &Message)| json!({"pinned_at": iso8601(*at_ms), "message": message.to_json(&core.places)});
    let items: Vec<Value> = all.iter().take(limit).map(item).collect();
    Ok(Reply::Ok(json!({"items": items, "has_more": all.len() > limit})))
}

fn pin(core: &mut Core, call: &Call) -> Answer {
    let (channel, id) = (call.id("channel")?, call.id("message")?);
    core.bot_needs(channel, Permissions::PIN_MESSAGES)?;
    refuse_archived(core, channel)?;
    let message = core.places.message(channel, id)?;
    if message.pinned_ms.is_some() {
        return Ok(Reply::Nothing);
    }
    // Notices of Discord itself cannot be pinned.
    if !matches!(message.kind, 0 | 19 | 20 | 23) {
        return Err(SYSTEM_MESSAGE.into());
    }
    if pinned(core, channel).len() >= limits::PINS {
        return Err(MAX_PINS.into());
    }
    let now = core.now_ms();
    core.places.message_mut(channel, id)?.pinned_ms = Some(now);
    core.places.channel_mut(channel)?.last_pin_ms = Some(now);
    events::message_updated(core, id);
    events::pins_changed(core, channel);
    let bot = core.places.bot();
    core.post_notice(channel, bot, 6, "", Some((channel, id)));
    Ok(Reply::Nothing)
}

fn unpin(core: &mut Core, call: &Call) -> Answer {
    let (channel, id) = (call.id("channel")?, call.id("message")?);
    core.bot_needs(channel, Permissions::PIN_MESSAGES)?;
    refuse_archived(core, channel)?;
    core.places.message_mut(channel, id)?.pinned_ms = None;
    events::message_updated(core, id);
    events::pins_changed(core, channel);
    core.touch();
    Ok(Reply::Nothing)
}
