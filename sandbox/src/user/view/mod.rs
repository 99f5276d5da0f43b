//! What one sees: copies of the state, in the words of the person in front of it.

mod message;
mod place;
mod response;

use crate::core::Core;
use crate::id::Id;
use crate::permissions::{self, Permissions};
use crate::world::{Channel, Message};

pub use message::{FileView, MessageView, PingView};
pub use place::ChannelView;
pub use response::{ModalView, Response};

pub(crate) fn name(core: &Core, user: Id) -> String {
    core.places.users.get(&user).map_or_else(|| user.to_string(), |user| user.name.clone())
}

/// Messages of a channel as a member sees them, oldest first: with the ephemeral ones that are for them. `None` sees
/// everything.
pub(crate) fn messages(core: &Core, channel: Id, member: Option<Id>) -> Vec<MessageView> {
    let visible = core.places.messages.values().filter(|message| is_shown(message, channel, member));
    visible.map(|message| MessageView::of(core, message)).collect()
}

/// The newest `limit` messages before `before` as a member sees them, oldest first, and whether there are older ones.
pub(crate) fn page(
    core: &Core,
    channel: Id,
    member: Option<Id>,
    before: Option<Id>,
    limit: usize,
) -> (Vec<MessageView>, bool) {
    let older = |message: &&Message| before.is_none_or(|before| message.id < before);
    let shown = |message: &&Message| older(message) && is_shown(message, channel, member);
    let mut newest = core.places.messages.values().rev().filter(shown);
    let mut page: Vec<_> =
        newest.by_ref().take(limit).map(|message| MessageView::of(core, message)).collect();
    page.reverse();
    (page, newest.next().is_some())
}

/// The newest message of a channel that fits, as a member sees it.
pub(crate) fn newest(
    core: &Core,
    channel: Id,
    member: Option<Id>,
    fits: impl Fn(&MessageView) -> bool,
) -> Option<MessageView> {
    let visible = core.places.messages.values().rev().filter(|message| is_shown(message, channel, member));
    visible.map(|message| MessageView::of(core, message)).find(|message| fits(message))
}

fn is_shown(message: &Message, channel: Id, member: Option<Id>) -> bool {
    let for_them = |only: Id| member.is_none_or(|member| member == only);
    message.channel == channel && message.ephemeral_for.is_none_or(for_them)
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
