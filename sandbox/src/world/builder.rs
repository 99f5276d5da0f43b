//! What the world is made of before the sandbox starts.

use std::collections::BTreeMap;

use super::{
    Application, Channel, ChannelKind, Guild, Member, Overwrite, OverwriteKind, Places, Role, Tag, User,
};
use crate::clock::Clock;
use crate::core::{Core, Settings};
use crate::id::{Id, IdSource};
use crate::permissions::Permissions;
use crate::rates::RateLimits;
use crate::rules::limits;

#[derive(Clone, Debug)]
struct RolePlan {
    name: String,
    permissions: Permissions,
    mentionable: bool,
}

#[derive(Clone, Debug)]
struct ChannelPlan {
    name: String,
    kind: ChannelKind,
    tags: Vec<String>,
    overwrites: Vec<(String, Permissions, Permissions)>,
}

#[derive(Clone, Debug)]
struct MemberPlan {
    name: String,
    roles: Vec<String>,
    locale: String,
    takes_dms: bool,
}

/// A world to start with. [`World::standard`] is a guild as an organisation would have it; [`World::empty`] has only
/// its owner and the bot.
#[derive(Clone, Debug)]
pub struct World {
    application: String,
    guild: String,
    roles: Vec<RolePlan>,
    channels: Vec<ChannelPlan>,
    members: Vec<MemberPlan>,
    everyone: Permissions,
    bot: Permissions,
    privileged_intents: u64,
    clock: Clock,
    rate_clock: Option<Clock>,
    settings: Settings,
}

impl World {
    /// One guild with its owner `olga`, the bot, and nothing else.
    #[must_use]
    pub fn empty() -> Self {
        let settings = Settings {
            heartbeat_ms: 41_250,
            nonce_window_ms: limits::NONCE_WINDOW_MS,
            compress: true,
            rate_limits: RateLimits::default(),
        };
        Self {
            application: "Bot".to_owned(),
            guild: "Example Organisation".to_owned(),
            roles: Vec::new(),
            channels: Vec::new(),
            members: vec![MemberPlan {
                name: "olga".to_owned(),
                roles: Vec::new(),
                locale: "en-GB".to_owned(),
                takes_dms: true,
            }],
            everyone: Permissions::USUAL,
            bot: Permissions::USUAL
                | Permissions::PIN_MESSAGES
                | Permissions::MANAGE_MESSAGES
                | Permissions::MANAGE_THREADS
                | Permissions::CREATE_EVENTS,
            privileged_intents: 0,
            clock: Clock::system(),
            rate_clock: None,
            settings,
        }
    }

    /// Roles `responder` and `manager` (both can be pinged); channels `ops` and `management` (text), `mail-status`
    /// (announcement) and `incidents` (forum with tags `open` and `drill`); members `ana` and `ben` (responders),
    /// `mia` (manager) and `uli` (no role).
    #[must_use]
    pub fn standard() -> Self {
        Self::empty()
            .role("responder", Permissions::NONE, true)
            .role("manager", Permissions::NONE, true)
            .channel("ops", ChannelKind::Text)
            .channel("management", ChannelKind::Text)
            .channel("mail-status", ChannelKind::Announcement)
            .forum("incidents", &["open", "drill"])
            .member("ana", &["responder"])
            .member("ben", &["responder"])
            .member("mia", &["manager"])
            .member("uli", &[])
    }

    /// The bot's name.
    #[must_use]
    pub fn application(mut self, name: &str) -> Self {
        name.clone_into(&mut self.application);
        self
    }

    /// The guild's name.
    #[must_use]
    pub fn guild(mut self, name: &str) -> Self {
        name.clone_into(&mut self.guild);
        self
    }

    /// A role below the bot's. `mentionable` lets everybody ping it.
    #[must_use]
    pub fn role(mut self, name: &str, permissions: Permissions, mentionable: bool) -> Self {
        self.roles.push(RolePlan { name: name.to_owned(), permissions, mentionable });
        self
    }

    /// A channel.
    #[must_use]
    pub fn channel(mut self, name: &str, kind: ChannelKind) -> Self {
        self.channels.push(ChannelPlan {
            name: name.to_owned(),
            kind,
            tags: Vec::new(),
            overwrites: Vec::new(),
        });
        self
    }

    /// A forum with its tags.
    #[must_use]
    pub fn forum(mut self, name: &str, tags: &[&str]) -> Self {
        let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
        let kind = ChannelKind::Forum;
        self.channels.push(ChannelPlan { name: name.to_owned(), kind, tags, overwrites: Vec::new() });
        self
    }

    /// What a channel allows and denies to a role, a member, `@everyone` or the bot (by its name). The channel must
    /// have been named before.
    #[must_use]
    pub fn overwrite(mut self, channel: &str, who: &str, allow: Permissions, deny: Permissions) -> Self {
        if let Some(plan) = self.channels.iter_mut().find(|plan| plan.name == channel) {
            plan.overwrites.push((who.to_owned(), allow, deny));
        }
        self
    }

    /// Somebody with these roles.
    #[must_use]
    pub fn member(mut self, name: &str, roles: &[&str]) -> Self {
        let roles = roles.iter().map(|role| (*role).to_owned()).collect();
        let locale = "en-GB".to_owned();
        self.members.push(MemberPlan { name: name.to_owned(), roles, locale, takes_dms: true });
        self
    }

    /// The language of the client of the member that was added last.
    #[must_use]
    pub fn speaking(mut self, locale: &str) -> Self {
        if let Some(member) = self.members.last_mut() {
            locale.clone_into(&mut member.locale);
        }
        self
    }

    /// The member that was added last takes no DMs from the bot.
    #[must_use]
    pub fn without_dms(mut self) -> Self {
        if let Some(member) = self.members.last_mut() {
            member.takes_dms = false;
        }
        self
    }

    /// What `@everyone` may do.
    #[must_use]
    pub const fn everyone(mut self, permissions: Permissions) -> Self {
        self.everyone = permissions;
        self
    }

    /// What the bot's own role allows.
    #[must_use]
    pub const fn bot_permissions(mut self, permissions: Permissions) -> Self {
        self.bot = permissions;
        self
    }

    /// Privileged intents that are switched on for the application (bits as in IDENTIFY); none by default.
    #[must_use]
    pub const fn privileged_intents(mut self, bits: u64) -> Self {
        self.privileged_intents = bits;
        self
    }

    /// The clock that all rules read.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// A clock of its own for rate limits, for a bot that paces itself by real time while the rest is stepped.
    #[must_use]
    pub fn rate_clock(mut self, clock: Clock) -> Self {
        self.rate_clock = Some(clock);
        self
    }

    /// Rate limits.
    #[must_use]
    pub const fn rate_limits(mut self, rates: RateLimits) -> Self {
        self.settings.rate_limits = rates;
        self
    }

    /// Real milliseconds between heartbeats.
    #[must_use]
    pub const fn heartbeat_ms(mut self, millis: u64) -> Self {
        self.settings.heartbeat_ms = millis;
        self
    }

    /// How long a nonce is remembered, in milliseconds of the sandbox's clock.
    #[must_use]
    pub const fn nonce_window_ms(mut self, millis: u64) -> Self {
        self.settings.nonce_window_ms = millis;
        self
    }

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
