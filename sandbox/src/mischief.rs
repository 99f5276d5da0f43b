//! What is done to the bot from outside: by an administrator, or by Discord having a bad day.

use std::collections::BTreeMap;

use serde_json::json;

use crate::core::Core;
use crate::gateway::{Outgoing, events};
use crate::id::Id;
use crate::permissions::Permissions;
use crate::world::{Channel, ChannelKind, Guild, Member, Overwrite, OverwriteKind, Role, User};

impl Core {
    pub(crate) fn release_held(&mut self, reversed: bool) {
        let mut held: Vec<_> = std::mem::take(&mut self.held).into();
        if reversed {
            held.reverse();
        }
        for id in held {
            events::deliver(self, id);
        }
    }

    /// Op 7.
    pub(crate) fn ask_reconnect(&mut self) {
        self.tell_sessions(&json!({"op": 7, "d": null, "s": null, "t": null}).to_string());
    }

    /// Op 9. What cannot be resumed is forgotten.
    pub(crate) fn invalidate_session(&mut self, resumable: bool) {
        self.tell_sessions(&json!({"op": 9, "d": resumable, "s": null, "t": null}).to_string());
        if !resumable {
            for (_, id) in self.hub.connected() {
                self.hub.forget(&id);
            }
        }
    }

    fn tell_sessions(&mut self, text: &str) {
        for (line, id) in self.hub.connected() {
            let compress = self.hub.sessions.get(&id).is_some_and(|session| session.compress);
            self.hub.send(line, Outgoing::Payload { text: text.to_owned(), compress });
        }
    }

    pub(crate) fn set_bot_overwrite(&mut self, channel: Id, allow: Permissions, deny: Permissions) {
        let bot = self.places.bot();
        let Some(found) = self.places.channels.get_mut(&channel) else {
            return;
        };
        found.overwrites.retain(|overwrite| overwrite.id != bot);
        found.overwrites.push(Overwrite { id: bot, kind: OverwriteKind::Member, allow, deny });
        events::channel_updated(self, channel);
    }

    /// Somebody adds the bot to a guild of their own, with one channel `general`.
    pub(crate) fn invite_bot(&mut self, name: &str) -> Id {
        let (id, channel, now) = (self.new_id(), self.new_id(), self.now_ms());
        let (bot, owner) = (self.places.bot(), self.places.application.owner);
        let member = |user| (user, Member { user, nick: None, roles: Vec::new(), joined_at: now });
        let everyone = Role {
            id,
            name: "@everyone".to_owned(),
            permissions: Permissions::USUAL,
            mentionable: false,
            position: 0,
            color: 0,
            hoist: false,
            bot: None,
        };
        let guild = Guild {
            id,
            name: name.to_owned(),
            owner,
            roles: BTreeMap::from([(id, everyone)]),
            members: BTreeMap::from([member(bot), member(owner)]),
            events: BTreeMap::new(),
            webhooks: BTreeMap::new(),
            locale: "en-US".to_owned(),
        };
        self.places.guilds.insert(id, guild);
        let general = Channel::new(channel, Some(id), ChannelKind::Text, "general");
        self.places.channels.insert(channel, general);
        events::guild_created(self, id);
        id
    }

    /// An administrator decides who may use a command, whatever its default says. `who` is a role or a member.
    pub(crate) fn decide_command(&mut self, command: &str, who: &str, allowed: bool) {
        let Some(guild) = self.places.guilds.values().next() else {
            return;
        };
        let role = guild.roles.values().find(|role| role.name == who).map(|role| role.id);
        let Some(who) = role.or_else(|| self.user_named(who).ok()) else {
            return;
        };
        let guild = guild.id;
        let Some(found) = self.places.commands.iter_mut().find(|found| found.name == command) else {
            return;
        };
        found.exceptions.retain(|(id, _)| *id != who);
        found.exceptions.push((who, allowed));
        let id = found.id;
        events::command_decided(self, guild, id);
    }

    /// Somebody new comes into every guild.
    pub(crate) fn join(&mut self, name: &str, roles: &[&str]) -> Id {
        let (id, now) = (self.new_id(), self.now_ms());
        self.places.users.insert(
            id,
            User {
                id,
                name: name.to_owned(),
                global_name: None,
                bot: false,
                locale: "en-GB".to_owned(),
                takes_dms: true,
            },
        );
        let guilds: Vec<_> = self.places.guilds.keys().copied().collect();
        for guild in guilds {
            if let Some(guild) = self.places.guilds.get_mut(&guild) {
                guild.members.insert(id, Member { user: id, nick: None, roles: Vec::new(), joined_at: now });
            }
            events::member_added(self, guild, id);
        }
        self.set_roles(id, roles);
        id
    }

    /// Somebody leaves every guild. Who they were stays known.
    pub(crate) fn part(&mut self, user: Id) {
        let inside = |guild: &&mut Guild| guild.members.contains_key(&user);
        let guilds: Vec<_> = self.places.guilds.values_mut().filter(inside).map(|guild| guild.id).collect();
        for guild in guilds {
            if let Some(guild) = self.places.guilds.get_mut(&guild) {
                guild.members.remove(&user);
            }
            events::member_removed(self, guild, user);
        }
    }

    pub(crate) fn set_roles(&mut self, user: Id, roles: &[&str]) {
        let mut touched = Vec::new();
        for guild in self.places.guilds.values_mut() {
            let wanted = guild.roles.values().filter(|role| roles.contains(&role.name.as_str()));
            let wanted: Vec<_> = wanted.map(|role| role.id).collect();
            if let Some(member) = guild.members.get_mut(&user) {
                member.roles = wanted;
                touched.push(guild.id);
            }
        }
        for guild in touched {
            events::member_updated(self, guild, user);
        }
    }
}
