//! An incident: the fold of its events.
//!
//! 1. [`decide`](decide::decide) takes an incident, a request and `now`, and answers with events or a refusal. Pure.
//! 2. The desk stores the events.
//! 3. [`Incident::apply`] folds them in, one by one. It cannot fail and reads no clock.

pub mod action;
pub mod amend;
mod apply;
pub mod call;
pub mod checklist;
pub mod contradict;
pub mod decide;
pub mod estimate;
pub mod event;
pub mod follow_up;
pub mod guess;
pub mod link;
pub mod milestone;
pub mod phase;
pub mod proof;
pub mod reach;
pub mod restrict;
pub mod review;
pub mod role;
pub mod suggest;
pub mod suspect;
pub mod telling;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::cause::Cause;
pub use crate::check::{Capabilities, Verdict};
use crate::clock::UtcMs;
use crate::ids::{AudienceName, DestinationName, GuildId, IncidentId, MessageId, PlaceId, ServiceName};
use crate::person::{Actor, Person};
use crate::report::Report;
use crate::store::Head;
use crate::update::Said;
use crate::update::fate::Fate;
use action::Action;
use amend::Amendments;
use call::Calls;
use checklist::Checklist;
use estimate::Estimate;
use event::{EntryKind, Recorded, UpdateKind};
use follow_up::FollowUp;
use link::Links;
use milestone::Milestones;
pub use phase::{Phase, Severity};
use telling::Telling;

/// When it will be over. "Unknown" is an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Eta {
    /// Nobody knows.
    #[default]
    Unknown,
    /// At about this time.
    At(UtcMs),
    /// Between these.
    Between(UtcMs, UtcMs),
}

/// What stakeholders must know. Written once; all texts follow.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Facts {
    /// What the reader notices.
    #[serde(default)]
    pub impact: String,
    /// What to use meanwhile.
    #[serde(default)]
    pub instead: String,
    /// One free sentence.
    #[serde(default)]
    pub sentence: String,
    /// What happens to mail, where a person knows it better than the probes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<Fate>,
    /// What management has to decide; empty where nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub decision: String,
}

/// What an audience has been told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Number of the last update.
    pub number: u32,
    /// What sort it was.
    pub kind: UpdateKind,
    /// Its text.
    pub text: String,
    /// When it was issued.
    pub at: UtcMs,
    /// When it promises the next word.
    pub next: Option<UtcMs>,
    /// Whether it was told that mail works again, and nothing else since.
    pub works: bool,
    /// What the text rests on.
    pub said: Said,
    /// Where it arrived.
    pub delivered: Vec<DestinationName>,
    /// Where it did not.
    pub undelivered: Vec<DestinationName>,
}

/// Something that was written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Version of the incident that it made: its number.
    pub number: u64,
    /// When it happened.
    pub at: UtcMs,
    /// Who wrote it.
    pub by: Actor,
    /// What sort.
    pub kind: EntryKind,
    /// What.
    pub text: String,
}

/// Where an incident lives in the chat.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Home {
    /// The line in the operations channel.
    pub headline: Option<(PlaceId, MessageId)>,
    /// The thread.
    pub thread: Option<PlaceId>,
    /// The card in it.
    pub card: Option<MessageId>,
    /// Whether the card is pinned.
    pub pinned: bool,
}

/// The last full check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastAssessment {
    /// When it ended.
    pub at: UtcMs,
    /// Of which service.
    pub service: ServiceName,
    /// Of the whole.
    pub verdict: Verdict,
    /// The likely cause.
    pub cause: Option<Cause>,
    /// In words.
    pub summary: String,
    /// What works.
    pub capabilities: Capabilities,
}

/// An incident, as it is after its last event.
#[derive(Debug, Clone, PartialEq)]
pub struct Incident {
    /// Number.
    pub id: IncidentId,
    /// Number of events; 0 before it is declared.
    pub version: u64,
    /// Whose.
    pub guild: GuildId,
    /// One line.
    pub title: String,
    /// The service that is meant.
    pub service: Option<ServiceName>,
    /// How bad.
    pub severity: Severity,
    /// Where the procedure is.
    pub phase: Phase,
    /// A rehearsal.
    pub drill: bool,
    /// Name of the version of the procedure that it runs under.
    pub procedure: Option<String>,
    /// When it was declared.
    pub declared_at: UtcMs,
    /// Who declared it.
    pub declared_by: Actor,
    /// When it began for the people who use the mail.
    pub since: Option<UtcMs>,
    /// When somebody took it.
    pub acknowledged_at: Option<UtcMs>,
    /// Who leads.
    pub lead: Option<Person>,
    /// The last full check.
    pub assessment: Option<LastAssessment>,
    /// What stakeholders must know.
    pub facts: Facts,
    /// When it will be over.
    pub eta: Eta,
    /// What each audience has been told.
    pub told: BTreeMap<AudienceName, Told>,
    /// What was written down.
    pub entries: Vec<Entry>,
    /// The entry that is known to be the cause, by its number.
    pub confirmed: Option<u64>,
    /// Who writes the updates, where that is not the lead.
    pub communications: Option<Person>,
    /// Who sees it, where not everybody does.
    pub inside: Option<Vec<Person>>,
    /// What it has to do with other incidents.
    pub links: Links,
    /// Every estimate of its end.
    pub estimates: Vec<Estimate>,
    /// What reports said against the published text, as it was offered already.
    pub contradicted: Vec<String>,
    /// How the components stand.
    pub checklist: Checklist,
    /// What is done to fix it.
    pub actions: Vec<Action>,
    /// What users told.
    pub reports: Vec<Report>,
    /// Who was rung.
    pub calls: Calls,
    /// Where it lives in the chat.
    pub home: Home,
    /// All around telling: drafts, pauses, digests, the history of every update.
    pub telling: Telling,
    /// Whom an update cannot be brought to.
    pub reach: reach::Reach,
    /// When it was resolved.
    pub resolved_at: Option<UtcMs>,
    /// How far it is proved that mail works.
    pub proof: proof::Proof,
    /// The moments that its clocks are computed from.
    pub milestones: Milestones,
    /// What was put right.
    pub amended: Amendments,
    /// What is to be done after it.
    pub follow_ups: Vec<FollowUp>,
    /// Its review.
    pub review: review::Review,
    /// Who took part, in the order in which they came.
    pub people: Vec<Person>,
}

impl Incident {
    /// An incident of which nothing is known yet: what the first event is applied to.
    pub fn unborn(id: IncidentId) -> Self {
        Incident {
            id,
            version: 0,
            guild: GuildId(0),
            title: String::new(),
            service: None,
            severity: Severity::Sev3,
            phase: Phase::Investigating,
            drill: false,
            procedure: None,
            declared_at: UtcMs(0),
            declared_by: Actor::Watchpost,
            since: None,
            acknowledged_at: None,
            lead: None,
            assessment: None,
            facts: Facts::default(),
            eta: Eta::Unknown,
            told: BTreeMap::new(),
            entries: Vec::new(),
            confirmed: None,
            communications: None,
            inside: None,
            links: Links::default(),
            estimates: Vec::new(),
            contradicted: Vec::new(),
            checklist: Checklist::default(),
            actions: Vec::new(),
            reports: Vec::new(),
            calls: Calls::default(),
            home: Home::default(),
            telling: Telling::default(),
            reach: reach::Reach::default(),
            resolved_at: None,
            proof: proof::Proof::default(),
            milestones: Milestones::default(),
            amended: Amendments::new(),
            follow_ups: Vec::new(),
            review: review::Review::default(),
            people: Vec::new(),
        }
    }

    /// The fold of all its events.
    pub fn from_events<'e>(id: IncidentId, events: impl IntoIterator<Item = &'e Recorded>) -> Self {
        events.into_iter().fold(Incident::unborn(id), Incident::apply)
    }

    /// When it began, as far as is known.
    pub fn began(&self) -> UtcMs {
        self.since.unwrap_or(self.declared_at)
    }

    /// The cause that the checks named last, also when it is over and they name none any more.
    pub fn cause(&self) -> Option<Cause> {
        self.assessment.as_ref().and_then(|last| last.cause).or(self.milestones.last_cause())
    }

    /// How it looks in lists.
    pub fn head(&self) -> Head {
        Head {
            id: self.id,
            guild: self.guild,
            title: self.title.clone(),
            service: self.service.clone(),
            severity: self.severity,
            phase: self.phase,
            cause: self.cause(),
            drill: self.drill,
            declared_at: self.declared_at,
            resolved_at: self.resolved_at,
            version: self.version,
        }
    }
}
