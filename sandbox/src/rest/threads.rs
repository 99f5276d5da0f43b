//! Opening threads and posts of a forum (resources/channel, topics/threads).

use serde_json::{Value, json};

use super::messages::may_write;
use super::{Answer, Call, Reply, Route, route};
use crate::clock::iso8601;
use crate::core::Core;
use crate::error::{ApiError, FormFaults, TAG_REQUIRED, THREAD_EXISTS, UNKNOWN_TAG, WRONG_CHANNEL_TYPE};
use crate::gateway::events;
use crate::id::Id;
use crate::permissions::Permissions;
use crate::posting::Post;
use crate::rules::fields;
use crate::rules::limits;
use crate::rules::message::{self, Form};
use crate::world::{Channel, ChannelKind, Thread, flags};

pub(super) const ROUTES: &[Route] = &[
    route("POST", "channels/{channel}/messages/{message}/threads", from_message),
    route("POST", "channels/{channel}/threads", without_message),
];

/// Channel flag: a post must carry a tag.
const REQUIRE_TAG: u64 = 1 << 4;

/// What a new thread is to be.
pub(super) struct Plan {
    name: String,
    auto_archive_minutes: u64,
    slow_mode_seconds: u64,
    tags: Vec<Id>,
}

impl Plan {
    /// Put away after three quiet days, as in Discord when the form does not say.
    pub(super) fn named(name: &str) -> Self {
        Self { name: name.to_owned(), auto_archive_minutes: 4_320, slow_mode_seconds: 0, tags: Vec::new() }
    }
}

fn read_plan(body: &Value, known: &[&str]) -> Result<Plan, ApiError> {
    let mut faults = FormFaults::default();
    fields::known(body, "", known, &mut faults);
    let name = fields::needed_text(body, "", "name", 1..=limits::CHANNEL_NAME, &mut faults);
    let slow = fields::number(body, "", "rate_limit_per_user", 0..=limits::SLOW_MODE_SECONDS, &mut faults);
    let plan = Plan {
        name: name.unwrap_or_default().to_owned(),
        auto_archive_minutes: read_auto_archive(body, &mut faults).unwrap_or(4_320),
        slow_mode_seconds: slow.unwrap_or(0),
        tags: fields::ids(body, "", "applied_tags", limits::POST_TAGS, &mut faults).unwrap_or_default(),
    };
    faults.result()?;
    Ok(plan)
}

/// Minutes until a thread is put away; only four values are allowed.
pub(super) fn read_auto_archive(body: &Value, faults: &mut FormFaults) -> Option<u64> {
    let minutes = fields::number(body, "", "auto_archive_duration", 0..=u64::MAX, faults)?;
    if !limits::AUTO_ARCHIVE_MINUTES.contains(&minutes) {
        faults.choice("auto_archive_duration", "60, 1440, 4320, 10080");
    }
    Some(minutes)
}

/// Opens a thread and tells.
pub(super) fn open(
    core: &mut Core,
    id: Id,
    parent: Id,
    kind: ChannelKind,
    owner: Id,
    plan: Plan,
) -> Result<(), ApiError> {
    let guild = core.places.channel(parent)?.guild;
    let now = core.now_ms();
    let mut channel = Channel::new(id, guild, kind, &plan.name);
    channel.parent = Some(parent);
    channel.slow_mode_seconds = plan.slow_mode_seconds;
    channel.thread = Some(Thread {
        archived: false,
        locked: false,
        auto_archive_minutes: plan.auto_archive_minutes,
        archive_ms: now,
        created_ms: now,
        owner,
        members: vec![owner],
        applied_tags: plan.tags,
        message_count: 0,
    });
    core.places.channels.insert(id, channel);
    events::channel_created(core, id);
    core.touch();
    Ok(())
}

fn shown(core: &Core, id: Id) -> Value {
    let mut thread = core.places.channels.get(&id).map_or(Value::Null, Channel::to_json);
    thread["member"] = member_json(core, id, core.places.bot());
    thread
}

pub(super) fn member_json(core: &Core, thread: Id, user: Id) -> Value {
    json!({"id": thread, "user_id": user, "join_timestamp": iso8601(core.now_ms()), "flags": 0})
}

const PLAIN: &[&str] = &["name", "auto_archive_duration", "rate_limit_per_user", "type", "invitable"];

fn from_message(core: &mut Core, call: &Call) -> Answer {
    let (parent, id) = (call.id("channel")?, call.id("message")?);
    core.bot_needs(parent, Permissions::CREATE_PUBLIC_THREADS)?;
    let kind = match core.places.channel(parent)?.kind {
        ChannelKind::Text => ChannelKind::PublicThread,
        ChannelKind::Announcement => ChannelKind::AnnouncementThread,
        _ => return Err(WRONG_CHANNEL_TYPE.into()),
    };
    let message = core.places.message(parent, id)?;
    if message.thread.is_some() || core.places.channels.contains_key(&id) {
        return Err(THREAD_EXISTS.into());
    }
    let plan = read_plan(&call.body, PLAIN)?;
    let bot = core.places.bot();
    open(core, id, parent, kind, bot, plan)?;
    let message = core.places.message_mut(parent, id)?;
    message.thread = Some(id);
    message.flags |= flags::HAS_THREAD;
    events::message_updated(core, id);
    core.post_notice(id, bot, 21, "", Some((parent, id)));
    Ok(Reply::Created(shown(core, id)))
}

fn without_message(core: &mut Core, call: &Call) -> Answer {
    let parent = call.id("channel")?;
    let kind = core.places.channel(parent)?.kind;
    if kind == ChannelKind::Forum {
        return forum_post(core, call, parent);
    }
    let wanted =
        call.body["type"].as_u64().map_or(Some(ChannelKind::PrivateThread), ChannelKind::from_number);
    let (thread, permission) = match (kind, wanted) {
        (ChannelKind::Text, Some(ChannelKind::PublicThread)) => {
            (ChannelKind::PublicThread, Permissions::CREATE_PUBLIC_THREADS)
        }
        (ChannelKind::Text, Some(ChannelKind::PrivateThread)) => {
            (ChannelKind::PrivateThread, Permissions::CREATE_PRIVATE_THREADS)
        }
        (ChannelKind::Announcement, Some(ChannelKind::AnnouncementThread)) => {
            (ChannelKind::AnnouncementThread, Permissions::CREATE_PUBLIC_THREADS)
        }
        _ => return Err(WRONG_CHANNEL_TYPE.into()),
    };
    core.bot_needs(parent, permission)?;
    let plan = read_plan(&call.body, PLAIN)?;
    let (id, bot, name) = (core.new_id(), core.places.bot(), plan.name.clone());
    open(core, id, parent, thread, bot, plan)?;
    if thread != ChannelKind::PrivateThread {
        core.post_notice(parent, bot, 18, &name, Some((id, id)));
    }
    Ok(Reply::Created(shown(core, id)))
}

fn forum_post(core: &mut Core, call: &Call, parent: Id) -> Answer {
    const KNOWN: &[&str] =
        &["name", "auto_archive_duration", "rate_limit_per_user", "message", "applied_tags", "type"];
    let plan = read_plan(&call.body, KNOWN)?;
    if call.body["message"].is_null() {
        return Err(ApiError::form("message", "BASE_TYPE_REQUIRED", "This field is required"));
    }
    let draft = message::read(&call.body["message"], "message", Form::Create, call.uploads.len())?;
    core.bot_needs(parent, Permissions::SEND_MESSAGES)?;
    check_tags(core, parent, &plan.tags)?;
    let (id, bot) = (core.new_id(), core.places.bot());
    open(core, id, parent, ChannelKind::PublicThread, bot, plan)?;
    may_write(core, id, &draft, !call.uploads.is_empty())?;
    // The post's first message has the post's id.
    core.post(Post { id: Some(id), ..Post::plain(id, bot, draft, &call.uploads) })?;
    core.places.channel_mut(parent)?.last_message = Some(id);
    let mut post = shown(core, id);
    post["message"] =
        core.places.messages.get(&id).map_or(Value::Null, |message| message.to_json(&core.places));
    Ok(Reply::Created(post))
}

/// Tags must be the forum's; moderated ones need MANAGE_THREADS.
pub(super) fn check_tags(core: &Core, forum: Id, wanted: &[Id]) -> Result<(), ApiError> {
    let channel = core.places.channel(forum)?;
    if channel.flags & REQUIRE_TAG != 0 && wanted.is_empty() {
        return Err(TAG_REQUIRED.into());
    }
    for id in wanted {
        let tag = channel.tags.iter().find(|tag| tag.id == *id).ok_or(UNKNOWN_TAG)?;
        if tag.moderated {
            core.bot_needs(forum, Permissions::MANAGE_THREADS)?;
        }
    }
    Ok(())
}
