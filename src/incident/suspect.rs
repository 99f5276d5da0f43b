//! Suspects: a logged line is a possible cause, is the cause, or was not it. And its time, where it was another.
//!
//! 1. Any entry can be raised to a suspect, ruled out or confirmed, by a button under it.
//! 2. Confirming one makes it the incident's cause, and the incident identified.
//! 3. Ruling out the confirmed cause opens the search again.
//! 4. The entry itself stays as it was written; these events name it.

use serde::{Deserialize, Serialize};
use watchpost_texts::say;

use super::decide::{Context, Decided, FACT_LIMIT, while_open};
use super::event::{EntryKind, Event};
use super::{Entry, Incident, Phase};
use crate::clock::UtcMs;
use crate::person::Actor;
use crate::refusal::Refusal;

/// What can happen to an entry. `entry` is the version of the incident that wrote it down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum SuspectEvent {
    /// It may be the cause.
    Raised {
        /// Which entry.
        entry: u64,
        /// What it says, so that a reader of this event need not look for it.
        text: String,
    },
    /// It was not the cause.
    RuledOut {
        /// Which entry.
        entry: u64,
        /// What it says.
        text: String,
        /// What shows it.
        #[serde(default)]
        why: String,
    },
    /// It is the cause.
    Confirmed {
        /// Which entry.
        entry: u64,
        /// What it says.
        text: String,
    },
    /// It happened at another time.
    Retimed {
        /// Which entry.
        entry: u64,
        /// When it happened.
        at: UtcMs,
    },
}

impl SuspectEvent {
    /// Which entry it is about.
    pub fn entry(&self) -> u64 {
        match self {
            SuspectEvent::Raised { entry, .. }
            | SuspectEvent::RuledOut { entry, .. }
            | SuspectEvent::Confirmed { entry, .. }
            | SuspectEvent::Retimed { entry, .. } => *entry,
        }
    }
}

/// What somebody says of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SuspectRequest {
    /// It may be the cause.
    Raise {
        /// Which entry.
        entry: u64,
    },
    /// It was not it.
    RuleOut {
        /// Which entry.
        entry: u64,
        /// What shows it; may be empty.
        why: String,
    },
    /// It is the cause.
    Confirm {
        /// Which entry.
        entry: u64,
    },
    /// It happened then.
    Retime {
        /// Which entry.
        entry: u64,
        /// When.
        at: UtcMs,
    },
}

/// The incident after one more of these events.
pub(super) fn apply(incident: &mut Incident, event: &SuspectEvent) {
    let (number, kind) = match event {
        SuspectEvent::Raised { entry, .. } => (*entry, Some(EntryKind::Suspect)),
        SuspectEvent::RuledOut { entry, .. } => (*entry, Some(EntryKind::RuledOut)),
        SuspectEvent::Confirmed { entry, .. } => (*entry, Some(EntryKind::Cause)),
        SuspectEvent::Retimed { entry, .. } => (*entry, None),
    };
    let Some(entry) = incident.entries.iter_mut().find(|entry| entry.number == number) else { return };
    if let Some(kind) = kind {
        entry.kind = kind;
    }
    if let SuspectEvent::Retimed { at, .. } = event {
        entry.at = *at;
    }
    match event {
        SuspectEvent::Confirmed { .. } => incident.confirmed = Some(number),
        SuspectEvent::RuledOut { .. } | SuspectEvent::Raised { .. } if incident.confirmed == Some(number) => {
            incident.confirmed = None;
        }
        _ => {}
    }
}

impl Incident {
    /// The entry that is known to be the cause.
    pub fn cause_entry(&self) -> Option<&Entry> {
        self.entries.iter().find(|entry| Some(entry.number) == self.confirmed)
    }

    /// The entries that may be the cause, oldest first.
    pub fn suspects(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.kind == EntryKind::Suspect)
    }
}

/// What follows from a request about an entry.
pub(super) fn decide(
    incident: &Incident,
    request: SuspectRequest,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    match request {
        SuspectRequest::Raise { entry } => {
            let entry = in_question(incident, entry, EntryKind::Suspect)?;
            Ok(vec![say(context, SuspectEvent::Raised { entry: entry.number, text: short(entry) })])
        }
        SuspectRequest::RuleOut { entry, why } => {
            let entry = in_question(incident, entry, EntryKind::RuledOut)?;
            let why: String = why.trim().chars().take(FACT_LIMIT).collect();
            let was_it = incident.confirmed == Some(entry.number);
            let text = short(entry);
            let back = say!("it was not “{text}”");
            let mut events = vec![say(context, SuspectEvent::RuledOut { entry: entry.number, text, why })];
            if was_it && incident.phase == Phase::Identified {
                events.push(phase(context, Phase::Investigating, back));
            }
            Ok(events)
        }
        SuspectRequest::Confirm { entry } => {
            while_open(incident)?;
            let entry = find(incident, entry)?;
            if incident.confirmed == Some(entry.number) {
                return Err(Refusal::NothingNew(say!("this is the cause already").to_owned()));
            }
            let text = short(entry);
            let why = text.clone();
            let mut events = vec![say(context, SuspectEvent::Confirmed { entry: entry.number, text })];
            if incident.phase == Phase::Investigating {
                events.push(phase(context, Phase::Identified, why));
            }
            Ok(events)
        }
        SuspectRequest::Retime { entry, at } => {
            let entry = find(incident, entry)?;
            if at > context.now {
                return Err(Refusal::WrongTime(say!("lies in the future").to_owned()));
            }
            if entry.at == at {
                return Err(Refusal::NothingNew(say!("it stands at that time already").to_owned()));
            }
            Ok(vec![say(context, SuspectEvent::Retimed { entry: entry.number, at })])
        }
    }
}

fn say(context: &Context<'_>, event: SuspectEvent) -> Decided {
    Decided::now(context, Event::Suspect(event))
}

fn phase(context: &Context<'_>, to: Phase, why: String) -> Decided {
    Decided::now(context, Event::PhaseChanged { to, why })
}

fn find(incident: &Incident, number: u64) -> Result<&Entry, Refusal> {
    let found = incident.entries.iter().find(|entry| entry.number == number);
    found.ok_or_else(|| Refusal::NothingNew(say!("there is no such entry in this incident").to_owned()))
}

fn in_question(incident: &Incident, number: u64, kind: EntryKind) -> Result<&Entry, Refusal> {
    while_open(incident)?;
    let entry = find(incident, number)?;
    if entry.kind == kind {
        let kind = crate::timeline::entry_kind(kind);
        return Err(Refusal::NothingNew(say!("entry {number} is a {kind} already")));
    }
    Ok(entry)
}

fn short(entry: &Entry) -> String {
    entry.text.chars().take(200).collect()
}

/// What happened to an entry, in words.
pub fn sentence(who: &Actor, event: &SuspectEvent) -> String {
    match event {
        SuspectEvent::Raised { entry, text } => say!("{who} suspects entry {entry}: {text}"),
        SuspectEvent::RuledOut { entry, text, why } if why.is_empty() => {
            say!("{who} ruled entry {entry} out: {text}")
        }
        SuspectEvent::RuledOut { entry, text, why } => {
            say!("{who} ruled entry {entry} out: {text} ({why})")
        }
        SuspectEvent::Confirmed { entry, text } => {
            say!("{who} confirmed entry {entry} as the cause: {text}")
        }
        SuspectEvent::Retimed { entry, at } => {
            say!("{who} corrected the time of entry {entry}: it happened at {}.", crate::update::time(*at))
        }
    }
}
