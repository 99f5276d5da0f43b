//! The book: what is known beside the incidents. Which configuration holds, and what each service, silence,
//! subscription or version of the procedure is at the moment.
//!
//! 1. It has the one stream of events that belongs to no incident ([`STREAM`]), in the same store and the same order.
//! 2. [`decide`] takes the book, a request and `now`, and answers with events or a refusal. Pure.
//! 3. [`Book::apply`] folds them in. It cannot fail and reads no clock.
//! 4. [`plan`] says what must leave because of it, and what comes due.
//!
//! Each concern has a file of its own below, with its events, its requests, what it keeps, and its words; here are
//! one variant for each and the lines that pass on.

pub mod change;
pub mod chat;
pub mod configuration;
pub mod erasure;
pub mod procedure;
pub mod report;
pub mod seen;
pub mod subscription;
#[cfg(test)]
mod tests;
pub mod warning;
pub mod watch;
pub mod window;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::clock::UtcMs;
use crate::desk::plan::Plan;
use crate::ids::IncidentId;
use crate::incident::decide::{Context, Decided};
use crate::incident::event::{Event, Recorded};
use crate::person::Actor;
use crate::policy::Policy;
use crate::refusal::Refusal;
use crate::store::TimerKey;

/// The stream of the book. Incidents are numbered from 1.
pub const STREAM: IncidentId = IncidentId(0);

/// One thing that happened beside the incidents. Grows as [`Event`] does: fields are only added, never renamed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "about", rename_all = "snake_case")]
pub enum BookEvent {
    /// Whether the chat can be reached.
    Chat(chat::ChatEvent),
    /// Which configuration holds.
    Configuration(configuration::ConfigurationEvent),
    /// Somebody is forgotten.
    Erasure(erasure::ErasureEvent),
    /// How the cells of a service stand while no incident of it is open.
    Seen(seen::SeenEvent),
    /// Reports that came while no incident was open.
    Report(report::ReportEvent),
    /// What was changed.
    Change(change::ChangeEvent),
    /// A service broke, or works again.
    Watch(watch::WatchEvent),
    /// Maintenance and silences.
    Window(window::WindowEvent),
    /// What will break.
    Warning(warning::WarningEvent),
    /// Who wants to be told.
    Subscription(subscription::SubscriptionEvent),
    /// The procedure itself changes.
    Procedure(procedure::ProcedureEvent),
}

/// What somebody, a check or a timer wants of the book.
#[derive(Debug, Clone, PartialEq)]
pub enum BookRequest {
    /// Whether the chat can be reached.
    Chat(chat::ChatRequest),
    /// Which configuration holds.
    Configuration(configuration::ConfigurationRequest),
    /// Somebody is forgotten. Only the desk asks for this, around the act itself.
    Erasure(erasure::ErasureEvent),
    /// How the cells of a service stand.
    Seen(seen::SeenRequest),
    /// Reports that came while no incident was open.
    Report(report::ReportRequest),
    /// What was changed.
    Change(change::ChangeRequest),
    /// A service broke, or works again.
    Watch(watch::WatchRequest),
    /// Maintenance and silences.
    Window(window::WindowRequest),
    /// What will break.
    Warning(warning::WarningRequest),
    /// Who wants to be told.
    Subscription(subscription::SubscriptionRequest),
    /// The procedure itself changes.
    Procedure(procedure::ProcedureRequest),
}

/// The book as it is after its last event.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Book {
    /// Number of its events.
    pub version: u64,
    /// The chat, where it is away.
    pub chat: Option<chat::Away>,
    /// The configuration that holds.
    pub configuration: Option<configuration::InForce>,
    /// People who were forgotten.
    pub erasures: erasure::Erasures,
    /// How the cells of each service stood when it was last checked outside an incident.
    pub seen: seen::Seen,
    /// Reports that wait for an incident, by server.
    pub reports: report::AllWaiting,
    /// What was changed lately, in the order in which it was entered.
    pub changes: Vec<change::Change>,
    /// What is confirmed of each service.
    pub watched: watch::Watched,
    /// Maintenance and silences.
    pub windows: window::Windows,
    /// What will break.
    pub warnings: warning::Warnings,
    /// Who wants to be told of what.
    pub subscriptions: Arc<subscription::Subscriptions>,
    /// How the procedure itself changed.
    pub procedure: Arc<procedure::Changes>,
}

impl Book {
    /// The fold of all its events.
    pub fn from_events<'e>(events: impl IntoIterator<Item = &'e Recorded>) -> Self {
        events.into_iter().fold(Book::default(), Book::apply)
    }

    /// The book after one more event.
    #[must_use]
    pub fn apply(mut self, recorded: &Recorded) -> Self {
        self.version = recorded.version;
        let Event::Book(event) = &recorded.new.event else { return self };
        let at = recorded.new.happened_at;
        match event {
            BookEvent::Subscription(event) => {
                subscription::apply(Arc::make_mut(&mut self.subscriptions), event);
            }
            BookEvent::Procedure(event) => {
                let changes = Arc::make_mut(&mut self.procedure);
                procedure::apply(changes, event, recorded.version, &recorded.new.actor, at);
            }
            BookEvent::Chat(event) => chat::apply(&mut self.chat, event, at),
            BookEvent::Configuration(event) => configuration::apply(&mut self.configuration, event, at),
            BookEvent::Erasure(event) => erasure::apply(&mut self.erasures, event, at),
            BookEvent::Seen(event) => seen::apply(&mut self.seen, event, at),
            BookEvent::Report(event) => report::apply(&mut self.reports, event, at),
            BookEvent::Change(event) => change::apply(&mut self.changes, event, &recorded.new.actor, at),
            BookEvent::Watch(event) => self.watched.apply(event, recorded),
            BookEvent::Window(event) => self.windows.apply(event, recorded),
            BookEvent::Warning(event) => self.warnings.apply(event, recorded),
        }
        self
    }
}

/// What follows from a request.
///
/// # Errors
/// A [`Refusal`]: a sentence for the person who asked.
pub fn decide(book: &Book, request: BookRequest, context: &Context<'_>) -> Result<Vec<Decided>, Refusal> {
    let events: Vec<BookEvent> = match request {
        BookRequest::Subscription(request) => {
            subscription::decide(book, request)?.into_iter().map(BookEvent::Subscription).collect()
        }
        BookRequest::Procedure(request) => {
            procedure::decide(book, request, context)?.into_iter().map(BookEvent::Procedure).collect()
        }
        BookRequest::Chat(request) => chat::decide(book, request).into_iter().map(BookEvent::Chat).collect(),
        BookRequest::Watch(request) => {
            watch::decide(book, request, context)?.into_iter().map(BookEvent::Watch).collect()
        }
        BookRequest::Window(request) => windows(book, request, context)?,
        BookRequest::Warning(request) => {
            warning::decide(book, request, context)?.into_iter().map(BookEvent::Warning).collect()
        }
        BookRequest::Configuration(request) => {
            configuration::decide(book, request).into_iter().map(BookEvent::Configuration).collect()
        }
        BookRequest::Erasure(event) => vec![BookEvent::Erasure(event)],
        BookRequest::Seen(request) => seen::decide(book, request).into_iter().map(BookEvent::Seen).collect(),
        BookRequest::Report(request) => {
            let events = report::decide(&book.reports, request, context.policy.threshold, context.now)?;
            let doubts = doubts(book, &events, context)?.into_iter().map(BookEvent::Watch);
            events.into_iter().map(BookEvent::Report).chain(doubts).collect()
        }
        BookRequest::Change(request) => {
            let events = change::decide(&book.changes, request, context.now)?;
            events.into_iter().map(BookEvent::Change).collect()
        }
    };
    Ok(events.into_iter().map(|event| Decided::now(context, Event::Book(event))).collect())
}

/// Enough reports to propose an incident are a doubt in what the checks say of the service that they name.
fn doubts(
    book: &Book,
    events: &[report::ReportEvent],
    context: &Context<'_>,
) -> Result<Vec<watch::WatchEvent>, Refusal> {
    let proposed = events.iter().find_map(|event| match event {
        report::ReportEvent::Proposed { guild, people, .. } => Some((guild, *people)),
        _ => None,
    });
    let Some((guild, people)) = proposed else { return Ok(Vec::new()) };
    let new = events.iter().filter_map(|event| match event {
        report::ReportEvent::Waiting { report, .. } => Some(report),
        _ => None,
    });
    let waiting = book.reports.get(guild).into_iter().flat_map(|waiting| &waiting.reports);
    let named = waiting.chain(new).filter_map(|report| report.service.clone()).next_back();
    let only = (context.policy.services.len() == 1).then(|| context.policy.services[0].clone());
    match named.or(only).filter(|service| context.policy.services.contains(service)) {
        Some(service) => watch::decide(book, watch::WatchRequest::Doubt { service, people }, context),
        None => Ok(Vec::new()),
    }
}

/// A window that begins for an alarm holds it; one that ends lets go what is still broken.
fn windows(
    book: &Book,
    request: window::WindowRequest,
    context: &Context<'_>,
) -> Result<Vec<BookEvent>, Refusal> {
    let alarm = match &request {
        window::WindowRequest::Plan { alarm, .. } => *alarm,
        _ => None,
    };
    if let Some(alarm) = alarm {
        watch::going_on(&book.watched, alarm)?;
    }
    let events = window::decide(book, request, context)?;
    let ended: Vec<u64> = events.iter().filter_map(window::ended).collect();
    let rest = book.windows.0.iter().filter(|window| !ended.contains(&window.number)).cloned();
    let raised = watch::raised_by(book, &ended, &window::Windows(rest.collect(), Vec::new()), context.now);
    // The window gets the number of the event that plans it.
    let held = alarm.map(|alarm| watch::WatchEvent::Held { alarm, window: book.version + 1 });
    let events = events.into_iter().map(BookEvent::Window);
    Ok(events.chain(held.into_iter().chain(raised).map(BookEvent::Watch)).collect())
}

/// What must leave because of these events, and what comes due. A new configuration is told in the log.
pub fn plan(before: &Book, after: &Book, events: &[Recorded], policy: &Policy, now: UtcMs) -> Plan {
    let mut plan = Plan::default();
    for recorded in events {
        let Event::Book(event) = &recorded.new.event else { continue };
        let version = recorded.version;
        plan.enqueue.extend(match event {
            BookEvent::Configuration(_)
            | BookEvent::Subscription(_)
            | BookEvent::Erasure(_)
            | BookEvent::Change(_)
            | BookEvent::Seen(_) => Vec::new(),
            BookEvent::Report(event) => report::item(recorded, event, policy, now).into_iter().collect(),
            BookEvent::Chat(event) => chat::plan(event, recorded, policy, now),
            BookEvent::Procedure(event) => procedure::items(&after.procedure, event, version, policy, now),
            BookEvent::Watch(event) => {
                watch::items(&before.watched, &after.watched, event, version, policy, now)
            }
            BookEvent::Window(event) => {
                window::items(&before.windows, &after.windows, event, version, policy, now)
            }
            BookEvent::Warning(event) => {
                warning::items(&before.warnings, &after.warnings, event, version, policy, now)
            }
        });
    }
    let (was, is) = (before.windows.next(), after.windows.next());
    if was != is {
        plan.timers.push((TimerKey::Other(window::TIMER.to_owned()), is));
    }
    plan
}

/// What happened, in words.
pub fn sentence(event: &BookEvent) -> String {
    match event {
        BookEvent::Subscription(event) => subscription::sentence(event),
        BookEvent::Procedure(event) => procedure::sentence(event),
        BookEvent::Chat(event) => chat::sentence(event),
        BookEvent::Configuration(event) => configuration::sentence(event),
        BookEvent::Erasure(event) => erasure::sentence(event),
        BookEvent::Seen(event) => seen::sentence(event),
        BookEvent::Report(event) => report::sentence(event),
        BookEvent::Change(event) => change::sentence(event),
        BookEvent::Watch(event) => watch::sentence(&Actor::Watchpost, event),
        BookEvent::Window(event) => window::sentence(&Actor::Watchpost, event),
        BookEvent::Warning(event) => warning::sentence(&Actor::Watchpost, event),
    }
}
