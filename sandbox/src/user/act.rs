//! What a member does. Each act either reaches the bot, or says why a client would not have sent it.

use bytes::Bytes;
use serde_json::{Value, json};

use super::ActError;
use super::command_line::{self, Input, Place, Typed};
use crate::core::Core;
use crate::gateway::events;
use crate::id::Id;
use crate::interactions::{AUTOCOMPLETE, COMMAND, COMPONENT, FirstAnswer, Interaction, MODAL};
use crate::permissions::{self, Permissions};
use crate::posting::{Post, Upload};
use crate::rules::command::{CHAT_INPUT, MESSAGE_MENU, USER_MENU};
use crate::rules::components as kinds;
use crate::rules::limits;
use crate::rules::message::Draft;
use crate::world::{Attachment, Channel, Command, Message};

/// Interactions that are remembered; the oldest go first.
const REMEMBERED: usize = 20_000;
/// Files of options that are kept to be fetched.
const UPLOADS: usize = 200;

impl Core {
    pub(crate) fn user_named(&self, name: &str) -> Result<Id, ActError> {
        command_line::find_user(self, name).ok_or_else(|| {
            let known: Vec<_> = self.places.users.values().filter(|user| !user.bot).collect();
            let known: Vec<_> = known.into_iter().map(|user| user.name.as_str()).collect();
            ActError::NoSuchMember { name: name.to_owned(), known: known.join(", ") }
        })
    }

    fn name_of(&self, user: Id) -> String {
        self.places.users.get(&user).map_or_else(|| user.to_string(), |user| user.name.clone())
    }

    /// A channel or thread that the member sees, by name or id; `dm` is the DM with the bot.
    pub(crate) fn channel_for(&mut self, user: Id, name: &str) -> Result<Channel, ActError> {
        if name == "dm" {
            let id = self.dm_with(user);
            return Ok(self.places.channels[&id].clone());
        }
        let name = name.trim_start_matches('#');
        let named = |channel: &&Channel| channel.name == name || channel.id.to_string() == name;
        let sees = |channel: &&Channel| self.sees(user, channel);
        let found = self.places.channels.values().filter(named).find(sees);
        let missing = || ActError::NoSuchChannel { name: name.to_owned(), member: self.name_of(user) };
        found.cloned().ok_or_else(missing)
    }

    fn sees(&self, user: Id, channel: &Channel) -> bool {
        permissions::in_channel(&self.places, channel, user).has(Permissions::VIEW_CHANNEL)
    }

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
        let special = match command.default_permissions() {
            None => true,
            // "0" stands for administrators only.
            Some(Permissions::NONE) => false,
            Some(wanted) => has.has(wanted),
        };
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

    fn visible_message(&self, user: Id, id: Id) -> Result<Message, ActError> {
        let hidden = || ActError::NoSuchMessage { member: self.name_of(user) };
        let message = self.places.messages.get(&id).ok_or_else(hidden)?;
        let for_them = message.ephemeral_for.is_none_or(|only| only == user);
        let channel = self.places.channels.get(&message.channel).ok_or_else(hidden)?;
        if for_them && self.sees(user, channel) { Ok(message.clone()) } else { Err(hidden()) }
    }

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
        if matches!(kind, kinds::USER_SELECT | kinds::MENTIONABLE_SELECT) {
            if let Some(id) = command_line::find_user(self, choice) {
                command_line::resolve_user(self, channel, id, resolved);
                return Ok(json!(id));
            }
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

    /// Sends in the modal that an interaction was answered with. Fields by label or `custom_id`; a field that is not
    /// named keeps what it was filled with.
    pub(crate) fn fill_in(
        &mut self,
        user: Id,
        opened_by: Id,
        values: &[(String, String)],
    ) -> Result<Id, ActError> {
        let opener =
            self.interactions.get(&opened_by).filter(|opener| opener.user == user && !opener.modal_used);
        let Some(opener) = opener.cloned() else { return Err(ActError::NoModal) };
        let Some(FirstAnswer::Modal(modal)) = &opener.answer else { return Err(ActError::NoModal) };
        let inputs = modal_inputs(modal);
        if let Some((name, _)) =
            values.iter().find(|(name, _)| !inputs.iter().any(|input| names(input, name)))
        {
            return Err(ActError::Field { field: name.clone(), reason: "there is no such field".to_owned() });
        }
        let rows =
            inputs.into_iter().map(|input| filled_row(input, values)).collect::<Result<Vec<_>, _>>()?;
        let data = json!({"custom_id": modal["custom_id"], "components": rows});
        let Some(channel) = self.places.channels.get(&opener.channel).cloned() else {
            return Err(ActError::NoModal);
        };
        if let Some(opener) = self.interactions.get_mut(&opened_by) {
            opener.modal_used = true;
        }
        Ok(self.begin(MODAL, user, &channel, data, opener.message, Some(opened_by)))
    }

    /// A plain message, with files.
    pub(crate) fn write(
        &mut self,
        user: Id,
        channel: &str,
        content: &str,
        files: &[Upload],
        reply_to: Option<Id>,
    ) -> Result<Id, ActError> {
        let channel = self.channel_for(user, channel)?;
        let has = permissions::in_channel(&self.places, &channel, user);
        let wanted = if channel.thread.is_some() {
            Permissions::SEND_MESSAGES_IN_THREADS
        } else {
            Permissions::SEND_MESSAGES
        };
        let locked = channel.thread.as_ref().is_some_and(|thread| thread.locked);
        let fits = content.chars().count() <= limits::CONTENT && channel.kind.holds_messages();
        let denied = || ActError::NotAllowed { member: self.name_of(user) };
        if !has.has(wanted) || !fits || locked && !has.has(Permissions::MANAGE_THREADS) {
            return Err(denied());
        }
        let draft = Draft { content: Some(content.to_owned()), reply_to, ..Draft::default() };
        let refused = self.name_of(user);
        if let Some(thread) =
            self.places.channels.get_mut(&channel.id).and_then(|found| found.thread.as_mut())
        {
            if thread.archived {
                thread.archived = false;
                events::channel_updated(self, channel.id);
            }
        }
        let post = Post::plain(channel.id, user, draft, files);
        self.post(post).map_err(|_| ActError::NotAllowed { member: refused })
    }

    fn begin(
        &mut self,
        kind: u64,
        user: Id,
        channel: &Channel,
        data: Value,
        message: Option<Id>,
        trigger: Option<Id>,
    ) -> Id {
        let id = self.new_id();
        while self.interactions.len() >= REMEMBERED {
            self.interactions.pop_first();
        }
        let interaction = Interaction {
            id,
            token: crate::token::opaque(),
            kind,
            user,
            guild: channel.guild,
            channel: channel.id,
            created_ms: self.now_ms(),
            data,
            message,
            trigger,
            answer: None,
            original: None,
            followups: Vec::new(),
            modal_used: false,
        };
        self.interactions.insert(id, interaction);
        events::interaction(self, id);
        self.touch();
        id
    }

    /// Keeps the file of an option so that the bot can fetch it.
    pub(super) fn keep_upload(&mut self, file: Attachment) {
        if self.option_files.len() == UPLOADS {
            self.option_files.pop_front();
        }
        self.option_files.push_back(file);
    }

    /// The bytes behind an attachment's address.
    pub(crate) fn file(&self, id: Id) -> Option<(Option<String>, Bytes)> {
        let of_messages = self.places.messages.values().flat_map(|message| &message.attachments);
        let found = of_messages.chain(&self.option_files).find(|file| file.id == id)?;
        Some((found.content_type.clone(), found.bytes.clone()))
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

fn modal_inputs(modal: &Value) -> Vec<&Value> {
    let rows = modal["components"].as_array().into_iter().flatten();
    rows.filter_map(|row| row["components"].get(0)).collect()
}

fn names(input: &Value, name: &str) -> bool {
    input["custom_id"] == name || input["label"] == name
}

fn filled_row(input: &Value, values: &[(String, String)]) -> Result<Value, ActError> {
    let given = values.iter().find(|(name, _)| names(input, name)).map(|(_, value)| value.as_str());
    let value = given.or_else(|| input["value"].as_str()).unwrap_or_default();
    let field = input["label"].as_str().unwrap_or_default().to_owned();
    let length = value.chars().count() as u64;
    let least = input["min_length"].as_u64().unwrap_or(0);
    let most = input["max_length"].as_u64().unwrap_or(limits::TEXT_INPUT as u64);
    let required = input["required"].as_bool().unwrap_or(true);
    if value.is_empty() && required {
        return Err(ActError::Field { field, reason: "is required".to_owned() });
    }
    if length > most || length < least && (required || length > 0) {
        let reason = format!("takes {least} to {most} characters, not {length}");
        return Err(ActError::Field { field, reason });
    }
    Ok(json!({
        "type": kinds::ROW,
        "components": [{"type": kinds::TEXT_INPUT, "custom_id": input["custom_id"], "value": value}],
    }))
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
