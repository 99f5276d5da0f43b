//! Who has a role, as far as that can be known without a privileged intent: for a refusal that says whom to ask.
//!
//! 1. Everybody who types or clicks comes with their roles; those seen last are kept in memory, by server.
//! 2. At the first sight of a server, Discord is asked for the roles of the responders of the configuration.
//! 3. It is a courtesy: what somebody may do is decided by the roles that come with their own interaction, never by this.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serenity::http::Http;
use serenity::model::id::{GuildId as DiscordGuild, UserId};
use watchpost::ids::{GuildId, PersonId, RoleId};
use watchpost::person::Asker;

use super::{Mind, permission};

/// People who are remembered for one server.
const MOST: usize = 2_000;
/// Names in one refusal.
const NAMED: usize = 5;

/// People with their roles, by server.
#[derive(Default)]
pub struct Holders {
    seen: Mutex<BTreeMap<GuildId, BTreeMap<PersonId, Seen>>>,
}

struct Seen {
    name: String,
    roles: Vec<RoleId>,
}

impl Holders {
    /// Somebody has come with these roles.
    pub fn saw(&self, guild: GuildId, asker: &Asker) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let people = seen.entry(guild).or_default();
        if asker.roles.is_empty() {
            people.remove(&asker.person.id);
        } else if people.len() < MOST || people.contains_key(&asker.person.id) {
            let now = Seen { name: asker.person.name.clone(), roles: asker.roles.clone() };
            people.insert(asker.person.id, now);
        }
    }

    /// The names of some who have one of these roles, and how many more there are.
    pub fn of(&self, guild: GuildId, roles: &[RoleId]) -> (Vec<String>, usize) {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let people = seen.get(&guild).into_iter().flat_map(BTreeMap::values);
        let mut names: Vec<String> = people
            .filter(|person| person.roles.iter().any(|role| roles.contains(role)))
            .map(|person| person.name.clone())
            .collect();
        names.sort();
        let more = names.len().saturating_sub(NAMED);
        names.truncate(NAMED);
        (names, more)
    }
}

/// Asks Discord for the roles of the responders of the configuration.
pub(super) async fn look_up(http: &Arc<Http>, mind: &Arc<Mind>, guild: GuildId) {
    let people: Vec<PersonId> =
        mind.desk.policy().responders.iter().map(|responder| responder.person.id).collect();
    for person in people.into_iter().filter(|person| person.0 != 0) {
        // Whoever is not there any more has no role; a refusal then names others.
        if let Ok(member) = DiscordGuild::new(guild.0).member(http, UserId::new(person.0)).await
            && let Ok(asker) = permission::asker(&member.user, Some(&member))
        {
            mind.holders.saw(guild, &asker);
        }
    }
}

#[cfg(test)]
mod tests {
    use watchpost::person::Person;

    use super::*;

    fn asker(id: u64, name: &str, roles: &[u64]) -> Asker {
        let person = Person { id: PersonId(id), name: name.to_owned() };
        Asker { person, roles: roles.iter().copied().map(RoleId).collect() }
    }

    #[test]
    fn those_who_were_seen_with_the_role_are_named_and_no_others() {
        let holders = Holders::default();
        let here = GuildId(1);
        for (id, name, roles) in [(1, "ana", &[2, 9][..]), (2, "ben", &[2]), (3, "uli", &[9])] {
            holders.saw(here, &asker(id, name, roles));
        }
        assert_eq!(holders.of(here, &[RoleId(2)]), (vec!["ana".to_owned(), "ben".to_owned()], 0));
        assert_eq!(holders.of(GuildId(2), &[RoleId(2)]), (Vec::new(), 0), "another server");
        holders.saw(here, &asker(2, "ben", &[]));
        assert_eq!(holders.of(here, &[RoleId(2)]), (vec!["ana".to_owned()], 0), "the role is gone");
        (10..17).for_each(|id| holders.saw(here, &asker(id, &format!("p{id}"), &[2])));
        let (names, more) = holders.of(here, &[RoleId(2)]);
        assert_eq!((names.len(), more), (NAMED, 3));
    }
}
