//! Somebody in front of Discord.

use bytes::Bytes;

use super::{ChannelHandle, CommandLine, Turn};
use crate::core::Shared;
use crate::id::Id;
use crate::posting::Upload;
use crate::user::view::{MessageView, ModalView, PingView};
use crate::user::{ActError, Input};

/// Somebody in front of Discord.
#[derive(Clone)]
pub struct MemberHandle {
    pub(crate) shared: Shared,
    pub(crate) user: Id,
}

impl MemberHandle {
    /// The user's id.
    #[must_use]
    pub const fn id(&self) -> Id {
        self.user
    }

    fn turn(&self, id: Id) -> Turn {
        Turn { shared: self.shared.clone(), id }
    }

    /// Types a command with options into a channel.
    ///
    /// # Errors
    ///
    /// What the client would say instead of sending it.
    pub async fn types(&self, line: &str, options: &[(&str, &str)], channel: &str) -> Result<Turn, ActError> {
        let line = options
            .iter()
            .fold(CommandLine::new(line, channel), |line, (name, value)| line.option(name, value));
        self.sends(line).await
    }

    /// As [`MemberHandle::types`], with files.
    ///
    /// # Errors
    ///
    /// What the client would say instead of sending it.
    #[expect(clippy::unused_async, reason = "every act is awaited, so that a script reads evenly")]
    pub async fn sends(&self, line: CommandLine) -> Result<Turn, ActError> {
        let mut core = self.shared.lock();
        let id = core.type_command(self.user, &line.channel, &line.line, &line.inputs, None)?;
        Ok(self.turn(id))
    }

    /// Types the beginning of an option and waits for the suggestions, as names.
    ///
    /// # Errors
    ///
    /// What the client would say instead of asking.
    pub async fn is_offered(
        &self,
        line: &str,
        options: &[(&str, &str)],
        focused: &str,
        channel: &str,
    ) -> Result<Vec<String>, ActError> {
        let inputs: Vec<_> = options
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Input::Text((*value).to_owned())))
            .collect();
        let id = self.shared.lock().type_command(self.user, channel, line, &inputs, Some(focused))?;
        let choices = self.turn(id).choices().await;
        Ok(choices.iter().filter_map(|choice| choice["name"].as_str().map(str::to_owned)).collect())
    }

    /// Presses a button, by label or `custom_id`.
    ///
    /// # Errors
    ///
    /// When there is no such button, or it is disabled.
    #[expect(clippy::unused_async, reason = "every act is awaited, so that a script reads evenly")]
    pub async fn clicks(&self, message: &MessageView, button: &str) -> Result<Turn, ActError> {
        let id = self.shared.lock().click(self.user, message.id, button)?;
        Ok(self.turn(id))
    }

    /// Chooses from a select, found by placeholder or `custom_id`.
    ///
    /// # Errors
    ///
    /// When the select does not take this.
    #[expect(clippy::unused_async, reason = "every act is awaited, so that a script reads evenly")]
    pub async fn chooses(
        &self,
        message: &MessageView,
        select: &str,
        choices: &[&str],
    ) -> Result<Turn, ActError> {
        let choices: Vec<_> = choices.iter().map(|choice| (*choice).to_owned()).collect();
        let id = self.shared.lock().choose(self.user, message.id, select, &choices)?;
        Ok(self.turn(id))
    }

    /// Fills in and sends a modal. Fields by label or `custom_id`; the others keep what they were filled with.
    ///
    /// # Errors
    ///
    /// When a field does not fit, or the modal was sent in already.
    #[expect(clippy::unused_async, reason = "every act is awaited, so that a script reads evenly")]
    pub async fn fills_in(&self, modal: &ModalView, fields: &[(&str, &str)]) -> Result<Turn, ActError> {
        let fields: Vec<_> =
            fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let id = self.shared.lock().fill_in(self.user, modal.interaction, &fields)?;
        Ok(self.turn(id))
    }

    /// Uses a command of a message's menu.
    ///
    /// # Errors
    ///
    /// When it is not offered.
    #[expect(clippy::unused_async, reason = "every act is awaited, so that a script reads evenly")]
    pub async fn uses_on(&self, command: &str, message: &MessageView) -> Result<Turn, ActError> {
        let id = self.shared.lock().message_menu(self.user, command, message.id)?;
        Ok(self.turn(id))
    }

    /// Uses a command of a person's menu.
    ///
    /// # Errors
    ///
    /// When it is not offered.
    #[expect(clippy::unused_async, reason = "every act is awaited, so that a script reads evenly")]
    pub async fn uses_on_member(&self, command: &str, target: &str, channel: &str) -> Result<Turn, ActError> {
        let mut core = self.shared.lock();
        let target = core.user_named(target)?;
        let id = core.user_menu(self.user, command, target, channel)?;
        Ok(self.turn(id))
    }

    /// Writes a plain message.
    ///
    /// # Errors
    ///
    /// When the member may not write there.
    #[expect(clippy::unused_async, reason = "every act is awaited, so that a script reads evenly")]
    pub async fn writes(&self, content: &str, channel: &str) -> Result<MessageView, ActError> {
        let mut core = self.shared.lock();
        let id = core.write(self.user, channel, content, &[], None)?;
        Ok(MessageView::of(&core, &core.places.messages[&id]))
    }

    /// Writes a plain message with a file.
    ///
    /// # Errors
    ///
    /// When the member may not write there.
    #[expect(clippy::unused_async, reason = "every act is awaited, so that a script reads evenly")]
    pub async fn writes_with_file(
        &self,
        content: &str,
        channel: &str,
        filename: &str,
        bytes: impl Into<Bytes>,
    ) -> Result<MessageView, ActError> {
        let file =
            Upload { number: 0, filename: filename.to_owned(), content_type: None, bytes: bytes.into() };
        let mut core = self.shared.lock();
        let id = core.write(self.user, channel, content, &[file], None)?;
        Ok(MessageView::of(&core, &core.places.messages[&id]))
    }

    /// Puts an emoji on a message.
    pub fn reacts(&self, message: &MessageView, emoji: &str) {
        self.shared.lock().react(message.id, emoji, self.user);
    }

    /// A channel or thread as this member sees it, with the ephemeral messages that are for them.
    ///
    /// # Panics
    ///
    /// When the member sees no such channel.
    #[must_use]
    #[track_caller]
    pub fn sees(&self, channel: &str) -> ChannelHandle {
        match self.shared.lock().channel_for(self.user, channel) {
            Ok(channel) => {
                ChannelHandle { shared: self.shared.clone(), channel: channel.id, member: Some(self.user) }
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// Whether the member sees a channel of this name.
    #[must_use]
    pub fn can_see(&self, channel: &str) -> bool {
        self.shared.lock().channel_for(self.user, channel).is_ok()
    }

    /// The DM with the bot.
    #[must_use]
    pub fn dms(&self) -> ChannelHandle {
        self.sees("dm")
    }

    /// Names of the commands that are offered in a channel, menus included.
    #[must_use]
    pub fn offered_commands(&self, channel: &str) -> Vec<String> {
        let mut core = self.shared.lock();
        let Ok(channel) = core.channel_for(self.user, channel) else {
            return Vec::new();
        };
        core.offered(self.user, &channel).iter().map(|command| command.name.clone()).collect()
    }

    /// Every ping that reached this member, oldest first.
    #[must_use]
    pub fn pings(&self) -> Vec<PingView> {
        let core = self.shared.lock();
        core.pings
            .iter()
            .filter(|ping| ping.user == self.user)
            .map(|ping| PingView::of(&core, ping))
            .collect()
    }
}
