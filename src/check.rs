//! Placeholder: replaced by the checks.
use serde::{Deserialize, Serialize};
/// What a check says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Works.
    Ok,
    /// Works partly.
    Degraded,
    /// Does not work.
    Down,
    /// Not known.
    #[default]
    Unknown,
}
/// What people can do with their mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Capabilities {
    /// Receive from outside.
    pub receive: Verdict,
    /// Send to outside.
    pub send: Verdict,
    /// Internal mail.
    pub internal: Verdict,
    /// Read and log in.
    pub read: Verdict,
}
