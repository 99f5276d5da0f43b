//! Plain messages and their files.

use bytes::Bytes;

use crate::core::Core;
use crate::gateway::events;
use crate::id::Id;
use crate::permissions::{self, Permissions};
use crate::posting::{Post, Upload};
use crate::rules::limits;
use crate::rules::message::Draft;
use crate::user::ActError;
use crate::world::Attachment;

/// Files of options that are kept to be fetched.
const UPLOADS: usize = 200;

impl Core {
    /// A plain message, with files.
    pub(crate) fn write(
        &mut self,
        user: Id,
        channel: &str,
        content: &str,
        files: &[Upload],
        reply_to: Option<Id>,
    ) -> Result<Id, ActError> {
        let channel = self.channel_for(user, channel)?;
        let has = permissions::in_channel(&self.places, &channel, user);
        let wanted = if channel.thread.is_some() {
            Permissions::SEND_MESSAGES_IN_THREADS
        } else {
            Permissions::SEND_MESSAGES
        };
        let locked = channel.thread.as_ref().is_some_and(|thread| thread.locked);
        let fits = content.chars().count() <= limits::CONTENT && channel.kind.holds_messages();
        let denied = || ActError::NotAllowed { member: self.name_of(user) };
        if !has.has(wanted) || !fits || locked && !has.has(Permissions::MANAGE_THREADS) {
            return Err(denied());
        }
        let draft = Draft { content: Some(content.to_owned()), reply_to, ..Draft::default() };
        let (refused, now) = (self.name_of(user), self.now_ms());
        let found = self.places.channels.get_mut(&channel.id);
        let thread = found.and_then(|found| found.thread.as_mut());
        if let Some(thread) = thread.filter(|thread| thread.archived) {
            thread.archived = false;
            thread.archive_ms = now;
            events::channel_updated(self, channel.id);
        }
        let post = Post::plain(channel.id, user, draft, files);
        self.post(post).map_err(|_| ActError::NotAllowed { member: refused })
    }

    /// Keeps the file of an option so that the bot can fetch it.
    pub(crate) fn keep_upload(&mut self, file: Attachment) {
        if self.option_files.len() == UPLOADS {
            self.option_files.pop_front();
        }
        self.option_files.push_back(file);
    }

    /// The bytes behind an attachment's address.
    pub(crate) fn file(&self, id: Id) -> Option<(Option<String>, Bytes)> {
        let of_messages = self.places.messages.values().flat_map(|message| &message.attachments);
        let found = of_messages.chain(&self.option_files).find(|file| file.id == id)?;
        Some((found.content_type.clone(), found.bytes.clone()))
    }
}
