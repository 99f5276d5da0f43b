//! How a message comes to be, is changed and goes:
//!
//! 1. the form was read by [`crate::rules::message`];
//! 2. files are matched with what the form says about them;
//! 3. mentions are resolved, and who was pinged is noted;
//! 4. the message is kept, and the gateway tells.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::core::{Core, Ping};
use crate::error::{ApiError, BODY_TOO_LARGE};
use crate::gateway::events;
use crate::id::Id;
use crate::mentions::{self, Allowed, Mentions};
use crate::rules::limits;
use crate::rules::message::{Draft, FileNote};
use crate::world::{Attachment, InteractionOrigin, Message, flags};

/// Messages that are remembered; the oldest go first, so that a bot that never stops cannot fill the memory.
const REMEMBERED: usize = 100_000;

/// A file that came with a request.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    /// `n` of `files[n]`.
    pub(crate) number: u64,
    pub(crate) filename: String,
    pub(crate) content_type: Option<String>,
    pub(crate) bytes: Bytes,
}

/// Who writes what where.
pub(crate) struct Post<'a> {
    pub(crate) channel: Id,
    pub(crate) author: Id,
    pub(crate) webhook: Option<(Id, String)>,
    pub(crate) kind: u64,
    pub(crate) draft: Draft,
    pub(crate) uploads: &'a [Upload],
    pub(crate) origin: Option<InteractionOrigin>,
    pub(crate) ephemeral_for: Option<Id>,
    pub(crate) allowed: Allowed,
    /// The message's id where it is given by something else (the first message of a forum post).
    pub(crate) id: Option<Id>,
}

impl<'a> Post<'a> {
    /// A plain message of somebody.
    pub(crate) fn plain(channel: Id, author: Id, draft: Draft, uploads: &'a [Upload]) -> Self {
        Self {
            channel,
            author,
            webhook: None,
            kind: if draft.reply_to.is_some() { 19 } else { 0 },
            draft,
            uploads,
            origin: None,
            ephemeral_for: None,
            allowed: Allowed::EVERYTHING,
            id: None,
        }
    }
}

impl Core {
    /// Steps 2 to 4 for a new message.
    pub(crate) fn post(&mut self, post: Post<'_>) -> Result<Id, ApiError> {
        let id = post.id.unwrap_or_else(|| self.new_id());
        let attachments = self.attach(post.uploads, post.draft.files.as_deref().unwrap_or_default())?;
        let content = post.draft.content.clone().unwrap_or_default();
        let replied =
            post.draft.reply_to.and_then(|id| self.places.messages.get(&id)).map(|message| message.author);
        let allowed = post.draft.allowed.clone().unwrap_or(post.allowed);
        let author = post.webhook.as_ref().map_or(post.author, |(id, _)| *id);
        let channel = self.places.channel(post.channel)?;
        let mentions = mentions::resolve(&self.places, channel, author, &content, &allowed, replied);
        let mut flags = post.draft.flags.unwrap_or(0) & !flags::EPHEMERAL;
        if post.ephemeral_for.is_some() {
            flags |= flags::EPHEMERAL;
        }
        let message = Message {
            id,
            channel: post.channel,
            author,
            webhook: post.webhook,
            kind: post.kind,
            content,
            created_ms: self.now_ms(),
            edited_ms: None,
            tts: post.draft.tts,
            flags,
            embeds: self.with_files(post.draft.embeds.unwrap_or_default(), &attachments, post.channel),
            components: post.draft.components.unwrap_or_default(),
            attachments,
            pinned_ms: None,
            nonce: post.draft.nonce,
            reference: post.draft.reply_to.map(|id| (post.channel, id)),
            origin: post.origin,
            ephemeral_for: post.ephemeral_for,
            thread: None,
            reactions: Vec::new(),
            mention_everyone: mentions.everyone,
            mentions: mentions.users.clone(),
            mention_roles: mentions.roles.clone(),
        };
        self.note_pings(&message, &mentions, false);
        self.keep(message);
        Ok(id)
    }

    /// Keeps a finished message and tells the gateway.
    pub(crate) fn keep(&mut self, message: Message) {
        let (id, channel_id) = (message.id, message.channel);
        let is_open = message.ephemeral_for.is_none();
        if let Some(channel) = self.places.channels.get_mut(&channel_id).filter(|_| is_open) {
            channel.last_message = Some(id);
            if let Some(thread) = channel.thread.as_mut().filter(|_| id != channel_id) {
                thread.message_count += 1;
            }
        }
        while self.places.messages.len() >= REMEMBERED {
            self.places.messages.pop_first();
        }
        self.places.messages.insert(id, message);
        events::message_created(self, id);
        self.touch();
    }

    /// Steps 2 to 4 for an edit. What the form does not name stays.
    pub(crate) fn revise(
        &mut self,
        id: Id,
        draft: Draft,
        uploads: &[Upload],
        default: &Allowed,
    ) -> Result<(), ApiError> {
        let now = self.now_ms();
        let fresh = self.attach(uploads, draft.files.as_deref().unwrap_or_default())?;
        let Some(mut message) = self.places.messages.get(&id).cloned() else {
            return Ok(());
        };
        if let Some(notes) = &draft.files {
            message.attachments.retain(|file| notes.iter().any(|note| note.id == file.id.0));
        }
        message.attachments.extend(fresh);
        if let Some(content) = draft.content {
            message.content = content;
        }
        if let Some(embeds) = draft.embeds {
            message.embeds = self.with_files(embeds, &message.attachments, message.channel);
        }
        if let Some(components) = draft.components {
            message.components = components;
        }
        if let Some(wanted) = draft.flags {
            message.flags = message.flags & !flags::SUPPRESS_EMBEDS | wanted & flags::SUPPRESS_EMBEDS;
        }
        let was_loading = message.has(flags::LOADING);
        message.flags &= !flags::LOADING;
        message.edited_ms = if was_loading { None } else { Some(now) };
        let allowed = draft.allowed.unwrap_or_else(|| default.clone());
        self.mention_again(&mut message, &allowed, !was_loading);
        self.places.messages.insert(id, message);
        events::message_updated(self, id);
        self.touch();
        Ok(())
    }

    fn mention_again(&mut self, message: &mut Message, allowed: &Allowed, by_edit: bool) {
        let Some(channel) = self.places.channels.get(&message.channel) else {
            return;
        };
        let mentions =
            mentions::resolve(&self.places, channel, message.author, &message.content, allowed, None);
        message.mention_everyone = mentions.everyone;
        message.mentions.clone_from(&mentions.users);
        message.mention_roles.clone_from(&mentions.roles);
        self.note_pings(message, &mentions, by_edit);
    }

    fn note_pings(&mut self, message: &Message, mentions: &Mentions, by_edit: bool) {
        let silent = message.has(flags::SUPPRESS_NOTIFICATIONS);
        let reached = |user: &Id| message.ephemeral_for.is_none_or(|only| only == *user);
        for (user, reason) in mentions.pinged.iter().filter(|(user, _)| reached(user)) {
            let (message, channel) = (message.id, message.channel);
            self.pings.add(Ping { user: *user, message, channel, reason: *reason, silent, by_edit });
        }
    }

    /// A notice of Discord's own in a channel: 6 pinned, 18 thread opened, 21 first message of a thread.
    pub(crate) fn post_notice(
        &mut self,
        channel: Id,
        author: Id,
        kind: u64,
        content: &str,
        reference: Option<(Id, Id)>,
    ) {
        let draft = Draft { content: Some(content.to_owned()), ..Draft::default() };
        let plain = Post { kind, allowed: Allowed::default(), ..Post::plain(channel, author, draft, &[]) };
        // A notice has no files and no mentions, and its channel is there.
        let id = self.post(plain).ok();
        if let Some(message) = id.and_then(|id| self.places.messages.get_mut(&id)) {
            message.reference = reference;
        }
    }

    /// Takes a message away.
    pub(crate) fn remove_message(&mut self, id: Id) {
        if let Some(message) = self.places.messages.remove(&id) {
            if message.ephemeral_for.is_none() {
                events::message_deleted(self, message.channel, &[id]);
            }
            self.touch();
        }
    }

    fn attach(&mut self, uploads: &[Upload], notes: &[FileNote]) -> Result<Vec<Attachment>, ApiError> {
        if uploads.len() > limits::ATTACHMENTS {
            return Err(ApiError::form(
                "attachments",
                "BASE_TYPE_MAX_LENGTH",
                "Must be 10 or fewer in length.",
            ));
        }
        let mut files = Vec::with_capacity(uploads.len());
        for upload in uploads {
            if upload.bytes.len() > limits::ATTACHMENT_BYTES {
                return Err(BODY_TOO_LARGE.into());
            }
            let note = notes.iter().find(|note| note.id == upload.number);
            let name = note.and_then(|note| note.filename.as_deref()).unwrap_or(&upload.filename);
            files.push(Attachment {
                id: self.new_id(),
                filename: safe_name(name),
                content_type: upload.content_type.clone(),
                description: note.and_then(|note| note.description.clone()),
                bytes: upload.bytes.clone(),
            });
        }
        Ok(files)
    }

    /// Puts the address of an uploaded file where an embed says `attachment://name`.
    fn with_files(&self, mut embeds: Vec<Value>, files: &[Attachment], channel: Id) -> Vec<Value> {
        for embed in &mut embeds {
            for (part, field) in
                [("image", "url"), ("thumbnail", "url"), ("author", "icon_url"), ("footer", "icon_url")]
            {
                let Some(name) =
                    embed[part][field].as_str().and_then(|text| text.strip_prefix("attachment://"))
                else {
                    continue;
                };
                if let Some(file) = files.iter().find(|file| file.filename == name) {
                    embed[part][field] = json!(file.to_json(channel, false, &self.places.files_base)["url"]);
                }
            }
        }
        embeds
    }
}

/// Discord replaces what cannot stand in a file name.
fn safe_name(name: &str) -> String {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    let safe: String = name.chars().take(256).map(|c| if fits(c) { c } else { '_' }).collect();
    if safe.is_empty() { "file".to_owned() } else { safe }
}
