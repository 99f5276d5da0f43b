//! Maintenance and silences: checks go on, alarms wait, what is still broken at the end is raised then.
//!
//! 1. Maintenance is of a service and a time, once or every day or week, and is announced. A silence is of a service, or
//!    of one cause of it, until a moment, with a reason.
//! 2. Begin and end are due times, kept as one timer: the next of all of them.
//! 3. Both can be extended and ended early. What repeats is moved on by days of the calendar, in the organisation's
//!    zone: 22:00 stays 22:00 when the clocks change.

#[cfg(test)]
mod tests;
pub mod words;

use std::time::Duration;

use chrono::{Days, LocalResult, TimeDelta, TimeZone as _};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use watchpost_texts::say;

use super::Book;
use crate::cause::Cause;
use crate::clock::UtcMs;
use crate::ids::ServiceName;
use crate::incident::decide::{Context, FACT_LIMIT, line};
use crate::incident::event::Recorded;
use crate::person::Actor;
use crate::refusal::Refusal;
pub use words::{items, sentence};

/// The timer of all windows: set to the next begin or end.
pub const TIMER: &str = "windows";
/// The longest window.
const LONGEST: Duration = Duration::from_secs(31 * 24 * 3_600);
/// Windows that are over, kept for the incident that follows.
const KEPT: usize = 20;
/// Windows that are kept at most.
const MOST: usize = 200;

/// What sort of window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowKind {
    /// Work on the service, which may disturb it.
    Maintenance,
    /// Nobody wants to hear of it for a while.
    Silence,
}

/// How it repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeat {
    /// Every day at the same time.
    Daily,
    /// Every week on the same day.
    Weekly,
}

/// What can happen to windows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum WindowEvent {
    /// It was arranged.
    Planned {
        /// What sort.
        kind: WindowKind,
        /// Of which service; none: all.
        #[serde(default)]
        service: Option<ServiceName>,
        /// Only this cause.
        #[serde(default)]
        cause: Option<Cause>,
        /// When it begins.
        from: UtcMs,
        /// When it ends.
        until: UtcMs,
        /// How it repeats.
        #[serde(default)]
        repeat: Option<Repeat>,
        /// Why.
        why: String,
        /// Whether users are told.
        #[serde(default)]
        announced: bool,
    },
    /// It begins.
    Begun {
        /// Which.
        number: u64,
    },
    /// It takes longer.
    Extended {
        /// Which.
        number: u64,
        /// Until when.
        until: UtcMs,
    },
    /// It is over.
    Ended {
        /// Which.
        number: u64,
        /// The next time, where it repeats.
        #[serde(default)]
        next: Option<(UtcMs, UtcMs)>,
    },
    /// It is called off, or ended early, and does not repeat.
    Cancelled {
        /// Which.
        number: u64,
    },
}

/// What is wanted.
#[derive(Debug, Clone, PartialEq)]
pub enum WindowRequest {
    /// A new one.
    Plan {
        /// What sort.
        kind: WindowKind,
        /// Of which service; none: all.
        service: Option<ServiceName>,
        /// Only this cause.
        cause: Option<Cause>,
        /// When it begins.
        from: UtcMs,
        /// When it ends.
        until: UtcMs,
        /// How it repeats.
        repeat: Option<Repeat>,
        /// Why.
        why: String,
        /// Whether users are told.
        announced: bool,
        /// An alarm that it is to hold.
        alarm: Option<u64>,
    },
    /// It takes longer.
    Extend {
        /// Which.
        number: u64,
        /// Until when.
        until: UtcMs,
    },
    /// It is over.
    End {
        /// Which.
        number: u64,
    },
    /// A begin or end has come.
    Due,
}

/// A window.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// Version of the book that planned it: its number.
    pub number: u64,
    /// What sort.
    pub kind: WindowKind,
    /// Of which service; none: all.
    pub service: Option<ServiceName>,
    /// Only this cause.
    pub cause: Option<Cause>,
    /// When it begins.
    pub from: UtcMs,
    /// When it ends.
    pub until: UtcMs,
    /// How it repeats.
    pub repeat: Option<Repeat>,
    /// Why.
    pub why: String,
    /// Who arranged it.
    pub by: Actor,
    /// Whether users are told.
    pub announced: bool,
    /// Whether it goes on.
    pub begun: bool,
}

/// All windows that are planned or go on.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Windows(
    pub Vec<Window>,
    /// The last times that are over.
    pub Vec<Window>,
);

impl Windows {
    /// The window of this number.
    pub fn get(&self, number: u64) -> Option<&Window> {
        self.0.iter().find(|window| window.number == number)
    }

    /// The window that keeps an alarm of this service back at this moment.
    pub fn holding(&self, service: &ServiceName, cause: Option<Cause>, now: UtcMs) -> Option<u64> {
        let holds = |window: &&Window| {
            window.from <= now
                && now < window.until
                && window.service.as_ref().is_none_or(|of| of == service)
                && window.cause.is_none_or(|of| Some(of) == cause)
        };
        self.0.iter().find(holds).map(|window| window.number)
    }

    /// When the next one begins or ends.
    pub fn next(&self) -> Option<UtcMs> {
        self.0.iter().map(|window| if window.begun { window.until } else { window.from }).min()
    }

    pub(super) fn apply(&mut self, event: &WindowEvent, recorded: &Recorded) {
        match event {
            WindowEvent::Planned { kind, service, cause, from, until, repeat, why, announced } => {
                self.0.push(Window {
                    number: recorded.version,
                    kind: *kind,
                    service: service.clone(),
                    cause: *cause,
                    from: *from,
                    until: *until,
                    repeat: *repeat,
                    why: why.clone(),
                    by: recorded.new.actor.clone(),
                    announced: *announced,
                    begun: false,
                });
            }
            WindowEvent::Begun { number } => self.change(*number, |window| window.begun = true),
            WindowEvent::Extended { number, until } => self.change(*number, |window| window.until = *until),
            WindowEvent::Ended { number, next: Some((from, until)) } => {
                self.remember(*number, recorded.new.happened_at);
                self.change(*number, |window| {
                    (window.from, window.until, window.begun) = (*from, *until, false);
                });
            }
            WindowEvent::Ended { number, next: None } | WindowEvent::Cancelled { number } => {
                self.remember(*number, recorded.new.happened_at);
                self.0.retain(|window| window.number != *number);
            }
        }
    }

    /// What kept alarms back is looked at when an incident follows.
    fn remember(&mut self, number: u64, at: UtcMs) {
        if let Some(window) = self.get(number).filter(|window| window.from < at).cloned() {
            self.1.push(Window { until: window.until.min(at), ..window });
            let surplus = self.1.len().saturating_sub(KEPT);
            self.1.drain(..surplus);
        }
    }

    /// What kept alarms of a service back at any time between two moments.
    pub fn between(&self, service: &ServiceName, from: UtcMs, to: UtcMs) -> impl Iterator<Item = &Window> {
        let of_it = move |window: &&Window| window.service.as_ref().is_none_or(|of| of == service);
        let then = move |window: &&Window| window.from <= to && window.until >= from;
        self.1.iter().chain(&self.0).filter(of_it).filter(then)
    }

    fn change(&mut self, number: u64, change: impl FnOnce(&mut Window)) {
        if let Some(window) = self.0.iter_mut().find(|window| window.number == number) {
            change(window);
        }
    }
}

/// The window that an event ends.
pub(super) fn ended(event: &WindowEvent) -> Option<u64> {
    match event {
        WindowEvent::Ended { number, .. } | WindowEvent::Cancelled { number } => Some(*number),
        _ => None,
    }
}

/// What follows from a request.
pub(super) fn decide(
    book: &Book,
    request: WindowRequest,
    context: &Context<'_>,
) -> Result<Vec<WindowEvent>, Refusal> {
    let windows = &book.windows;
    match request {
        WindowRequest::Plan { kind, service, cause, from, until, repeat, why, announced, alarm: _ } => {
            let why = line(&why, FACT_LIMIT)?;
            let event = WindowEvent::Planned { kind, service, cause, from, until, repeat, why, announced };
            plan(book, event, context)
        }
        WindowRequest::Extend { number, until } => {
            let window = find(windows, number)?;
            if until <= context.now || until <= window.from {
                return Err(Refusal::WrongTime(say!("is over already").to_owned()));
            }
            within(window.from, until)?;
            if until == window.until {
                Ok(Vec::new())
            } else {
                Ok(vec![WindowEvent::Extended { number, until }])
            }
        }
        WindowRequest::End { number } => {
            find(windows, number)?;
            Ok(vec![WindowEvent::Cancelled { number }])
        }
        WindowRequest::Due => Ok(due(windows, context)),
    }
}

fn plan(book: &Book, event: WindowEvent, context: &Context<'_>) -> Result<Vec<WindowEvent>, Refusal> {
    let WindowEvent::Planned { service, from, until, .. } = &event else { return Ok(Vec::new()) };
    if let Some(name) = service.as_ref().filter(|name| !context.policy.services.contains(name)) {
        let known = context.policy.services.clone();
        return Err(Refusal::NoSuchService { asked: name.0.clone(), known });
    }
    if *until <= context.now {
        return Err(Refusal::WrongTime(say!("is over already").to_owned()));
    }
    within(*from, *until)?;
    if book.windows.0.len() >= MOST {
        return Err(Refusal::NothingNew(say!("{MOST} windows are planned already; end some first")));
    }
    Ok(vec![event])
}

fn within(from: UtcMs, until: UtcMs) -> Result<(), Refusal> {
    if until <= from {
        return Err(Refusal::WrongTime(say!("ends before it begins").to_owned()));
    }
    if until.since(from) > LONGEST {
        return Err(Refusal::WrongTime(say!("is more than 31 days long").to_owned()));
    }
    Ok(())
}

fn find(windows: &Windows, number: u64) -> Result<&Window, Refusal> {
    windows.get(number).ok_or_else(|| Refusal::NothingNew(say!("this one is over already").to_owned()))
}

/// What was missed while nothing was running begins and ends at once.
fn due(windows: &Windows, context: &Context<'_>) -> Vec<WindowEvent> {
    let mut events = Vec::new();
    for window in &windows.0 {
        if !window.begun && window.from <= context.now && context.now < window.until {
            events.push(WindowEvent::Begun { number: window.number });
        }
        if window.until <= context.now {
            let next = window.repeat.map(|repeat| after(window, repeat, context.now, context.policy.zone));
            events.push(WindowEvent::Ended { number: window.number, next });
        }
    }
    events
}

/// The next time that is not over yet.
fn after(window: &Window, repeat: Repeat, now: UtcMs, zone: Tz) -> (UtcMs, UtcMs) {
    let days = if repeat == Repeat::Daily { 1 } else { 7 };
    let (mut from, mut until) = (window.from, window.until);
    while until <= now {
        (from, until) = (days_later(from, days, zone), days_later(until, days, zone));
    }
    (from, until)
}

/// The same time of day some days later. A time that the clocks jump over is an hour later; of one that comes twice
/// the first is meant.
fn days_later(at: UtcMs, days: u64, zone: Tz) -> UtcMs {
    let local = at.to_utc().with_timezone(&zone).naive_local();
    let later = local.checked_add_days(Days::new(days)).unwrap_or(local);
    match zone.from_local_datetime(&later) {
        LocalResult::Single(moment) | LocalResult::Ambiguous(moment, _) => UtcMs::from(moment.to_utc()),
        LocalResult::None => match zone.from_local_datetime(&(later + TimeDelta::hours(1))) {
            LocalResult::Single(moment) | LocalResult::Ambiguous(moment, _) => UtcMs::from(moment.to_utc()),
            LocalResult::None => at + Duration::from_secs(days * 86_400),
        },
    }
}
