//! A registered command.

use serde_json::{Value, json};

use super::{Guild, Places};
use crate::id::Id;
use crate::permissions::Permissions;

/// A registered command.
#[derive(Clone, Debug)]
pub struct Command {
    /// Its id.
    pub id: Id,
    /// The guild that it is for; none for everywhere.
    pub guild: Option<Id>,
    /// 1 typed, 2 user menu, 3 message menu.
    pub kind: u64,
    /// Its name.
    pub name: String,
    /// Changes with every change.
    pub version: Id,
    /// The definition as the bot gave it.
    pub definition: Value,
    /// What administrators of a guild decided for roles (`@everyone` has the guild's id) and members.
    pub exceptions: Vec<(Id, bool)>,
}

impl Command {
    /// The options, empty when there are none.
    #[must_use]
    pub fn options(&self) -> &[Value] {
        self.definition["options"].as_array().map(Vec::as_slice).unwrap_or_default()
    }

    /// What a member needs for it unless the guild's own settings say otherwise; `None` means nothing special.
    #[must_use]
    pub fn default_permissions(&self) -> Option<Permissions> {
        let bits = &self.definition["default_member_permissions"];
        bits.as_str().and_then(|text| text.parse().ok()).or_else(|| bits.as_u64()).map(Permissions)
    }

    /// The exceptions of one guild, as APPLICATION_COMMAND_PERMISSIONS_UPDATE shows them.
    pub(crate) fn exceptions_json(&self, guild: Id, places: &Places) -> Option<Value> {
        let roles = &places.guilds.get(&guild)?.roles;
        let kind = |id: &Id| if roles.contains_key(id) { 1 } else { 2 };
        let one = |(id, allowed): &(Id, bool)| json!({"id": id, "type": kind(id), "permission": allowed});
        let all: Vec<_> = self.exceptions.iter().map(one).collect();
        let application = places.application.id;
        Some(json!({"id": self.id, "application_id": application, "guild_id": guild, "permissions": all}))
    }

    /// What the exceptions say about a member: their own first, then their roles', then everyone's.
    pub(crate) fn exception_for(&self, guild: &Guild, user: Id) -> Option<bool> {
        let said = |id: Id| self.exceptions.iter().find(|(who, _)| *who == id).map(|(_, allowed)| *allowed);
        let roles = guild.members.get(&user).map(|member| member.roles.as_slice()).unwrap_or_default();
        let by_roles: Vec<_> = roles.iter().filter_map(|role| said(*role)).collect();
        let any_role = (!by_roles.is_empty()).then(|| by_roles.contains(&true));
        said(user).or(any_role).or_else(|| said(guild.id))
    }

    /// Whether it can be used in a DM with the bot.
    pub(crate) fn in_dms(&self) -> bool {
        let contexts = self.definition["contexts"].as_array();
        let listed = contexts.is_none_or(|list| list.iter().any(|context| context == 1));
        listed && self.guild.is_none() && self.definition["dm_permission"] != false
    }

    pub(crate) fn to_json(&self, application: Id, locale: Option<&str>) -> Value {
        let given = |name: &str| self.definition.get(name).cloned().unwrap_or(Value::Null);
        let mut command = json!({
            "id": self.id, "application_id": application, "version": self.version, "type": self.kind,
            "name": self.name, "description": given("description").as_str().unwrap_or_default(),
            "name_localizations": given("name_localizations"),
            "description_localizations": given("description_localizations"),
            "default_member_permissions": self.default_permissions(),
            "dm_permission": given("dm_permission").as_bool().unwrap_or(true),
            "nsfw": given("nsfw").as_bool().unwrap_or(false), "integration_types": [0],
            "contexts": given("contexts"),
        });
        if let Some(guild) = self.guild {
            command["guild_id"] = json!(guild);
        }
        if self.kind == 1 && !self.options().is_empty() {
            command["options"] = self.options().iter().map(without_nulls).collect();
        }
        if let Some(locale) = locale {
            command["name_localized"] = given("name_localizations")[locale].clone();
            command["description_localized"] = given("description_localizations")[locale].clone();
        }
        command
    }
}

fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(
            map.iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k.clone(), without_nulls(v))).collect(),
        ),
        Value::Array(list) => list.iter().map(without_nulls).collect(),
        other => other.clone(),
    }
}
