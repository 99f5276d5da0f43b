//! Which configuration holds: taken at the start and at each reload, so that a review can tell under which one an
//! incident ran.

use serde::{Deserialize, Serialize};
use watchpost_texts::say;

use super::Book;
use crate::clock::UtcMs;

/// What can happen to the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum ConfigurationEvent {
    /// It was read and holds from now on.
    Taken {
        /// Names its content, without any secret.
        hash: String,
        /// The keys that differ from the one before; empty at a start.
        #[serde(default)]
        changed: Vec<String>,
    },
}

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigurationRequest {
    /// This one holds from now on.
    Take {
        /// Names its content.
        hash: String,
        /// The keys that differ from the one before.
        changed: Vec<String>,
    },
}

/// The configuration that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InForce {
    /// Names its content.
    pub hash: String,
    /// Since when.
    pub since: UtcMs,
}

/// A start with the configuration that held before is no news.
pub(super) fn decide(book: &Book, request: ConfigurationRequest) -> Vec<ConfigurationEvent> {
    let ConfigurationRequest::Take { hash, changed } = request;
    match &book.configuration {
        Some(before) if before.hash == hash => Vec::new(),
        _ => vec![ConfigurationEvent::Taken { hash, changed }],
    }
}

pub(super) fn apply(kept: &mut Option<InForce>, event: &ConfigurationEvent, at: UtcMs) {
    let ConfigurationEvent::Taken { hash, .. } = event;
    *kept = Some(InForce { hash: hash.clone(), since: at });
}

pub(super) fn sentence(event: &ConfigurationEvent) -> String {
    let ConfigurationEvent::Taken { hash, changed } = event;
    match changed.as_slice() {
        [] => say!("The configuration {hash} holds."),
        keys => say!("The configuration {hash} holds; changed: {}.", keys.join(", ")),
    }
}
