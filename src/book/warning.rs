//! Before it breaks: what will end, or is not as it should be, while mail still works.
//!
//! 1. The monitor brings what it found ([`WarningRequest::Found`]) and every certificate that it saw.
//! 2. A certificate is told at 21, 14, 7, 3 and 1 days, with what was done with earlier ones; from three days on it
//!    rings. Anything else is told once.
//! 3. Somebody says that they see to it, or silences it with a reason.
//! 4. When it is found no more, it is gone. What was warned, and what people said, goes into an incident that follows.

mod fold;

#[cfg(test)]
mod tests;
pub mod words;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use watchpost_texts::say;

use super::Book;
use crate::cause::Cause;
use crate::clock::UtcMs;
use crate::ids::ServiceName;
use crate::incident::decide::{Context, FACT_LIMIT, line};
use crate::refusal::Refusal;
pub use words::{items, sentence};

/// At how many days before its end something is told.
pub const DAYS: [u16; 5] = [21, 14, 7, 3, 1];
/// From here on it rings, and goes on being told to who said that they see to it.
pub const RINGS: u16 = 3;
/// Warnings that are kept when they are gone.
const KEPT: usize = 100;
/// Warnings and places with a certificate that are kept of a service at most.
const MOST: usize = 100;
const DAY: Duration = Duration::from_secs(86_400);

/// What can happen to warnings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum WarningEvent {
    /// It is told for the first time.
    Raised {
        /// Of which service.
        service: ServiceName,
        /// The check that found it.
        check: String,
        /// What.
        cause: Cause,
        /// What it is about: a host, a domain, a mailbox.
        subject: String,
        /// In words.
        text: String,
        /// When it breaks, where that is known.
        #[serde(default)]
        ends: Option<UtcMs>,
        /// Days before that, as agreed.
        #[serde(default)]
        days: Option<u16>,
    },
    /// It is told again: less time is left.
    Reminded {
        /// Which.
        number: u64,
        /// In words.
        text: String,
        /// Days before the end, as agreed.
        days: u16,
    },
    /// Somebody sees to it.
    Taken {
        /// Which.
        number: u64,
    },
    /// Nobody wants to hear of it.
    Silenced {
        /// Which.
        number: u64,
        /// Until when.
        until: UtcMs,
        /// Why.
        why: String,
    },
    /// It is found no more.
    Gone {
        /// Which.
        number: u64,
    },
    /// A place shows another certificate than before.
    Certificate {
        /// Of which service.
        service: ServiceName,
        /// Which certificate.
        certificate: Certificate,
        /// Days that the one before had left; none where it is the first.
        #[serde(default)]
        replaced: Option<i64>,
    },
}

/// A certificate as a place shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// Host, address and port.
    pub place: String,
    /// The host.
    pub host: String,
    /// SHA-256.
    pub fingerprint: String,
    /// Who issued it.
    pub issuer: String,
    /// When it ends.
    pub until: UtcMs,
}

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WarningRequest {
    /// A check found it, twice where it may be the moment.
    Found(Found),
    /// It is found no more.
    Gone {
        /// Which.
        number: u64,
    },
    /// The certificates that a run saw.
    Certificates {
        /// Of which service.
        service: ServiceName,
        /// All of them.
        seen: Vec<Certificate>,
    },
    /// "I renew it."
    Take {
        /// Which.
        number: u64,
    },
    /// Nobody wants to hear of it.
    Silence {
        /// Which.
        number: u64,
        /// Until when.
        until: UtcMs,
        /// Why.
        why: String,
    },
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Of which service.
    pub service: ServiceName,
    /// The check that found it.
    pub check: String,
    /// What.
    pub cause: Cause,
    /// What it is about.
    pub subject: String,
    /// In words.
    pub text: String,
    /// When it breaks.
    pub ends: Option<UtcMs>,
}

/// A warning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Version of the book that raised it: its number.
    pub number: u64,
    /// Of which service.
    pub service: ServiceName,
    /// The check that found it.
    pub check: String,
    /// What.
    pub cause: Cause,
    /// What it is about.
    pub subject: String,
    /// When it was told, with the words.
    pub told: Vec<(UtcMs, String)>,
    /// When it breaks.
    pub ends: Option<UtcMs>,
    /// The last agreed day at which it was told.
    pub days: Option<u16>,
    /// Who sees to it, since when.
    pub taken: Option<(String, UtcMs)>,
    /// Who silenced it, until when, why.
    pub silenced: Option<(String, UtcMs, String)>,
    /// When it was found no more.
    pub gone: Option<UtcMs>,
}

/// What a place showed, and how early its earlier certificates were replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The one that it shows now.
    pub certificate: Certificate,
    /// Days that each earlier one had left.
    pub replaced: Vec<i64>,
}

/// All warnings.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Warnings {
    /// Those that hold.
    pub open: Vec<Warning>,
    /// The last ones that are gone.
    pub past: Vec<Warning>,
    /// Every place with a certificate, by service and place.
    pub places: BTreeMap<(ServiceName, String), Place>,
}

impl Warnings {
    /// The warning of this number, while it holds.
    pub fn get(&self, number: u64) -> Option<&Warning> {
        self.open.iter().find(|warning| warning.number == number)
    }

    /// What was warned of a service since a moment, oldest first.
    pub fn of(&self, service: &ServiceName, since: UtcMs) -> impl Iterator<Item = &Warning> {
        let recent = move |warning: &&Warning| warning.gone.is_none_or(|gone| gone >= since);
        self.past.iter().chain(&self.open).filter(move |one| one.service == *service).filter(recent)
    }

    fn same(&self, service: &ServiceName, cause: Cause, subject: &str) -> Option<&Warning> {
        let is = |one: &&Warning| one.service == *service && one.cause == cause && one.subject == subject;
        self.open.iter().find(is)
    }
}

/// What follows from a request.
pub(super) fn decide(
    book: &Book,
    request: WarningRequest,
    context: &Context<'_>,
) -> Result<Vec<WarningEvent>, Refusal> {
    let warnings = &book.warnings;
    match request {
        WarningRequest::Found(found) => Ok(found_now(warnings, found, context.now).into_iter().collect()),
        WarningRequest::Gone { number } => {
            Ok(warnings.get(number).map(|_| WarningEvent::Gone { number }).into_iter().collect())
        }
        WarningRequest::Certificates { service, seen } => Ok(certificates(book, &service, seen, context.now)),
        WarningRequest::Take { number } => {
            let warning = find(warnings, number)?;
            if let Some((by, _)) = &warning.taken {
                return Err(Refusal::NothingNew(say!("{by} sees to it already")));
            }
            Ok(vec![WarningEvent::Taken { number }])
        }
        WarningRequest::Silence { number, until, why } => {
            find(warnings, number)?;
            if until <= context.now {
                return Err(Refusal::WrongTime(say!("is over already").to_owned()));
            }
            Ok(vec![WarningEvent::Silenced { number, until, why: line(&why, FACT_LIMIT)? }])
        }
    }
}

fn find(warnings: &Warnings, number: u64) -> Result<&Warning, Refusal> {
    warnings.get(number).ok_or_else(|| Refusal::NothingNew(say!("this warning is gone already").to_owned()))
}

/// Whole days until a moment; none where it is over.
pub fn days_left(ends: UtcMs, now: UtcMs) -> Option<u16> {
    (ends > now).then(|| u16::try_from(ends.since(now).as_secs() / DAY.as_secs()).unwrap_or(u16::MAX))
}

/// The agreed day that has come: of 21, 14, 7, 3, 1 the last one that is not before today.
fn agreed(ends: UtcMs, now: UtcMs) -> Option<u16> {
    let left = ends.since(now);
    DAYS.into_iter().rev().find(|days| ends > now && left <= DAY * u32::from(*days))
}

fn found_now(warnings: &Warnings, found: Found, now: UtcMs) -> Option<WarningEvent> {
    let days = found.ends.and_then(|ends| agreed(ends, now));
    let Some(known) = warnings.same(&found.service, found.cause, &found.subject) else {
        let of_service = warnings.open.iter().filter(|one| one.service == found.service).count();
        let Found { service, check, cause, subject, text, ends } = found;
        let tell = of_service < MOST && (ends.is_none() || days.is_some());
        return tell.then_some(WarningEvent::Raised { service, check, cause, subject, text, ends, days });
    };
    let days = days.filter(|days| known.days.is_none_or(|told| *days < told))?;
    let silent = known.silenced.as_ref().is_some_and(|(_, until, _)| *until > now);
    let taken = known.taken.is_some() && days > RINGS;
    (!silent && !taken).then_some(WarningEvent::Reminded { number: known.number, text: found.text, days })
}

/// Changes of what the places show; and what will end.
fn certificates(book: &Book, service: &ServiceName, seen: Vec<Certificate>, now: UtcMs) -> Vec<WarningEvent> {
    let warnings = &book.warnings;
    let known = |place: &str| warnings.places.get(&(service.clone(), place.to_owned()));
    let room = warnings.places.keys().filter(|(of, _)| of == service).count() < MOST;
    let mut events = Vec::new();
    let mut after = book.clone().warnings;
    for certificate in &seen {
        let before = known(&certificate.place);
        if before.is_some_and(|before| before.certificate == *certificate) || (before.is_none() && !room) {
            continue;
        }
        let old = before.filter(|before| before.certificate.fingerprint != certificate.fingerprint);
        let left = |old: &Place| (old.certificate.until.0 - now.0).div_euclid(86_400_000);
        let event = WarningEvent::Certificate {
            service: service.clone(),
            certificate: certificate.clone(),
            replaced: old.map(left),
        };
        after.keep_certificate(service, certificate, old.map(left));
        events.push(event);
    }
    let mut told: Vec<&str> = Vec::new();
    for certificate in &seen {
        if !told.contains(&certificate.fingerprint.as_str()) {
            told.push(&certificate.fingerprint);
            events.extend(will_end(&after, service, certificate, now));
        }
    }
    let shown = |one: &Warning| seen.iter().any(|certificate| subject(certificate) == one.subject);
    let ended = |one: &&Warning| {
        one.service == *service
            && one.check == CERTIFICATE
            && !shown(one)
            // A place that did not answer still has its certificate.
            && !after.places.iter().any(|((of, _), place)| of == service && subject(&place.certificate) == one.subject)
    };
    events.extend(warnings.open.iter().filter(ended).map(|one| WarningEvent::Gone { number: one.number }));
    events
}

/// The check under whose name certificates are warned of.
const CERTIFICATE: &str = "certificate";

/// The same host may show two at once.
fn subject(certificate: &Certificate) -> String {
    format!("{} {}", certificate.host, certificate.fingerprint.chars().take(8).collect::<String>())
}

fn will_end(
    warnings: &Warnings,
    service: &ServiceName,
    certificate: &Certificate,
    now: UtcMs,
) -> Option<WarningEvent> {
    let days = agreed(certificate.until, now)?;
    let habit = warnings.habit(service, &certificate.place);
    // Where it is always done later than this, nothing is late yet.
    if habit.is_some_and(|habit| habit < i64::from(days)) {
        return None;
    }
    let found = Found {
        service: service.clone(),
        check: CERTIFICATE.to_owned(),
        cause: Cause::CertificateExpiring,
        subject: subject(certificate),
        text: words::certificate(warnings, service, certificate, habit, now),
        ends: Some(certificate.until),
    };
    found_now(warnings, found, now)
}

impl Warnings {
    /// How many days before the end certificates of this place are usually replaced.
    pub fn habit(&self, service: &ServiceName, place: &str) -> Option<i64> {
        let place = self.places.get(&(service.clone(), place.to_owned()))?;
        let mut days: Vec<i64> = place.replaced.iter().copied().filter(|days| *days > 0).collect();
        days.sort_unstable();
        days.get(days.len() / 2).copied()
    }
}
