//! The names in which stories are written. Nothing here sleeps: a wait looks again after each change, and gives up
//! after a deadline of real time with what is there.

use std::time::Duration;

use bytes::Bytes;

use super::view::{self, ChannelView, MessageView, ModalView, PingView, Response};
use super::{ActError, Input};
use crate::core::{Core, Shared};
use crate::id::Id;
use crate::posting::Upload;
use crate::world::Channel;

/// How long a wait lasts before it gives up, in real time.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
/// A stepped clock wakes nobody, so what depends on time is looked at this often.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

impl Shared {
    /// Waits until `look` finds something.
    ///
    /// # Panics
    ///
    /// After the deadline, with what is there.
    pub(crate) async fn wait<T>(&self, what: &str, mut look: impl FnMut(&Core) -> Option<T>) -> T {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        let mut changes = self.lock().changes();
        loop {
            changes.mark_unchanged();
            if let Some(found) = look(&self.lock()) {
                return found;
            }
            if tokio::time::Instant::now() >= deadline {
                let there = view::dump(&self.lock());
                panic!("waited {} s in vain for {what}; there is:\n{there}", PATIENCE.as_secs());
            }
            // An error means that the sandbox is gone, and a timeout that nothing changed; either way look again.
            let _ = tokio::time::timeout(LOOK_AGAIN, changes.changed()).await;
        }
    }
}

/// A typed command with its options.
#[derive(Clone, Debug)]
pub struct CommandLine {
    line: String,
    channel: String,
    inputs: Vec<(String, Input)>,
}

impl CommandLine {
    /// A command as it is typed: `/check` or `/admin doctor`, in a channel by name or id (`dm` for the bot's DM).
    #[must_use]
    pub fn new(line: &str, channel: &str) -> Self {
        Self { line: line.to_owned(), channel: channel.to_owned(), inputs: Vec::new() }
    }

    /// An option as it is typed. Users, roles and channels by name.
    #[must_use]
    pub fn option(mut self, name: &str, value: &str) -> Self {
        self.inputs.push((name.to_owned(), Input::Text(value.to_owned())));
        self
    }

    /// A file for an option.
    #[must_use]
    pub fn file(mut self, name: &str, filename: &str, bytes: impl Into<Bytes>) -> Self {
        let input = Input::File { filename: filename.to_owned(), content_type: None, bytes: bytes.into() };
        self.inputs.push((name.to_owned(), input));
        self
    }
}

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

/// A channel, a thread or a DM, as somebody sees it.
#[derive(Clone)]
pub struct ChannelHandle {
    pub(crate) shared: Shared,
    pub(crate) channel: Id,
    pub(crate) member: Option<Id>,
}

impl ChannelHandle {
    /// Its id.
    #[must_use]
    pub const fn id(&self) -> Id {
        self.channel
    }

    /// Its messages, oldest first.
    #[must_use]
    pub fn messages(&self) -> Vec<MessageView> {
        view::messages(&self.shared.lock(), self.channel, self.member)
    }

    /// The newest message that fits.
    #[must_use]
    pub fn last(&self, fits: impl Fn(&MessageView) -> bool) -> Option<MessageView> {
        self.messages().into_iter().rev().find(|message| fits(message))
    }

    /// Its pinned messages.
    #[must_use]
    pub fn pins(&self) -> Vec<MessageView> {
        self.messages().into_iter().filter(|message| message.pinned).collect()
    }

    /// The channel itself; `None` when it was deleted.
    #[must_use]
    pub fn state(&self) -> Option<ChannelView> {
        let core = self.shared.lock();
        core.places.channels.get(&self.channel).map(|channel| ChannelView::of(&core, channel))
    }

    /// Its threads or posts, oldest first.
    #[must_use]
    pub fn threads(&self) -> Vec<Self> {
        let core = self.shared.lock();
        let threads = core.places.threads(self.channel);
        threads
            .map(|thread| Self { shared: self.shared.clone(), channel: thread.id, member: self.member })
            .collect()
    }

    /// Waits for a message that fits; the newest counts.
    pub async fn wait_for_message(&self, fits: impl Fn(&MessageView) -> bool) -> MessageView {
        self.shared
            .wait("a message", |core| {
                view::messages(core, self.channel, self.member)
                    .into_iter()
                    .rev()
                    .find(|message| fits(message))
            })
            .await
    }

    /// Waits until the messages as a whole fit.
    pub async fn wait_until(&self, what: &str, fits: impl Fn(&[MessageView]) -> bool) -> Vec<MessageView> {
        self.shared
            .wait(what, |core| {
                Some(view::messages(core, self.channel, self.member)).filter(|messages| fits(messages))
            })
            .await
    }

    /// Waits for a thread or post whose name contains this.
    pub async fn wait_for_thread(&self, name: &str) -> Self {
        let find = |core: &Core| {
            let mut threads: Vec<&Channel> = core.places.threads(self.channel).collect();
            threads.reverse();
            threads.into_iter().find(|thread| thread.name.contains(name)).map(|thread| thread.id)
        };
        let channel = self.shared.wait(&format!("a thread {name:?}"), find).await;
        Self { shared: self.shared.clone(), channel, member: self.member }
    }
}

/// One act of a member and what came back.
#[derive(Clone)]
pub struct Turn {
    shared: Shared,
    id: Id,
}

impl Turn {
    /// The interaction's id.
    #[must_use]
    pub const fn id(&self) -> Id {
        self.id
    }

    /// What came back so far.
    #[must_use]
    pub fn response(&self) -> Response {
        let core = self.shared.lock();
        core.interactions.get(&self.id).map_or(Response::Failed, |found| Response::of(&core, found))
    }

    /// Waits for the first answer, "thinking …" included, or for the moment when it is too late for one.
    pub async fn wait_answered(&self) -> Response {
        self.response_that("a first answer", |response| !matches!(response, Response::Waiting)).await
    }

    async fn response_that(&self, what: &str, fits: impl Fn(&Response) -> bool) -> Response {
        self.shared
            .wait(what, |core| {
                let response = Response::of(core, core.interactions.get(&self.id)?);
                Some(response).filter(|response| fits(response))
            })
            .await
    }

    /// Waits for the message that answers, after "thinking …" if there was one.
    pub async fn message(&self) -> MessageView {
        let fits = |response: &Response| matches!(response, Response::Message { message: Some(_) });
        match self.response_that("an answer with a message", fits).await {
            Response::Message { message: Some(message) } => *message,
            other => panic!("the answer was no message but {other:?}"),
        }
    }

    /// Waits until the message that answers fits: a bot may edit it.
    pub async fn answer(&self, fits: impl Fn(&MessageView) -> bool) -> MessageView {
        let shown = |response: &Response| match response {
            Response::Message { message: Some(message) } => fits(message),
            _ => false,
        };
        match self.response_that("an answer that fits", shown).await {
            Response::Message { message: Some(message) } => *message,
            other => panic!("the answer was no message but {other:?}"),
        }
    }

    /// Waits for the modal that answers.
    pub async fn modal(&self) -> ModalView {
        match self.response_that("a modal", |response| matches!(response, Response::Modal { .. })).await {
            Response::Modal { modal } => modal,
            other => panic!("the answer was no modal but {other:?}"),
        }
    }

    /// Waits for suggestions.
    pub async fn choices(&self) -> Vec<serde_json::Value> {
        match self.response_that("suggestions", |response| matches!(response, Response::Choices { .. })).await
        {
            Response::Choices { choices } => choices,
            other => panic!("the answer was no list of suggestions but {other:?}"),
        }
    }

    /// Messages besides the first, oldest first.
    #[must_use]
    pub fn followups(&self) -> Vec<MessageView> {
        let core = self.shared.lock();
        let ids = core.interactions.get(&self.id).map(|found| found.followups.clone()).unwrap_or_default();
        ids.iter()
            .filter_map(|id| core.places.messages.get(id))
            .map(|found| MessageView::of(&core, found))
            .collect()
    }

    /// Waits for a message besides the first that fits.
    pub async fn followup(&self, fits: impl Fn(&MessageView) -> bool) -> MessageView {
        self.shared
            .wait("a further answer", |core| {
                let ids = &core.interactions.get(&self.id)?.followups;
                let views = ids.iter().filter_map(|id| core.places.messages.get(id));
                views.map(|found| MessageView::of(core, found)).find(|message| fits(message))
            })
            .await
    }
}
