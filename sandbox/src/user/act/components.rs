//! Buttons and selects.

use serde_json::{Value, json};

use crate::core::Core;
use crate::id::Id;
use crate::interactions::COMPONENT;
use crate::rules::components as kinds;
use crate::user::ActError;
use crate::user::command_line;
use crate::world::{Channel, Message};

impl Core {
    /// A press of a button, by its label or `custom_id`.
    pub(crate) fn click(&mut self, user: Id, message: Id, wanted: &str) -> Result<Id, ActError> {
        let found = self.visible_message(user, message)?;
        let button = component(&found, wanted, |kind| kind == kinds::BUTTON)?;
        let data = json!({"custom_id": button["custom_id"], "component_type": kinds::BUTTON});
        let channel = self.places.channels[&found.channel].clone();
        Ok(self.begin(COMPONENT, user, &channel, data, Some(message), None))
    }

    /// Choices from a select: labels or values of a string select; names of users, roles or channels of the others.
    pub(crate) fn choose(
        &mut self,
        user: Id,
        message: Id,
        wanted: &str,
        choices: &[String],
    ) -> Result<Id, ActError> {
        let found = self.visible_message(user, message)?;
        let select = component(&found, wanted, |kind| kind != kinds::BUTTON)?;
        let channel = self.places.channels[&found.channel].clone();
        let least = usize::try_from(select["min_values"].as_u64().unwrap_or(1)).unwrap_or(25);
        let most = usize::try_from(select["max_values"].as_u64().unwrap_or(1)).unwrap_or(25);
        if !(least..=most).contains(&choices.len()) {
            let reason = format!("it takes {least} to {most}, not {}", choices.len());
            return Err(ActError::Choice { reason });
        }
        let mut resolved = json!({});
        let mut values = Vec::with_capacity(choices.len());
        for choice in choices {
            values.push(self.chosen(&select, choice, &channel, user, &mut resolved)?);
        }
        let mut data = json!({
            "custom_id": select["custom_id"], "component_type": select["type"], "values": values,
        });
        if resolved.as_object().is_some_and(|resolved| !resolved.is_empty()) {
            data["resolved"] = resolved;
        }
        Ok(self.begin(COMPONENT, user, &channel, data, Some(message), None))
    }

    fn chosen(
        &self,
        select: &Value,
        choice: &str,
        channel: &Channel,
        user: Id,
        resolved: &mut Value,
    ) -> Result<Value, ActError> {
        let kind = select["type"].as_u64().unwrap_or(0);
        let missing = || ActError::Choice { reason: format!("there is no {choice:?}") };
        if kind == kinds::STRING_SELECT {
            let options = select["options"].as_array().map(Vec::as_slice).unwrap_or_default();
            let fits = |option: &&Value| option["label"] == choice || option["value"] == choice;
            return options.iter().find(fits).map(|option| option["value"].clone()).ok_or_else(missing);
        }
        let takes_users = matches!(kind, kinds::USER_SELECT | kinds::MENTIONABLE_SELECT);
        if let Some(id) = command_line::find_user(self, choice).filter(|_| takes_users) {
            command_line::resolve_user(self, channel, id, resolved);
            return Ok(json!(id));
        }
        if matches!(kind, kinds::ROLE_SELECT | kinds::MENTIONABLE_SELECT) {
            let guild = channel.guild.and_then(|id| self.places.guilds.get(&id)).ok_or_else(missing)?;
            let role = guild.roles.values().find(|role| role.name == choice || role.id.to_string() == choice);
            let role = role.ok_or_else(missing)?;
            resolved["roles"][role.id.to_string()] = role.to_json();
            return Ok(json!(role.id));
        }
        if kind == kinds::CHANNEL_SELECT {
            let named = |other: &&Channel| other.name == choice || other.id.to_string() == choice;
            let found = self.places.channels.values().filter(|other| self.sees(user, other)).find(named);
            let found = found.ok_or_else(missing)?;
            command_line::resolve_channel(self, found, user, resolved);
            return Ok(json!(found.id));
        }
        Err(missing())
    }
}

/// A component of a message by label, placeholder or `custom_id`.
fn component(message: &Message, wanted: &str, fits: fn(u64) -> bool) -> Result<Value, ActError> {
    let rows = message.components.iter().filter_map(|row| row["components"].as_array());
    let all: Vec<_> = rows.flatten().filter(|item| item["type"].as_u64().is_some_and(fits)).collect();
    let shown = |item: &Value| {
        let name = item["label"].as_str().or_else(|| item["placeholder"].as_str());
        name.or_else(|| item["custom_id"].as_str()).unwrap_or_default().to_owned()
    };
    let named = |item: &&&Value| {
        item["label"] == wanted || item["placeholder"] == wanted || item["custom_id"] == wanted
    };
    let Some(found) = all.iter().find(named) else {
        let present: Vec<_> = all.iter().map(|item| shown(item)).collect();
        return Err(ActError::NoSuchComponent { wanted: wanted.to_owned(), present: present.join(", ") });
    };
    if found["disabled"] == true {
        return Err(ActError::Disabled { label: shown(found) });
    }
    if found["custom_id"].is_null() {
        // A link opens a browser; the bot hears nothing.
        return Err(ActError::NoSuchComponent { wanted: wanted.to_owned(), present: "a link".to_owned() });
    }
    Ok((*found).clone())
}
