//! DMs (resources/user, "Create DM").

use super::{Answer, Call, Reply, Route, route};
use crate::core::Core;
use crate::error::{ApiError, CANNOT_DM, UNKNOWN_USER};
use crate::id::Id;
use crate::world::{Channel, ChannelKind};

pub(super) const ROUTES: &[Route] = &[route("POST", "users/@me/channels", open)];

fn open(core: &mut Core, call: &Call) -> Answer {
    let user = Id::of(&call.body["recipient_id"]);
    let user =
        user.ok_or_else(|| ApiError::form("recipient_id", "BASE_TYPE_REQUIRED", "This field is required"))?;
    let found = core.places.users.get(&user).ok_or(UNKNOWN_USER)?;
    if found.bot {
        return Err(CANNOT_DM.into());
    }
    let id = core.dm_with(user);
    Ok(Reply::Ok(core.places.channel(id)?.to_dm_json(&core.places)))
}

impl Core {
    /// The DM of the bot and somebody; opened when there is none.
    pub(crate) fn dm_with(&mut self, user: Id) -> Id {
        let bot = self.places.bot();
        let is_theirs =
            |channel: &&Channel| channel.kind == ChannelKind::Dm && channel.recipients.contains(&user);
        if let Some(channel) = self.places.channels.values().find(is_theirs) {
            return channel.id;
        }
        let id = self.new_id();
        let mut channel = Channel::new(id, None, ChannelKind::Dm, "");
        channel.recipients = vec![bot, user];
        self.places.channels.insert(id, channel);
        self.touch();
        id
    }
}
