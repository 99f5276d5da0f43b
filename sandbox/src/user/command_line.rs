//! A typed command, checked as Discord's client checks it before anything is sent.

use bytes::Bytes;
use serde_json::{Value, json};

use super::ActError;
use crate::core::Core;
use crate::id::Id;
use crate::permissions;
use crate::rules::command as kinds;
use crate::rules::limits;
use crate::world::{Attachment, Channel};

/// What somebody put into an option.
#[derive(Clone, Debug)]
pub(crate) enum Input {
    Text(String),
    File { filename: String, content_type: Option<String>, bytes: Bytes },
}

/// Where and by whom a command is typed.
pub(super) struct Place<'a> {
    pub(super) channel: &'a Channel,
    pub(super) member: Id,
}

/// Options as the bot is told them, with what they point at.
#[derive(Debug, Default)]
pub(super) struct Typed {
    pub(super) options: Vec<Value>,
    pub(super) resolved: Value,
}

fn wrong(option: &str, reason: impl Into<String>) -> ActError {
    ActError::Option { option: option.to_owned(), reason: reason.into() }
}

/// Reads the options of a command. `words` are subcommand names after the command's own; `focused` is the option that
/// is being typed, for an autocompletion, where nothing is required yet.
pub(super) fn read(
    core: &mut Core,
    place: &Place<'_>,
    options: &[Value],
    words: &[&str],
    inputs: &[(String, Input)],
    focused: Option<&str>,
) -> Result<Typed, ActError> {
    let mut typed = Typed { options: Vec::new(), resolved: json!({}) };
    if options.iter().any(kinds::is_nested) {
        let Some((word, rest)) = words.split_first() else {
            return Err(wrong("", "a subcommand must be named"));
        };
        let sub = options.iter().find(|option| option["name"] == **word);
        let sub = sub.ok_or_else(|| wrong(word, "there is no such subcommand"))?.clone();
        let inner = sub["options"].as_array().cloned().unwrap_or_default();
        let inside = read(core, place, &inner, rest, inputs, focused)?;
        typed.options.push(json!({"name": sub["name"], "type": sub["type"], "options": inside.options}));
        typed.resolved = inside.resolved;
        return Ok(typed);
    }
    if let Some(word) = words.first() {
        return Err(wrong(word, "the command has no subcommands"));
    }
    for (name, input) in inputs {
        let option = options.iter().find(|option| option["name"] == name.as_str());
        let option = option.ok_or_else(|| wrong(name, "there is no such option"))?;
        let is_focused = focused == Some(name.as_str());
        let value = value(core, place, option, input, is_focused, &mut typed.resolved)?;
        let mut filled = json!({"name": name, "type": option["type"], "value": value});
        if is_focused {
            filled["focused"] = json!(true);
        }
        typed.options.push(filled);
    }
    let missing = options.iter().find(|option| {
        option["required"] == true && !inputs.iter().any(|(name, _)| option["name"] == name.as_str())
    });
    match missing {
        Some(option) if focused.is_none() => {
            Err(wrong(option["name"].as_str().unwrap_or_default(), "is required"))
        }
        _ => Ok(typed),
    }
}

fn value(
    core: &mut Core,
    place: &Place<'_>,
    option: &Value,
    input: &Input,
    focused: bool,
    resolved: &mut Value,
) -> Result<Value, ActError> {
    let name = option["name"].as_str().unwrap_or_default();
    let kind = option["type"].as_u64().unwrap_or(0);
    let text = match input {
        Input::File { filename, content_type, bytes } if kind == kinds::ATTACHMENT => {
            return attach(core, place, name, filename, content_type.clone(), bytes.clone(), resolved);
        }
        Input::File { .. } => return Err(wrong(name, "takes no file")),
        Input::Text(text) => text.as_str(),
    };
    if focused {
        // What is being typed goes out as it stands.
        return Ok(json!(text));
    }
    match kind {
        kinds::STRING => string(option, name, text),
        kinds::INTEGER => number(option, text, text.parse::<i64>().ok().map(|number| json!(number))),
        kinds::NUMBER => {
            let finite = text.parse::<f64>().ok().filter(|number| number.is_finite());
            number(option, text, finite.map(|number| json!(number)))
        }
        kinds::BOOLEAN => match text.to_lowercase().as_str() {
            "true" | "yes" => Ok(json!(true)),
            "false" | "no" => Ok(json!(false)),
            _ => Err(wrong(name, "takes true or false")),
        },
        kinds::USER | kinds::CHANNEL | kinds::ROLE | kinds::MENTIONABLE => {
            point_at(core, place, option, name, text, resolved)
        }
        kinds::ATTACHMENT => Err(wrong(name, "takes a file")),
        _ => Err(wrong(name, "is of a kind that cannot be typed")),
    }
}

fn string(option: &Value, name: &str, text: &str) -> Result<Value, ActError> {
    if let Some(choice) = pick(option, &json!(text), text)? {
        return Ok(choice);
    }
    let length = text.chars().count() as u64;
    let least = option["min_length"].as_u64().unwrap_or(0).max(1);
    let most = option["max_length"].as_u64().unwrap_or(limits::STRING_OPTION as u64);
    if length < least || length > most {
        return Err(wrong(name, format!("takes {least} to {most} characters, not {length}")));
    }
    Ok(json!(text))
}

fn number(option: &Value, text: &str, value: Option<Value>) -> Result<Value, ActError> {
    // A choice is picked by its name, whatever the type of its value.
    if let Some(choice) = pick(option, value.as_ref().unwrap_or(&Value::Null), text)? {
        return Ok(choice);
    }
    let name = option["name"].as_str().unwrap_or_default();
    let value = value.ok_or_else(|| wrong(name, "takes a number"))?;
    let as_float = value.as_f64().unwrap_or(0.0);
    let below = option["min_value"].as_f64().is_some_and(|least| as_float < least);
    let above = option["max_value"].as_f64().is_some_and(|most| as_float > most);
    if below || above {
        let (least, most) = (&option["min_value"], &option["max_value"]);
        return Err(wrong(name, format!("must lie between {least} and {most}")));
    }
    Ok(value)
}

/// The value of a choice, by its name or its value; `None` when the option has no choices.
fn pick(option: &Value, value: &Value, text: &str) -> Result<Option<Value>, ActError> {
    let Some(choices) = option["choices"].as_array().filter(|choices| !choices.is_empty()) else {
        return Ok(None);
    };
    let found = choices.iter().find(|choice| choice["name"] == text || choice["value"] == *value);
    let names: Vec<_> = choices.iter().filter_map(|choice| choice["name"].as_str()).collect();
    let name = option["name"].as_str().unwrap_or_default();
    found
        .map(|choice| Some(choice["value"].clone()))
        .ok_or_else(|| wrong(name, format!("takes one of: {}", names.join(", "))))
}

fn bare(text: &str) -> &str {
    text.trim_start_matches(['<', '@', '#', '&', '!']).trim_end_matches('>')
}

fn point_at(
    core: &Core,
    place: &Place<'_>,
    option: &Value,
    name: &str,
    text: &str,
    resolved: &mut Value,
) -> Result<Value, ActError> {
    let kind = option["type"].as_u64().unwrap_or(0);
    let text = bare(text);
    let may = |wanted| kind == wanted || kind == kinds::MENTIONABLE;
    if let Some(id) = find_user(core, text).filter(|_| may(kinds::USER)) {
        resolve_user(core, place.channel, id, resolved);
        return Ok(json!(id));
    }
    if may(kinds::ROLE) {
        let guild = place.channel.guild.and_then(|id| core.places.guilds.get(&id));
        let role = guild.and_then(|guild| {
            guild.roles.values().find(|role| role.name == text || role.id.to_string() == text)
        });
        if let Some(role) = role {
            resolved["roles"][role.id.to_string()] = role.to_json();
            return Ok(json!(role.id));
        }
    }
    if kind == kinds::CHANNEL {
        return channel(core, place, option, name, text, resolved);
    }
    Err(wrong(name, format!("there is no {text:?}")))
}

pub(super) fn find_user(core: &Core, text: &str) -> Option<Id> {
    core.places
        .users
        .values()
        .find(|user| user.name == text || user.id.to_string() == text)
        .map(|user| user.id)
}

/// Adds a user, and the membership without what Discord leaves out.
pub(super) fn resolve_user(core: &Core, channel: &Channel, id: Id, resolved: &mut Value) {
    let key = id.to_string();
    resolved["users"][&key] = core.places.user_json(id);
    let guild = channel.guild.and_then(|id| core.places.guilds.get(&id));
    if let Some(member) = guild.and_then(|guild| guild.members.get(&id)) {
        let mut partial = member.to_partial_json();
        if let Some(map) = partial.as_object_mut() {
            map.remove("deaf");
            map.remove("mute");
        }
        partial["permissions"] = json!(permissions::in_channel(&core.places, channel, id));
        resolved["members"][&key] = partial;
    }
}

fn channel(
    core: &Core,
    place: &Place<'_>,
    option: &Value,
    name: &str,
    text: &str,
    resolved: &mut Value,
) -> Result<Value, ActError> {
    let sees = |channel: &&Channel| {
        permissions::in_channel(&core.places, channel, place.member)
            .has(permissions::Permissions::VIEW_CHANNEL)
    };
    let named = |channel: &&Channel| channel.name == text || channel.id.to_string() == text;
    let found = core.places.channels.values().filter(sees).find(named);
    let found = found.ok_or_else(|| wrong(name, format!("there is no channel {text:?}")))?;
    let kinds = option["channel_types"].as_array().filter(|kinds| !kinds.is_empty());
    if kinds.is_some_and(|kinds| !kinds.contains(&json!(found.kind.number()))) {
        return Err(wrong(name, "takes no channel of this kind"));
    }
    resolve_channel(core, found, place.member, resolved);
    Ok(json!(found.id))
}

/// Adds a channel with what the member may do in it.
pub(super) fn resolve_channel(core: &Core, channel: &Channel, member: Id, resolved: &mut Value) {
    let mut partial = channel.to_json();
    partial["permissions"] = json!(permissions::in_channel(&core.places, channel, member));
    resolved["channels"][channel.id.to_string()] = partial;
}

fn attach(
    core: &mut Core,
    place: &Place<'_>,
    name: &str,
    filename: &str,
    content_type: Option<String>,
    bytes: Bytes,
    resolved: &mut Value,
) -> Result<Value, ActError> {
    if bytes.len() > limits::ATTACHMENT_BYTES {
        return Err(wrong(name, "the file is above 10 MiB"));
    }
    let id = core.new_id();
    let file = Attachment { id, filename: filename.to_owned(), content_type, description: None, bytes };
    let base = core.places.files_base.clone();
    resolved["attachments"][id.to_string()] = file.to_json(place.channel.id, true, &base);
    core.keep_upload(file);
    Ok(json!(id))
}
