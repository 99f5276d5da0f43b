//! Guilds (resources/guild).

use serde_json::{Value, json};

use super::{Answer, Call, Reply, Route, route};
use crate::core::Core;
use crate::gateway::events;
use crate::id::Id;
use crate::permissions::{self, Permissions};

pub(super) const ROUTES: &[Route] = &[
    route("GET", "guilds/{guild}", get),
    route("GET", "users/@me/guilds", own),
    route("DELETE", "users/@me/guilds/{guild}", leave),
];

fn get(core: &mut Core, call: &Call) -> Answer {
    let id = call.id("guild")?;
    core.bot_needs_in_guild(id, Permissions::NONE)?;
    let guild = core.places.guild(id)?;
    let mut shown = guild.to_json();
    if call.asks("with_counts") {
        shown["approximate_member_count"] = json!(guild.members.len());
        shown["approximate_presence_count"] = json!(1);
    }
    Ok(Reply::Ok(shown))
}

fn own(core: &mut Core, _: &Call) -> Answer {
    let bot = core.places.bot();
    let inside = core.places.guilds.values().filter(|guild| guild.members.contains_key(&bot));
    let shown = inside.map(|guild| {
        json!({
            "id": guild.id, "name": guild.name, "icon": null, "owner": guild.owner == bot,
            "permissions": permissions::in_guild(guild, bot), "features": [],
        })
    });
    Ok(Reply::Ok(Value::Array(shown.collect())))
}

fn leave(core: &mut Core, call: &Call) -> Answer {
    let id = call.id("guild")?;
    core.bot_needs_in_guild(id, Permissions::NONE)?;
    core.leave_guild(id);
    Ok(Reply::Nothing)
}

impl Core {
    /// The bot leaves, or is thrown out.
    pub(crate) fn leave_guild(&mut self, id: Id) {
        let bot = self.places.bot();
        if let Some(guild) = self.places.guilds.get_mut(&id) {
            guild.members.remove(&bot);
            self.places.commands.retain(|command| command.guild != Some(id));
            events::guild_left(self, id);
            self.touch();
        }
    }
}
