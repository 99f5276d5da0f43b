//! Messages through a token: further answers to interactions, and webhooks proper. Both live under
//! `/webhooks/{id}/{token}`; the application's id makes it an interaction's.

use serde_json::Value;

use super::messages::refuse_empty;
use super::threads::{Plan, open};
use super::{Answer, Call, Reply, Route, open_route};
use crate::core::Core;
use crate::error::{
    ApiError, INVALID_WEBHOOK_TOKEN, UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, UNKNOWN_WEBHOOK, WEBHOOK_NEEDS_THREAD,
    WEBHOOK_NO_FORUM, WEBHOOK_TWO_THREADS,
};
use crate::id::Id;
use crate::mentions::Allowed;
use crate::posting::Post;
use crate::rates::Bucket;
use crate::rules::message::{self, Form};
use crate::world::{ChannelKind, Webhook};

const MESSAGE: &str = "webhooks/{webhook}/{token}/messages/{message}";

pub(super) const ROUTES: &[Route] = &[
    open_route(Bucket::Webhook, "POST", "webhooks/{webhook}/{token}", execute),
    open_route(Bucket::Webhook, "GET", MESSAGE, get),
    open_route(Bucket::Webhook, "PATCH", MESSAGE, edit),
    open_route(Bucket::Webhook, "DELETE", MESSAGE, delete),
];

fn is_interaction(core: &Core, call: &Call) -> Result<bool, ApiError> {
    Ok(call.id("webhook")? == core.places.application.id)
}

fn shown(core: &Core, id: Id) -> Value {
    core.places.messages.get(&id).map_or(Value::Null, |message| message.to_json(&core.places))
}

/// The webhook of the route, if its token is right.
pub(super) fn webhook(core: &Core, call: &Call) -> Result<Webhook, ApiError> {
    let id = call.id("webhook")?;
    let found = core.places.guilds.values().find_map(|guild| guild.webhooks.get(&id));
    let found = found.ok_or_else(|| ApiError::from(UNKNOWN_WEBHOOK))?;
    if found.token == call.text("token") { Ok(found.clone()) } else { Err(INVALID_WEBHOOK_TOKEN.into()) }
}

fn execute(core: &mut Core, call: &Call) -> Answer {
    if is_interaction(core, call)? {
        let id = core.by_token(call.text("token"))?.id;
        let message = core.follow_up(id, &call.body, &call.uploads)?;
        return Ok(Reply::Ok(shown(core, message)));
    }
    let webhook = webhook(core, call)?;
    let draft = message::read(&call.body, "", Form::Webhook, call.uploads.len())?;
    let (channel, first) = destination(core, call, &webhook, draft.thread_name.as_deref())?;
    let name = draft.username.clone().unwrap_or_else(|| webhook.name.clone());
    let id = core.post(Post {
        webhook: Some((webhook.id, name)),
        allowed: Allowed::ONLY_USERS,
        id: first,
        ..Post::plain(channel, webhook.id, draft, &call.uploads)
    })?;
    Ok(if call.asks("wait") { Reply::Ok(shown(core, id)) } else { Reply::Nothing })
}

/// Where a webhook's message goes, and the id that it must have when it opens a post of a forum.
fn destination(
    core: &mut Core,
    call: &Call,
    webhook: &Webhook,
    thread_name: Option<&str>,
) -> Result<(Id, Option<Id>), ApiError> {
    let thread = call.query_id("thread_id")?;
    let forum = core.places.channel(webhook.channel)?.kind == ChannelKind::Forum;
    match (thread, thread_name) {
        (Some(_), Some(_)) => Err(WEBHOOK_TWO_THREADS.into()),
        (None, Some(_)) if !forum => Err(WEBHOOK_NO_FORUM.into()),
        (None, None) if forum => Err(WEBHOOK_NEEDS_THREAD.into()),
        (None, None) => Ok((webhook.channel, None)),
        (None, Some(name)) => {
            let id = core.new_id();
            let plan = Plan::named(name);
            open(core, id, webhook.channel, ChannelKind::PublicThread, webhook.id, plan)?;
            Ok((id, Some(id)))
        }
        (Some(thread), None) if core.places.channel(thread)?.parent == Some(webhook.channel) => {
            Ok((thread, None))
        }
        (Some(_), None) => Err(UNKNOWN_CHANNEL.into()),
    }
}

/// The message that the route names, and who may touch it.
fn target(core: &Core, call: &Call) -> Result<Id, ApiError> {
    if is_interaction(core, call)? {
        let interaction = core.by_token(call.text("token"))?;
        return core.answer_of(interaction, call.text("message"));
    }
    let webhook = webhook(core, call)?;
    let id = call.id("message")?;
    let message = core.places.messages.get(&id);
    let own =
        message.is_some_and(|message| message.webhook.as_ref().is_some_and(|(id, _)| *id == webhook.id));
    if own { Ok(id) } else { Err(UNKNOWN_MESSAGE.into()) }
}

fn get(core: &mut Core, call: &Call) -> Answer {
    let id = target(core, call)?;
    Ok(Reply::Ok(shown(core, id)))
}

fn edit(core: &mut Core, call: &Call) -> Answer {
    let id = target(core, call)?;
    let draft = message::read(&call.body, "", Form::WebhookEdit, call.uploads.len())?;
    if let Some(old) = core.places.messages.get(&id) {
        refuse_empty(old, &draft, call.uploads.len())?;
    }
    core.revise(id, draft, &call.uploads, &Allowed::ONLY_USERS)?;
    Ok(Reply::Ok(shown(core, id)))
}

fn delete(core: &mut Core, call: &Call) -> Answer {
    let id = target(core, call)?;
    core.remove_message(id);
    Ok(Reply::Nothing)
}
