//! Intents (events/gateway, "Gateway Intents"): which events a bot asked for.

pub(crate) const GUILDS: u64 = 1 << 0;
pub(crate) const GUILD_MEMBERS: u64 = 1 << 1;
pub(crate) const GUILD_WEBHOOKS: u64 = 1 << 5;
pub(crate) const GUILD_PRESENCES: u64 = 1 << 8;
pub(crate) const GUILD_MESSAGES: u64 = 1 << 9;
pub(crate) const GUILD_REACTIONS: u64 = 1 << 10;
pub(crate) const DIRECT_MESSAGES: u64 = 1 << 12;
pub(crate) const DIRECT_REACTIONS: u64 = 1 << 13;
pub(crate) const MESSAGE_CONTENT: u64 = 1 << 15;
pub(crate) const SCHEDULED_EVENTS: u64 = 1 << 16;

/// Need to be switched on in the developer portal, or the connection closes with 4014.
pub(crate) const PRIVILEGED: u64 = GUILD_MEMBERS | GUILD_PRESENCES | MESSAGE_CONTENT;
/// Every bit that has a meaning; others close the connection with 4013.
pub(crate) const KNOWN: u64 = (0b11 << 24) | (0b11 << 20) | ((1 << 17) - 1);
