//! Channels themselves (resources/channel).

use serde_json::Value;

use super::threads::{check_tags, read_auto_archive};
use super::{Answer, Call, Reply, Route, overwrites, route};
use crate::core::{Core, seconds};
use crate::error::{
    ARCHIVED_THREAD, ApiError, CHANNEL_WRITE_LIMIT, DM_NOT_POSSIBLE, FormFaults, MAX_CHANNELS,
    MISSING_PERMISSIONS,
};
use crate::gateway::events;
use crate::id::Id;
use crate::permissions::Permissions;
use crate::rules::fields::{self, under};
use crate::rules::limits;
use crate::world::{Channel, ChannelKind, Tag};

pub(super) const ROUTES: &[Route] = &[
    route("GET", "channels/{channel}", get),
    route("PATCH", "channels/{channel}", edit),
    route("DELETE", "channels/{channel}", delete),
    route("GET", "guilds/{guild}/channels", list),
    route("POST", "guilds/{guild}/channels", create),
];

fn get(core: &mut Core, call: &Call) -> Answer {
    let id = call.id("channel")?;
    core.bot_needs(id, Permissions::NONE)?;
    Ok(Reply::Ok(core.places.channel(id)?.wire(&core.places)))
}

fn list(core: &mut Core, call: &Call) -> Answer {
    let guild = call.id("guild")?;
    core.bot_needs_in_guild(guild, Permissions::NONE)?;
    let own = core.places.channels.values();
    let own = own.filter(|channel| channel.guild == Some(guild) && channel.thread.is_none());
    Ok(Reply::Ok(own.map(Channel::to_json).collect()))
}

fn edit(core: &mut Core, call: &Call) -> Answer {
    let id = call.id("channel")?;
    let channel = core.places.channel(id)?;
    if channel.kind == ChannelKind::Dm {
        return Err(DM_NOT_POSSIBLE.into());
    }
    if channel.thread.is_some() {
        edit_thread(core, call, id)?;
    } else {
        edit_plain(core, call, id)?;
    }
    events::channel_updated(core, id);
    core.touch();
    Ok(Reply::Ok(core.places.channel(id)?.to_json()))
}

fn edit_thread(core: &mut Core, call: &Call, id: Id) -> Result<(), ApiError> {
    const KNOWN: &[&str] = &[
        "name",
        "archived",
        "auto_archive_duration",
        "locked",
        "invitable",
        "rate_limit_per_user",
        "flags",
        "applied_tags",
    ];
    let mut faults = FormFaults::default();
    let body = &call.body;
    fields::known(body, "", KNOWN, &mut faults);
    let name = fields::text(body, "", "name", 1..=limits::CHANNEL_NAME, &mut faults).map(str::to_owned);
    let archived = fields::flag(body, "", "archived", &mut faults);
    let locked = fields::flag(body, "", "locked", &mut faults);
    let slow = fields::number(body, "", "rate_limit_per_user", 0..=limits::SLOW_MODE_SECONDS, &mut faults);
    let minutes = read_auto_archive(body, &mut faults);
    let tags = fields::ids(body, "", "applied_tags", limits::POST_TAGS, &mut faults);
    let flags = fields::number(body, "", "flags", 0..=u64::MAX >> 1, &mut faults);
    faults.result()?;
    may_edit_thread(core, id, archived, locked)?;
    if let (Some(tags), Some(forum)) = (&tags, core.places.channel(id)?.parent) {
        check_tags(core, forum, tags)?;
    }
    if name.is_some() {
        count_rename(core, id)?;
    }
    let now = core.now_ms();
    let channel = core.places.channel_mut(id)?;
    channel.name = name.unwrap_or_else(|| channel.name.clone());
    channel.slow_mode_seconds = slow.unwrap_or(channel.slow_mode_seconds);
    channel.flags = flags.unwrap_or(channel.flags);
    if let Some(thread) = channel.thread.as_mut() {
        if archived.is_some_and(|archived| archived != thread.archived) {
            thread.archived = !thread.archived;
            thread.archive_ms = now;
        }
        thread.locked = locked.unwrap_or(thread.locked);
        thread.auto_archive_minutes = minutes.unwrap_or(thread.auto_archive_minutes);
        thread.applied_tags = tags.unwrap_or_else(|| thread.applied_tags.clone());
    }
    Ok(())
}

/// Owner or MANAGE_THREADS; who may write may wake an unlocked thread; only MANAGE_THREADS locks.
fn may_edit_thread(
    core: &Core,
    id: Id,
    archived: Option<bool>,
    locked: Option<bool>,
) -> Result<(), ApiError> {
    let has = core.bot_needs(id, Permissions::NONE)?;
    let Some(thread) = &core.places.channel(id)?.thread else {
        return Ok(());
    };
    let manages = has.has(Permissions::MANAGE_THREADS);
    let owns = thread.owner == core.places.bot();
    let wakes = archived == Some(false) && has.has(Permissions::SEND_MESSAGES_IN_THREADS);
    if (thread.locked || locked.is_some()) && !manages {
        return Err(MISSING_PERMISSIONS.into());
    }
    if thread.archived && archived != Some(false) {
        return Err(ARCHIVED_THREAD.into());
    }
    if manages || owns || wakes { Ok(()) } else { Err(MISSING_PERMISSIONS.into()) }
}

/// Two changes of name or topic in ten minutes (discord-api-docs#1900).
fn count_rename(core: &mut Core, id: Id) -> Result<(), ApiError> {
    let now = core.now_ms();
    let channel = core.places.channel_mut(id)?;
    channel.renamed_ms.retain(|at| at.saturating_add(limits::RENAME_WINDOW_MS) > now);
    if channel.renamed_ms.len() >= limits::RENAMES {
        let ends = channel.renamed_ms[0] + limits::RENAME_WINDOW_MS;
        return Err(ApiError::limited(CHANNEL_WRITE_LIMIT, seconds(ends - now)));
    }
    channel.renamed_ms.push(now);
    Ok(())
}

const PLAIN: &[&str] = &[
    "name",
    "type",
    "position",
    "topic",
    "nsfw",
    "rate_limit_per_user",
    "parent_id",
    "permission_overwrites",
    "default_auto_archive_duration",
    "flags",
    "available_tags",
    "default_reaction_emoji",
    "default_sort_order",
    "default_forum_layout",
    "default_thread_rate_limit_per_user",
];

fn edit_plain(core: &mut Core, call: &Call, id: Id) -> Result<(), ApiError> {
    core.bot_needs(id, Permissions::MANAGE_CHANNELS)?;
    let mut channel = core.places.channel(id)?.clone();
    let before = (channel.name.clone(), channel.topic.clone());
    apply(core, call, &mut channel)?;
    if before != (channel.name.clone(), channel.topic.clone()) {
        count_rename(core, id)?;
        channel.renamed_ms.clone_from(&core.places.channel(id)?.renamed_ms);
    }
    core.places.channels.insert(id, channel);
    Ok(())
}

fn apply(core: &mut Core, call: &Call, channel: &mut Channel) -> Result<(), ApiError> {
    let mut faults = FormFaults::default();
    let body = &call.body;
    fields::known(body, "", PLAIN, &mut faults);
    if let Some(name) = fields::text(body, "", "name", 1..=limits::CHANNEL_NAME, &mut faults) {
        channel.name = written(name, channel.kind);
    }
    let longest =
        if channel.kind == ChannelKind::Forum { limits::FORUM_TOPIC } else { limits::CHANNEL_TOPIC };
    if body.get("topic").is_some() {
        channel.topic = fields::text(body, "", "topic", 0..=longest, &mut faults).map(str::to_owned);
    }
    let slow = fields::number(body, "", "rate_limit_per_user", 0..=limits::SLOW_MODE_SECONDS, &mut faults);
    channel.slow_mode_seconds = slow.unwrap_or(channel.slow_mode_seconds);
    channel.nsfw = fields::flag(body, "", "nsfw", &mut faults).unwrap_or(channel.nsfw);
    channel.position =
        fields::number(body, "", "position", 0..=65_535, &mut faults).unwrap_or(channel.position);
    channel.flags =
        fields::number(body, "", "flags", 0..=u64::MAX >> 1, &mut faults).unwrap_or(channel.flags);
    channel.parent = fields::id(body, "", "parent_id", &mut faults).or(channel.parent);
    if let Some(list) = fields::list(body, "", "permission_overwrites", 0..=1_000, &mut faults) {
        channel.overwrites = overwrites::read_all(list, &mut faults);
    }
    if let Some(list) = fields::list(body, "", "available_tags", 0..=limits::FORUM_TAGS, &mut faults) {
        channel.tags = read_tags(core, list, &mut faults);
    }
    faults.result()
}

/// Names of text channels are written small and with hyphens.
fn written(name: &str, kind: ChannelKind) -> String {
    if kind == ChannelKind::Category { name.to_owned() } else { name.to_lowercase().replace(' ', "-") }
}

fn read_tags(core: &mut Core, list: &[Value], faults: &mut FormFaults) -> Vec<Tag> {
    let mut tags = Vec::with_capacity(list.len());
    for (index, item) in list.iter().enumerate() {
        let path = under("available_tags", index);
        fields::known(item, &path, &["id", "name", "moderated", "emoji_id", "emoji_name"], faults);
        let name = fields::needed_text(item, &path, "name", 1..=limits::TAG_NAME, faults).unwrap_or_default();
        let id = fields::id(item, &path, "id", faults).unwrap_or_else(|| core.new_id());
        tags.push(Tag { id, name: name.to_owned(), moderated: item["moderated"] == true });
    }
    tags
}

fn create(core: &mut Core, call: &Call) -> Answer {
    let guild = call.id("guild")?;
    core.bot_needs_in_guild(guild, Permissions::MANAGE_CHANNELS)?;
    let own = core.places.channels.values();
    if own.filter(|channel| channel.guild == Some(guild) && channel.thread.is_none()).count()
        >= limits::CHANNELS
    {
        return Err(MAX_CHANNELS.into());
    }
    if call.body["name"].is_null() {
        return Err(ApiError::form("name", "BASE_TYPE_REQUIRED", "This field is required"));
    }
    let kind = ChannelKind::from_number(call.body["type"].as_u64().unwrap_or(0));
    let kind = kind
        .filter(|kind| !matches!(kind, ChannelKind::Dm))
        .ok_or_else(|| ApiError::form("type", "BASE_TYPE_CHOICES", "Value must be one of {0, 4, 5, 15}."))?;
    let id = core.new_id();
    let mut channel = Channel::new(id, Some(guild), kind, "");
    apply(core, call, &mut channel)?;
    core.places.channels.insert(id, channel);
    events::channel_created(core, id);
    core.touch();
    Ok(Reply::Created(core.places.channel(id)?.to_json()))
}

fn delete(core: &mut Core, call: &Call) -> Answer {
    let id = call.id("channel")?;
    let channel = core.places.channel(id)?;
    match (channel.kind, channel.thread.is_some()) {
        (ChannelKind::Dm, _) => {}
        (_, true) => drop(core.bot_needs(id, Permissions::MANAGE_THREADS)?),
        (_, false) => drop(core.bot_needs(id, Permissions::MANAGE_CHANNELS)?),
    }
    let shown = channel.wire(&core.places);
    core.remove_channel(id);
    Ok(Reply::Ok(shown))
}

impl Core {
    /// Takes a channel away, with its threads and messages.
    pub(crate) fn remove_channel(&mut self, id: Id) {
        let threads: Vec<_> = self.places.threads(id).map(|thread| thread.id).collect();
        for thread in threads {
            self.remove_channel(thread);
        }
        let Some(gone) = self.places.channels.remove(&id) else {
            return;
        };
        self.places.messages.retain(|_, message| message.channel != id);
        events::channel_deleted(self, &gone);
        self.touch();
    }
}
