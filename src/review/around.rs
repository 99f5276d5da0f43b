//! What is known around an incident: what came before, what is like it, what follows from it.

use std::collections::BTreeMap;

use crate::clock::UtcMs;
use crate::config::Texts;
use crate::ids::{AudienceName, IncidentId};
use crate::policy::Policy;

/// All of it; empty where nobody looked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Around {
    /// Warnings that came before, and what became of them.
    pub warnings: Vec<Warning>,
    /// Earlier incidents that are like it, the most like first.
    pub similar: Vec<Like>,
    /// Which version of the procedure it ran under.
    pub procedure: Option<String>,
    /// Changes of the procedure that its review proposed: which file, why, and what became of it.
    pub proposals: Vec<String>,
    /// Words that outsiders must not read: the hosts and addresses of the configuration.
    pub hosts: Vec<String>,
    /// Head of the hash chain over all events when this was written: a later change of the store shows beside it.
    pub chain: Option<String>,
    /// Whose words each audience reads.
    pub texts: BTreeMap<AudienceName, Texts>,
}

impl Around {
    /// What the configuration says.
    pub fn of(policy: &Policy) -> Self {
        Around {
            hosts: policy.hosts.clone(),
            texts: policy.audiences.iter().map(|audience| (audience.name.clone(), audience.texts)).collect(),
            ..Around::default()
        }
    }
}

/// A warning that came before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// When.
    pub at: UtcMs,
    /// What it said.
    pub text: String,
    /// What became of it.
    pub became: String,
}

/// An earlier incident that is like this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Like {
    /// Which.
    pub id: IncidentId,
    /// Its line.
    pub title: String,
    /// When it began.
    pub began: UtcMs,
    /// What they have in common.
    pub because: Vec<String>,
    /// What fixed it.
    pub fixed_by: String,
}
