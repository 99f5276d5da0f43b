//! What is done for those whom an update cannot be brought to.

use std::collections::BTreeMap;

use crate::clock::UtcMs;
use crate::config::{self, Config, Hours, Needs, Telephone};
use crate::ids::{AudienceName, DestinationName};

use super::Target;

/// All of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReachPolicy {
    /// What must work for a destination to be reached.
    pub needs: BTreeMap<DestinationName, Vec<Needs>>,
    /// Where an audience is told while its own destinations cannot be reached.
    pub fallback: BTreeMap<AudienceName, Vec<Target>>,
    /// Who is called by telephone.
    pub telephones: Vec<Telephone>,
    /// When they may be called; empty: always.
    pub hours: Vec<Hours>,
    /// Since when the chat is away. Of the book: the desk keeps it here.
    pub chat_away: Option<UtcMs>,
}

impl ReachPolicy {
    /// What the configuration says.
    pub(super) fn of(config: &Config) -> Self {
        let needs = config.destinations.iter().filter(|destination| !destination.needs.is_empty());
        let fallback = |audience: &config::Audience| {
            let targets = audience.fallback.iter().filter_map(|name| super::configured::target(name, config));
            (audience.name.clone(), targets.collect::<Vec<_>>())
        };
        let fallback = config.audiences.iter().map(fallback).filter(|(_, targets)| !targets.is_empty());
        ReachPolicy {
            needs: needs.map(|one| (one.name.clone(), one.needs.clone())).collect(),
            fallback: fallback.collect(),
            telephones: config.telephones.clone(),
            hours: config.update.calls.clone(),
            chat_away: None,
        }
    }
}
