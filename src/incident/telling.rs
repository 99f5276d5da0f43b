//! All around telling stakeholders: drafts, approvals, pauses, reminders, digests, and the history of every update.
//!
//! 1. What a person writes becomes a draft, which is shown for every audience before it is sent.
//! 2. What was typed for outsiders waits for a second person, where one is awake.
//! 3. Before a text is due its draft is shown once; `[Send]` sends it now, `[Later]` moves this one time.
//! 4. Two holding texts without a word of a person: the next responder is called.
//! 5. What was posted silently at night is told once more, in one text, in the morning.
//! 6. Every update keeps when it was due, when it was issued, where it arrived and where not.

mod decide;
mod history;
#[cfg(test)]
mod stories;
mod words;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::UtcMs;
use crate::ids::{AudienceName, DestinationName, PersonId};
use crate::incident::event::{Event, Recorded, UpdateKind};
use crate::incident::{Capabilities, Eta, Facts, Incident, Phase, Verdict};
use crate::person::Actor;
use crate::update::fate::Worst;
pub use decide::APPROVAL_PATIENCE;
pub(in crate::incident) use decide::decide;
pub use history::{Arrival, Failure, Issued};
pub use words::sentence;

/// Who did something within this time is awake.
pub const AWAKE: Duration = Duration::from_secs(30 * 60);
/// Holding texts without a word of a person, after which the next responder is called.
pub const UNWRITTEN: u32 = 2;
/// An incident that has lasted so long may be told of more slowly; that is offered, never done.
pub const LONG: Duration = Duration::from_secs(2 * 3_600);

/// Something that happened around telling.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "events are written and read once, never kept in numbers")]
pub enum TellingEvent {
    /// The draft of what is due soon was shown.
    Reminded {
        /// When it is due.
        due: UtcMs,
        /// Whom it is for.
        audiences: Vec<AudienceName>,
    },
    /// One due time was moved; the cadence stays.
    Moved {
        /// Whose.
        audience: AudienceName,
        /// To when.
        to: UtcMs,
    },
    /// Nothing goes out by itself any more.
    Paused {
        /// Why.
        why: String,
    },
    /// It does again.
    Continued,
    /// From now on texts come half as often.
    Slowed,
    /// Somebody wrote what stakeholders must know; it is shown before it is sent.
    Drafted(Draft),
    /// The draft was sent, dropped or refused.
    DraftClosed {
        /// What became of it.
        outcome: DraftOutcome,
        /// Why, where it was refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        why: String,
    },
    /// An older text that was still on its way is not brought any more: a newer one takes its place.
    Superseded {
        /// Whose.
        audience: AudienceName,
        /// Which.
        number: u32,
        /// Where it had not arrived.
        destination: DestinationName,
    },
    /// The machine's clock was set back: what was promised for a distance from then comes that much earlier.
    ClockSetBack {
        /// By how many milliseconds.
        by: i64,
    },
    /// Texts went out by themselves one after the other, and nobody wrote a word.
    NobodyWrote {
        /// How many.
        texts: u32,
    },
}

/// What somebody wrote, not yet sent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Draft {
    /// What stakeholders would be told.
    pub facts: Facts,
    /// When it will be over, where that changes.
    #[serde(default)]
    pub eta: Option<Eta>,
    /// An earlier text was wrong.
    #[serde(default)]
    pub correction: bool,
    /// Audiences for which a second person is asked; empty: it was not sent to anybody yet.
    #[serde(default)]
    pub held: Vec<AudienceName>,
    /// What they were told before.
    #[serde(default)]
    pub before: Facts,
}

/// What became of a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DraftOutcome {
    /// It was sent.
    Sent,
    /// A second person agreed.
    Approved,
    /// A second person did not agree.
    Refused,
    /// Its author took it back.
    Dropped,
}

/// What somebody, or a timer, wants of telling.
#[derive(Debug, Clone, PartialEq)]
pub enum TellingRequest {
    /// To see what would be sent.
    Draft(Box<Draft>),
    /// To send the draft, or where there is none what is due soon.
    Send,
    /// To take the draft back.
    Drop,
    /// To agree that outsiders read it.
    Approve,
    /// Not to agree.
    Refuse {
        /// Why.
        why: String,
    },
    /// To move what is due next.
    Later,
    /// That nothing goes out by itself.
    Pause {
        /// Why.
        why: String,
    },
    /// That it does again.
    Continue,
    /// Texts half as often.
    Slow,
    /// The draft of what is due soon is to be shown.
    RemindDue,
    /// The machine's clock was set back.
    ClockSetBack {
        /// By how much.
        by: Duration,
    },
    /// The morning has come for an audience.
    DigestDue {
        /// Whose.
        audience: AudienceName,
    },
}

/// A draft on the desk.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenDraft {
    /// What was written.
    pub draft: Draft,
    /// By whom.
    pub by: Actor,
    /// When.
    pub at: UtcMs,
}

/// Why nothing goes out by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Pause {
    /// Why.
    pub why: String,
    /// Who said so.
    pub by: Actor,
    /// Since when.
    pub at: UtcMs,
}

/// Where telling stands.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Telling {
    /// The worst that was measured of each capability.
    pub hurt: Capabilities,
    /// What happened to mail at its worst.
    pub fate: Worst,
    /// Since when readers know that it works.
    pub works_since: Option<UtcMs>,
    /// When something changed that readers notice; texts before it are out of date.
    pub news_at: Option<UtcMs>,
    /// The due time for which a draft was shown.
    pub reminded: Option<UtcMs>,
    /// Due times that somebody moved.
    pub moved: BTreeMap<AudienceName, UtcMs>,
    /// Why nothing goes out by itself.
    pub paused: Option<Pause>,
    /// Whether texts come half as often.
    pub slow: bool,
    /// Holding texts one after the other without a word of a person.
    pub unwritten: u32,
    /// When the digest is due for each audience that was told silently.
    pub digests: BTreeMap<AudienceName, UtcMs>,
    /// What somebody wrote and nobody sent yet.
    pub draft: Option<OpenDraft>,
    /// Every update, in order.
    pub updates: Vec<Issued>,
    /// By how much the clock was set back since it was declared.
    pub set_back: Duration,
    seen: BTreeMap<PersonId, (String, UtcMs)>,
    last_round: Option<UtcMs>,
}

impl Telling {
    /// Names of the people who worked on it.
    pub fn people(&self) -> impl Iterator<Item = &str> {
        self.seen.values().map(|(name, _)| name.as_str())
    }

    /// Somebody else who did something lately.
    pub fn awake_beside(&self, person: &Actor, now: UtcMs) -> Option<&str> {
        let not = person.person().map(|person| person.id);
        let awake =
            |(id, (_, at)): &(&PersonId, &(String, UtcMs))| Some(**id) != not && now.since(*at) <= AWAKE;
        self.seen.iter().find(awake).map(|(_, (name, _))| name.as_str())
    }

    /// The draft of which this audience waits for the approval.
    pub fn held(&self, audience: &AudienceName) -> Option<&OpenDraft> {
        self.draft.as_ref().filter(|open| open.draft.held.contains(audience))
    }
}

/// Where telling stands after one more event of the incident. Called before anything else is folded in.
pub(in crate::incident) fn apply(incident: &mut Incident, recorded: &Recorded) {
    let (at, actor) = (recorded.new.happened_at, &recorded.new.actor);
    if let Some(person) = actor.person().filter(|_| !matches!(recorded.new.event, Event::Reported(_))) {
        incident.telling.seen.insert(person.id, (person.name.clone(), recorded.recorded_at));
    }
    match &recorded.new.event {
        Event::Assessed { capabilities, cause, .. } => {
            if worsens(incident, capabilities) {
                incident.telling.news_at = Some(at);
            }
            incident.telling.fate = incident.telling.fate.and(*capabilities, *cause);
            incident.telling.hurt = worst(incident.telling.hurt, *capabilities);
        }
        Event::FactsChanged { facts } if *facts != incident.facts => news(&mut incident.telling, actor, at),
        Event::EtaChanged { eta } if *eta != incident.eta => news(&mut incident.telling, actor, at),
        Event::Resolved { .. } => {
            (incident.telling.paused, incident.telling.draft) = (None, None);
            incident.telling.moved.clear();
        }
        Event::Reopened { .. } => incident.telling.works_since = None,
        // Whoever has just taken it was awake a moment ago.
        Event::Acknowledged | Event::HandedOver { .. } => incident.telling.unwritten = 0,
        Event::Telling(TellingEvent::ClockSetBack { by }) => set_back(incident, *by),
        Event::Telling(event) => apply_own(&mut incident.telling, event, actor, at),
        event => history::apply(&mut incident.telling, event, actor, at),
    }
}

fn news(telling: &mut Telling, actor: &Actor, at: UtcMs) {
    telling.news_at = Some(at);
    if actor.person().is_some() {
        telling.unwritten = 0;
    }
}

fn apply_own(telling: &mut Telling, event: &TellingEvent, by: &Actor, at: UtcMs) {
    match event {
        TellingEvent::Reminded { due, .. } => telling.reminded = Some(*due),
        TellingEvent::Moved { audience, to } => drop(telling.moved.insert(audience.clone(), *to)),
        TellingEvent::Paused { why } => {
            telling.paused = Some(Pause { why: why.clone(), by: by.clone(), at });
        }
        TellingEvent::Continued => telling.paused = None,
        TellingEvent::Slowed => telling.slow = true,
        TellingEvent::Drafted(draft) => {
            telling.draft = Some(OpenDraft { draft: draft.clone(), by: by.clone(), at });
        }
        TellingEvent::DraftClosed { .. } => telling.draft = None,
        TellingEvent::Superseded { audience, number, destination } => {
            if let Some(issued) = history::find(&mut telling.updates, audience, *number) {
                issued.superseded.push(destination.clone());
            }
        }
        TellingEvent::NobodyWrote { .. } => telling.unwritten = 0,
        // Moves what was told, too: done where all of the incident is at hand.
        TellingEvent::ClockSetBack { .. } => {}
    }
}

/// What was promised for a distance from the old clock's time comes that much earlier by the new one. The morning stays
/// where the wall clock says.
fn set_back(incident: &mut Incident, by: i64) {
    let earlier = |at: &mut UtcMs| *at = UtcMs(at.0 - by);
    for told in incident.told.values_mut() {
        earlier(&mut told.at);
        told.next.iter_mut().for_each(earlier);
    }
    incident.telling.news_at.iter_mut().for_each(earlier);
    incident.telling.moved.values_mut().for_each(earlier);
    incident.telling.reminded = None;
    incident.telling.set_back += Duration::from_millis(u64::try_from(by).unwrap_or(0));
}

/// Something that readers were told works does not work. While it is proved, the proof says so.
fn worsens(incident: &Incident, now: &Capabilities) -> bool {
    let Some(last) = incident.assessment.as_ref().filter(|_| incident.phase != Phase::Verifying) else {
        return false;
    };
    let before = last.capabilities;
    [(before.receive, now.receive), (before.send, now.send), (before.read, now.read)]
        .contains(&(Verdict::Ok, Verdict::Down))
}

fn worst(one: Capabilities, other: Capabilities) -> Capabilities {
    let rank = |verdict| match verdict {
        Verdict::Unknown => 0,
        Verdict::Ok => 1,
        Verdict::Degraded => 2,
        Verdict::Down => 3,
    };
    let worse = |one, other| if rank(other) > rank(one) { other } else { one };
    Capabilities {
        receive: worse(one.receive, other.receive),
        send: worse(one.send, other.send),
        internal: worse(one.internal, other.internal),
        read: worse(one.read, other.read),
    }
}

/// Marks that a round of holding texts went out by itself.
fn round(telling: &mut Telling, kind: UpdateKind, by: &Actor, at: UtcMs) {
    if by.person().is_some() {
        telling.unwritten = 0;
    } else if kind.is_holding() && telling.last_round != Some(at) {
        telling.unwritten += 1;
        telling.last_round = Some(at);
    }
}
