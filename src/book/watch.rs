//! What is confirmed of each service, and the alarm that follows from it.
//!
//! 1. The monitor, or a signed message from another monitor, brings a confirmed change ([`WatchRequest`]).
//! 2. A service that breaks opens an alarm. What breaks for the same cause at the same time joins it.
//! 3. A window of maintenance or a silence holds the alarm: it is raised when that ends and it is still broken.
//! 4. A person takes it, says that it is no incident, or calls it maintenance; or it is declared by itself.
//! 5. When all its services work again the alarm is over.

mod event;
mod fold;

#[cfg(test)]
mod tests;
pub mod words;

use std::collections::BTreeMap;
use std::time::Duration;

use watchpost_texts::say;

use super::Book;
use super::window::Windows;
use crate::cause::Cause;
use crate::clock::UtcMs;
use crate::ids::{IncidentId, MessageId, PlaceId, ServiceName};
use crate::incident::LastAssessment;
use crate::incident::decide::{Context, FACT_LIMIT};
use crate::refusal::Refusal;
pub use event::{Beside, Foreign, Posted, WatchEvent, WatchRequest};
pub use words::{items, sentence};

/// What breaks within this time for the same cause is one alarm.
const TOGETHER: Duration = Duration::from_secs(180);
/// Alarms that are over, kept to be looked at.
const KEPT: usize = 20;
/// Reports that go on cause another look after this time.
const DOUBT_AGAIN: Duration = Duration::from_secs(1_800);
/// Findings of other monitors that are kept for a service.
const MOST_FOREIGN: usize = 50;

/// All services that were ever heard of, and their alarms.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Watched {
    /// What is confirmed of each service.
    pub services: BTreeMap<ServiceName, Standing>,
    /// The alarms, oldest first: all that go on, and the last that are over.
    pub alarms: Vec<Alarm>,
}

/// What is confirmed of a service.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Standing {
    /// The alarm that it is part of; none while it works.
    pub alarm: Option<u64>,
    /// Broken by our own checks, not only by what others say.
    pub seen_by_us: bool,
    /// Since when nothing can be known of it.
    pub blind: Option<UtcMs>,
    /// When people last doubted that it is well.
    pub doubted: Option<UtcMs>,
    /// What other monitors say is wrong, by source and key.
    pub foreign: BTreeMap<String, String>,
}

/// Something broke.
#[derive(Debug, Clone, PartialEq)]
pub struct Alarm {
    /// Version of the book that opened it: its number.
    pub number: u64,
    /// When it was confirmed.
    pub at: UtcMs,
    /// When the first failure was seen.
    pub since: UtcMs,
    /// Which services are part of it, and whether each still is broken.
    pub services: BTreeMap<ServiceName, bool>,
    /// What was found first.
    pub assessment: LastAssessment,
    /// Causes that do not follow from the first, in words.
    pub beside: Vec<String>,
    /// The same as names.
    pub causes: Vec<Cause>,
    /// The window that holds it.
    pub held: Option<u64>,
    /// Why it is no incident, and who said so.
    pub dismissed: Option<(String, String)>,
    /// The incident that it became.
    pub incident: Option<IncidentId>,
    /// Where it stands in the operations channel.
    pub post: Option<(PlaceId, MessageId)>,
    /// When all of it worked again.
    pub over: Option<UtcMs>,
}

impl Alarm {
    /// Somebody must do something about it.
    pub fn is_open(&self) -> bool {
        self.over.is_none() && self.held.is_none() && self.dismissed.is_none()
    }
}

impl Watched {
    /// The alarm of this number.
    pub fn alarm(&self, number: u64) -> Option<&Alarm> {
        self.alarms.iter().find(|alarm| alarm.number == number)
    }

    /// The alarm that a service is part of.
    pub fn alarm_of(&self, service: &ServiceName) -> Option<&Alarm> {
        self.alarm(self.services.get(service)?.alarm?)
    }

    /// Whether our own checks say that it is broken.
    pub fn is_broken(&self, service: &ServiceName) -> bool {
        self.services.get(service).is_some_and(|standing| standing.seen_by_us)
    }
}

/// What follows from a request.
pub(super) fn decide(
    book: &Book,
    request: WatchRequest,
    context: &Context<'_>,
) -> Result<Vec<WatchEvent>, Refusal> {
    let watched = &book.watched;
    let standing = |service: &ServiceName| watched.services.get(service).cloned().unwrap_or_default();
    Ok(match request {
        WatchRequest::Broke { assessment, .. } if standing(&assessment.service).seen_by_us => Vec::new(),
        WatchRequest::Broke { since, assessment, independent, incident } => {
            let joins = joined(watched, &assessment, context.now);
            let held = book.windows.holding(&assessment.service, assessment.cause, context.now);
            let assessment = *assessment;
            vec![WatchEvent::Broke { since, assessment, independent, joins, held, incident }]
        }
        WatchRequest::Also(beside) => match watched.alarm_of(&beside.service) {
            Some(alarm) if !alarm.causes.contains(&beside.cause) => vec![WatchEvent::Also(beside)],
            _ => Vec::new(),
        },
        WatchRequest::Recovered(service) if standing(&service).seen_by_us => {
            vec![WatchEvent::Recovered { service }]
        }
        WatchRequest::Blind(service) if standing(&service).blind.is_none() => {
            vec![WatchEvent::Blind { service }]
        }
        WatchRequest::Sighted(service) if standing(&service).blind.is_some() => {
            vec![WatchEvent::Sighted { service }]
        }
        WatchRequest::Doubt { service, people } => {
            let standing = standing(&service);
            let lately = standing.doubted.is_some_and(|at| context.now.since(at) < DOUBT_AGAIN);
            let known = lately || standing.alarm.is_some();
            if known { Vec::new() } else { vec![WatchEvent::Doubted { service, people }] }
        }
        WatchRequest::Recovered(_) | WatchRequest::Blind(_) | WatchRequest::Sighted(_) => Vec::new(),
        WatchRequest::Dismiss { alarm, why } => {
            going_on(watched, alarm)?;
            let why = crate::incident::decide::line(&why, FACT_LIMIT)?;
            vec![WatchEvent::Dismissed { alarm, why }]
        }
        WatchRequest::Declared { alarm, incident } => vec![WatchEvent::Declared { alarm, incident }],
        WatchRequest::Posted(posted) => vec![WatchEvent::Posted(posted)],
        WatchRequest::Foreign(said) => {
            let held = book.windows.holding(&said.service, None, context.now);
            let news = is_news(&standing(&said.service).foreign, &said);
            if news { vec![WatchEvent::Foreign { said, held }] } else { Vec::new() }
        }
    })
}

/// The alarm, where something can still be said to it.
///
/// # Errors
/// A sentence that says why not.
pub fn going_on(watched: &Watched, number: u64) -> Result<&Alarm, Refusal> {
    let nothing = |why: &str| Err(Refusal::NothingNew(why.to_owned()));
    match watched.alarm(number) {
        None => nothing(say!("this alarm is long over")),
        Some(alarm) if alarm.over.is_some() => nothing(say!("it works again")),
        Some(Alarm { incident: Some(incident), .. }) => nothing(&say!("it is {incident} already")),
        Some(Alarm { dismissed: Some((by, why)), .. }) => {
            nothing(&say!("{by} said that it is no incident: {why}"))
        }
        Some(alarm) => Ok(alarm),
    }
}

/// What broke for the same cause a moment ago, and is still open, takes this in.
fn joined(watched: &Watched, assessment: &LastAssessment, now: UtcMs) -> Option<u64> {
    let already = watched.alarm_of(&assessment.service).map(|alarm| alarm.number);
    already.or_else(|| {
        let fits = |alarm: &&Alarm| {
            alarm.over.is_none()
                && alarm.dismissed.is_none()
                && now.since(alarm.at) <= TOGETHER
                && alarm.assessment.cause == assessment.cause
        };
        watched.alarms.iter().rfind(fits).map(|alarm| alarm.number)
    })
}

/// Said again, it is none.
fn is_news(known: &BTreeMap<String, String>, said: &Foreign) -> bool {
    match (known.contains_key(&said.name()), said.firing) {
        (false, true) => known.len() < MOST_FOREIGN,
        (true, true) | (false, false) => false,
        (true, false) => true,
    }
}

impl Foreign {
    /// Names the finding among those of all monitors.
    fn name(&self) -> String {
        format!("{}/{}", self.source, self.key)
    }
}

/// Alarms that a window held, and that nothing holds any more.
pub(super) fn raised_by(book: &Book, ended: &[u64], windows: &Windows, now: UtcMs) -> Vec<WatchEvent> {
    let freed = |alarm: &&Alarm| {
        let still = |service: &ServiceName| windows.holding(service, alarm.assessment.cause, now).is_some();
        alarm.held.is_some_and(|window| ended.contains(&window))
            && alarm.over.is_none()
            && !alarm.services.iter().filter(|(_, broken)| **broken).any(|(service, _)| still(service))
    };
    book.watched.alarms.iter().filter(freed).map(|alarm| WatchEvent::Raised { alarm: alarm.number }).collect()
}
