//! From the plan to the places.

use std::collections::BTreeMap;

use super::World;
use crate::core::Core;
use crate::id::{Id, IdSource};
use crate::permissions::Permissions;
use crate::world::{Application, Channel, Guild, Member, Overwrite, OverwriteKind, Places, Role, Tag, User};

impl World {
    pub(crate) fn build(self) -> Core {
        let mut builder = Builder { ids: IdSource::default(), now_ms: self.clock.now_ms(), world: &self };
        let places = builder.places();
        let ids = builder.ids;
        let rate_clock = self.rate_clock.clone().unwrap_or_else(|| self.clock.clone());
        Core::new(self.clock, rate_clock, self.settings, ids, places)
    }
}

/// Turns the plan into places.
struct Builder<'a> {
    ids: IdSource,
    now_ms: u64,
    world: &'a World,
}

impl Builder<'_> {
    fn id(&mut self) -> Id {
        self.ids.next(self.now_ms)
    }

    fn places(&mut self) -> Places {
        let bot = self.id();
        let guild_id = self.id();
        let roles = self.roles(guild_id, bot);
        let users = self.users(bot);
        let members = self.members(&users, &roles, bot);
        let owner = members.keys().find(|id| users[id].name == self.world.members[0].name);
        let owner = owner.copied().unwrap_or(bot);
        let channels = self.channels(guild_id, &roles, &users);
        let guild = Guild {
            id: guild_id,
            name: self.world.guild.clone(),
            owner,
            roles,
            members,
            events: BTreeMap::new(),
            webhooks: BTreeMap::new(),
            locale: "en-GB".to_owned(),
        };
        Places {
            application: Application {
                id: bot,
                name: self.world.application.clone(),
                privileged_intents: self.world.privileged_intents,
                owner,
            },
            users,
            guilds: BTreeMap::from([(guild_id, guild)]),
            channels,
            messages: BTreeMap::new(),
            commands: Vec::new(),
            files_base: String::new(),
        }
    }

    fn roles(&mut self, guild: Id, bot: Id) -> BTreeMap<Id, Role> {
        let role = |id, name: &str, permissions, mentionable, position, bot| Role {
            id,
            name: name.to_owned(),
            permissions,
            mentionable,
            position,
            color: 0,
            hoist: false,
            bot,
        };
        let world = self.world;
        let mut roles = vec![role(guild, "@everyone", world.everyone, false, 0, None)];
        for (plan, position) in world.roles.iter().zip(1..) {
            roles.push(role(self.id(), &plan.name, plan.permissions, plan.mentionable, position, None));
        }
        let top = roles.len() as u64;
        roles.push(role(self.id(), &world.application, world.bot, false, top, Some(bot)));
        roles.into_iter().map(|role| (role.id, role)).collect()
    }

    fn users(&mut self, bot: Id) -> BTreeMap<Id, User> {
        let world = self.world;
        let mut users = vec![User {
            id: bot,
            name: world.application.to_lowercase(),
            global_name: Some(world.application.clone()),
            bot: true,
            locale: "en-GB".to_owned(),
            takes_dms: false,
        }];
        for plan in &world.members {
            users.push(User {
                id: self.id(),
                name: plan.name.clone(),
                global_name: None,
                bot: false,
                locale: plan.locale.clone(),
                takes_dms: plan.takes_dms,
            });
        }
        users.into_iter().map(|user| (user.id, user)).collect()
    }

    fn members(
        &self,
        users: &BTreeMap<Id, User>,
        roles: &BTreeMap<Id, Role>,
        bot: Id,
    ) -> BTreeMap<Id, Member> {
        let named = |name: &String| roles.values().find(|role| role.name == *name && role.bot.is_none());
        let of = |user: &User| {
            let plan = self.world.members.iter().find(|plan| plan.name == user.name && user.id != bot);
            match plan {
                Some(plan) => plan.roles.iter().filter_map(named).map(|role| role.id).collect(),
                None => roles.values().filter(|role| role.bot == Some(bot)).map(|role| role.id).collect(),
            }
        };
        let member =
            |user: &User| Member { user: user.id, nick: None, roles: of(user), joined_at: self.now_ms };
        users.values().map(|user| (user.id, member(user))).collect()
    }

    fn channels(
        &mut self,
        guild: Id,
        roles: &BTreeMap<Id, Role>,
        users: &BTreeMap<Id, User>,
    ) -> BTreeMap<Id, Channel> {
        let world = self.world;
        let mut channels = BTreeMap::new();
        for (plan, position) in world.channels.iter().zip(0..) {
            let mut channel = Channel::new(self.id(), Some(guild), plan.kind, &plan.name);
            channel.position = position;
            for name in &plan.tags {
                channel.tags.push(Tag { id: self.id(), name: name.clone(), moderated: false });
            }
            let overwrite = |(who, allow, deny): &(String, Permissions, Permissions)| {
                let (id, kind) = find(who, guild, roles, users)?;
                Some(Overwrite { id, kind, allow: *allow, deny: *deny })
            };
            channel.overwrites = plan.overwrites.iter().filter_map(overwrite).collect();
            channels.insert(channel.id, channel);
        }
        channels
    }
}

fn find(
    who: &str,
    guild: Id,
    roles: &BTreeMap<Id, Role>,
    users: &BTreeMap<Id, User>,
) -> Option<(Id, OverwriteKind)> {
    if who == "@everyone" {
        return Some((guild, OverwriteKind::Role));
    }
    let role = roles.values().find(|role| role.name == who).map(|role| (role.id, OverwriteKind::Role));
    role.or_else(|| users.values().find(|user| user.name == who).map(|user| (user.id, OverwriteKind::Member)))
}
