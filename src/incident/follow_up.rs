//! What is to be done after an incident: by whom, until when, and how one will see that it worked.
//!
//! 1. It comes from `/log`, from a message's menu, or from the review.
//! 2. Whoever owns it is reminded two days before its date and the day after; then the lead is, three days late and
//!    every week, five times in all.
//! 3. It is done when somebody says how they saw that it worked, or dropped with a reason.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use watchpost_texts::say;

use super::Incident;
use super::decide::{Context, Decided, FACT_LIMIT, line};
use super::event::Event;
use crate::clock::UtcMs;
use crate::person::{Actor, Person};
use crate::refusal::Refusal;

const DAY: Duration = Duration::from_secs(24 * 3_600);
/// From the date: when the first reminder comes, before it.
const BEFORE: Duration = Duration::from_secs(2 * 24 * 3_600);
/// More reminders than this are noise.
pub const MOST_REMINDERS: u8 = 5;

/// What a follow-up is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// It does not happen again.
    #[default]
    Prevent,
    /// It is noticed sooner.
    Detect,
    /// It hurts less.
    Mitigate,
    /// People work together better.
    Process,
}

impl Sort {
    /// All of them.
    pub const ALL: [Sort; 4] = [Sort::Prevent, Sort::Detect, Sort::Mitigate, Sort::Process];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Sort::Prevent => "prevent",
            Sort::Detect => "detect",
            Sort::Mitigate => "mitigate",
            Sort::Process => "process",
        }
    }

    /// The sort of this name.
    pub fn named(name: &str) -> Option<Self> {
        Sort::ALL.into_iter().find(|sort| sort.name() == name.trim().to_lowercase())
    }
}

/// What is said of a follow-up.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Said {
    /// What is to be done.
    pub text: String,
    /// By whom.
    #[serde(default)]
    pub owner: Option<Person>,
    /// Until when.
    #[serde(default)]
    pub due: Option<UtcMs>,
    /// What it is good for.
    #[serde(default)]
    pub sort: Sort,
    /// How one will see that it worked.
    #[serde(default)]
    pub shown_by: String,
}

/// What can happen to a follow-up. `number` is the version of the incident that noted it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum FollowUpEvent {
    /// It was noted.
    Added(Said),
    /// It reads otherwise now.
    Changed {
        /// Which.
        number: u64,
        /// All of it, as it is now.
        said: Said,
    },
    /// It is done.
    Done {
        /// Which.
        number: u64,
        /// How somebody saw that it worked.
        seen: String,
    },
    /// It will not be done.
    Dropped {
        /// Which.
        number: u64,
        /// Why.
        why: String,
    },
    /// Somebody was reminded.
    Reminded {
        /// Which.
        number: u64,
    },
}

/// How far a follow-up is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// To be done.
    Open,
    /// Done, and how that was seen.
    Done(String),
    /// Given up, and why.
    Dropped(String),
}

/// A follow-up as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowUp {
    /// Version of the incident that noted it: its number.
    pub number: u64,
    /// Who noted it.
    pub by: Actor,
    /// What is said of it.
    pub said: Said,
    /// How far it is.
    pub state: State,
    /// How often somebody was reminded.
    pub reminded: u8,
}

/// What somebody wants of a follow-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FollowUpRequest {
    /// To note one.
    Add(Said),
    /// To change one.
    Change {
        /// Which.
        number: u64,
        /// All of it, as it shall be.
        said: Said,
    },
    /// To say that it is done.
    Done {
        /// Which.
        number: u64,
        /// How that is seen.
        seen: String,
    },
    /// To give it up.
    Drop {
        /// Which.
        number: u64,
        /// Why.
        why: String,
    },
    /// A reminder has come due.
    Due,
}

impl FollowUp {
    /// Whether it is still to be done.
    pub fn is_open(&self) -> bool {
        self.state == State::Open
    }

    /// When the next reminder comes; none where it needs none any more.
    pub fn next_reminder(&self) -> Option<UtcMs> {
        let due = self.said.due.filter(|_| self.is_open())?;
        match self.reminded {
            0 => Some(due - BEFORE),
            1 => Some(due + DAY),
            2 => Some(due + DAY * 3),
            late if late < MOST_REMINDERS => Some(due + DAY * 3 + DAY * 7 * u32::from(late - 2)),
            _ => None,
        }
    }

    /// Whether the next reminder goes to the lead, because the owner has had theirs.
    pub fn is_with_the_lead(&self) -> bool {
        self.reminded > 2 || self.said.owner.is_none()
    }

    /// What a reader of the review misses.
    pub fn misses(&self) -> Vec<&'static str> {
        let parts = [
            (self.said.owner.is_none(), say!("an owner")),
            (self.said.due.is_none(), "a date"),
            (self.said.shown_by.is_empty(), say!("how one will see that it worked")),
        ];
        parts.into_iter().filter_map(|(missing, name)| (missing && self.is_open()).then_some(name)).collect()
    }
}

/// When the next reminder of an incident comes.
pub fn next_reminder(incident: &Incident) -> Option<UtcMs> {
    incident.follow_ups.iter().filter_map(FollowUp::next_reminder).min()
}

/// The follow-ups after one more event.
pub(super) fn apply(follow_ups: &mut Vec<FollowUp>, event: &FollowUpEvent, version: u64, by: &Actor) {
    let mut change = |number: u64, change: &dyn Fn(&mut FollowUp)| {
        follow_ups.iter_mut().filter(|follow_up| follow_up.number == number).for_each(change);
    };
    match event {
        FollowUpEvent::Added(said) => follow_ups.push(FollowUp {
            number: version,
            by: by.clone(),
            said: said.clone(),
            state: State::Open,
            reminded: 0,
        }),
        FollowUpEvent::Changed { number, said } => change(*number, &|follow_up| {
            if follow_up.said.due != said.due {
                follow_up.reminded = 0;
            }
            follow_up.said = said.clone();
        }),
        FollowUpEvent::Done { number, seen } => {
            change(*number, &|follow_up| follow_up.state = State::Done(seen.clone()));
        }
        FollowUpEvent::Dropped { number, why } => {
            change(*number, &|follow_up| follow_up.state = State::Dropped(why.clone()));
        }
        FollowUpEvent::Reminded { number } => {
            change(*number, &|follow_up| follow_up.reminded = follow_up.reminded.saturating_add(1));
        }
    }
}

/// What follows from a request. Also after the end.
pub(super) fn decide(
    incident: &Incident,
    request: FollowUpRequest,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    let events = match request {
        FollowUpRequest::Add(said) => vec![FollowUpEvent::Added(checked(said)?)],
        FollowUpRequest::Change { number, said } => {
            open(incident, number)?;
            vec![FollowUpEvent::Changed { number, said: checked(said)? }]
        }
        FollowUpRequest::Done { number, seen } => {
            open(incident, number)?;
            vec![FollowUpEvent::Done { number, seen: line(&seen, FACT_LIMIT)? }]
        }
        FollowUpRequest::Drop { number, why } => {
            open(incident, number)?;
            vec![FollowUpEvent::Dropped { number, why: line(&why, FACT_LIMIT)? }]
        }
        FollowUpRequest::Due => {
            let due = incident
                .follow_ups
                .iter()
                .filter(|follow_up| follow_up.next_reminder().is_some_and(|at| at <= context.now));
            due.map(|follow_up| FollowUpEvent::Reminded { number: follow_up.number }).collect()
        }
    };
    Ok(events.into_iter().map(|event| Decided::now(context, Event::FollowUp(event))).collect())
}

fn checked(said: Said) -> Result<Said, Refusal> {
    let shown_by = match said.shown_by.trim() {
        "" => String::new(),
        text => line(text, FACT_LIMIT)?,
    };
    Ok(Said { text: line(&said.text, FACT_LIMIT)?, shown_by, ..said })
}

fn open(incident: &Incident, number: u64) -> Result<&FollowUp, Refusal> {
    let follow_up = incident.follow_ups.iter().find(|follow_up| follow_up.number == number);
    match follow_up {
        None => Err(Refusal::NothingNew(say!("{} has no follow-up number {number}", incident.id))),
        Some(follow_up) if !follow_up.is_open() => {
            Err(Refusal::NothingNew(say!("“{}” is not open any more", follow_up.said.text)))
        }
        Some(follow_up) => Ok(follow_up),
    }
}

/// A follow-up in one line, with owner, date and what is missing.
pub fn one_line(follow_up: &FollowUp) -> String {
    let Said { text, owner, due, sort, .. } = &follow_up.said;
    let owner = owner.as_ref().map_or(say!("no owner"), |owner| owner.name.as_str());
    let due = due.map_or(say!("no date").to_owned(), |due| format!("<t:{}:d>", due.seconds()));
    let state = match &follow_up.state {
        State::Open => String::new(),
        State::Done(seen) => say!(" ✓ done: {seen}"),
        State::Dropped(why) => say!(" ✗ dropped: {why}"),
    };
    say!("{}. {text} ({}, {owner}, {due}){state}", follow_up.number, sort.name())
}

/// What happened, in words.
pub(crate) fn sentence(who: &Actor, event: &FollowUpEvent) -> String {
    match event {
        FollowUpEvent::Added(said) => {
            say!("{who} noted a follow-up ({}): {}", said.sort.name(), said.text)
        }
        FollowUpEvent::Changed { number, said } => say!("{who} changed follow-up {number}: {}", said.text),
        FollowUpEvent::Done { number, seen } => say!("{who} did follow-up {number}; it shows by: {seen}"),
        FollowUpEvent::Dropped { number, why } => say!("{who} dropped follow-up {number}: {why}"),
        FollowUpEvent::Reminded { number } => say!("{who} reminded of follow-up {number}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(due_day: Option<u32>, reminded: u8) -> FollowUp {
        FollowUp {
            number: 1,
            by: Actor::Watchpost,
            said: Said { due: due_day.map(|day| UtcMs(0) + DAY * day), ..Said::default() },
            state: State::Open,
            reminded,
        }
    }

    #[test]
    fn reminders_come_before_and_after_then_weekly_and_end() {
        let days: Vec<Option<u64>> = (0..=6)
            .map(|reminded| {
                with(Some(10), reminded).next_reminder().map(|at| at.since(UtcMs(0)).as_secs() / 86_400)
            })
            .collect();
        assert_eq!(days, [Some(8), Some(11), Some(13), Some(20), Some(27), None, None]);
        assert_eq!(with(None, 0).next_reminder(), None);
        let done = FollowUp { state: State::Done("seen".to_owned()), ..with(Some(10), 0) };
        assert_eq!(done.next_reminder(), None);
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(with(Some(1), 0).misses(), ["an owner", "how one will see that it worked"]);
    }
}
