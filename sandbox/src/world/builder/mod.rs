//! What the world is made of before the sandbox starts.

mod build;

use super::ChannelKind;
use crate::clock::Clock;
use crate::core::Settings;
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
            identifies_a_day: limits::IDENTIFIES_A_DAY,
            identify_interval_ms: 0,
            guilds_a_shard: limits::GUILDS_A_SHARD,
            patience: std::time::Duration::from_secs(10),
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

    /// IDENTIFYs a day after which the token is reset; 1,000 by default.
    #[must_use]
    pub const fn identifies_a_day(mut self, most: usize) -> Self {
        self.settings.identifies_a_day = most;
        self
    }

    /// Real milliseconds that must lie between two IDENTIFYs (5,000 in Discord); sooner ones are answered with op 9.
    /// 0, the default, lets a story start a bot again at once.
    #[must_use]
    pub const fn identify_interval_ms(mut self, millis: u64) -> Self {
        self.settings.identify_interval_ms = millis;
        self
    }

    /// How long waits last before they give up, in real time; ten seconds by default.
    #[must_use]
    pub const fn patience(mut self, patience: std::time::Duration) -> Self {
        self.settings.patience = patience;
        self
    }

    /// How many guilds one shard may hold before Discord asks for more shards (4011).
    #[must_use]
    pub const fn guilds_a_shard(mut self, guilds: usize) -> Self {
        self.settings.guilds_a_shard = guilds;
        self
    }

    /// How long a nonce is remembered, in milliseconds of the sandbox's clock.
    #[must_use]
    pub const fn nonce_window_ms(mut self, millis: u64) -> Self {
        self.settings.nonce_window_ms = millis;
        self
    }
}
