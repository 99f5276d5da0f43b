//! Who has typed: the kernel names the user (SO_PEERCRED), the configuration the person.
//!
//! 1. A user number that a responder has in the configuration is that person, and nobody else.
//! 2. The user that Watchpost runs as, and root, may name any responder (`--as`): whoever is one of these two can do
//!    anything to Watchpost anyway, so the name is for the record.
//! 3. Everybody else is refused, although the socket let them in.

use watchpost::ids::GuildId;
use watchpost::person::{Asker, Person};
use watchpost::policy::{AtTheHost, Policy};
use watchpost_texts::say;

/// Why somebody may not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unknown {
    /// Not in the configuration.
    #[error(
        "{}", say!("your user number {0} belongs to nobody in the configuration. Add `uid = {0}` to a [responder.<name>] there", _0))]
    Uid(u32),
    /// The own user or root, without a name.
    #[error("{}", say!("say who you are with --as: {0}", _0))]
    Nameless(String),
    /// A name that is not in the configuration.
    #[error("{}", say!("there is no responder “{name}” in the configuration. Known: {known}"))]
    Name {
        /// The name.
        name: String,
        /// The names that are.
        known: String,
    },
    /// A name that belongs to another user number.
    #[error("{}", say!("you are {0} here, and cannot act as somebody else", _0))]
    Another(String),
    /// No guild.
    #[error("{}", say!("no server (guild) is configured, so there is nothing to act in"))]
    NoGuild,
    /// Several guilds.
    #[error("{}", say!("several servers (guilds) are configured. Say which with --guild: {0}", _0))]
    WhichGuild(String),
}

/// The person behind a user number, with the roles of a responder.
///
/// # Errors
/// [`Unknown`] says what to do.
pub fn asker(
    policy: &Policy,
    guild: GuildId,
    uid: u32,
    own: u32,
    named: Option<&str>,
) -> Result<Asker, Unknown> {
    let found = responder(&policy.at_the_host, uid, own, named)?;
    let person = Person { id: found.person, name: found.name.as_str().to_owned() };
    let roles = policy.roles(guild);
    // Discord cannot be asked for their roles; who is a responder in the configuration is one.
    let roles = if roles.responder.is_empty() { roles.lead } else { roles.responder };
    Ok(Asker { person, roles: roles.into_iter().collect() })
}

fn responder<'p>(
    all: &'p [AtTheHost],
    uid: u32,
    own: u32,
    named: Option<&str>,
) -> Result<&'p AtTheHost, Unknown> {
    let known = || all.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join(", ");
    if let Some(found) = all.iter().find(|one| one.uid == Some(uid)) {
        return match named {
            Some(name) if name != found.name.as_str() => {
                Err(Unknown::Another(found.name.as_str().to_owned()))
            }
            _ => Ok(found),
        };
    }
    if uid != own && uid != 0 {
        return Err(Unknown::Uid(uid));
    }
    let name = named.ok_or_else(|| Unknown::Nameless(known()))?;
    let found = all.iter().find(|one| one.name.as_str() == name);
    found.ok_or_else(|| Unknown::Name { name: name.to_owned(), known: known() })
}

/// The server that is meant: the named one, or the only one.
///
/// # Errors
/// [`Unknown`] says what to do.
pub fn guild(policy: &Policy, named: Option<&str>) -> Result<GuildId, Unknown> {
    let all: Vec<GuildId> = policy.guilds.keys().copied().collect();
    let names = || all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match (named, all.as_slice()) {
        (Some(name), _) => {
            let found = all.iter().find(|guild| guild.to_string() == name);
            found.copied().ok_or_else(|| Unknown::WhichGuild(names()))
        }
        (None, []) => Err(Unknown::NoGuild),
        (None, [only]) => Ok(*only),
        (None, _) => Err(Unknown::WhichGuild(names())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchpost::ids::{PersonId, ResponderName};

    const OWN: u32 = 990;

    fn people() -> Vec<AtTheHost> {
        let one = |name: &str, person, uid| AtTheHost {
            name: ResponderName::parse(name).expect("a name"),
            person: PersonId(person),
            uid,
        };
        vec![one("ana", 1, Some(1001)), one("ben", 2, None)]
    }

    #[test]
    fn who_is_who() {
        let people = people();
        let is = |uid, named| responder(&people, uid, OWN, named).map(|found| found.name.as_str().to_owned());
        assert_eq!(is(1001, None), Ok("ana".to_owned()));
        assert_eq!(is(1001, Some("ana")), Ok("ana".to_owned()));
        assert_eq!(is(1001, Some("ben")), Err(Unknown::Another("ana".to_owned())));
        assert_eq!(is(1002, Some("ben")), Err(Unknown::Uid(1002)));
        assert_eq!(is(OWN, Some("ben")), Ok("ben".to_owned()));
        assert_eq!(is(0, Some("ben")), Ok("ben".to_owned()));
        assert_eq!(is(OWN, None), Err(Unknown::Nameless("ana, ben".to_owned())));
        assert!(matches!(is(0, Some("eve")), Err(Unknown::Name { .. })));
    }
}
