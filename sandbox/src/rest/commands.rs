//! Commands, global and by guild (interactions/application-commands).

use serde_json::Value;

use super::{Answer, Call, Reply, Route, route};
use crate::core::Core;
use crate::error::{
    ApiError, Code, FormFaults, MAX_COMMANDS, MAX_DAILY_COMMANDS, MISSING_ACCESS, UNKNOWN_APPLICATION,
    UNKNOWN_COMMAND,
};
use crate::id::Id;
use crate::rules::command::{self, CHAT_INPUT};
use crate::rules::limits;
use crate::world::Command;

pub(super) const ROUTES: &[Route] = &[
    route("GET", "applications/{application}/commands", list),
    route("PUT", "applications/{application}/commands", replace),
    route("POST", "applications/{application}/commands", create),
    route("GET", "applications/{application}/commands/{command}", get),
    route("PATCH", "applications/{application}/commands/{command}", edit),
    route("DELETE", "applications/{application}/commands/{command}", delete),
    route("GET", "applications/{application}/guilds/{guild}/commands", list),
    route("PUT", "applications/{application}/guilds/{guild}/commands", replace),
    route("POST", "applications/{application}/guilds/{guild}/commands", create),
    route("GET", "applications/{application}/guilds/{guild}/commands/{command}", get),
    route("PATCH", "applications/{application}/guilds/{guild}/commands/{command}", edit),
    route("DELETE", "applications/{application}/guilds/{guild}/commands/{command}", delete),
    route("GET", "applications/{application}/guilds/{guild}/commands/permissions", exceptions),
];

/// The guild that the route names, after a look whether the bot may touch it.
fn scope(core: &Core, call: &Call) -> Result<Option<Id>, ApiError> {
    if call.id("application")? != core.places.application.id {
        return Err(UNKNOWN_APPLICATION.into());
    }
    if !call.params.contains_key("guild") {
        return Ok(None);
    }
    let guild = call.id("guild")?;
    let bot = core.places.bot();
    let inside = core.places.guilds.get(&guild).is_some_and(|guild| guild.members.contains_key(&bot));
    if inside { Ok(Some(guild)) } else { Err(MISSING_ACCESS.into()) }
}

/// What administrators decided for single commands (interactions/application-commands, "Permissions").
fn exceptions(core: &mut Core, call: &Call) -> Answer {
    let guild = scope(core, call)?;
    let decided = core.places.commands.iter().filter(|command| !command.exceptions.is_empty());
    let decided = decided.filter_map(|command| command.exceptions_json(guild?, &core.places));
    Ok(Reply::Ok(Value::Array(decided.collect())))
}

fn shown(core: &Core, command: &Command) -> Value {
    command.to_json(core.places.application.id, None)
}

fn list(core: &mut Core, call: &Call) -> Answer {
    let scope = scope(core, call)?;
    let own = core.places.commands.iter().filter(|command| command.guild == scope);
    let full = call.asks("with_localizations");
    let mut all: Vec<Value> = own.map(|command| shown(core, command)).collect();
    for command in all.iter_mut().filter(|_| !full) {
        if let Some(map) = command.as_object_mut() {
            map.retain(|name, _| !name.ends_with("_localizations"));
        }
    }
    Ok(Reply::Ok(Value::Array(all)))
}

fn get(core: &mut Core, call: &Call) -> Answer {
    let (scope, id) = (scope(core, call)?, call.id("command")?);
    let found = core.places.commands.iter().find(|command| command.id == id && command.guild == scope);
    Ok(Reply::Ok(shown(core, found.ok_or_else(|| ApiError::from(UNKNOWN_COMMAND))?)))
}

fn replace(core: &mut Core, call: &Call) -> Answer {
    let scope = scope(core, call)?;
    let Some(definitions) = call.body.as_array() else {
        return Err(ApiError::form("", "BASE_TYPE_BAD_TYPE", "Expected a list."));
    };
    check_all(definitions)?;
    let fresh = definitions.iter().filter(|definition| existing(core, scope, definition).is_none()).count();
    count_creates(core, fresh)?;
    let kept: Vec<_> = definitions.iter().map(|definition| made(core, scope, definition)).collect();
    core.places.commands.retain(|command| command.guild != scope);
    let answer = kept.iter().map(|command| shown(core, command)).collect();
    core.places.commands.extend(kept);
    core.touch();
    Ok(Reply::Ok(Value::Array(answer)))
}

fn check_all(definitions: &[Value]) -> Result<(), ApiError> {
    let of_kind = |kind| definitions.iter().filter(|definition| command::kind(definition) == kind).count();
    for kind in 1..=3 {
        most(kind, of_kind(kind))?;
    }
    let mut faults = FormFaults::default();
    for (index, definition) in definitions.iter().enumerate() {
        command::check(definition, &index.to_string(), &mut faults);
        let same = |other: &&Value| {
            other["name"] == definition["name"] && command::kind(other) == command::kind(definition)
        };
        if definitions[..index].iter().any(|other| same(&other)) {
            let message = "Application command names must be unique";
            faults.add(&format!("{index}.name"), "APPLICATION_COMMANDS_DUPLICATE_NAME", message);
        }
    }
    faults.result()
}

fn most(kind: u64, count: usize) -> Result<(), ApiError> {
    let limit = if kind == CHAT_INPUT { limits::CHAT_COMMANDS } else { limits::MENU_COMMANDS };
    let Code(status, code, message) = MAX_COMMANDS;
    if count <= limit {
        return Ok(());
    }
    Err(ApiError {
        message: message.replace("100", &limit.to_string()),
        ..Code(status, code, message).into()
    })
}

/// 200 creates a day (30034).
fn count_creates(core: &mut Core, fresh: usize) -> Result<(), ApiError> {
    let now = core.now_ms();
    let used = Core::recent(&mut core.command_creates_ms, now, limits::DAY_MS);
    if used + fresh > limits::COMMAND_CREATES_A_DAY {
        return Err(MAX_DAILY_COMMANDS.into());
    }
    core.command_creates_ms.extend(std::iter::repeat_n(now, fresh));
    Ok(())
}

fn existing<'a>(core: &'a Core, scope: Option<Id>, definition: &Value) -> Option<&'a Command> {
    let same = |command: &&Command| {
        command.guild == scope
            && command.kind == command::kind(definition)
            && Some(command.name.as_str()) == definition["name"].as_str()
    };
    core.places.commands.iter().find(same)
}

/// A command of this definition; one of the same name and kind keeps its id.
fn made(core: &mut Core, scope: Option<Id>, definition: &Value) -> Command {
    let version = core.new_id();
    let known = existing(core, scope, definition);
    let (id, exceptions) = (known.map(|command| command.id), known.map(|command| command.exceptions.clone()));
    Command {
        id: id.unwrap_or(version),
        guild: scope,
        kind: command::kind(definition),
        name: definition["name"].as_str().unwrap_or_default().to_owned(),
        version,
        definition: definition.clone(),
        exceptions: exceptions.unwrap_or_default(),
    }
}

fn create(core: &mut Core, call: &Call) -> Answer {
    let scope = scope(core, call)?;
    let mut faults = FormFaults::default();
    command::check(&call.body, "", &mut faults);
    faults.result()?;
    let known = existing(core, scope, &call.body).is_some();
    if !known {
        let kind = command::kind(&call.body);
        let same = |command: &&Command| command.guild == scope && command.kind == kind;
        most(kind, core.places.commands.iter().filter(same).count() + 1)?;
        count_creates(core, 1)?;
    }
    let command = made(core, scope, &call.body);
    let answer = shown(core, &command);
    core.places.commands.retain(|other| other.id != command.id);
    core.places.commands.push(command);
    core.touch();
    Ok(if known { Reply::Ok(answer) } else { Reply::Created(answer) })
}

fn edit(core: &mut Core, call: &Call) -> Answer {
    let (scope, id) = (scope(core, call)?, call.id("command")?);
    let found = core.places.commands.iter().find(|command| command.id == id && command.guild == scope);
    let mut definition = found.ok_or_else(|| ApiError::from(UNKNOWN_COMMAND))?.definition.clone();
    for (name, value) in call.body.as_object().into_iter().flatten() {
        definition[name] = value.clone();
    }
    let mut faults = FormFaults::default();
    command::check(&definition, "", &mut faults);
    faults.result()?;
    let version = core.new_id();
    let Some(command) = core.places.commands.iter_mut().find(|command| command.id == id) else {
        return Err(UNKNOWN_COMMAND.into());
    };
    command.name = definition["name"].as_str().unwrap_or_default().to_owned();
    command.version = version;
    command.definition = definition;
    let answer = command.to_json(core.places.application.id, None);
    core.touch();
    Ok(Reply::Ok(answer))
}

fn delete(core: &mut Core, call: &Call) -> Answer {
    let (scope, id) = (scope(core, call)?, call.id("command")?);
    let before = core.places.commands.len();
    core.places.commands.retain(|command| command.id != id || command.guild != scope);
    if core.places.commands.len() == before {
        return Err(UNKNOWN_COMMAND.into());
    }
    core.touch();
    Ok(Reply::Nothing)
}
