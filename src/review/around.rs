//! What is known around an incident: what came before, what is like it, what follows from it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use watchpost_texts::say;

use crate::book::warning::Warning as Warned;
use crate::book::{Book, procedure};
use crate::cause::Cause;
use crate::clock::UtcMs;
use crate::config::Texts;
use crate::ids::{AudienceName, IncidentId};
use crate::incident::Incident;
use crate::policy::Policy;

/// All of it; empty where nobody looked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Around {
    /// Warnings that came before, and what became of them.
    pub warnings: Vec<Warning>,
    /// How long mail took around it, in milliseconds, as the checks measured it; none where a mail did not arrive.
    pub delivery: Vec<(UtcMs, Option<u64>)>,
    /// Earlier incidents that are like it, the most like first.
    pub similar: Vec<Like>,
    /// Which version of the procedure it ran under.
    pub procedure: Option<String>,
    /// Changes of the procedure that its review proposed: which file, why, and what became of it.
    pub proposals: Vec<String>,
    /// Words that outsiders must not read: the hosts and addresses of the configuration.
    pub hosts: Vec<String>,
    /// Head of the hash chain over all events when this was written: a later change of the store shows beside it.
    #[serde(skip)]
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

    /// The same, with what the book knows of the time before this incident, and of what its review proposed.
    #[must_use]
    pub fn with_book(self, book: &Book, incident: &Incident) -> Self {
        Around {
            warnings: warnings(book, incident),
            proposals: book.procedure.of(incident.id).map(procedure::proposal_text).collect(),
            procedure: incident.procedure.clone().or_else(|| incident.checklist.procedure.clone()),
            ..self
        }
    }
}

/// How long before the beginning a warning may be gone and still be told.
const BEFORE: Duration = Duration::from_secs(45 * 86_400);

/// What was warned of the service before it broke: the last words before the beginning, and what became of it.
fn warnings(book: &Book, incident: &Incident) -> Vec<Warning> {
    let began = incident.began();
    let of_service = |one: &&Warned| incident.service.as_ref().is_none_or(|service| one.service == *service);
    let all = book.warnings.past.iter().chain(&book.warnings.open).filter(of_service);
    let recent = all.filter(|one| one.gone.is_none_or(|gone| gone >= began - BEFORE));
    let told = |one: &Warned| {
        let (at, text) = one.told.iter().rev().find(|(at, _)| *at <= began)?;
        Some(Warning { at: *at, text: text.clone(), became: became(one, incident) })
    };
    let mut warnings: Vec<Warning> = recent.filter_map(told).collect();
    warnings.sort_by_key(|warning| warning.at);
    warnings
}

/// What people did with a warning, and whether it was what broke.
fn became(warned: &Warned, incident: &Incident) -> String {
    let began = incident.began();
    let mut said = Vec::new();
    match (&warned.taken, &warned.silenced) {
        (Some((by, at)), _) => said.push(say!("{by} saw to it from <t:{}:f> on.", at.seconds())),
        (None, Some((by, until, why))) => {
            said.push(say!(
                "Silenced by {by} until <t:{}:f>: {}.",
                until.seconds(),
                why.trim_end_matches('.')
            ));
        }
        (None, None) => said.push(say!("Nobody saw to it.").to_owned()),
    }
    if warned.ends.is_some_and(|ends| ends <= began) {
        said.push(say!("Its time was over when this began.").to_owned());
    }
    said.push(match warned.gone {
        Some(gone) if gone <= began => say!("It was gone <t:{}:f>, before this began.", gone.seconds()),
        Some(gone) => say!("It held when this began, and was gone <t:{}:f>.", gone.seconds()),
        None => say!("It held when this began, and still does.").to_owned(),
    });
    if incident.cause().is_some_and(|cause| cause == warned.cause || becomes(warned.cause) == Some(cause)) {
        said.push(say!("This is what broke.").to_owned());
    }
    said.join(" ")
}

/// What a warning is of becomes this when its time is over.
fn becomes(cause: Cause) -> Option<Cause> {
    match cause {
        Cause::CertificateExpiring => Some(Cause::CertificateExpired),
        Cause::DomainExpiring => Some(Cause::DomainExpired),
        _ => None,
    }
}

/// A warning that came before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// When.
    pub at: UtcMs,
    /// What it said.
    pub text: String,
    /// What became of it.
    pub became: String,
}

/// An earlier incident that is like this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
