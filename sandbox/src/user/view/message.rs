//! A message as one sees it.

use bytes::Bytes;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::name;
use crate::core::Core;
use crate::id::Id;
use crate::mentions::PingReason;
use crate::world::{InteractionOrigin, Message, flags};

/// A file of a message.
#[derive(Clone, Debug, Serialize)]
pub struct FileView {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub filename: String,
    /// Its media type.
    pub content_type: Option<String>,
    /// Where it can be fetched.
    pub url: String,
    /// The file itself; its length in JSON.
    #[serde(serialize_with = "length", rename = "size")]
    pub bytes: Bytes,
}

fn length<S: Serializer>(bytes: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(bytes.len() as u64)
}

impl FileView {
    /// The file as text, with replacement characters where it is none.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// Somebody who was pinged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PingView {
    /// Who.
    pub member: String,
    /// By which message.
    pub message: Id,
    /// The channel's name.
    pub channel: String,
    /// How.
    pub reason: PingReason,
    /// Without a sound.
    pub silent: bool,
    /// With an edit, which makes no sound.
    pub by_edit: bool,
}

/// A message.
#[derive(Clone, Debug, Serialize)]
pub struct MessageView {
    /// Its id.
    pub id: Id,
    /// Where it stands.
    pub channel: Id,
    /// Who wrote it.
    pub author: String,
    /// The id of who wrote it; of a webhook's message the webhook's.
    pub author_id: Id,
    /// Whether an application or a webhook wrote it.
    pub by_app: bool,
    /// The command or component that it answers, and who used it: `/check`, `ana`.
    pub answers: Option<(String, String)>,
    /// Discord's number for its kind; 6, 18 and 21 are notices.
    pub kind: u64,
    /// Its text.
    pub content: String,
    /// Embeds as Discord keeps them.
    pub embeds: Vec<Value>,
    /// Rows of buttons and selects.
    pub components: Vec<Value>,
    /// Files.
    pub attachments: Vec<FileView>,
    /// When it was written, Unix milliseconds.
    pub created_ms: u64,
    /// When it was last edited, Unix milliseconds.
    pub edited_ms: Option<u64>,
    /// Whether it is pinned.
    pub pinned: bool,
    /// Whether it still says "thinking …".
    pub loading: bool,
    /// The only member who sees it.
    pub ephemeral_for: Option<String>,
    /// The thread that was opened from it.
    pub thread: Option<Id>,
    /// The message that it answers or points at.
    pub reference: Option<Id>,
    /// Emoji with the names of those who put them.
    pub reactions: Vec<(String, Vec<String>)>,
    /// Who was pinged by it.
    pub pings: Vec<PingView>,
    /// Discord's flags.
    pub flags: u64,
    /// The nonce that came with it.
    pub nonce: Option<Value>,
}

impl MessageView {
    pub(crate) fn of(core: &Core, message: &Message) -> Self {
        let base = &core.places.files_base;
        let file = |file: &crate::world::Attachment| FileView {
            id: file.id,
            filename: file.filename.clone(),
            content_type: file.content_type.clone(),
            url: file.to_json(message.channel, false, base)["url"].as_str().unwrap_or_default().to_owned(),
            bytes: file.bytes.clone(),
        };
        let pings = core.pings.of(message.id).map(|ping| PingView::of(core, ping)).collect();
        Self {
            id: message.id,
            channel: message.channel,
            author: message
                .webhook
                .as_ref()
                .map_or_else(|| name(core, message.author), |(_, name)| name.clone()),
            author_id: message.webhook.as_ref().map_or(message.author, |(webhook, _)| *webhook),
            by_app: message.webhook.is_some() || is_bot(core, message.author),
            answers: message.origin.as_ref().map(|origin| answered(core, origin)),
            kind: message.kind,
            content: message.content.clone(),
            embeds: message.embeds.clone(),
            components: message.components.clone(),
            attachments: message.attachments.iter().map(file).collect(),
            created_ms: message.created_ms,
            edited_ms: message.edited_ms,
            pinned: message.pinned_ms.is_some(),
            loading: message.has(flags::LOADING),
            ephemeral_for: message.ephemeral_for.map(|id| name(core, id)),
            thread: message.thread,
            reference: message.reference.map(|(_, id)| id),
            reactions: message
                .reactions
                .iter()
                .map(|reaction| {
                    (reaction.emoji.clone(), reaction.users.iter().map(|id| name(core, *id)).collect())
                })
                .collect(),
            pings,
            flags: message.flags,
            nonce: message.nonce.clone(),
        }
    }

    /// Everything that can be read in it: the text, then each embed's title, description, fields, author and footer.
    #[must_use]
    pub fn text(&self) -> String {
        let mut lines = vec![self.content.clone()];
        for embed in &self.embeds {
            let mut add = |value: &Value| lines.extend(value.as_str().map(str::to_owned));
            add(&embed["author"]["name"]);
            add(&embed["title"]);
            add(&embed["description"]);
            for field in embed["fields"].as_array().into_iter().flatten() {
                add(&field["name"]);
                add(&field["value"]);
            }
            add(&embed["footer"]["text"]);
        }
        lines.retain(|line| !line.is_empty());
        lines.join("\n")
    }

    /// Whether [`MessageView::text`] contains this.
    #[must_use]
    pub fn says(&self, part: &str) -> bool {
        self.text().contains(part)
    }

    /// Labels of its buttons.
    #[must_use]
    pub fn buttons(&self) -> Vec<String> {
        let rows = self.components.iter().filter_map(|row| row["components"].as_array());
        rows.flatten().filter_map(|item| item["label"].as_str().map(str::to_owned)).collect()
    }

    /// The button with this label or `custom_id`, as Discord keeps it.
    #[must_use]
    pub fn button(&self, wanted: &str) -> Option<&Value> {
        let rows = self.components.iter().filter_map(|row| row["components"].as_array());
        rows.flatten().find(|item| item["label"] == wanted || item["custom_id"] == wanted)
    }

    /// The file with this name.
    #[must_use]
    pub fn file(&self, filename: &str) -> Option<&FileView> {
        self.attachments.iter().find(|file| file.filename == filename)
    }

    /// Names of those whom it pinged, an edit's silent ones left out.
    #[must_use]
    pub fn pinged(&self) -> Vec<String> {
        self.pings.iter().filter(|ping| !ping.by_edit).map(|ping| ping.member.clone()).collect()
    }
}

fn is_bot(core: &Core, user: Id) -> bool {
    core.places.users.get(&user).is_some_and(|user| user.bot)
}

fn answered(core: &Core, origin: &InteractionOrigin) -> (String, String) {
    let what = origin.name.as_ref().map(|name| format!("/{name}")).unwrap_or_default();
    (what, name(core, origin.user))
}

impl PingView {
    pub(crate) fn of(core: &Core, ping: &crate::core::Ping) -> Self {
        let channel = core.places.channels.get(&ping.channel);
        Self {
            member: name(core, ping.user),
            message: ping.message,
            channel: channel.map(|channel| channel.name.clone()).unwrap_or_default(),
            reason: ping.reason,
            silent: ping.silent,
            by_edit: ping.by_edit,
        }
    }
}
