//! A message.

use bytes::Bytes;
use serde_json::{Value, json};

use super::Places;
use crate::clock::iso8601;
use crate::id::Id;

/// Bits of a message's `flags` (resources/message, "Message Flags").
pub(crate) mod flags {
    pub(crate) const CROSSPOSTED: u64 = 1 << 0;
    pub(crate) const SUPPRESS_EMBEDS: u64 = 1 << 2;
    pub(crate) const HAS_THREAD: u64 = 1 << 5;
    pub(crate) const EPHEMERAL: u64 = 1 << 6;
    pub(crate) const LOADING: u64 = 1 << 7;
    pub(crate) const SUPPRESS_NOTIFICATIONS: u64 = 1 << 12;
    pub(crate) const COMPONENTS_V2: u64 = 1 << 15;
}

/// A file of a message.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub filename: String,
    /// Its media type.
    pub content_type: Option<String>,
    /// What it shows, for those who cannot see it.
    pub description: Option<String>,
    /// The file itself.
    pub bytes: Bytes,
}

impl Attachment {
    pub(crate) fn to_json(&self, channel: Id, ephemeral: bool, base: &str) -> Value {
        let url = format!("{base}/attachments/{channel}/{}/{}", self.id, encoded(&self.filename));
        let mut file = json!({
            "id": self.id, "filename": self.filename, "size": self.bytes.len(), "url": url,
            "proxy_url": url, "content_type": self.content_type,
        });
        if let Some(description) = &self.description {
            file["description"] = json!(description);
        }
        if ephemeral {
            file["ephemeral"] = json!(true);
        }
        file
    }
}

fn encoded(name: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    name.bytes()
        .map(|byte| if keep(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// The interaction that a message answers.
#[derive(Clone, Debug)]
pub struct InteractionOrigin {
    /// The interaction.
    pub id: Id,
    /// 2 command, 3 component, 5 modal.
    pub kind: u64,
    /// Who started it.
    pub user: Id,
    /// The command's name, for a command.
    pub name: Option<String>,
    /// The message whose component was used.
    pub interacted: Option<Id>,
    /// The interaction that opened the modal.
    pub trigger: Option<Box<InteractionOrigin>>,
}

impl InteractionOrigin {
    fn to_json(&self, places: &Places) -> Value {
        let mut origin = json!({
            "id": self.id, "type": self.kind, "user": places.user_json(self.user),
            "authorizing_integration_owners": {},
        });
        if let Some(name) = &self.name {
            origin["name"] = json!(name);
        }
        if let Some(message) = self.interacted {
            origin["interacted_message_id"] = json!(message);
        }
        if let Some(trigger) = &self.trigger {
            origin["triggering_interaction_metadata"] = trigger.to_json(places);
        }
        origin
    }
}

/// Who put one emoji on a message.
#[derive(Clone, Debug)]
pub struct Reaction {
    /// The emoji as its name, or `name:id` for one of a guild's own.
    pub emoji: String,
    /// Who, in order.
    pub users: Vec<Id>,
}

impl Reaction {
    pub(crate) fn emoji_json(emoji: &str) -> Value {
        match emoji.rsplit_once(':') {
            Some((name, id)) if id.parse::<Id>().is_ok() => {
                json!({"id": id, "name": name, "animated": false})
            }
            _ => json!({"id": null, "name": emoji}),
        }
    }

    fn to_json(&self, bot: Id) -> Value {
        json!({
            "emoji": Self::emoji_json(&self.emoji), "count": self.users.len(),
            "count_details": {"burst": 0, "normal": self.users.len()}, "me": self.users.contains(&bot),
            "me_burst": false, "burst_colors": [],
        })
    }
}

/// A message.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its id.
    pub id: Id,
    /// Where it stands.
    pub channel: Id,
    /// Who wrote it: a user, or the webhook of [`Message::webhook`].
    pub author: Id,
    /// The webhook and the name that it used.
    pub webhook: Option<(Id, String)>,
    /// Discord's number: 0 plain, 6 pin notice, 18 thread notice, 19 reply, 20 command, 21 thread starter, 23 menu.
    pub kind: u64,
    /// Its text.
    pub content: String,
    /// When it was written, Unix milliseconds.
    pub created_ms: u64,
    /// When it was last edited, Unix milliseconds.
    pub edited_ms: Option<u64>,
    /// Read aloud.
    pub tts: bool,
    /// See resources/message, "Message Flags".
    pub flags: u64,
    /// Embeds as the bot gave them, with `type`.
    pub embeds: Vec<Value>,
    /// Rows of buttons and selects.
    pub components: Vec<Value>,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// When it was pinned, Unix milliseconds.
    pub pinned_ms: Option<u64>,
    /// The nonce that came with it.
    pub nonce: Option<Value>,
    /// The message that it answers or points at: channel and message.
    pub reference: Option<(Id, Id)>,
    /// The interaction that it answers.
    pub origin: Option<InteractionOrigin>,
    /// The only one who sees it.
    pub ephemeral_for: Option<Id>,
    /// The thread that was opened from it.
    pub thread: Option<Id>,
    /// Emoji on it.
    pub reactions: Vec<Reaction>,
    /// Whether everyone or here was really pinged.
    pub mention_everyone: bool,
    /// Users that were really mentioned.
    pub mentions: Vec<Id>,
    /// Roles that were really mentioned.
    pub mention_roles: Vec<Id>,
}

impl Message {
    pub(crate) fn has(&self, flag: u64) -> bool {
        self.flags & flag != 0
    }

    fn author_json(&self, places: &Places) -> Value {
        match &self.webhook {
            Some((id, name)) => json!({
                "id": id, "username": name, "discriminator": "0000", "global_name": null, "avatar": null,
                "bot": true, "public_flags": 0, "flags": 0,
            }),
            None => places.user_json(self.author),
        }
    }

    pub(crate) fn to_json(&self, places: &Places) -> Value {
        let base = places.files_base.as_str();
        let ephemeral = self.ephemeral_for.is_some();
        let files = self.attachments.iter().map(|file| file.to_json(self.channel, ephemeral, base));
        let mentions = self.mentions.iter().map(|id| places.user_json(*id));
        let mut message = json!({
            "id": self.id, "channel_id": self.channel, "type": self.kind, "author": self.author_json(places),
            "content": self.content, "timestamp": iso8601(self.created_ms),
            "edited_timestamp": self.edited_ms.map(iso8601), "tts": self.tts, "flags": self.flags,
            "mention_everyone": self.mention_everyone, "mentions": mentions.collect::<Vec<_>>(),
            "mention_roles": self.mention_roles, "attachments": files.collect::<Vec<_>>(),
            "embeds": self.embeds, "components": self.components, "pinned": self.pinned_ms.is_some(),
        });
        self.add_optional(&mut message, places);
        message
    }

    fn add_optional(&self, message: &mut Value, places: &Places) {
        if let Some(nonce) = &self.nonce {
            message["nonce"] = nonce.clone();
        }
        if let Some((id, _)) = &self.webhook {
            message["webhook_id"] = json!(id);
        }
        if self.origin.is_some() || (self.author == places.bot() && self.webhook.is_none()) {
            message["application_id"] = json!(places.application.id);
        }
        if !self.reactions.is_empty() {
            let bot = places.bot();
            message["reactions"] = self.reactions.iter().map(|reaction| reaction.to_json(bot)).collect();
        }
        if let Some(thread) = self.thread.and_then(|id| places.channels.get(&id)) {
            message["thread"] = thread.to_json();
        }
        if let Some((channel, id)) = self.reference {
            let guild = places.channels.get(&channel).and_then(|channel| channel.guild);
            message["message_reference"] =
                json!({"type": 0, "channel_id": channel, "message_id": id, "guild_id": guild});
        }
        if let Some(origin) = &self.origin {
            Self::add_origin(message, origin, places);
        }
    }

    fn add_origin(message: &mut Value, origin: &InteractionOrigin, places: &Places) {
        message["interaction_metadata"] = origin.to_json(places);
        if let Some(name) = &origin.name {
            let user = places.user_json(origin.user);
            message["interaction"] =
                json!({"id": origin.id, "type": origin.kind, "name": name, "user": user});
        }
    }

    /// The message as the gateway shows it: with the guild and the author's membership.
    pub(crate) fn to_event_json(&self, places: &Places) -> Value {
        let mut message = self.to_json(places);
        let guild = places.channels.get(&self.channel).and_then(|channel| channel.guild);
        if let Some(guild) = guild.and_then(|id| places.guilds.get(&id)) {
            message["guild_id"] = json!(guild.id);
            if let Some(member) = guild.members.get(&self.author).filter(|_| self.webhook.is_none()) {
                message["member"] = member.to_partial_json();
            }
        }
        message
    }
}
