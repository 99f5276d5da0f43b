//! Webhooks themselves (resources/webhook).

use serde_json::Value;

use super::webhook_messages::webhook as by_token;
use super::{Answer, Call, Reply, Route, open_route, route};
use crate::core::Core;
use crate::error::{ApiError, FormFaults, MAX_WEBHOOKS, UNKNOWN_WEBHOOK, WRONG_CHANNEL_TYPE};
use crate::gateway::events;
use crate::id::Id;
use crate::permissions::Permissions;
use crate::rates::Bucket;
use crate::rules::fields;
use crate::rules::limits;
use crate::world::{ChannelKind, Webhook};

pub(super) const ROUTES: &[Route] = &[
    route("POST", "channels/{channel}/webhooks", create),
    route("GET", "channels/{channel}/webhooks", of_channel),
    route("GET", "guilds/{guild}/webhooks", of_guild),
    route("GET", "webhooks/{webhook}", get),
    route("PATCH", "webhooks/{webhook}", edit),
    route("DELETE", "webhooks/{webhook}", delete),
    open_route(Bucket::Webhook, "GET", "webhooks/{webhook}/{token}", get_open),
    open_route(Bucket::Webhook, "DELETE", "webhooks/{webhook}/{token}", delete_open),
];

fn find(core: &Core, id: Id) -> Result<(Id, &Webhook), ApiError> {
    let mut all = core.places.guilds.values();
    let found = all.find_map(|guild| Some((guild.id, guild.webhooks.get(&id)?)));
    found.ok_or_else(|| UNKNOWN_WEBHOOK.into())
}

fn create(core: &mut Core, call: &Call) -> Answer {
    let channel = call.id("channel")?;
    core.bot_needs(channel, Permissions::MANAGE_WEBHOOKS)?;
    let found = core.places.channel(channel)?;
    let fits = matches!(found.kind, ChannelKind::Text | ChannelKind::Announcement | ChannelKind::Forum);
    let Some(guild) = found.guild.filter(|_| fits) else {
        return Err(WRONG_CHANNEL_TYPE.into());
    };
    let name = read_name(&call.body)?;
    let there =
        core.places.guild(guild)?.webhooks.values().filter(|webhook| webhook.channel == channel).count();
    if there >= limits::WEBHOOKS {
        return Err(MAX_WEBHOOKS.into());
    }
    let id = core.new_id();
    let creator = core.places.bot();
    let webhook = Webhook { id, channel, name, token: crate::token::opaque(), creator };
    let shown = webhook.to_json(guild, &core.places);
    core.places.guild_mut(guild)?.webhooks.insert(id, webhook);
    events::webhooks_changed(core, guild, channel);
    core.touch();
    Ok(Reply::Ok(shown))
}

fn read_name(body: &Value) -> Result<String, ApiError> {
    let mut faults = FormFaults::default();
    let name =
        fields::needed_text(body, "", "name", 1..=limits::WEBHOOK_NAME, &mut faults).unwrap_or_default();
    // resources/webhook: names must not hold these words.
    if ["clyde", "discord"].iter().any(|word| name.to_lowercase().contains(word)) {
        faults.add("name", "USERNAME_INVALID_CONTAINS", "Username cannot contain \"clyde\" or \"discord\"");
    }
    faults.result()?;
    Ok(name.to_owned())
}

fn of_channel(core: &mut Core, call: &Call) -> Answer {
    let channel = call.id("channel")?;
    core.bot_needs(channel, Permissions::MANAGE_WEBHOOKS)?;
    let Some(guild) = core.places.channel(channel)?.guild else {
        return Err(WRONG_CHANNEL_TYPE.into());
    };
    let own = core.places.guild(guild)?.webhooks.values().filter(|webhook| webhook.channel == channel);
    Ok(Reply::Ok(own.map(|webhook| webhook.to_json(guild, &core.places)).collect()))
}

fn of_guild(core: &mut Core, call: &Call) -> Answer {
    let guild = call.id("guild")?;
    core.bot_needs_in_guild(guild, Permissions::MANAGE_WEBHOOKS)?;
    let own = core.places.guild(guild)?.webhooks.values();
    Ok(Reply::Ok(own.map(|webhook| webhook.to_json(guild, &core.places)).collect()))
}

fn get(core: &mut Core, call: &Call) -> Answer {
    let (guild, webhook) = find(core, call.id("webhook")?)?;
    core.bot_needs(webhook.channel, Permissions::MANAGE_WEBHOOKS)?;
    Ok(Reply::Ok(webhook.to_json(guild, &core.places)))
}

fn edit(core: &mut Core, call: &Call) -> Answer {
    let id = call.id("webhook")?;
    let (guild, webhook) = find(core, id)?;
    core.bot_needs(webhook.channel, Permissions::MANAGE_WEBHOOKS)?;
    let name = read_name(&call.body)?;
    let webhook = core.places.guild_mut(guild)?.webhooks.get_mut(&id).ok_or(UNKNOWN_WEBHOOK)?;
    webhook.name = name;
    let webhook = webhook.clone();
    events::webhooks_changed(core, guild, webhook.channel);
    core.touch();
    Ok(Reply::Ok(webhook.to_json(guild, &core.places)))
}

fn delete(core: &mut Core, call: &Call) -> Answer {
    let id = call.id("webhook")?;
    let channel = find(core, id)?.1.channel;
    core.bot_needs(channel, Permissions::MANAGE_WEBHOOKS)?;
    core.remove_webhook(id);
    Ok(Reply::Nothing)
}

fn get_open(core: &mut Core, call: &Call) -> Answer {
    let id = by_token(core, call)?.id;
    let (guild, webhook) = find(core, id)?;
    let mut shown = webhook.to_json(guild, &core.places);
    if let Some(map) = shown.as_object_mut() {
        map.remove("user");
    }
    Ok(Reply::Ok(shown))
}

fn delete_open(core: &mut Core, call: &Call) -> Answer {
    let id = by_token(core, call)?.id;
    core.remove_webhook(id);
    Ok(Reply::Nothing)
}

impl Core {
    /// Takes a webhook away.
    pub(crate) fn remove_webhook(&mut self, id: Id) {
        let found =
            self.places.guilds.values_mut().find_map(|guild| Some((guild.id, guild.webhooks.remove(&id)?)));
        if let Some((guild, webhook)) = found {
            events::webhooks_changed(self, guild, webhook.channel);
            self.touch();
        }
    }
}
