//! The REST side, `/api/v10`:
//!
//! 1. `entry` reads the request and meets it with the faults that are switched on;
//! 2. `admit` finds the route, checks the token, counts it in its buckets;
//! 3. the route's function answers; there is one file for each resource;
//! 4. `entry` notes the exchange in the transcript and sends the answer, or what a fault makes of it.

mod admit;
mod applications;
mod broken;
mod channels;
mod commands;
mod direct;
mod entry;
mod guilds;
mod history;
#[cfg(test)]
mod hostile;
mod interactions;
mod members;
mod messages;
mod multipart;
mod outcome;
mod overwrites;
mod pins;
mod reactions;
mod roles;
mod scheduled;
mod thread_lists;
mod thread_members;
mod threads;
mod webhook_messages;
mod webhooks;

use std::collections::BTreeMap;

use serde_json::Value;

pub(crate) use entry::{Edge, handle};

use crate::core::Core;
use crate::error::{ApiError, MISSING_ACCESS, MISSING_PERMISSIONS};
use crate::id::Id;
use crate::permissions::{self, Permissions};
use crate::posting::Upload;
use crate::rates::Bucket;

/// What a route answers.
pub(crate) enum Reply {
    /// A body, with 200.
    Ok(Value),
    /// A body, with 201.
    Created(Value),
    /// 204.
    Nothing,
}

pub(crate) type Answer = Result<Reply, ApiError>;

/// Whether a route needs the bot's token, or carries a secret of its own in its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    BotToken,
    Nothing,
}

/// One route.
pub(crate) struct Route {
    pub(crate) method: &'static str,
    /// Parts in braces are parameters.
    pub(crate) pattern: &'static str,
    pub(crate) needs: Needs,
    /// `None` stands for a bucket of the route's own.
    pub(crate) bucket: Option<Bucket>,
    pub(crate) answer: fn(&mut Core, &Call) -> Answer,
}

impl Route {
    /// Calls the route. A body that is no object fits one route only.
    pub(crate) fn call(&self, core: &mut Core, call: &Call) -> Answer {
        let takes_list = self.method == "PUT" && self.pattern.ends_with("/commands");
        if !(call.body.is_object() || call.body.is_null() || takes_list) {
            return Err(ApiError::form(
                "",
                "DICT_TYPE_CONVERT",
                "Only dictionaries may be used in a DictType",
            ));
        }
        (self.answer)(core, call)
    }
}

const fn route(method: &'static str, pattern: &'static str, answer: fn(&mut Core, &Call) -> Answer) -> Route {
    Route { method, pattern, needs: Needs::BotToken, bucket: None, answer }
}

const fn shared_route(
    bucket: Bucket,
    method: &'static str,
    pattern: &'static str,
    answer: fn(&mut Core, &Call) -> Answer,
) -> Route {
    Route { method, pattern, needs: Needs::BotToken, bucket: Some(bucket), answer }
}

const fn open_route(
    bucket: Bucket,
    method: &'static str,
    pattern: &'static str,
    answer: fn(&mut Core, &Call) -> Answer,
) -> Route {
    Route { method, pattern, needs: Needs::Nothing, bucket: Some(bucket), answer }
}

const TABLE: &[&[Route]] = &[
    applications::ROUTES,
    commands::ROUTES,
    channels::ROUTES,
    messages::ROUTES,
    history::ROUTES,
    pins::ROUTES,
    reactions::ROUTES,
    threads::ROUTES,
    thread_lists::ROUTES,
    thread_members::ROUTES,
    overwrites::ROUTES,
    guilds::ROUTES,
    members::ROUTES,
    roles::ROUTES,
    scheduled::ROUTES,
    direct::ROUTES,
    interactions::ROUTES,
    webhooks::ROUTES,
    webhook_messages::ROUTES,
];

/// One request on its way to its route.
#[derive(Debug, Default)]
pub(crate) struct Call {
    pub(crate) params: BTreeMap<&'static str, String>,
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) body: Value,
    pub(crate) uploads: Vec<Upload>,
}

impl Call {
    pub(crate) fn text(&self, name: &str) -> &str {
        self.params.get(name).map_or("", String::as_str)
    }

    pub(crate) fn id(&self, name: &str) -> Result<Id, ApiError> {
        let text = self.text(name);
        text.parse().map_err(|_| {
            let message = format!("Value \"{text}\" is not snowflake.");
            ApiError::form(&format!("{name}_id"), "NUMBER_TYPE_COERCE", &message)
        })
    }

    pub(crate) fn query_id(&self, name: &str) -> Result<Option<Id>, ApiError> {
        let Some(text) = self.query.get(name) else {
            return Ok(None);
        };
        let wrong = |_| ApiError::form(name, "NUMBER_TYPE_COERCE", "Value is not snowflake.");
        text.parse().map(Some).map_err(wrong)
    }

    /// `limit` of a list.
    pub(crate) fn limit(&self, usual: usize, most: usize) -> Result<usize, ApiError> {
        let Some(text) = self.query.get("limit") else {
            return Ok(usual);
        };
        let read = text.parse().ok().filter(|limit| (1..=most).contains(limit));
        read.ok_or_else(|| {
            ApiError::form(
                "limit",
                "NUMBER_TYPE_RANGE",
                &format!("int value should be between 1 and {most}."),
            )
        })
    }

    pub(crate) fn asks(&self, name: &str) -> bool {
        matches!(self.query.get(name).map(String::as_str), Some("true" | "1" | "True"))
    }
}

impl Core {
    /// 50001 when the bot cannot see the channel, 50013 when something else is missing there.
    pub(crate) fn bot_needs(&self, channel: Id, wanted: Permissions) -> Result<Permissions, ApiError> {
        let channel = self.places.channel(channel)?;
        let has = permissions::in_channel(&self.places, channel, self.places.bot());
        if !has.has(Permissions::VIEW_CHANNEL) {
            return Err(MISSING_ACCESS.into());
        }
        if has.has(wanted) { Ok(has) } else { Err(MISSING_PERMISSIONS.into()) }
    }

    /// 50001 when the bot is not in the guild, 50013 when a permission is missing.
    pub(crate) fn bot_needs_in_guild(&self, guild: Id, wanted: Permissions) -> Result<(), ApiError> {
        let bot = self.places.bot();
        let guild = self.places.guilds.get(&guild).filter(|guild| guild.members.contains_key(&bot));
        let guild = guild.ok_or(MISSING_ACCESS)?;
        let has = permissions::in_guild(guild, bot);
        if has.has(wanted) { Ok(()) } else { Err(MISSING_PERMISSIONS.into()) }
    }
}
