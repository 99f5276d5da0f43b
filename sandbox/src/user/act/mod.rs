//! What a member does. Each act either reaches the bot, or says why a client would not have sent it.

mod commands;
mod components;
mod modals;
mod writing;

use serde_json::Value;

use super::ActError;
use super::command_line;
use crate::core::Core;
use crate::gateway::events;
use crate::id::Id;
use crate::interactions::Interaction;
use crate::permissions::{self, Permissions};
use crate::world::{Channel, Message};

/// Interactions that are remembered; the oldest go first.
const REMEMBERED: usize = 20_000;

impl Core {
    pub(crate) fn user_named(&self, name: &str) -> Result<Id, ActError> {
        command_line::find_user(self, name).ok_or_else(|| {
            let known: Vec<_> = self.places.users.values().filter(|user| !user.bot).collect();
            let known: Vec<_> = known.into_iter().map(|user| user.name.as_str()).collect();
            ActError::NoSuchMember { name: name.to_owned(), known: known.join(", ") }
        })
    }

    pub(in crate::user) fn name_of(&self, user: Id) -> String {
        self.places.users.get(&user).map_or_else(|| user.to_string(), |user| user.name.clone())
    }

    /// A channel or thread that the member sees, by name or id; `dm` is the DM with the bot.
    pub(crate) fn channel_for(&mut self, user: Id, name: &str) -> Result<Channel, ActError> {
        self.settle();
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

    pub(in crate::user) fn sees(&self, user: Id, channel: &Channel) -> bool {
        permissions::in_channel(&self.places, channel, user).has(Permissions::VIEW_CHANNEL)
    }

    pub(in crate::user) fn visible_message(&self, user: Id, id: Id) -> Result<Message, ActError> {
        let hidden = || ActError::NoSuchMessage { member: self.name_of(user) };
        let message = self.places.messages.get(&id).ok_or_else(hidden)?;
        let for_them = message.ephemeral_for.is_none_or(|only| only == user);
        let channel = self.places.channels.get(&message.channel).ok_or_else(hidden)?;
        if for_them && self.sees(user, channel) { Ok(message.clone()) } else { Err(hidden()) }
    }

    pub(in crate::user) fn begin(
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
            if let Some((_, oldest)) = self.interactions.pop_first() {
                self.tokens.remove(&oldest.token);
            }
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
            acted: std::time::Instant::now(),
            answered: None,
        };
        self.tokens.insert(interaction.token.clone(), id);
        self.interactions.insert(id, interaction);
        events::interaction(self, id);
        self.touch();
        id
    }
}
