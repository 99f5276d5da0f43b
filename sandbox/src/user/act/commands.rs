//! Typed commands and menus.

use serde_json::{Value, json};

use crate::core::Core;
use crate::id::Id;
use crate::interactions::{AUTOCOMPLETE, COMMAND};
use crate::permissions::{self, Permissions};
use crate::rules::command::{CHAT_INPUT, MESSAGE_MENU, USER_MENU};
use crate::user::ActError;
use crate::user::command_line::{self, Input, Place, Typed};
use crate::world::{Channel, Command};

impl Core {
    /// Commands that a member is offered in a channel.
    pub(crate) fn offered(&self, user: Id, channel: &Channel) -> Vec<&Command> {
        let here = |command: &&Command| match channel.guild {
            Some(guild) => command.guild.is_none_or(|own| own == guild),
            None => command.in_dms(),
        };
        self.places
            .commands
            .iter()
            .filter(here)
            .filter(|command| self.may_use(user, channel, command))
            .collect()
    }

    fn may_use(&self, user: Id, channel: &Channel, command: &Command) -> bool {
        let has = permissions::in_channel(&self.places, channel, user);
        if channel.guild.is_none() || has == Permissions::ALL {
            return true;
        }
        let decided = channel.guild.and_then(|id| self.places.guilds.get(&id));
        let special = decided.and_then(|guild| command.exception_for(guild, user)).unwrap_or_else(|| {
            match command.default_permissions() {
                None => true,
                // "0" stands for administrators only.
                Some(Permissions::NONE) => false,
                Some(wanted) => has.has(wanted),
            }
        });
        special && has.has(Permissions::USE_APPLICATION_COMMANDS)
    }

    fn command(&self, user: Id, channel: &Channel, kind: u64, name: &str) -> Result<Command, ActError> {
        let here = |command: &&Command| command.kind == kind && command.name == name;
        if let Some(command) = self.offered(user, channel).into_iter().find(here) {
            return Ok(command.clone());
        }
        let in_guild = |command: &&Command| command.guild.is_none() || command.guild == channel.guild;
        if self.places.commands.iter().filter(in_guild).any(|command| here(&command)) {
            let member = self.name_of(user);
            return Err(ActError::CommandNotAllowed { member, name: name.to_owned() });
        }
        let known: Vec<_> = self.places.commands.iter().map(|command| command.name.as_str()).collect();
        Err(ActError::NoSuchCommand { name: name.to_owned(), known: known.join(", ") })
    }

    /// A typed command: `line` is its name with a slash or without, and subcommands after it.
    pub(crate) fn type_command(
        &mut self,
        user: Id,
        channel: &str,
        line: &str,
        inputs: &[(String, Input)],
        focused: Option<&str>,
    ) -> Result<Id, ActError> {
        let channel = self.channel_for(user, channel)?;
        let words: Vec<_> = line.trim_start_matches('/').split_whitespace().collect();
        let (name, words) = words.split_first().map_or(("", &[][..]), |(name, rest)| (*name, rest));
        let command = self.command(user, &channel, CHAT_INPUT, name)?;
        if let Some(option) = focused.filter(|option| !is_autocompleted(&command, words, option)) {
            let reason = "the bot offers no suggestions for it".to_owned();
            return Err(ActError::Option { option: option.to_owned(), reason });
        }
        let place = Place { channel: &channel, member: user };
        let typed = command_line::read(self, &place, command.options(), words, inputs, focused)?;
        let data = command_data(&command, typed);
        let kind = if focused.is_some() { AUTOCOMPLETE } else { COMMAND };
        Ok(self.begin(kind, user, &channel, data, None, None))
    }

    /// A command from the menu of a message.
    pub(crate) fn message_menu(&mut self, user: Id, name: &str, message: Id) -> Result<Id, ActError> {
        let found = self.visible_message(user, message)?;
        let channel = self.places.channels[&found.channel].clone();
        let command = self.command(user, &channel, MESSAGE_MENU, name)?;
        let mut data = command_data(&command, Typed { options: Vec::new(), resolved: json!({}) });
        data["target_id"] = json!(message);
        data["resolved"] = json!({"messages": {message.to_string(): found.to_json(&self.places)}});
        Ok(self.begin(COMMAND, user, &channel, data, None, None))
    }

    /// A command from the menu of a person.
    pub(crate) fn user_menu(
        &mut self,
        user: Id,
        name: &str,
        target: Id,
        channel: &str,
    ) -> Result<Id, ActError> {
        let channel = self.channel_for(user, channel)?;
        let command = self.command(user, &channel, USER_MENU, name)?;
        let mut resolved = json!({});
        command_line::resolve_user(self, &channel, target, &mut resolved);
        let mut data = command_data(&command, Typed { options: Vec::new(), resolved });
        data["target_id"] = json!(target);
        Ok(self.begin(COMMAND, user, &channel, data, None, None))
    }
}

fn command_data(command: &Command, typed: Typed) -> Value {
    let mut data = json!({"id": command.id, "name": command.name, "type": command.kind});
    if let Some(guild) = command.guild {
        data["guild_id"] = json!(guild);
    }
    if !typed.options.is_empty() {
        data["options"] = Value::Array(typed.options);
    }
    if typed.resolved.as_object().is_some_and(|resolved| !resolved.is_empty()) {
        data["resolved"] = typed.resolved;
    }
    data
}

/// Whether the bot offers suggestions for an option of a command or of a subcommand.
fn is_autocompleted(command: &Command, words: &[&str], option: &str) -> bool {
    let mut options = command.options();
    for word in words {
        let inner = options.iter().find(|option| option["name"] == **word);
        options = inner.and_then(|inner| inner["options"].as_array()).map(Vec::as_slice).unwrap_or_default();
    }
    options.iter().any(|item| item["name"] == option && item["autocomplete"] == true)
}
