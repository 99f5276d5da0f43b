//! The values in force and where each comes from: what is shown, hashed, and compared at a reload.

use std::collections::HashMap;

use super::key::{Change, Effect};

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// This line of the file.
    Line(usize),
    /// This environment variable.
    Variable(&'static str),
    /// Nobody said otherwise.
    Default,
}

/// One value that is in force. Secrets appear as the place where they lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The table, such as `service.main`.
    pub table: String,
    /// The key inside it.
    pub key: String,
    /// The value as TOML.
    pub value: String,
    /// Who said so.
    pub origin: Origin,
    /// When a changed value takes effect.
    pub change: Change,
    /// Whether something follows from it.
    pub effect: Effect,
}

impl Setting {
    /// The whole name, such as `service.main.domain`.
    pub fn name(&self) -> String {
        format!("{}.{}", self.table, self.key)
    }
}

/// Puts the values of one table together, the tables in the order in which they were first read.
pub(super) fn group_by_table(settings: &mut [Setting]) {
    let mut order = HashMap::new();
    for setting in settings.iter() {
        let next = order.len();
        order.entry(setting.table.clone()).or_insert(next);
    }
    settings.sort_by_key(|setting| order[&setting.table]);
}
