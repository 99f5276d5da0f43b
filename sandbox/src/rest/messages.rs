//! Messages of a channel (resources/message).

use serde_json::Value;

use super::{Answer, Call, Reply, Route, route, shared_route};
use crate::core::Core;
use crate::error::{
    ALREADY_CROSSPOSTED, ARCHIVED_THREAD, ApiError, BULK_DELETE_AGE, BULK_DELETE_COUNT, CANNOT_DM,
    CANNOT_REPLY_BLIND, EMPTY_MESSAGE, FormFaults, MAX_OLD_EDITS, NON_TEXT_CHANNEL, NOT_YOUR_MESSAGE,
    SYSTEM_MESSAGE, THREAD_LOCKED, WRONG_CHANNEL_TYPE,
};
use crate::gateway::events;
use crate::id::Id;
use crate::mentions::Allowed;
use crate::permissions::Permissions;
use crate::posting::Post;
use crate::rates::Bucket;
use crate::rules::message::{self, Draft, Form};
use crate::rules::{fields, limits};
use crate::world::{ChannelKind, Message, flags};

pub(super) const ROUTES: &[Route] = &[
    shared_route(Bucket::CreateMessage, "POST", "channels/{channel}/messages", create),
    shared_route(Bucket::EditMessage, "PATCH", "channels/{channel}/messages/{message}", edit),
    shared_route(Bucket::DeleteMessage, "DELETE", "channels/{channel}/messages/{message}", delete),
    route("POST", "channels/{channel}/messages/bulk-delete", bulk_delete),
    route("POST", "channels/{channel}/messages/{message}/crosspost", crosspost),
    route("POST", "channels/{channel}/typing", typing),
];

fn shown(core: &Core, id: Id) -> Value {
    core.places.messages.get(&id).map_or(Value::Null, |message| message.to_json(&core.places))
}

fn create(core: &mut Core, call: &Call) -> Answer {
    let channel = call.id("channel")?;
    let draft = message::read(&call.body, "", Form::Create, call.uploads.len())?;
    may_write(core, channel, &draft, !call.uploads.is_empty())?;
    let bot = core.places.bot();
    let nonce = draft.nonce.as_ref().map(Value::to_string).filter(|_| draft.enforce_nonce);
    if let Some(earlier) = nonce.as_ref().and_then(|nonce| core.nonce_used(channel, bot, nonce)) {
        return Ok(Reply::Ok(shown(core, earlier)));
    }
    wake_thread(core, channel)?;
    let id = core.post(Post::plain(channel, bot, draft, &call.uploads))?;
    if let Some(nonce) = nonce {
        let at_ms = core.now_ms();
        core.nonces.push_back(crate::core::UsedNonce { channel, author: bot, nonce, message: id, at_ms });
    }
    Ok(Reply::Ok(shown(core, id)))
}

/// What the bot needs to write this here.
pub(super) fn may_write(core: &Core, id: Id, draft: &Draft, files: bool) -> Result<(), ApiError> {
    let channel = core.places.channel(id)?;
    let mut wanted = if channel.thread.is_some() {
        Permissions::SEND_MESSAGES_IN_THREADS
    } else {
        Permissions::SEND_MESSAGES
    };
    if draft.embeds.as_ref().is_some_and(|embeds| !embeds.is_empty()) {
        wanted = wanted | Permissions::EMBED_LINKS;
    }
    if files {
        wanted = wanted | Permissions::ATTACH_FILES;
    }
    let has = core.bot_needs(id, wanted)?;
    if !channel.kind.holds_messages() {
        return Err(NON_TEXT_CHANNEL.into());
    }
    if channel.kind == ChannelKind::Dm {
        let other = channel.recipients.iter().find(|user| **user != core.places.bot());
        if !other.and_then(|user| core.places.users.get(user)).is_some_and(|user| user.takes_dms) {
            return Err(CANNOT_DM.into());
        }
    }
    if let Some(target) = draft.reply_to {
        check_reply(core, id, target, draft, has)?;
    }
    Ok(())
}

fn check_reply(
    core: &Core,
    channel: Id,
    target: Id,
    draft: &Draft,
    has: Permissions,
) -> Result<(), ApiError> {
    if !has.has(Permissions::READ_MESSAGE_HISTORY) {
        return Err(CANNOT_REPLY_BLIND.into());
    }
    if draft.reply_must_exist && core.places.message(channel, target).is_err() {
        return Err(ApiError::form("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message"));
    }
    Ok(())
}

/// A message brings an archived thread back, unless it is locked (topics/threads).
pub(super) fn wake_thread(core: &mut Core, id: Id) -> Result<(), ApiError> {
    let may_unlock = core.bot_needs(id, Permissions::MANAGE_THREADS).is_ok();
    let now = core.now_ms();
    let Some(thread) = core.places.channels.get_mut(&id).and_then(|channel| channel.thread.as_mut()) else {
        return Ok(());
    };
    if thread.locked && !may_unlock {
        return Err(THREAD_LOCKED.into());
    }
    if thread.archived {
        thread.archived = false;
        thread.archive_ms = now;
        events::channel_updated(core, id);
    }
    Ok(())
}

fn edit(core: &mut Core, call: &Call) -> Answer {
    let (channel, id) = (call.id("channel")?, call.id("message")?);
    core.bot_needs(channel, Permissions::NONE)?;
    let message = core.places.message(channel, id)?;
    if message.author != core.places.bot() || message.webhook.is_some() {
        return Err(NOT_YOUR_MESSAGE.into());
    }
    let (created_ms, old) = (message.created_ms, message.clone());
    let draft = message::read(&call.body, "", Form::Edit, call.uploads.len())?;
    refuse_archived(core, channel)?;
    refuse_empty(&old, &draft, call.uploads.len())?;
    if core.now_ms() > created_ms.saturating_add(limits::OLD_MESSAGE_MS) {
        core.count_old_edit(channel).map_err(|seconds| ApiError::limited(MAX_OLD_EDITS, seconds))?;
    }
    core.revise(id, draft, &call.uploads, &Allowed::EVERYTHING)?;
    Ok(Reply::Ok(shown(core, id)))
}

/// 50083: an archived thread is read-only until a message brings it back.
pub(super) fn refuse_archived(core: &Core, channel: Id) -> Result<(), ApiError> {
    let thread = core.places.channel(channel)?.thread.as_ref();
    if thread.is_some_and(|thread| thread.archived) { Err(ARCHIVED_THREAD.into()) } else { Ok(()) }
}

/// An edit must leave something.
pub(super) fn refuse_empty(old: &Message, draft: &Draft, uploads: usize) -> Result<(), ApiError> {
    let content = draft.content.as_ref().unwrap_or(&old.content);
    let left = |new: &Option<Vec<Value>>, old: &[Value]| new.as_deref().unwrap_or(old).is_empty();
    let kept = draft.files.as_ref().map_or(old.attachments.len(), Vec::len) + uploads;
    let empty = content.trim().is_empty()
        && left(&draft.embeds, &old.embeds)
        && left(&draft.components, &old.components)
        && kept == 0;
    if empty { Err(EMPTY_MESSAGE.into()) } else { Ok(()) }
}

fn delete(core: &mut Core, call: &Call) -> Answer {
    let (channel, id) = (call.id("channel")?, call.id("message")?);
    core.bot_needs(channel, Permissions::NONE)?;
    let message = core.places.message(channel, id)?;
    if message.author != core.places.bot() {
        core.bot_needs(channel, Permissions::MANAGE_MESSAGES)?;
    }
    if message.kind == 21 {
        return Err(SYSTEM_MESSAGE.into());
    }
    refuse_archived(core, channel)?;
    core.remove_message(id);
    Ok(Reply::Nothing)
}

fn bulk_delete(core: &mut Core, call: &Call) -> Answer {
    let channel = call.id("channel")?;
    core.bot_needs(channel, Permissions::MANAGE_MESSAGES)?;
    let mut faults = FormFaults::default();
    let ids = fields::ids(&call.body, "", "messages", usize::MAX, &mut faults).unwrap_or_default();
    faults.result()?;
    if !limits::BULK_DELETE.contains(&ids.len()) {
        return Err(BULK_DELETE_COUNT.into());
    }
    let oldest = core.now_ms().saturating_sub(limits::BULK_DELETE_AGE_MS);
    let known: Vec<_> = ids.into_iter().filter(|id| core.places.message(channel, *id).is_ok()).collect();
    if known.iter().any(|id| core.places.messages[id].created_ms < oldest) {
        return Err(BULK_DELETE_AGE.into());
    }
    for id in &known {
        core.places.messages.remove(id);
    }
    events::message_deleted(core, channel, &known);
    core.touch();
    Ok(Reply::Nothing)
}

fn crosspost(core: &mut Core, call: &Call) -> Answer {
    let (channel, id) = (call.id("channel")?, call.id("message")?);
    core.bot_needs(channel, Permissions::SEND_MESSAGES)?;
    if core.places.channel(channel)?.kind != ChannelKind::Announcement {
        return Err(WRONG_CHANNEL_TYPE.into());
    }
    let bot = core.places.bot();
    let own = core.places.message(channel, id)?.author == bot;
    if !own {
        core.bot_needs(channel, Permissions::MANAGE_MESSAGES)?;
    }
    let message = core.places.message_mut(channel, id)?;
    if message.has(flags::CROSSPOSTED) {
        return Err(ALREADY_CROSSPOSTED.into());
    }
    message.flags |= flags::CROSSPOSTED;
    events::message_updated(core, id);
    core.touch();
    Ok(Reply::Ok(shown(core, id)))
}

fn typing(core: &mut Core, call: &Call) -> Answer {
    core.bot_needs(call.id("channel")?, Permissions::SEND_MESSAGES)?;
    Ok(Reply::Nothing)
}
