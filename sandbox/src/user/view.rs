//! What one sees: copies of the state, in the words of the person in front of it.

use bytes::Bytes;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::core::Core;
use crate::id::Id;
use crate::interactions::{FirstAnswer, Interaction};
use crate::mentions::PingReason;
use crate::permissions::{self, Permissions};
use crate::world::{Channel, ChannelKind, Message, flags};

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
        let pings = core.pings.iter().rev().filter(|ping| ping.message == message.id);
        let mut pings: Vec<_> = pings.map(|ping| PingView::of(core, ping)).collect();
        pings.reverse();
        Self {
            id: message.id,
            channel: message.channel,
            author: message
                .webhook
                .as_ref()
                .map_or_else(|| name(core, message.author), |(_, name)| name.clone()),
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

/// A channel or thread.
#[derive(Clone, Debug, Serialize)]
pub struct ChannelView {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: ChannelKind,
    /// Its topic.
    pub topic: Option<String>,
    /// The channel of a thread.
    pub parent: Option<Id>,
    /// Whether a thread is put away.
    pub archived: bool,
    /// Whether a thread is locked.
    pub locked: bool,
    /// Names of a post's tags.
    pub tags: Vec<String>,
}

impl ChannelView {
    pub(crate) fn of(core: &Core, channel: &Channel) -> Self {
        let parent = channel.parent.and_then(|id| core.places.channels.get(&id));
        let forum_tags = parent.map(|parent| parent.tags.as_slice()).unwrap_or_default();
        let applied =
            channel.thread.as_ref().map(|thread| thread.applied_tags.as_slice()).unwrap_or_default();
        let tag = |id: &Id| forum_tags.iter().find(|tag| tag.id == *id).map(|tag| tag.name.clone());
        Self {
            id: channel.id,
            name: channel.name.clone(),
            kind: channel.kind,
            topic: channel.topic.clone(),
            parent: channel.parent,
            archived: channel.thread.as_ref().is_some_and(|thread| thread.archived),
            locked: channel.thread.as_ref().is_some_and(|thread| thread.locked),
            tags: applied.iter().filter_map(tag).collect(),
        }
    }
}

/// A modal that is open in front of somebody.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ModalView {
    /// The interaction that it answers.
    pub interaction: Id,
    /// Its title.
    pub title: String,
    /// Its `custom_id`.
    pub custom_id: String,
    /// Its text inputs as the bot gave them.
    pub inputs: Vec<Value>,
}

impl ModalView {
    /// What a field is filled with when it opens, by label or `custom_id`.
    #[must_use]
    pub fn prefilled(&self, field: &str) -> Option<&str> {
        let input =
            self.inputs.iter().find(|input| input["label"] == field || input["custom_id"] == field)?;
        input["value"].as_str()
    }
}

/// What became of an act.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Response {
    /// Nothing yet, and the bot still has time.
    Waiting,
    /// The bot did not answer within 3 seconds: "The application did not respond".
    Failed,
    /// "thinking …".
    Thinking,
    /// A message, or an update of the one whose component was used.
    Message {
        /// The message; `None` when it was deleted since.
        message: Option<Box<MessageView>>,
    },
    /// The bot acknowledged and changed nothing yet.
    Acknowledged,
    /// A modal.
    Modal {
        /// The modal.
        modal: ModalView,
    },
    /// Suggestions.
    Choices {
        /// Objects with `name` and `value`.
        choices: Vec<Value>,
    },
}

impl Response {
    pub(crate) fn of(core: &Core, interaction: &Interaction) -> Self {
        let message = |id: Option<Id>| {
            let found = id.and_then(|id| core.places.messages.get(&id));
            Self::Message { message: found.map(|message| Box::new(MessageView::of(core, message))) }
        };
        match &interaction.answer {
            None if interaction.is_late(core.now_ms()) => Self::Failed,
            None => Self::Waiting,
            Some(FirstAnswer::Thinking) => match message(interaction.original) {
                Self::Message { message: Some(message) } if message.loading => Self::Thinking,
                shown => shown,
            },
            Some(FirstAnswer::UpdateLater) => Self::Acknowledged,
            Some(FirstAnswer::Message | FirstAnswer::Update) => message(interaction.original),
            Some(FirstAnswer::Choices(choices)) => Self::Choices { choices: choices.clone() },
            Some(FirstAnswer::Modal(modal)) => Self::Modal { modal: modal_view(interaction.id, modal) },
        }
    }
}

fn modal_view(interaction: Id, modal: &Value) -> ModalView {
    let rows = modal["components"].as_array().into_iter().flatten();
    ModalView {
        interaction,
        title: modal["title"].as_str().unwrap_or_default().to_owned(),
        custom_id: modal["custom_id"].as_str().unwrap_or_default().to_owned(),
        inputs: rows.filter_map(|row| row["components"].get(0).cloned()).collect(),
    }
}

pub(crate) fn name(core: &Core, user: Id) -> String {
    core.places.users.get(&user).map_or_else(|| user.to_string(), |user| user.name.clone())
}

/// Messages of a channel as a member sees them, oldest first: with the ephemeral ones that are for them. `None` sees
/// everything.
pub(crate) fn messages(core: &Core, channel: Id, member: Option<Id>) -> Vec<MessageView> {
    let fits = |message: &&Message| {
        message.channel == channel
            && message.ephemeral_for.is_none_or(|only| member.is_none_or(|member| member == only))
    };
    core.places.messages.values().filter(fits).map(|message| MessageView::of(core, message)).collect()
}

/// Channels and threads that a member sees.
pub(crate) fn channels(core: &Core, member: Option<Id>) -> Vec<ChannelView> {
    let sees = |channel: &&Channel| {
        let permissions = |id| permissions::in_channel(&core.places, channel, id);
        member.is_none_or(|id| permissions(id).has(Permissions::VIEW_CHANNEL))
    };
    core.places.channels.values().filter(sees).map(|channel| ChannelView::of(core, channel)).collect()
}

/// Everything in a few lines, for a story that waited in vain.
pub(crate) fn dump(core: &Core) -> String {
    const LAST: usize = 8;
    let mut lines = vec![format!("bot connected: {}", core.hub.is_ready())];
    for channel in core.places.channels.values() {
        let all = messages(core, channel.id, None);
        for message in all.iter().skip(all.len().saturating_sub(LAST)) {
            let to = message.ephemeral_for.as_ref().map(|who| format!(" (only {who})")).unwrap_or_default();
            let thinking = if message.loading { " (thinking)" } else { "" };
            let text = message.text().replace('\n', " / ");
            let buttons = message.buttons().join(" | ");
            lines.push(format!("#{} {}{to}{thinking}: {text} [{buttons}]", channel.name, message.author));
        }
    }
    for exchange in core.transcript.exchanges().rev().take(LAST) {
        let (method, path, status) = (&exchange.method, exchange.shown_path(), exchange.status);
        lines.push(format!("request {}: {method} {path} -> {status}", exchange.number));
    }
    for violation in &core.violations {
        lines.push(format!("violation: {violation:?}"));
    }
    lines.join("\n")
}
