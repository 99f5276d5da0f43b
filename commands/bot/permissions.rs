//! What Watchpost may do in a server: the permissions that it asks for, and how Discord computes what it has.
//!
//! serenity 0.12.5 has no name for PIN_MESSAGES and drops what it has no name for, so the bits are kept here.

use std::collections::BTreeMap;

use serde::Deserialize;
use watchpost_texts::to_say;

/// One permission: its name in Discord's settings, its bit, and what Watchpost needs it for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permission {
    /// As Discord's settings call it.
    pub name: &'static str,
    /// Discord's documentation, topics/permissions.
    pub bit: u64,
    /// What is missing without it.
    pub without: &'static str,
}

const fn permission(name: &'static str, bit: u32, without: &'static str) -> Permission {
    Permission { name, bit: 1 << bit, without }
}

/// Sees the channel.
pub const VIEW: Permission = permission(to_say!("View Channel"), 10, to_say!("it sees nothing there"));
/// Writes.
pub const SEND: Permission = permission(to_say!("Send Messages"), 11, to_say!("it says nothing there"));
/// Shows cards.
pub const EMBED: Permission =
    permission(to_say!("Embed Links"), 14, to_say!("cards and updates have no text"));
/// Attaches evidence and exports.
pub const ATTACH: Permission =
    permission(to_say!("Attach Files"), 15, to_say!("evidence and timelines cannot be attached"));
/// Looks for what may have been sent already.
pub const HISTORY: Permission = permission(
    to_say!("Read Message History"),
    16,
    to_say!("after a lost answer it cannot look whether a message has arrived"),
);
/// Makes the thread of an incident.
pub const THREADS: Permission =
    permission(to_say!("Create Public Threads"), 35, to_say!("an incident gets no thread"));
/// Writes in it.
pub const IN_THREADS: Permission = permission(
    to_say!("Send Messages in Threads"),
    38,
    to_say!("it says nothing in the threads of incidents"),
);
/// Makes the event of a review meeting.
pub const EVENTS: Permission =
    permission(to_say!("Create Events"), 44, to_say!("the review meeting gets no event"));
/// Pins the card; a permission of its own since 2026-02-23.
pub const PIN: Permission = permission(to_say!("Pin Messages"), 51, to_say!("the card is not pinned"));

/// All that Watchpost asks for.
pub const ALL: [Permission; 9] = [VIEW, SEND, EMBED, ATTACH, HISTORY, THREADS, IN_THREADS, EVENTS, PIN];

/// ADMINISTRATOR: has every permission, whatever a channel says.
const ADMINISTRATOR: u64 = 1 << 3;
/// MENTION_EVERYONE: may mention every role.
pub const MENTION: u64 = 1 << 17;

/// The number in the invitation: exactly what is asked for.
pub fn invited() -> u64 {
    ALL.iter().fold(0, |all, permission| all | permission.bit)
}

/// The address that invites Watchpost into a server.
pub fn invitation(application: &str) -> String {
    format!(
        "https://discord.com/oauth2/authorize?client_id={application}&scope=bot+applications.commands&permissions={}",
        invited()
    )
}

/// A role, as `GET /guilds/{id}/roles` gives it.
#[derive(Debug, Clone, Deserialize)]
pub struct Role {
    /// Its id.
    pub id: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Its permissions, as a number in a text.
    pub permissions: String,
    /// Its place: higher stands above lower.
    #[serde(default)]
    pub position: i64,
    /// Whether everybody may mention it.
    #[serde(default)]
    pub mentionable: bool,
}

/// A channel, as `GET /guilds/{id}/channels` gives it.
#[derive(Debug, Clone, Deserialize)]
pub struct Channel {
    /// Its id.
    pub id: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Discord's number of its type: 0 text, 5 announcement, 15 forum.
    #[serde(rename = "type")]
    pub kind: u8,
    /// What it allows and denies beside the roles.
    #[serde(default)]
    pub permission_overwrites: Vec<Overwrite>,
}

/// What a channel allows or denies to a role or member.
#[derive(Debug, Clone, Deserialize)]
pub struct Overwrite {
    /// Of the role or member.
    pub id: String,
    /// 0 a role, 1 a member.
    #[serde(rename = "type")]
    pub kind: u8,
    /// Bits that are added.
    #[serde(default)]
    pub allow: String,
    /// Bits that are taken.
    #[serde(default)]
    pub deny: String,
}

/// Who asks: a member with its roles.
#[derive(Debug, Clone)]
pub struct Holder<'h> {
    /// The member's id.
    pub member: &'h str,
    /// The ids of its roles, without that of everybody.
    pub roles: &'h [String],
    /// The server's id, which is also the id of everybody's role.
    pub guild: &'h str,
}

/// What the member may do in the whole server: the roles together.
pub fn in_guild(holder: &Holder<'_>, roles: &[Role]) -> u64 {
    let held = roles.iter().filter(|role| role.id == holder.guild || holder.roles.contains(&role.id));
    held.fold(0, |all, role| all | bits(&role.permissions))
}

/// What the member may do in a channel, in the order that Discord documents: everybody's overwrite, then those of all
/// roles together, then the member's own. Without seeing the channel, nothing.
pub fn in_channel(holder: &Holder<'_>, roles: &[Role], channel: &Channel) -> u64 {
    let base = in_guild(holder, roles);
    if base & ADMINISTRATOR != 0 {
        return u64::MAX;
    }
    let by_id: BTreeMap<(&str, u8), &Overwrite> =
        channel.permission_overwrites.iter().map(|over| ((over.id.as_str(), over.kind), over)).collect();
    let mut has = base;
    let mut take = |overs: &[&Overwrite]| {
        let (allow, deny) = overs
            .iter()
            .fold((0, 0), |(allow, deny), over| (allow | bits(&over.allow), deny | bits(&over.deny)));
        has = (has & !deny) | allow;
    };
    take(&by_id.get(&(holder.guild, 0)).copied().into_iter().collect::<Vec<_>>());
    let of_roles = holder.roles.iter().filter_map(|role| by_id.get(&(role.as_str(), 0)).copied());
    take(&of_roles.collect::<Vec<_>>());
    take(&by_id.get(&(holder.member, 1)).copied().into_iter().collect::<Vec<_>>());
    if has & VIEW.bit == 0 { 0 } else { has }
}

fn bits(text: &str) -> u64 {
    text.parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(id: &str, permissions: u64) -> Role {
        Role {
            id: id.into(),
            name: id.into(),
            permissions: permissions.to_string(),
            position: 0,
            mentionable: false,
        }
    }

    fn over(id: &str, kind: u8, allow: u64, deny: u64) -> Overwrite {
        Overwrite { id: id.into(), kind, allow: allow.to_string(), deny: deny.to_string() }
    }

    #[test]
    fn the_invitation_of_the_readme_is_this_one() {
        let readme = include_str!("../../README.md");
        assert!(readme.contains(&invitation("APPLICATION")), "{}", invitation("APPLICATION"));
    }

    #[test]
    fn overwrites_count_in_discords_order() {
        let roles = [role("1", VIEW.bit | SEND.bit), role("2", 0), role("3", 0), role("4", ADMINISTRATOR)];
        let channel =
            |overs| Channel { id: "9".into(), name: String::new(), kind: 0, permission_overwrites: overs };
        let may = |held: &[&str], overs| {
            let held: Vec<String> = held.iter().map(|&role| role.to_owned()).collect();
            in_channel(&Holder { member: "7", roles: &held, guild: "1" }, &roles, &channel(overs))
        };
        let send = SEND.bit;
        assert_eq!(may(&[], vec![]) & send, send, "from everybody's role");
        assert_eq!(may(&[], vec![over("1", 0, 0, send)]) & send, 0, "everybody is denied");
        assert_eq!(
            may(&["2"], vec![over("1", 0, 0, send), over("2", 0, send, 0)]) & send,
            send,
            "a role is allowed"
        );
        let both = vec![over("2", 0, 0, send), over("3", 0, send, 0)];
        assert_eq!(may(&["2", "3"], both) & send, send, "among roles, allowed goes before denied");
        assert_eq!(
            may(&["2"], vec![over("2", 0, send, 0), over("7", 1, 0, send)]) & send,
            0,
            "the member itself last"
        );
        assert_eq!(may(&[], vec![over("1", 0, 0, VIEW.bit)]), 0, "who does not see may do nothing");
        assert_eq!(may(&["4"], vec![over("1", 0, 0, u64::MAX)]), u64::MAX, "administrators may everything");
    }
}
