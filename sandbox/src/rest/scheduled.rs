//! The guild's calendar (resources/guild-scheduled-event).

use serde_json::Value;

use super::{Answer, Call, Reply, Route, route};
use crate::clock::parse_iso8601;
use crate::core::Core;
use crate::error::{ApiError, FormFaults, MAX_SCHEDULED_EVENTS, UNKNOWN_SCHEDULED_EVENT};
use crate::gateway::events;
use crate::id::Id;
use crate::permissions::Permissions;
use crate::rules::fields;
use crate::rules::limits;
use crate::world::ScheduledEvent;

pub(super) const ROUTES: &[Route] = &[
    route("GET", "guilds/{guild}/scheduled-events", list),
    route("POST", "guilds/{guild}/scheduled-events", create),
    route("GET", "guilds/{guild}/scheduled-events/{event}", get),
    route("PATCH", "guilds/{guild}/scheduled-events/{event}", edit),
    route("DELETE", "guilds/{guild}/scheduled-events/{event}", delete),
];

const EXTERNAL: u64 = 3;
const SCHEDULED: u64 = 1;
const ACTIVE: u64 = 2;

fn list(core: &mut Core, call: &Call) -> Answer {
    let guild = call.id("guild")?;
    core.bot_needs_in_guild(guild, Permissions::NONE)?;
    let own = core.places.guild(guild)?.events.values();
    Ok(Reply::Ok(own.map(|event| event.to_json(guild, &core.places)).collect()))
}

fn find(core: &Core, guild: Id, id: Id) -> Result<&ScheduledEvent, ApiError> {
    core.places.guild(guild)?.events.get(&id).ok_or_else(|| UNKNOWN_SCHEDULED_EVENT.into())
}

fn get(core: &mut Core, call: &Call) -> Answer {
    let (guild, id) = (call.id("guild")?, call.id("event")?);
    core.bot_needs_in_guild(guild, Permissions::NONE)?;
    Ok(Reply::Ok(find(core, guild, id)?.to_json(guild, &core.places)))
}

/// Checks the fields of an event as a whole. `now_ms` because the start of a new one must lie ahead.
fn check(body: &Value, now_ms: Option<u64>) -> Result<(), ApiError> {
    const KNOWN: &[&str] = &[
        "channel_id",
        "entity_metadata",
        "name",
        "privacy_level",
        "scheduled_start_time",
        "scheduled_end_time",
        "description",
        "entity_type",
        "image",
        "status",
        "recurrence_rule",
    ];
    let mut faults = FormFaults::default();
    fields::known(body, "", KNOWN, &mut faults);
    fields::needed_text(body, "", "name", 1..=limits::EVENT_NAME, &mut faults);
    fields::text(body, "", "description", 0..=limits::EVENT_DESCRIPTION, &mut faults);
    if body["privacy_level"].as_u64() != Some(2) {
        faults.choice("privacy_level", "2");
    }
    let start = time(body, "scheduled_start_time", &mut faults);
    let end = time(body, "scheduled_end_time", &mut faults);
    if body["scheduled_start_time"].is_null() {
        faults.required("scheduled_start_time");
    }
    if start.zip(now_ms).is_some_and(|(start, now)| start <= now) {
        let message = "Cannot schedule event in the past.";
        faults.add("scheduled_start_time", "GUILD_SCHEDULED_EVENT_SCHEDULE_PAST", message);
    }
    if start.zip(end).is_some_and(|(start, end)| end <= start) {
        faults.add("scheduled_end_time", "DATE_TIME_TYPE_RANGE", "The end must come after the start.");
    }
    match fields::number(body, "", "entity_type", 1..=3, &mut faults) {
        None => faults.required("entity_type"),
        Some(EXTERNAL) => check_external(body, &mut faults),
        Some(_) if body["channel_id"].is_null() => faults.required("channel_id"),
        Some(_) => {}
    }
    faults.result()
}

/// An event elsewhere needs a place and an end.
fn check_external(body: &Value, faults: &mut FormFaults) {
    let place = &body["entity_metadata"];
    fields::needed_text(place, "entity_metadata", "location", 1..=limits::EVENT_LOCATION, faults);
    if body["scheduled_end_time"].is_null() {
        faults.required("scheduled_end_time");
    }
}

fn time(body: &Value, name: &str, faults: &mut FormFaults) -> Option<u64> {
    let text = fields::text(body, "", name, 0..=64, faults)?;
    let read = parse_iso8601(text);
    if read.is_none() {
        faults.add(name, "DATE_TIME_TYPE_PARSE", &format!("Could not parse {text}. Should be ISO8601."));
    }
    read
}

fn create(core: &mut Core, call: &Call) -> Answer {
    let guild = call.id("guild")?;
    core.bot_needs_in_guild(guild, Permissions::CREATE_EVENTS)?;
    check(&call.body, Some(core.now_ms()))?;
    let open = core.places.guild(guild)?.events.values().filter(|event| event.status <= ACTIVE).count();
    if open >= limits::SCHEDULED_EVENTS {
        return Err(MAX_SCHEDULED_EVENTS.into());
    }
    let id = core.new_id();
    let creator = core.places.bot();
    let event = ScheduledEvent { id, fields: call.body.clone(), creator, status: SCHEDULED };
    core.places.guild_mut(guild)?.events.insert(id, event.clone());
    events::scheduled(core, guild, &event, "CREATE");
    core.touch();
    Ok(Reply::Ok(event.to_json(guild, &core.places)))
}

/// Own events with CREATE_EVENTS, all with MANAGE_EVENTS.
fn may_change(core: &Core, guild: Id, event: &ScheduledEvent) -> Result<(), ApiError> {
    let own = event.creator == core.places.bot();
    let wanted = if own { Permissions::CREATE_EVENTS } else { Permissions::MANAGE_EVENTS };
    core.bot_needs_in_guild(guild, wanted)
        .or_else(|_| core.bot_needs_in_guild(guild, Permissions::MANAGE_EVENTS))
}

fn edit(core: &mut Core, call: &Call) -> Answer {
    let (guild, id) = (call.id("guild")?, call.id("event")?);
    let mut event = find(core, guild, id)?.clone();
    may_change(core, guild, &event)?;
    for (name, value) in call.body.as_object().into_iter().flatten() {
        event.fields[name] = value.clone();
    }
    check(&event.fields, None)?;
    if let Some(status) = call.body["status"].as_u64() {
        // resources/guild-scheduled-event, "Valid Status Transitions".
        let fits = matches!((event.status, status), (1, 2 | 4) | (2, 3)) || event.status == status;
        if !fits {
            return Err(ApiError::form(
                "status",
                "BASE_TYPE_CHOICES",
                "This change of status is not allowed.",
            ));
        }
        event.status = status;
    }
    core.places.guild_mut(guild)?.events.insert(id, event.clone());
    events::scheduled(core, guild, &event, "UPDATE");
    core.touch();
    Ok(Reply::Ok(event.to_json(guild, &core.places)))
}

fn delete(core: &mut Core, call: &Call) -> Answer {
    let (guild, id) = (call.id("guild")?, call.id("event")?);
    let event = find(core, guild, id)?.clone();
    may_change(core, guild, &event)?;
    core.places.guild_mut(guild)?.events.remove(&id);
    events::scheduled(core, guild, &event, "DELETE");
    core.touch();
    Ok(Reply::Nothing)
}
