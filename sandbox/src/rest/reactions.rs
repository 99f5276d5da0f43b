//! Reactions (resources/message, "Create Reaction").

use serde_json::Value;

use super::messages::refuse_archived;
use super::{Answer, Call, Reply, Route, route, shared_route};
use crate::core::Core;
use crate::error::{ApiError, MAX_REACTIONS, UNKNOWN_EMOJI};
use crate::gateway::events;
use crate::id::Id;
use crate::permissions::Permissions;
use crate::rates::Bucket;
use crate::rules::limits;
use crate::world::Reaction;

pub(super) const ROUTES: &[Route] = &[
    shared_route(Bucket::Reaction, "PUT", "channels/{channel}/messages/{message}/reactions/{emoji}/@me", add),
    shared_route(
        Bucket::Reaction,
        "DELETE",
        "channels/{channel}/messages/{message}/reactions/{emoji}/@me",
        take_own,
    ),
    shared_route(
        Bucket::Reaction,
        "DELETE",
        "channels/{channel}/messages/{message}/reactions/{emoji}/{user}",
        take_other,
    ),
    route("GET", "channels/{channel}/messages/{message}/reactions/{emoji}", who),
    route("DELETE", "channels/{channel}/messages/{message}/reactions", clear),
    route("DELETE", "channels/{channel}/messages/{message}/reactions/{emoji}", clear_one),
];

/// An emoji is one of Unicode's, or `name:id`.
fn emoji(call: &Call) -> Result<String, ApiError> {
    let text = call.text("emoji");
    let own = text.rsplit_once(':').is_some_and(|(name, id)| !name.is_empty() && id.parse::<Id>().is_ok());
    let unicode =
        !text.is_empty() && text.chars().count() <= 16 && !text.chars().any(|c| c.is_ascii_alphabetic());
    if own || unicode { Ok(text.to_owned()) } else { Err(UNKNOWN_EMOJI.into()) }
}

fn add(core: &mut Core, call: &Call) -> Answer {
    let (channel, id, emoji) = (call.id("channel")?, call.id("message")?, emoji(call)?);
    let has = core.bot_needs(channel, Permissions::READ_MESSAGE_HISTORY)?;
    refuse_archived(core, channel)?;
    let message = core.places.message(channel, id)?;
    let there = message.reactions.iter().any(|reaction| reaction.emoji == emoji);
    if !there && !has.has(Permissions::ADD_REACTIONS) {
        core.bot_needs(channel, Permissions::ADD_REACTIONS)?;
    }
    if !there && message.reactions.len() >= limits::REACTIONS {
        return Err(MAX_REACTIONS.into());
    }
    let bot = core.places.bot();
    core.react(id, &emoji, bot);
    Ok(Reply::Nothing)
}

fn take_own(core: &mut Core, call: &Call) -> Answer {
    let (channel, id, emoji) = (call.id("channel")?, call.id("message")?, emoji(call)?);
    core.bot_needs(channel, Permissions::READ_MESSAGE_HISTORY)?;
    core.places.message(channel, id)?;
    let bot = core.places.bot();
    core.unreact(id, &emoji, bot);
    Ok(Reply::Nothing)
}

fn take_other(core: &mut Core, call: &Call) -> Answer {
    let (channel, id, emoji) = (call.id("channel")?, call.id("message")?, emoji(call)?);
    core.bot_needs(channel, Permissions::MANAGE_MESSAGES)?;
    core.places.message(channel, id)?;
    core.unreact(id, &emoji, call.id("user")?);
    Ok(Reply::Nothing)
}

fn who(core: &mut Core, call: &Call) -> Answer {
    let (channel, id, emoji) = (call.id("channel")?, call.id("message")?, emoji(call)?);
    core.bot_needs(channel, Permissions::READ_MESSAGE_HISTORY)?;
    let limit = call.limit(25, 100)?;
    let message = core.places.message(channel, id)?;
    let users = message.reactions.iter().find(|reaction| reaction.emoji == emoji);
    let users = users.map(|reaction| reaction.users.as_slice()).unwrap_or_default();
    let shown: Vec<Value> = users.iter().take(limit).map(|id| core.places.user_json(*id)).collect();
    Ok(Reply::Ok(Value::Array(shown)))
}

fn clear(core: &mut Core, call: &Call) -> Answer {
    let (channel, id) = (call.id("channel")?, call.id("message")?);
    core.bot_needs(channel, Permissions::MANAGE_MESSAGES)?;
    core.places.message_mut(channel, id)?.reactions.clear();
    events::reactions_cleared(core, channel, id, None);
    core.touch();
    Ok(Reply::Nothing)
}

fn clear_one(core: &mut Core, call: &Call) -> Answer {
    let (channel, id, emoji) = (call.id("channel")?, call.id("message")?, emoji(call)?);
    core.bot_needs(channel, Permissions::MANAGE_MESSAGES)?;
    core.places.message_mut(channel, id)?.reactions.retain(|reaction| reaction.emoji != emoji);
    events::reactions_cleared(core, channel, id, Some(&emoji));
    core.touch();
    Ok(Reply::Nothing)
}

impl Core {
    /// Puts somebody's emoji on a message.
    pub(crate) fn react(&mut self, message: Id, emoji: &str, user: Id) {
        let Some(found) = self.places.messages.get_mut(&message) else {
            return;
        };
        match found.reactions.iter_mut().find(|reaction| reaction.emoji == emoji) {
            Some(reaction) if reaction.users.contains(&user) => return,
            Some(reaction) => reaction.users.push(user),
            None => found.reactions.push(Reaction { emoji: emoji.to_owned(), users: vec![user] }),
        }
        events::reaction(self, message, emoji, user, true);
        self.touch();
    }

    /// Takes somebody's emoji off a message.
    pub(crate) fn unreact(&mut self, message: Id, emoji: &str, user: Id) {
        let Some(found) = self.places.messages.get_mut(&message) else {
            return;
        };
        let Some(reaction) = found.reactions.iter_mut().find(|reaction| reaction.emoji == emoji) else {
            return;
        };
        if !reaction.users.contains(&user) {
            return;
        }
        reaction.users.retain(|other| *other != user);
        found.reactions.retain(|reaction| !reaction.users.is_empty());
        events::reaction(self, message, emoji, user, false);
        self.touch();
    }
}
