//! Placeholder: replaced by the causes.
use serde::{Deserialize, Serialize};
/// Cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// Expired.
    CertificateExpired,
}
