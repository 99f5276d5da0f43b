//! What decisions need to know of the configuration, and nothing more: so that they stay pure and quick to test.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::capability::RoleTable;
use crate::ids::{AudienceName, DestinationName, GuildId, PlaceId, RoleId, ServiceName};
use crate::incident::Severity;
use crate::outbox::Place;

/// All of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Policy {
    /// The servers of the chat that Watchpost works for.
    pub guilds: BTreeMap<GuildId, GuildPolicy>,
    /// The services that are watched.
    pub services: Vec<ServiceName>,
    /// Who is told.
    pub audiences: Vec<Audience>,
    /// How often, by severity.
    pub cadences: BTreeMap<Severity, Cadence>,
    /// The smallest distance between two texts to the same audience; corrections excepted.
    pub distance: Duration,
    /// What people can use meanwhile, as a sentence for users.
    pub alternatives: Vec<String>,
}

/// One server of the chat.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GuildPolicy {
    /// Where headlines are posted, and under them the threads.
    pub operations: PlaceId,
    /// The role that is pinged when an incident is declared.
    pub ping: Option<RoleId>,
    /// Who may do what.
    pub roles: RoleTable,
}

/// A group of people who are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audience {
    /// Its name.
    pub name: AudienceName,
    /// What its texts say.
    pub voice: Voice,
    /// Where it reads.
    pub destinations: Vec<Target>,
}

/// What a text says depends on who reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voice {
    /// What they notice, what to use instead. No host, no name.
    Users,
    /// Impact, who leads, whether a decision is needed.
    Management,
    /// Whether their mail arrives, and how to reach us. No host, no name.
    Partners,
}

/// One destination of an audience.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its name.
    pub name: DestinationName,
    /// Where it is.
    pub place: Place,
    /// The chat server that it belongs to; none where it is outside the chat.
    pub guild: Option<GuildId>,
}

/// How often an audience is told at one severity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cadence {
    /// From the declaration to the first word.
    pub first: Duration,
    /// From one word to the next, by audience. An audience that is missing hears only of changes.
    pub each: BTreeMap<AudienceName, Duration>,
}

impl Policy {
    /// The roles of a server; an unknown server grants nothing.
    pub fn roles(&self, guild: GuildId) -> RoleTable {
        self.guilds.get(&guild).map(|guild| guild.roles.clone()).unwrap_or_default()
    }

    /// The audience of this name.
    pub fn audience(&self, name: &AudienceName) -> Option<&Audience> {
        self.audiences.iter().find(|audience| audience.name == *name)
    }

    /// From one word to the next for this audience; none where it hears only of changes.
    pub fn interval(&self, severity: Severity, audience: &AudienceName) -> Option<Duration> {
        self.cadences.get(&severity)?.each.get(audience).copied()
    }

    /// From the declaration to the first word; none where this audience hears only of changes.
    pub fn first(&self, severity: Severity, audience: &AudienceName) -> Option<Duration> {
        let cadence = self.cadences.get(&severity)?;
        cadence.each.contains_key(audience).then_some(cadence.first)
    }
}
