//! What the procedure may say of updates: how soon and how often, and in which words.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Deserializer};
use watchpost_texts::say;

use crate::config::{Cadence, Interval, Texts};
use crate::ids::AudienceName;
use crate::incident::Severity;
use crate::policy::Policy;
use crate::update::judge;
use crate::update::language::{Language, SHIPPED};

/// How soon and how often, at one severity: `first`, and a key for each audience.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct Promise {
    /// How soon the first word is out.
    pub first: Option<Interval>,
    /// How often each audience hears from us: a duration, `on change` or `never`.
    #[serde(flatten)]
    pub each: BTreeMap<String, String>,
}

/// Templates as in a file of texts: a table for users, management and partners, and `words` and `causes`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wording(pub String);

impl<'de> Deserialize<'de> for Wording {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let table = toml::Table::deserialize(from)?;
        toml::to_string(&table).map(Wording).map_err(serde::de::Error::custom)
    }
}

impl Wording {
    /// What keeps it from being used: each template is held against what its reader may see.
    pub(super) fn faults(&self) -> Vec<String> {
        if self.0.is_empty() {
            return Vec::new();
        }
        let mut language = Language::english();
        if let Err(bad) = language.lay_over(&self.0, &[]) {
            return vec![say!("texts: {bad}")];
        }
        let reader = |name: &str| {
            [Texts::Users, Texts::Management, Texts::Partners]
                .into_iter()
                .find(|texts| texts.word() == name)
                .unwrap_or(Texts::Users)
        };
        let wrong = judge(&language, reader).err().unwrap_or_default();
        wrong.into_iter().map(|(name, error)| say!("texts.{name}: {error}")).collect()
    }
}

/// What is wrong with the cadences.
pub(super) fn faults(cadence: &BTreeMap<String, Promise>) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, promise) in cadence {
        if severity(name).is_none() {
            faults.push(say!("cadence.{name}: severities are SEV1, SEV2, SEV3 and SEV4"));
        }
        for (audience, every) in &promise.each {
            match every.parse::<Cadence>() {
                Ok(Cadence::Every(every)) if promise.first.is_some_and(|first| first > every) => {
                    faults.push(say!("cadence.{name}: the first word may not come later than the second for {audience}"));
                }
                Ok(_) => {}
                Err(_) => faults.push(say!(
                    "cadence.{name}.{audience}: “{every}” is neither a duration such as 30m, nor “on change”, nor “never”"
                )),
            }
        }
    }
    faults
}

fn severity(name: &str) -> Option<Severity> {
    Severity::ALL.into_iter().find(|severity| severity.to_string() == name)
}

/// The policy as the procedure in it has it: its cadences and its templates over what is configured.
pub fn follow(policy: &mut Policy) {
    let procedure = policy.procedure.clone();
    for (name, promise) in &procedure.cadence {
        let Some(cadence) = severity(name).and_then(|severity| policy.cadences.get_mut(&severity)) else {
            continue;
        };
        if let Some(first) = promise.first {
            cadence.first = first.length();
        }
        for (audience, every) in &promise.each {
            let audience = AudienceName::from(audience.as_str());
            match every.parse::<Cadence>() {
                Ok(Cadence::Every(every)) => {
                    let every: Duration = every.length();
                    cadence.each.insert(audience, every);
                }
                _ => {
                    cadence.each.remove(&audience);
                }
            }
        }
    }
    if !procedure.texts.0.is_empty() {
        let mut language = policy.languages.of(SHIPPED).cloned().unwrap_or_else(Language::english);
        // Judged when the procedure was read; what does not fit is not half used.
        if language.lay_over(&procedure.texts.0, &[]).is_ok() {
            policy.languages.add(language);
        }
    }
}
