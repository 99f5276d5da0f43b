//! What somebody may do in a place, computed as topics/permissions says:
//!
//! 1. the owner of the guild and administrators may do everything;
//! 2. the permissions of `@everyone` and of the member's roles are added up;
//! 3. in a channel: overwrites of `@everyone`, then of all roles together, then of the member;
//! 4. a thread takes all of it from its parent;
//! 5. without VIEW_CHANNEL nothing is left.

use std::fmt;
use std::ops::{BitAnd, BitOr};

use serde::{Serialize, Serializer};

use crate::id::Id;
use crate::world::{Channel, Guild, Overwrite, Places};

/// A set of permissions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Permissions(pub u64);

impl Permissions {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// Everything that exists.
    pub const ALL: Self = Self((1 << 53) - 1);
    /// Put reactions on messages.
    pub const ADD_REACTIONS: Self = Self(1 << 6);
    /// Everything, whatever the overwrites say.
    pub const ADMINISTRATOR: Self = Self(1 << 3);
    /// Change channels.
    pub const MANAGE_CHANNELS: Self = Self(1 << 4);
    /// Change the guild; edit command permissions.
    pub const MANAGE_GUILD: Self = Self(1 << 5);
    /// See a channel and be told of what happens in it.
    pub const VIEW_CHANNEL: Self = Self(1 << 10);
    /// Write messages.
    pub const SEND_MESSAGES: Self = Self(1 << 11);
    /// Delete the messages of others, publish them.
    pub const MANAGE_MESSAGES: Self = Self(1 << 13);
    /// Embeds in messages.
    pub const EMBED_LINKS: Self = Self(1 << 14);
    /// Files in messages.
    pub const ATTACH_FILES: Self = Self(1 << 15);
    /// Read what was written before.
    pub const READ_MESSAGE_HISTORY: Self = Self(1 << 16);
    /// Ping everyone, here and every role.
    pub const MENTION_EVERYONE: Self = Self(1 << 17);
    /// Change roles below the own highest one.
    pub const MANAGE_ROLES: Self = Self(1 << 28);
    /// Create, change and remove webhooks.
    pub const MANAGE_WEBHOOKS: Self = Self(1 << 29);
    /// Use slash commands and menus.
    pub const USE_APPLICATION_COMMANDS: Self = Self(1 << 31);
    /// Change and remove every scheduled event.
    pub const MANAGE_EVENTS: Self = Self(1 << 33);
    /// Rename, archive, lock and remove threads, see private ones.
    pub const MANAGE_THREADS: Self = Self(1 << 34);
    /// Open public threads.
    pub const CREATE_PUBLIC_THREADS: Self = Self(1 << 35);
    /// Open private threads.
    pub const CREATE_PRIVATE_THREADS: Self = Self(1 << 36);
    /// Write in threads.
    pub const SEND_MESSAGES_IN_THREADS: Self = Self(1 << 38);
    /// Create scheduled events.
    pub const CREATE_EVENTS: Self = Self(1 << 44);
    /// Pin and unpin; needed since 2026-02-23, MANAGE_MESSAGES no longer suffices.
    pub const PIN_MESSAGES: Self = Self(1 << 51);

    /// What a new guild gives to everyone.
    pub const USUAL: Self = Self(
        Self::VIEW_CHANNEL.0
            | Self::SEND_MESSAGES.0
            | Self::EMBED_LINKS.0
            | Self::ATTACH_FILES.0
            | Self::READ_MESSAGE_HISTORY.0
            | Self::ADD_REACTIONS.0
            | Self::USE_APPLICATION_COMMANDS.0
            | Self::CREATE_PUBLIC_THREADS.0
            | Self::CREATE_PRIVATE_THREADS.0
            | Self::SEND_MESSAGES_IN_THREADS.0,
    );

    /// Whether all of `wanted` are there.
    #[must_use]
    pub const fn has(self, wanted: Self) -> bool {
        self.0 & wanted.0 == wanted.0
    }

    /// This set without `taken`.
    #[must_use]
    pub const fn without(self, taken: Self) -> Self {
        Self(self.0 & !taken.0)
    }
}

impl BitOr for Permissions {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitAnd for Permissions {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl fmt::Display for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Permissions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// What the member may do in the guild at large. Nothing when they are not in it.
pub(crate) fn in_guild(guild: &Guild, user: Id) -> Permissions {
    let Some(member) = guild.members.get(&user) else {
        return Permissions::NONE;
    };
    if guild.owner == user {
        return Permissions::ALL;
    }
    let everyone = guild.roles.get(&guild.id).map_or(Permissions::NONE, |role| role.permissions);
    let all = member
        .roles
        .iter()
        .filter_map(|id| guild.roles.get(id))
        .fold(everyone, |sum, role| sum | role.permissions);
    if all.has(Permissions::ADMINISTRATOR) { Permissions::ALL } else { all }
}

/// What a person may do in a channel, a thread or a DM.
pub(crate) fn in_channel(places: &Places, channel: &Channel, user: Id) -> Permissions {
    let Some(guild) = channel.guild.and_then(|id| places.guilds.get(&id)) else {
        return if channel.recipients.contains(&user) { Permissions::USUAL } else { Permissions::NONE };
    };
    let base = in_guild(guild, user);
    if base == Permissions::ALL {
        return base;
    }
    let ruling = if channel.thread.is_some() {
        channel.parent.and_then(|id| places.channels.get(&id)).unwrap_or(channel)
    } else {
        channel
    };
    let all = overwritten(base, guild, &ruling.overwrites, user);
    let hidden = channel.is_private_thread() && !sees_private_thread(channel, all, user);
    if hidden || !all.has(Permissions::VIEW_CHANNEL) { Permissions::NONE } else { all }
}

fn sees_private_thread(thread: &Channel, all: Permissions, user: Id) -> bool {
    let joined = thread.thread.as_ref().is_some_and(|thread| thread.members.contains(&user));
    joined || all.has(Permissions::MANAGE_THREADS)
}

fn overwritten(base: Permissions, guild: &Guild, overwrites: &[Overwrite], user: Id) -> Permissions {
    let roles = guild.members.get(&user).map(|member| member.roles.as_slice()).unwrap_or_default();
    let everyone = sum(overwrites, |id| id == guild.id);
    let by_role = sum(overwrites, |id| id != guild.id && roles.contains(&id));
    let own = sum(overwrites, |id| id == user);
    [everyone, by_role, own].into_iter().fold(base, |all, (allow, deny)| all.without(deny) | allow)
}

fn sum(overwrites: &[Overwrite], concerns: impl Fn(Id) -> bool) -> (Permissions, Permissions) {
    overwrites
        .iter()
        .filter(|overwrite| concerns(overwrite.id))
        .fold((Permissions::NONE, Permissions::NONE), |(allow, deny), overwrite| {
            (allow | overwrite.allow, deny | overwrite.deny)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{ChannelKind, World};

    const SEND: Permissions = Permissions::SEND_MESSAGES;
    const VIEW: Permissions = Permissions::VIEW_CHANNEL;
    const NONE: Permissions = Permissions::NONE;

    /// What `ana`, a responder and a helper, may do in `ops` under these overwrites.
    #[track_caller]
    fn check(overwrites: &[(&str, Permissions, Permissions)], wanted: Permissions, has: bool) {
        let world = World::empty()
            .role("responder", NONE, false)
            .role("helper", NONE, false)
            .channel("ops", ChannelKind::Text)
            .member("ana", &["responder", "helper"]);
        let world = overwrites
            .iter()
            .fold(world, |world, (who, allow, deny)| world.overwrite("ops", who, *allow, *deny));
        let places = world.build().places;
        let ana = places.users.values().find(|user| user.name == "ana").map(|user| user.id);
        let ops = places.channels.values().next();
        let (Some(ana), Some(ops)) = (ana, ops) else { panic!("the world is not as planned") };
        assert_eq!(in_channel(&places, ops, ana).has(wanted), has, "{overwrites:?}");
    }

    #[test]
    fn overwrites_are_applied_in_discords_order() {
        check(&[], SEND, true);
        check(&[], Permissions::MANAGE_MESSAGES, false);
        check(&[("@everyone", NONE, SEND)], SEND, false);
        check(&[("@everyone", NONE, SEND), ("responder", SEND, NONE)], SEND, true);
        check(&[("responder", NONE, SEND), ("helper", SEND, NONE)], SEND, true);
        check(&[("responder", SEND, NONE), ("ana", NONE, SEND)], SEND, false);
        check(&[("responder", NONE, SEND), ("ana", SEND, NONE)], SEND, true);
        check(&[("@everyone", Permissions::MANAGE_MESSAGES, NONE)], Permissions::MANAGE_MESSAGES, true);
    }

    #[test]
    fn who_cannot_see_can_do_nothing() {
        check(&[("@everyone", NONE, VIEW)], SEND, false);
        check(&[("@everyone", NONE, VIEW), ("helper", VIEW, NONE)], SEND, true);
    }

    #[test]
    fn owners_and_administrators_may_do_everything() {
        let world = World::empty()
            .role("admin", Permissions::ADMINISTRATOR, false)
            .channel("ops", ChannelKind::Text)
            .overwrite("ops", "@everyone", NONE, VIEW)
            .member("ada", &["admin"]);
        let places = world.build().places;
        let ops = places.channels.values().next();
        for name in ["olga", "ada"] {
            let user = places.users.values().find(|user| user.name == name).map(|user| user.id);
            let all = ops.zip(user).map(|(ops, user)| in_channel(&places, ops, user));
            assert_eq!(all, Some(Permissions::ALL), "{name}");
        }
    }
}
