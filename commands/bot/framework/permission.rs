//! Who may. Asked for every command, autocompletion, button and form, from the roles that come with the interaction
//! itself; what is not granted is denied.

use std::any::Any;

use serenity::model::application::{ComponentInteractionData, ComponentInteractionDataKind};
use serenity::model::guild::Member;
use serenity::model::user::User;
use watchpost::capability::Capability;
use watchpost::ids::{GuildId, PersonId, RoleId};
use watchpost::person::{Asker, Person};
use watchpost::policy::Policy;
use watchpost::refusal::Refusal;

use super::Context;
use super::failure::Failure;
use crate::bot::rendering::plain;

/// poise asks this before each command and each autocompletion.
pub(super) async fn check(context: Context<'_>) -> Result<bool, Failure> {
    let needed = needed(context.command().custom_data.as_ref())?;
    let (asker, guild) = match context {
        Context::Application(context) => {
            let interaction = context.interaction;
            (asker(&interaction.user, interaction.member.as_deref()), interaction.guild_id)
        }
        Context::Prefix(_) => return Err(Failure::NotHere),
    };
    may(&context.data().desk.policy(), guild.map(|guild| GuildId(guild.get())), &asker, needed)?;
    Ok(true)
}

/// The capability that stands beside the command in [`crate::all`].
fn needed(beside: &(dyn Any + Send + Sync)) -> Result<Capability, Failure> {
    beside.downcast_ref().copied().ok_or(Failure::NoEntry)
}

/// Whether this person may do this here.
///
/// # Errors
/// [`Failure`] with who may instead.
pub fn may(
    policy: &Policy,
    guild: Option<GuildId>,
    asker: &Result<Asker, Failure>,
    needed: Capability,
) -> Result<GuildId, Failure> {
    let guild = guild.ok_or(Failure::NotHere)?;
    let asker = asker.as_ref().map_err(Clone::clone)?;
    if !policy.guilds.contains_key(&guild) {
        return Err(Failure::Refusal(Refusal::UnknownGuild));
    }
    policy.roles(guild).may(&asker.roles, needed).map_err(Failure::Denied)?;
    Ok(guild)
}

/// Who asks, as Discord says at this moment. Programs may not.
///
/// # Errors
/// [`Failure::NotHere`] outside a server, [`Failure::Program`] for a bot or webhook.
pub fn asker(user: &User, member: Option<&Member>) -> Result<Asker, Failure> {
    if user.bot || user.system {
        return Err(Failure::Program);
    }
    let member = member.ok_or(Failure::NotHere)?;
    let shown = member.nick.as_deref().or(user.global_name.as_deref()).unwrap_or(&user.name);
    Ok(known(user, shown, &member.roles))
}

/// Who it is, whether or not they are a member of the server where they ask. Programs are nobody.
///
/// # Errors
/// [`Failure::Program`] for a bot or webhook.
pub fn anybody(user: &User, member: Option<&Member>) -> Result<Person, Failure> {
    if user.bot || user.system {
        return Err(Failure::Program);
    }
    let nick = member.and_then(|member| member.nick.as_deref());
    let shown = nick.or(user.global_name.as_deref()).unwrap_or(&user.name);
    Ok(known(user, shown, &[]).person)
}

fn known(user: &User, shown: &str, roles: &[serenity::model::id::RoleId]) -> Asker {
    let name = match plain::line(shown) {
        empty if empty.is_empty() => user.name.clone(),
        name => name,
    };
    Asker {
        person: Person { id: PersonId(user.id.get()), name },
        roles: roles.iter().map(|role| RoleId(role.get())).collect(),
    }
}

/// The person who was chosen in a list of people, with their roles; none where no list was used.
pub fn chosen(data: &ComponentInteractionData) -> Option<Result<Asker, Failure>> {
    let ComponentInteractionDataKind::UserSelect { values } = &data.kind else { return None };
    let user = values.first().and_then(|id| data.resolved.users.get(id));
    let member = user.and_then(|user| data.resolved.members.get(&user.id));
    Some(match (user, member) {
        (Some(user), Some(member)) if !user.bot => {
            let shown = member.nick.as_deref().or(user.global_name.as_deref()).unwrap_or(&user.name);
            Ok(known(user, shown, &member.roles))
        }
        (Some(user), _) if user.bot => Err(Failure::Program),
        _ => Err(Failure::NotAMember),
    })
}

/// Puts the capability beside the command, for [`check`].
pub fn require(mut command: super::Command, needed: Capability) -> super::Command {
    command.custom_data = Box::new(needed);
    for sub in std::mem::take(&mut command.subcommands) {
        command.subcommands.push(require(sub, needed));
    }
    command
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use watchpost::button::Action;
    use watchpost::capability::RoleTable;
    use watchpost::policy::GuildPolicy;

    use super::*;

    fn policy() -> Policy {
        let only = |id| BTreeSet::from([RoleId(id)]);
        let roles = RoleTable {
            management: only(1),
            responder: only(2),
            lead: only(3),
            admin: only(4),
            publisher: BTreeSet::from([RoleId(3), RoleId(4)]),
        };
        let guild = GuildPolicy { roles, ..GuildPolicy::default() };
        Policy { guilds: BTreeMap::from([(GuildId(10), guild)]), ..Policy::default() }
    }

    fn with(roles: &[u64]) -> Result<Asker, Failure> {
        let person = Person { id: PersonId(5), name: "ana".to_owned() };
        Ok(Asker { person, roles: roles.iter().copied().map(RoleId).collect() })
    }

    /// Rows: a role that nobody named, management, responder, lead, admin.
    fn expected(capability: Capability) -> [bool; 5] {
        match capability {
            Capability::Report => [true; 5],
            Capability::Read => [false, true, true, true, true],
            Capability::Check | Capability::Respond | Capability::Tell | Capability::Lead => {
                [false, false, true, true, true]
            }
            Capability::Publish => [false, false, false, true, true],
            Capability::Administer => [false, false, false, false, true],
        }
    }

    #[test]
    fn every_command_and_button_for_every_role_and_place() {
        let policy = policy();
        let commands = crate::all().into_iter().map(|entry| (entry.name().to_owned(), entry.capability));
        let buttons = Action::ALL.iter().map(|action| (action.name().to_owned(), action.capability()));
        for (name, capability) in commands.chain(buttons) {
            for (role, allowed) in [9, 1, 2, 3, 4].into_iter().zip(expected(capability)) {
                let here = may(&policy, Some(GuildId(10)), &with(&[role]), capability);
                assert_eq!(here.is_ok(), allowed, "{name} for role {role}");
                let elsewhere = may(&policy, Some(GuildId(11)), &with(&[role]), capability);
                assert_eq!(elsewhere, Err(Failure::Refusal(Refusal::UnknownGuild)), "{name} elsewhere");
                assert_eq!(
                    may(&policy, None, &with(&[role]), capability),
                    Err(Failure::NotHere),
                    "{name} in private"
                );
            }
            assert_eq!(
                may(&policy, Some(GuildId(10)), &Err(Failure::Program), capability),
                Err(Failure::Program)
            );
        }
    }

    #[test]
    fn a_command_without_entry_is_denied() {
        assert_eq!(needed(&()), Err(Failure::NoEntry));
        assert_eq!(needed(&Capability::Check), Ok(Capability::Check));
    }
}
