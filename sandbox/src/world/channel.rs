//! A channel, a thread or a DM.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Places;
use crate::clock::iso8601;
use crate::id::Id;
use crate::permissions::Permissions;

/// What a channel is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelKind {
    /// Messages.
    Text,
    /// Between two.
    Dm,
    /// Holds channels.
    Category,
    /// Messages that other guilds can follow.
    Announcement,
    /// A thread in an announcement channel.
    AnnouncementThread,
    /// A thread that everybody sees; also a post of a forum.
    PublicThread,
    /// A thread for those who were invited.
    PrivateThread,
    /// Posts only.
    Forum,
}

impl ChannelKind {
    /// Discord's number (resources/channel, "Channel Types").
    #[must_use]
    pub const fn number(self) -> u64 {
        match self {
            Self::Text => 0,
            Self::Dm => 1,
            Self::Category => 4,
            Self::Announcement => 5,
            Self::AnnouncementThread => 10,
            Self::PublicThread => 11,
            Self::PrivateThread => 12,
            Self::Forum => 15,
        }
    }

    pub(crate) const fn from_number(number: u64) -> Option<Self> {
        Some(match number {
            0 => Self::Text,
            1 => Self::Dm,
            4 => Self::Category,
            5 => Self::Announcement,
            10 => Self::AnnouncementThread,
            11 => Self::PublicThread,
            12 => Self::PrivateThread,
            15 => Self::Forum,
            _ => return None,
        })
    }

    /// Whether messages can be written straight into it.
    #[must_use]
    pub const fn holds_messages(self) -> bool {
        !matches!(self, Self::Category | Self::Forum)
    }
}

/// Whom an overwrite concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OverwriteKind {
    /// A role.
    Role,
    /// One member.
    Member,
}

/// What a channel allows or denies to a role or a member.
#[derive(Clone, Copy, Debug)]
pub struct Overwrite {
    /// The role or the member.
    pub id: Id,
    /// Which of the two.
    pub kind: OverwriteKind,
    /// Given.
    pub allow: Permissions,
    /// Taken.
    pub deny: Permissions,
}

/// A label for posts of a forum.
#[derive(Clone, Debug)]
pub struct Tag {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// Whether only those who manage threads may put it on.
    pub moderated: bool,
}

/// What a thread has besides what every channel has.
#[derive(Clone, Debug)]
pub struct Thread {
    /// Put away; a message brings it back.
    pub archived: bool,
    /// Whether only those who manage threads may bring it back.
    pub locked: bool,
    /// Minutes without a message after which it may be archived.
    pub auto_archive_minutes: u64,
    /// When it was last archived or brought back, Unix milliseconds.
    pub archive_ms: u64,
    /// When it was opened, Unix milliseconds.
    pub created_ms: u64,
    /// Who opened it.
    pub owner: Id,
    /// Who is in it.
    pub members: Vec<Id>,
    /// Labels of a post.
    pub applied_tags: Vec<Id>,
    /// Messages in it, the first one not counted.
    pub message_count: u64,
}

/// A channel, a thread or a DM.
#[derive(Clone, Debug)]
pub struct Channel {
    /// Its id.
    pub id: Id,
    /// The guild, none for a DM.
    pub guild: Option<Id>,
    /// What it is.
    pub kind: ChannelKind,
    /// Its name; empty for a DM.
    pub name: String,
    /// Its topic.
    pub topic: Option<String>,
    /// The category, or the channel of a thread.
    pub parent: Option<Id>,
    /// Where it stands in the list.
    pub position: u64,
    /// Exceptions to the roles' permissions.
    pub overwrites: Vec<Overwrite>,
    /// Slow mode in seconds.
    pub slow_mode_seconds: u64,
    /// Whether it is age-restricted.
    pub nsfw: bool,
    /// The newest message that was ever in it.
    pub last_message: Option<Id>,
    /// When something was last pinned, Unix milliseconds.
    pub last_pin_ms: Option<u64>,
    /// What a thread has besides.
    pub thread: Option<Thread>,
    /// Labels of a forum.
    pub tags: Vec<Tag>,
    /// Channel flags (1<<1 pinned post, 1<<4 tag required).
    pub flags: u64,
    /// The two of a DM.
    pub recipients: Vec<Id>,
    /// When its name or topic was changed, Unix milliseconds, oldest first.
    pub renamed_ms: Vec<u64>,
}

impl Channel {
    pub(crate) fn new(id: Id, guild: Option<Id>, kind: ChannelKind, name: &str) -> Self {
        Self {
            id,
            guild,
            kind,
            name: name.to_owned(),
            topic: None,
            parent: None,
            position: 0,
            overwrites: Vec::new(),
            slow_mode_seconds: 0,
            nsfw: false,
            last_message: None,
            last_pin_ms: None,
            thread: None,
            tags: Vec::new(),
            flags: 0,
            recipients: Vec::new(),
            renamed_ms: Vec::new(),
        }
    }

    pub(crate) fn is_private_thread(&self) -> bool {
        self.kind == ChannelKind::PrivateThread
    }

    pub(crate) fn to_json(&self) -> Value {
        let mut channel = json!({
            "id": self.id, "type": self.kind.number(), "guild_id": self.guild, "name": self.name,
            "parent_id": self.parent, "last_message_id": self.last_message, "flags": self.flags,
            "rate_limit_per_user": self.slow_mode_seconds,
            "last_pin_timestamp": self.last_pin_ms.map(iso8601),
        });
        let rest = self.thread.as_ref().map_or_else(|| self.plain_json(), |thread| self.thread_json(thread));
        if let (Some(channel), Value::Object(rest)) = (channel.as_object_mut(), rest) {
            channel.extend(rest);
        }
        channel
    }

    fn plain_json(&self) -> Value {
        let mut rest = json!({
            "position": self.position, "topic": self.topic, "nsfw": self.nsfw,
            "permission_overwrites": self.overwrites.iter().map(|overwrite| overwrite.to_json()).collect::<Vec<_>>(),
        });
        if self.kind == ChannelKind::Forum {
            rest["available_tags"] = self.tags.iter().map(Tag::to_json).collect();
            rest["default_reaction_emoji"] = Value::Null;
            rest["default_sort_order"] = Value::Null;
            rest["default_forum_layout"] = json!(0);
        }
        rest
    }

    fn thread_json(&self, thread: &Thread) -> Value {
        json!({
            "owner_id": thread.owner,
            "message_count": thread.message_count,
            "member_count": thread.members.len().min(50),
            "total_message_sent": thread.message_count,
            "applied_tags": thread.applied_tags,
            "thread_metadata": {
                "archived": thread.archived, "auto_archive_duration": thread.auto_archive_minutes,
                "archive_timestamp": iso8601(thread.archive_ms), "locked": thread.locked,
                "create_timestamp": iso8601(thread.created_ms), "invitable": true,
            },
        })
    }

    /// A DM as the bot sees it: the other one is its recipient.
    pub(crate) fn to_dm_json(&self, places: &Places) -> Value {
        let bot = places.bot();
        let others: Vec<_> =
            self.recipients.iter().filter(|id| **id != bot).map(|id| places.user_json(*id)).collect();
        json!({
            "id": self.id, "type": ChannelKind::Dm.number(), "last_message_id": self.last_message, "flags": 0,
            "last_pin_timestamp": self.last_pin_ms.map(iso8601), "recipients": others,
        })
    }

    pub(crate) fn wire(&self, places: &Places) -> Value {
        if self.kind == ChannelKind::Dm { self.to_dm_json(places) } else { self.to_json() }
    }
}

impl Overwrite {
    pub(crate) fn to_json(self) -> Value {
        let kind = match self.kind {
            OverwriteKind::Role => 0,
            OverwriteKind::Member => 1,
        };
        json!({"id": self.id, "type": kind, "allow": self.allow, "deny": self.deny})
    }
}

impl Tag {
    pub(crate) fn to_json(&self) -> Value {
        json!({"id": self.id, "name": self.name, "moderated": self.moderated,
               "emoji_id": null, "emoji_name": null})
    }
}
