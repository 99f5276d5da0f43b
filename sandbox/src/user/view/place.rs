//! A channel or thread as one sees it.

use serde::Serialize;

use crate::core::Core;
use crate::id::Id;
use crate::world::{Channel, ChannelKind};

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
    /// The guild; none for direct messages.
    pub guild: Option<Id>,
    /// Its newest message that is not for one person alone: what a page compares with the last one that was read.
    pub last_message: Option<Id>,
    /// Members who are in a thread, or in direct messages, by name.
    pub people: Vec<String>,
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
            guild: channel.guild,
            last_message: channel.last_message,
            people: people(core, channel),
        }
    }
}

fn people(core: &Core, channel: &Channel) -> Vec<String> {
    let members = channel.thread.as_ref().map(|thread| thread.members.as_slice()).unwrap_or_default();
    members.iter().chain(&channel.recipients).map(|id| super::name(core, *id)).collect()
}
