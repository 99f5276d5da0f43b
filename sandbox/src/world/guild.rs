//! A guild with its roles, members, scheduled events and webhooks.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Channel, Places};
use crate::clock::iso8601;
use crate::id::Id;
use crate::permissions::{self, Permissions};

/// A guild.
#[derive(Clone, Debug)]
pub struct Guild {
    /// Its id, which is also the id of its `@everyone` role.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// Who owns it.
    pub owner: Id,
    /// Roles by id.
    pub roles: BTreeMap<Id, Role>,
    /// Members by user.
    pub members: BTreeMap<Id, Member>,
    /// Scheduled events by id.
    pub events: BTreeMap<Id, ScheduledEvent>,
    /// Webhooks by id.
    pub webhooks: BTreeMap<Id, Webhook>,
    /// The guild's language.
    pub locale: String,
}

/// A role.
#[derive(Clone, Debug)]
pub struct Role {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// What it allows.
    pub permissions: Permissions,
    /// Whether everybody may ping it.
    pub mentionable: bool,
    /// Higher is mightier; `@everyone` is 0.
    pub position: u64,
    /// The colour as a number, 0 for none.
    pub color: u64,
    /// Whether its members are listed apart.
    pub hoist: bool,
    /// The bot that it belongs to.
    pub bot: Option<Id>,
}

/// Somebody in a guild.
#[derive(Clone, Debug)]
pub struct Member {
    /// Who.
    pub user: Id,
    /// The name in this guild.
    pub nick: Option<String>,
    /// Roles besides `@everyone`.
    pub roles: Vec<Id>,
    /// Unix milliseconds.
    pub joined_at: u64,
}

/// Something in the guild's calendar.
#[derive(Clone, Debug)]
pub struct ScheduledEvent {
    /// Its id.
    pub id: Id,
    /// The fields as the bot gave them.
    pub fields: Value,
    /// Who made it.
    pub creator: Id,
    /// 1 scheduled, 2 active, 3 completed, 4 cancelled.
    pub status: u64,
}

/// An address that takes messages for a channel.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// Its id.
    pub id: Id,
    /// Where its messages go.
    pub channel: Id,
    /// The name that its messages carry.
    pub name: String,
    /// The secret part of its address.
    pub(crate) token: String,
    /// Who made it.
    pub creator: Id,
}

impl Role {
    pub(crate) fn to_json(&self) -> Value {
        let tags = self.bot.map_or_else(|| json!({}), |bot| json!({"bot_id": bot}));
        json!({
            "id": self.id, "name": self.name, "color": self.color,
            "colors": {"primary_color": self.color, "secondary_color": null, "tertiary_color": null},
            "hoist": self.hoist, "icon": null, "unicode_emoji": null, "position": self.position,
            "permissions": self.permissions, "managed": self.bot.is_some(), "mentionable": self.mentionable,
            "flags": 0, "tags": tags,
        })
    }
}

impl Member {
    /// The member without the user, as in messages.
    pub(crate) fn to_partial_json(&self) -> Value {
        json!({
            "nick": self.nick, "avatar": null, "banner": null, "roles": self.roles,
            "joined_at": iso8601(self.joined_at), "premium_since": null, "pending": false,
            "communication_disabled_until": null, "flags": 0, "deaf": false, "mute": false,
        })
    }

    pub(crate) fn to_json(&self, places: &Places) -> Value {
        let mut member = self.to_partial_json();
        member["user"] = places.user_json(self.user);
        member
    }
}

impl ScheduledEvent {
    pub(crate) fn to_json(&self, guild: Id, places: &Places) -> Value {
        let field = |name: &str| self.fields.get(name).cloned().unwrap_or(Value::Null);
        json!({
            "id": self.id, "guild_id": guild, "channel_id": field("channel_id"), "creator_id": self.creator,
            "name": field("name"), "description": field("description"),
            "scheduled_start_time": field("scheduled_start_time"),
            "scheduled_end_time": field("scheduled_end_time"),
            "privacy_level": 2, "status": self.status, "entity_type": field("entity_type"), "entity_id": null,
            "entity_metadata": field("entity_metadata"), "creator": places.user_json(self.creator),
            "user_count": 0, "image": null, "recurrence_rule": null,
        })
    }
}

impl Webhook {
    pub(crate) fn to_json(&self, guild: Id, places: &Places) -> Value {
        json!({
            "id": self.id, "type": 1, "guild_id": guild, "channel_id": self.channel, "name": self.name,
            "avatar": null, "token": self.token, "application_id": places.application.id,
            "user": places.user_json(self.creator),
            "url": format!("{}/api/webhooks/{}/{}", places.files_base, self.id, self.token),
        })
    }
}

impl Guild {
    /// The guild as `GET /guilds/{id}` shows it.
    pub(crate) fn to_json(&self) -> Value {
        let roles: Vec<_> = self.roles.values().map(Role::to_json).collect();
        json!({
            "id": self.id, "name": self.name, "icon": null, "icon_hash": null, "splash": null,
            "discovery_splash": null, "owner_id": self.owner, "region": "deprecated", "afk_channel_id": null,
            "afk_timeout": 300, "widget_enabled": false, "widget_channel_id": null, "verification_level": 0,
            "default_message_notifications": 1, "explicit_content_filter": 0, "roles": roles, "emojis": [],
            "features": ["COMMUNITY", "NEWS"], "mfa_level": 0, "application_id": null, "system_channel_id": null,
            "system_channel_flags": 0, "rules_channel_id": null, "max_presences": null, "max_members": 500_000,
            "vanity_url_code": null, "description": null, "banner": null, "premium_tier": 0,
            "premium_subscription_count": 0, "preferred_locale": self.locale,
            "public_updates_channel_id": null, "max_video_channel_users": 25,
            "max_stage_video_channel_users": 50, "nsfw_level": 0, "nsfw": false, "stickers": [],
            "premium_progress_bar_enabled": false, "safety_alerts_channel_id": null, "incidents_data": null,
        })
    }

    /// The guild as GUILD_CREATE shows it to the bot: only channels that it may see, only threads that are open.
    pub(crate) fn to_create_json(&self, places: &Places) -> Value {
        let bot = places.bot();
        let sees =
            |channel: &&Channel| permissions::in_channel(places, channel, bot).has(Permissions::VIEW_CHANNEL);
        let own = || places.channels.values().filter(|channel| channel.guild == Some(self.id));
        let channels: Vec<_> =
            own().filter(|channel| channel.thread.is_none()).map(Channel::to_json).collect();
        let open = |channel: &&Channel| channel.thread.as_ref().is_some_and(|thread| !thread.archived);
        let threads: Vec<_> = own().filter(open).filter(sees).map(Channel::to_json).collect();
        let members: Vec<_> = self.members.values().map(|member| member.to_json(places)).collect();
        let events: Vec<_> = self.events.values().map(|event| event.to_json(self.id, places)).collect();
        let joined = self.members.get(&bot).map_or(0, |member| member.joined_at);
        let mut guild = self.to_json();
        let rest = json!({
            "joined_at": iso8601(joined), "large": false, "unavailable": false,
            "member_count": self.members.len(), "voice_states": [], "members": members, "channels": channels,
            "threads": threads, "presences": [], "stage_instances": [], "guild_scheduled_events": events,
            "soundboard_sounds": [],
        });
        if let (Some(guild), Value::Object(rest)) = (guild.as_object_mut(), rest) {
            guild.extend(rest);
        }
        guild
    }
}
