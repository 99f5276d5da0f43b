//! The two forms in which other monitors speak. Whatever they hold is text: cut, without control characters, never
//! markup.

use serde::Deserialize;
use watchpost_texts::say;

use crate::config::HookKind;

/// Parts of one message that are read.
const MOST: usize = 50;
/// Characters of a text.
const LONGEST: usize = 400;

/// One thing that another monitor says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Of which service; none: that of the hook.
    pub service: Option<String>,
    /// Names it there.
    pub key: String,
    /// In words.
    pub text: String,
    /// Whether it is wrong now.
    pub firing: bool,
    /// When it began there, as it was written.
    pub begun: Option<String>,
}

#[derive(Deserialize)]
struct Generic {
    #[serde(default)]
    service: Option<String>,
    key: String,
    text: String,
    firing: bool,
}

#[derive(Deserialize)]
struct Alertmanager {
    alerts: Vec<Alert>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Alert {
    status: String,
    #[serde(default)]
    labels: std::collections::BTreeMap<String, String>,
    #[serde(default)]
    annotations: std::collections::BTreeMap<String, String>,
    fingerprint: String,
    #[serde(default)]
    starts_at: Option<String>,
}

/// Reads a message.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub fn read(kind: HookKind, body: &[u8]) -> Result<Vec<Said>, String> {
    let unreadable = |error: serde_json::Error| say!("the message cannot be read: {error}");
    match kind {
        HookKind::Generic => {
            let Generic { service, key, text, firing } = serde_json::from_slice(body).map_err(unreadable)?;
            Ok(vec![Said {
                service,
                key: plain(&key, 100),
                text: plain(&text, LONGEST),
                firing,
                begun: None,
            }])
        }
        HookKind::Alertmanager => {
            let message: Alertmanager = serde_json::from_slice(body).map_err(unreadable)?;
            Ok(message.alerts.into_iter().take(MOST).map(said).collect())
        }
    }
}

fn said(alert: Alert) -> Said {
    let annotation = |name: &str| alert.annotations.get(name).filter(|text| !text.is_empty());
    let text = annotation("summary").or_else(|| annotation("description"));
    let name = alert.labels.get("alertname").cloned().unwrap_or_else(|| say!("an alert").to_owned());
    Said {
        service: alert.labels.get("service").cloned(),
        key: plain(&alert.fingerprint, 100),
        text: plain(text.unwrap_or(&name), LONGEST),
        firing: alert.status == "firing",
        begun: alert.starts_at,
    }
}

fn plain(text: &str, most: usize) -> String {
    let line: String =
        text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(most).collect();
    line.trim().to_owned()
}
