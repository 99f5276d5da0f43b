//! Exceptions to the roles' permissions in a channel (resources/channel, "Edit Channel Permissions").

use serde_json::Value;

use super::{Answer, Call, Reply, Route, route};
use crate::core::Core;
use crate::error::{FormFaults, UNKNOWN_OVERWRITE};
use crate::gateway::events;
use crate::permissions::Permissions;
use crate::rules::fields::{self, under};
use crate::world::{Overwrite, OverwriteKind};

pub(super) const ROUTES: &[Route] = &[
    route("PUT", "channels/{channel}/permissions/{target}", put),
    route("DELETE", "channels/{channel}/permissions/{target}", delete),
];

fn put(core: &mut Core, call: &Call) -> Answer {
    let (id, target) = (call.id("channel")?, call.id("target")?);
    core.bot_needs(id, Permissions::MANAGE_ROLES)?;
    let mut faults = FormFaults::default();
    fields::known(&call.body, "", &["id", "type", "allow", "deny"], &mut faults);
    let mut body = call.body.clone();
    body["id"] = Value::String(target.to_string());
    let read = read(&body, "", &mut faults);
    faults.result()?;
    let channel = core.places.channel_mut(id)?;
    channel.overwrites.retain(|overwrite| overwrite.id != target);
    channel.overwrites.extend(read);
    events::channel_updated(core, id);
    core.touch();
    Ok(Reply::Nothing)
}

fn delete(core: &mut Core, call: &Call) -> Answer {
    let (id, target) = (call.id("channel")?, call.id("target")?);
    core.bot_needs(id, Permissions::MANAGE_ROLES)?;
    let channel = core.places.channel_mut(id)?;
    let before = channel.overwrites.len();
    channel.overwrites.retain(|overwrite| overwrite.id != target);
    if channel.overwrites.len() == before {
        return Err(UNKNOWN_OVERWRITE.into());
    }
    events::channel_updated(core, id);
    core.touch();
    Ok(Reply::Nothing)
}

/// The overwrites of a channel's form.
pub(super) fn read_all(list: &[Value], faults: &mut FormFaults) -> Vec<Overwrite> {
    let each = list.iter().enumerate();
    each.filter_map(|(index, item)| read(item, &under("permission_overwrites", index), faults)).collect()
}

fn read(item: &Value, path: &str, faults: &mut FormFaults) -> Option<Overwrite> {
    let kind = match fields::number(item, path, "type", 0..=1, faults) {
        Some(0) => OverwriteKind::Role,
        Some(_) => OverwriteKind::Member,
        None => {
            faults.required(&under(path, "type"));
            return None;
        }
    };
    let bits = |name, faults: &mut FormFaults| {
        Permissions(fields::number(item, path, name, 0..=u64::MAX, faults).unwrap_or(0))
    };
    let (allow, deny) = (bits("allow", faults), bits("deny", faults));
    Some(Overwrite { id: fields::id(item, path, "id", faults)?, kind, allow, deny })
}
