//! Who may do what. Asked in the handler of every command and at every click; what is not granted is denied.
//!
//! Discord's own command permissions are a courtesy: the administrators of a server can change them, and they
//! need not be ours.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use watchpost_texts::say;

use crate::ids::RoleId;

/// Something that not everybody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    /// Say that mail does not work, read help and what is published.
    Report,
    /// Read the incident and its timeline.
    Read,
    /// Have configured services checked.
    Check,
    /// Declare, take, log, work on an incident.
    Respond,
    /// Tell stakeholders.
    Tell,
    /// Change severity, hand over, resolve, reopen.
    Lead,
    /// Say that a review is agreed.
    Publish,
    /// Look after Watchpost itself.
    Administer,
}

impl Capability {
    /// All of them.
    pub const ALL: [Capability; 8] = [
        Capability::Report,
        Capability::Read,
        Capability::Check,
        Capability::Respond,
        Capability::Tell,
        Capability::Lead,
        Capability::Publish,
        Capability::Administer,
    ];

    /// What it is, to end the sentence "You may not …".
    pub fn deed(self) -> &'static str {
        match self {
            Capability::Report => say!("report trouble"),
            Capability::Read => say!("read incidents"),
            Capability::Check => say!("have services checked"),
            Capability::Respond => say!("work on incidents"),
            Capability::Tell => say!("tell stakeholders"),
            Capability::Lead => say!("lead incidents"),
            Capability::Publish => say!("publish reviews"),
            Capability::Administer => say!("look after Watchpost"),
        }
    }

    /// The roles that grant it, by their names in the configuration, the least first.
    pub fn granted_to(self) -> &'static [Rank] {
        match self {
            Capability::Report => &[Rank::Anybody],
            Capability::Read => &[Rank::Management, Rank::Responder, Rank::Lead, Rank::Admin],
            Capability::Check | Capability::Respond | Capability::Tell | Capability::Lead => {
                &[Rank::Responder, Rank::Lead, Rank::Admin]
            }
            Capability::Publish => &[Rank::Publisher],
            Capability::Administer => &[Rank::Admin],
        }
    }
}

/// What a role of the chat makes of a person here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rank {
    /// Anybody in the server.
    Anybody,
    /// Reads.
    Management,
    /// Works on incidents. One person alone at night must be able to do all of it.
    Responder,
    /// Leads them.
    Lead,
    /// May say that a review is agreed: which of the others that is, is configured.
    Publisher,
    /// Looks after Watchpost.
    Admin,
}

/// Which roles of the chat have which rank: from `[guild.<id>.roles]`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RoleTable {
    /// Read-only.
    pub management: BTreeSet<RoleId>,
    /// Work on incidents.
    pub responder: BTreeSet<RoleId>,
    /// Lead them.
    pub lead: BTreeSet<RoleId>,
    /// Look after Watchpost.
    pub admin: BTreeSet<RoleId>,
    /// Say that a review is agreed.
    pub publisher: BTreeSet<RoleId>,
}

/// Why not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", say!("You may not {}. {}{}", capability.deed(), needs(roles), has_it(holders, *more)))]
pub struct Denied {
    /// What was asked for.
    pub capability: Capability,
    /// The roles that would do.
    pub roles: Vec<RoleId>,
    /// Names of some who have one of them, as far as that is known.
    pub holders: Vec<String>,
    /// How many more have.
    pub more: usize,
}

impl Denied {
    /// Without a word about who has the roles.
    pub fn new(capability: Capability, roles: Vec<RoleId>) -> Self {
        Denied { capability, roles, holders: Vec::new(), more: 0 }
    }
}

fn needs(roles: &[RoleId]) -> String {
    match roles {
        [] => say!("No role has this: one must be named in watchpost.toml under `[guild.<id>.roles]`")
            .to_owned(),
        roles => {
            let names: Vec<String> = roles.iter().map(|role| format!("<@&{role}>")).collect();
            say!("It needs one of these roles: {}", names.join(", "))
        }
    }
}

fn has_it(holders: &[String], more: usize) -> String {
    match (holders, more) {
        ([], _) => String::new(),
        ([only], 0) => say!(". Ask {only}, who has it"),
        ([all @ .., last], 0) => say!(". {} and {last} have it", all.join(", ")),
        (names, more) => say!(". {} and {more} more have it", names.join(", ")),
    }
}

impl RoleTable {
    /// Whether somebody with these roles may.
    ///
    /// # Errors
    /// [`Denied`], with the roles that would do.
    pub fn may(&self, has: &[RoleId], capability: Capability) -> Result<(), Denied> {
        let granted = capability.granted_to();
        if granted.contains(&Rank::Anybody) {
            return Ok(());
        }
        let mut roles: Vec<RoleId> = Vec::new();
        for role in granted.iter().flat_map(|rank| self.of(*rank)) {
            // One role may have two ranks; it is named once.
            if !roles.contains(role) {
                roles.push(*role);
            }
        }
        if has.iter().any(|role| roles.contains(role)) { Ok(()) } else { Err(Denied::new(capability, roles)) }
    }

    fn of(&self, rank: Rank) -> impl Iterator<Item = &RoleId> {
        let roles = match rank {
            Rank::Anybody => None,
            Rank::Management => Some(&self.management),
            Rank::Responder => Some(&self.responder),
            Rank::Lead => Some(&self.lead),
            Rank::Publisher => Some(&self.publisher),
            Rank::Admin => Some(&self.admin),
        };
        roles.into_iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> RoleTable {
        let only = |id| BTreeSet::from([RoleId(id)]);
        RoleTable {
            management: only(1),
            responder: only(2),
            lead: only(3),
            admin: only(4),
            publisher: BTreeSet::from([RoleId(3), RoleId(4)]),
        }
    }

    #[test]
    fn every_cell_of_the_table() {
        // Rows: nobody's role, management, responder, lead, admin.
        let expected = [
            (Capability::Report, [true, true, true, true, true]),
            (Capability::Read, [false, true, true, true, true]),
            (Capability::Check, [false, false, true, true, true]),
            (Capability::Respond, [false, false, true, true, true]),
            (Capability::Tell, [false, false, true, true, true]),
            (Capability::Lead, [false, false, true, true, true]),
            (Capability::Publish, [false, false, false, true, true]),
            (Capability::Administer, [false, false, false, false, true]),
        ];
        assert_eq!(expected.len(), Capability::ALL.len());
        for (capability, cells) in expected {
            for (role, may) in [9, 1, 2, 3, 4].into_iter().zip(cells) {
                assert_eq!(
                    table().may(&[RoleId(role)], capability).is_ok(),
                    may,
                    "{capability:?} for role {role}"
                );
            }
        }
    }

    #[test]
    fn an_empty_table_grants_nothing_but_reporting_and_says_what_is_missing() {
        let denied = RoleTable::default().may(&[RoleId(2)], Capability::Respond).expect_err("denied");
        insta::assert_snapshot!(denied, @"You may not work on incidents. No role has this: one must be named in watchpost.toml under `[guild.<id>.roles]`");
        let denied = table().may(&[], Capability::Administer).expect_err("denied");
        insta::assert_snapshot!(denied, @"You may not look after Watchpost. It needs one of these roles: <@&4>");
        let both = RoleTable { lead: BTreeSet::from([RoleId(2)]), ..table() };
        let denied = both.may(&[], Capability::Respond).expect_err("denied");
        assert_eq!(
            denied.to_string().matches("<@&2>").count(),
            1,
            "a role with two ranks is named once: {denied}"
        );
    }

    #[test]
    fn a_refusal_says_who_has_the_role() {
        let denied = |names: &[&str], more| {
            let holders = names.iter().map(|name| (*name).to_owned()).collect();
            Denied { holders, more, ..Denied::new(Capability::Tell, vec![RoleId(2)]) }.to_string()
        };
        assert!(denied(&[], 0).ends_with("roles: <@&2>"), "nobody is known");
        assert!(denied(&["ana"], 0).ends_with(". Ask ana, who has it"));
        assert!(denied(&["ana", "ben", "cem"], 0).ends_with(". ana, ben and cem have it"));
        assert!(denied(&["ana", "ben"], 4).ends_with(". ana, ben and 4 more have it"));
    }
}
