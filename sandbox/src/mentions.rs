//! Who is really pinged by a message (resources/message, "Allowed Mentions Object"):
//!
//! 1. the text is searched for `<@id>`, `<@&id>`, `@everyone` and `@here`; embeds never ping;
//! 2. `allowed_mentions` picks from what was found; without it everything counts in messages, only users in answers
//!    to interactions and in webhooks;
//! 3. a role is pinged when it is mentionable or the author may mention everyone; everyone and here need that
//!    permission always;
//! 4. who cannot see the channel is not pinged.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use crate::error::FormFaults;
use crate::id::Id;
use crate::permissions::{self, Permissions};
use crate::rules::fields::{self, under};
use crate::rules::limits;
use crate::world::{Channel, Guild, Places};

/// What `allowed_mentions` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Allowed {
    everyone: bool,
    all_roles: bool,
    all_users: bool,
    roles: Vec<Id>,
    users: Vec<Id>,
    replied_user: bool,
}

impl Allowed {
    /// What holds for a message without `allowed_mentions`.
    pub(crate) const EVERYTHING: Self = Self {
        everyone: true,
        all_roles: true,
        all_users: true,
        roles: Vec::new(),
        users: Vec::new(),
        replied_user: true,
    };
    /// What holds for an interaction's answer or a webhook's message without `allowed_mentions`.
    pub(crate) const ONLY_USERS: Self = Self {
        everyone: false,
        all_roles: false,
        all_users: true,
        roles: Vec::new(),
        users: Vec::new(),
        replied_user: true,
    };

    pub(crate) fn read(body: &Value, path: &str, faults: &mut FormFaults) -> Option<Self> {
        let allowed = body.get("allowed_mentions").filter(|field| !field.is_null())?;
        let path = under(path, "allowed_mentions");
        fields::known(allowed, &path, &["parse", "roles", "users", "replied_user"], faults);
        let parse = fields::list(allowed, &path, "parse", 0..=3, faults).unwrap_or_default();
        for (index, kind) in parse.iter().enumerate() {
            if !matches!(kind.as_str(), Some("everyone" | "roles" | "users")) {
                faults.choice(&under(&under(&path, "parse"), index), "'roles', 'everyone', 'users'");
            }
        }
        let parses = |kind: &str| parse.iter().any(|item| item == kind);
        let ids = |name, faults: &mut FormFaults| {
            fields::ids(allowed, &path, name, limits::ALLOWED_MENTION_IDS, faults).unwrap_or_default()
        };
        let read = Self {
            everyone: parses("everyone"),
            all_roles: parses("roles"),
            all_users: parses("users"),
            roles: ids("roles", faults),
            users: ids("users", faults),
            replied_user: allowed["replied_user"].as_bool().unwrap_or(false),
        };
        for (all, list, name) in
            [(read.all_users, &read.users, "users"), (read.all_roles, &read.roles, "roles")]
        {
            if all && !list.is_empty() {
                let message = format!("parse:[\"{name}\"] and {name}: [ids...] are mutually exclusive.");
                faults.add(&path, "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", &message);
            }
        }
        Some(read)
    }
}

/// How somebody was pinged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PingReason {
    /// By name.
    User,
    /// As the author of the message that is answered.
    Reply,
    /// Through a role.
    Role,
    /// With everyone or here.
    Everyone,
}

/// What a message mentions after all rules.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mentions {
    pub(crate) everyone: bool,
    pub(crate) users: Vec<Id>,
    pub(crate) roles: Vec<Id>,
    pub(crate) pinged: Vec<(Id, PingReason)>,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Found {
    users: BTreeSet<Id>,
    roles: BTreeSet<Id>,
    everyone: bool,
}

/// Steps 1 to 4 for one text.
pub(crate) fn resolve(
    places: &Places,
    channel: &Channel,
    author: Id,
    content: &str,
    allowed: &Allowed,
    replied_to: Option<Id>,
) -> Mentions {
    let found = search(content);
    let mut mentions = Mentions::default();
    let named = |id: &Id| allowed.all_users || allowed.users.contains(id);
    let known = |id: &Id| places.users.contains_key(id);
    for id in found.users.into_iter().filter(|id| known(id) && named(id)) {
        mentions.users.push(id);
        mentions.pinged.push((id, PingReason::User));
    }
    if let Some(id) = replied_to.filter(|_| allowed.replied_user) {
        mentions.users.push(id);
        mentions.pinged.push((id, PingReason::Reply));
    }
    if let Some(guild) = channel.guild.and_then(|id| places.guilds.get(&id)) {
        // A webhook is nobody's member; only `allowed_mentions` holds it back.
        let is_webhook = !places.users.contains_key(&author);
        let may = permissions::in_channel(places, channel, author);
        let mighty = is_webhook || may.has(Permissions::MENTION_EVERYONE);
        add_roles(&mut mentions, guild, &found.roles, allowed, mighty);
        if found.everyone && allowed.everyone && mighty {
            mentions.everyone = true;
            mentions.pinged.extend(guild.members.keys().map(|id| (*id, PingReason::Everyone)));
        }
    }
    mentions.users.sort_unstable();
    mentions.users.dedup();
    let mut seen = BTreeSet::new();
    mentions.pinged.retain(|(id, _)| *id != author && sees(places, channel, *id) && seen.insert(*id));
    mentions
}

fn add_roles(mentions: &mut Mentions, guild: &Guild, found: &BTreeSet<Id>, allowed: &Allowed, mighty: bool) {
    let named = |id: &Id| allowed.all_roles || allowed.roles.contains(id);
    for id in found.iter().filter(|id| named(id)) {
        let Some(role) = guild.roles.get(id) else { continue };
        mentions.roles.push(*id);
        if role.mentionable || mighty {
            let members = guild.members.values().filter(|member| member.roles.contains(id));
            mentions.pinged.extend(members.map(|member| (member.user, PingReason::Role)));
        }
    }
}

fn sees(places: &Places, channel: &Channel, user: Id) -> bool {
    permissions::in_channel(places, channel, user).has(Permissions::VIEW_CHANNEL)
}

fn search(content: &str) -> Found {
    let mut found =
        Found { everyone: content.contains("@everyone") || content.contains("@here"), ..Found::default() };
    for part in content.split('<').skip(1) {
        let Some((inside, _)) = part.split_once('>') else {
            continue;
        };
        if let Some(id) = inside.strip_prefix("@&").and_then(|digits| digits.parse().ok()) {
            found.roles.insert(id);
        } else if let Some(digits) = inside.strip_prefix('@') {
            found.users.extend(digits.strip_prefix('!').unwrap_or(digits).parse::<Id>());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(content: &str, users: &[u64], roles: &[u64], everyone: bool) {
        let found = search(content);
        assert_eq!(found.users, users.iter().copied().map(Id).collect(), "users of {content}");
        assert_eq!(found.roles, roles.iter().copied().map(Id).collect(), "roles of {content}");
        assert_eq!(found.everyone, everyone, "everyone of {content}");
    }

    #[test]
    fn a_text_is_searched_as_discord_does() {
        check("plain", &[], &[], false);
        check("<@5> and <@!6> and <@5>", &[5, 6], &[], false);
        check("<@&7> @here", &[], &[7], true);
        check("<@ 5> <@x> <@&> <@5", &[], &[], false);
        check("mail@everyone.example", &[], &[], true);
    }
}
