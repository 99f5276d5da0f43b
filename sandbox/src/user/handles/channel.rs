//! A channel as somebody sees it.

use crate::core::{Core, Shared};
use crate::id::Id;
use crate::user::view::{self, ChannelView, MessageView};
use crate::world::Channel;

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
        view::newest(&self.shared.lock(), self.channel, self.member, fits)
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
        self.shared.wait("a message", |core| view::newest(core, self.channel, self.member, &fits)).await
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
