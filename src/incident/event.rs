//! What can happen in an incident. State is the fold of these, and nothing else changes it.
//!
//! No event is changed or deleted: a correction is a new event that names the old one. Events are read for
//! as long as there is an installation, so fields are only added (with `#[serde(default)]`) and never renamed;
//! what must change its form gets a new variant and is upcast when read. Samples of every form that was ever
//! written stand in `tests/fixtures/`.

use serde::{Deserialize, Serialize};

use super::{Capabilities, Eta, Facts, Phase, Severity, Verdict};
use crate::book::BookEvent;
use crate::cause::Cause;
use crate::clock::UtcMs;
use crate::evidence::FileEvent;
use crate::ids::{AudienceName, DestinationName, GuildId, IncidentId, MessageId, PlaceId, Seq, ServiceName};
use crate::incident::action::ActionEvent;
use crate::incident::amend::AmendEvent;
use crate::incident::call::CallEvent;
use crate::incident::checklist::ChecklistEvent;
use crate::incident::contradict::Contradiction;
use crate::incident::follow_up::FollowUpEvent;
use crate::incident::link::LinkEvent;
use crate::incident::proof::ProofEvent;
use crate::incident::reach::ReachEvent;
use crate::incident::restrict::RestrictEvent;
use crate::incident::review::ReviewEvent;
use crate::incident::role::RoleEvent;
use crate::incident::suspect::SuspectEvent;
use crate::incident::telling::TellingEvent;
use crate::person::{Actor, Person};
use crate::report::Report;
use crate::update::Wording;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// The incident begins: somebody said so, or a check was confirmed.
    Declared {
        /// Where it was declared.
        guild: GuildId,
        /// One line: what is wrong.
        title: String,
        /// The service that is meant, where one is known.
        #[serde(default)]
        service: Option<ServiceName>,
        /// How bad.
        severity: Severity,
        /// When it began for the people who use the mail, where that is known.
        #[serde(default)]
        since: Option<UtcMs>,
        /// A rehearsal: reaches no real stakeholder and counts in no figure.
        #[serde(default)]
        drill: bool,
        /// Name of the version of the procedure that it runs under; none where an older Watchpost wrote it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        procedure: Option<String>,
    },
    /// Somebody has it: they lead and write the updates until they hand over.
    Acknowledged,
    /// The lead goes to somebody else.
    HandedOver {
        /// Who leads now.
        to: Person,
    },
    /// How bad it is was judged anew.
    SeverityChanged {
        /// The new severity.
        to: Severity,
        /// Why.
        why: String,
    },
    /// The procedure goes to another step.
    PhaseChanged {
        /// The new phase.
        to: Phase,
        /// Why.
        why: String,
    },
    /// A full check of the service ended.
    Assessed {
        /// The service.
        service: ServiceName,
        /// Of the whole.
        verdict: Verdict,
        /// The one likely cause, where there is one.
        #[serde(default)]
        cause: Option<Cause>,
        /// What is wrong, for whom, in one or two sentences.
        summary: String,
        /// What works.
        capabilities: Capabilities,
    },
    /// Somebody wrote something down.
    Logged {
        /// What sort of remark.
        kind: EntryKind,
        /// The remark.
        text: String,
    },
    /// What stakeholders must know has changed.
    FactsChanged {
        /// All of it, as it is now.
        facts: Facts,
    },
    /// When it will be over is seen anew; every slip is kept.
    EtaChanged {
        /// The new estimate.
        eta: Eta,
    },
    /// A text for an audience was put into the outbox.
    UpdateIssued {
        /// Who is told.
        audience: AudienceName,
        /// Counts the updates of the incident to this audience, from 1.
        number: u32,
        /// What sort of text.
        kind: UpdateKind,
        /// The text.
        text: String,
        /// When this text was due.
        planned: UtcMs,
        /// When the text promises the next word; none after the last one.
        #[serde(default)]
        next: Option<UtcMs>,
        /// How many words were due and not said before this one, because nothing was running.
        #[serde(default)]
        missed: u32,
        /// The text for phones, what the text rests on, and how it was posted.
        #[serde(default)]
        wording: Wording,
    },
    /// An update reached a destination, with proof.
    UpdateDelivered {
        /// Who was told.
        audience: AudienceName,
        /// Which update.
        number: u32,
        /// Where.
        destination: DestinationName,
        /// What proves it: a message's number, `200`, `250 2.0.0 …`.
        proof: String,
    },
    /// An update will not reach a destination.
    UpdateUndelivered {
        /// Who was not told.
        audience: AudienceName,
        /// Which update.
        number: u32,
        /// Where.
        destination: DestinationName,
        /// Why, in words.
        why: String,
    },
    /// A part of the incident's home in the chat stands now.
    Placed {
        /// Which part.
        part: HomePart,
        /// The channel or thread.
        place: PlaceId,
        /// The message, where it is one.
        #[serde(default)]
        message: Option<MessageId>,
    },
    /// A part of the home could not be made.
    NotPlaced {
        /// Which part.
        part: HomePart,
        /// Why, in words.
        why: String,
    },
    /// Something around telling stakeholders.
    Telling(TellingEvent),
    /// Whom an update cannot be brought to.
    Reach(ReachEvent),
    /// Something is done to fix it.
    Action(ActionEvent),
    /// Somebody is woken.
    Call(CallEvent),
    /// How a line of the component checklist stands.
    Checklist(ChecklistEvent),
    /// What an entry of the log is seen as.
    Suspect(SuspectEvent),
    /// That mail works is proved, or is not.
    Proof(ProofEvent),
    /// What it has to do with other incidents.
    Link(LinkEvent),
    /// Who does what beside the lead.
    Role(RoleEvent),
    /// Who sees it.
    Restrict(RestrictEvent),
    /// A report says otherwise than the published text.
    Contradicted(Contradiction),
    /// Something that was recorded is put right.
    Amended(AmendEvent),
    /// Something is to be done after it.
    FollowUp(FollowUpEvent),
    /// The review goes on.
    Review(ReviewEvent),
    /// Somebody without mail told so.
    Reported(Report),
    /// Mail works again.
    Resolved {
        /// What was done, and how it is known.
        why: String,
    },
    /// It was not over.
    Reopened {
        /// Why.
        why: String,
    },
    /// Something beside the incidents: only in the stream of the book.
    Book(BookEvent),
    /// The content of a file that is kept as evidence, in a stream of its own.
    File(FileEvent),
}

/// What sort of remark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// Anything worth keeping.
    Note,
    /// Something that was found out.
    Finding,
    /// A possible cause.
    Suspect,
    /// A possible cause that it was not.
    RuledOut,
    /// The cause.
    Cause,
    /// A change that was made before or during the incident.
    Change,
    /// Something to do afterwards.
    FollowUp,
}

/// What sort of text an update is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpdateKind {
    /// The first word.
    First,
    /// Due, and nothing new.
    Holding,
    /// Due, and nobody has it yet.
    HoldingUnacknowledged,
    /// Something that the reader notices has changed.
    Progress,
    /// It works again; that is still being proved.
    Works,
    /// It was said that it works, and it does not.
    Setback,
    /// An earlier text was wrong.
    Correction,
    /// It is over.
    Resolution,
    /// In the morning: what was posted silently during the night.
    Digest,
}

impl UpdateKind {
    /// All of them.
    pub const ALL: &[UpdateKind] = &[
        UpdateKind::First,
        UpdateKind::Holding,
        UpdateKind::HoldingUnacknowledged,
        UpdateKind::Progress,
        UpdateKind::Works,
        UpdateKind::Setback,
        UpdateKind::Correction,
        UpdateKind::Resolution,
        UpdateKind::Digest,
    ];

    /// Its name in files of texts.
    pub fn word(self) -> &'static str {
        match self {
            UpdateKind::First => "first",
            UpdateKind::Holding => "holding",
            UpdateKind::HoldingUnacknowledged => "holding_unacknowledged",
            UpdateKind::Progress => "progress",
            UpdateKind::Works => "works",
            UpdateKind::Setback => "setback",
            UpdateKind::Correction => "correction",
            UpdateKind::Resolution => "resolution",
            UpdateKind::Digest => "digest",
        }
    }

    /// Whether it says that nothing is new.
    pub fn is_holding(self) -> bool {
        matches!(self, UpdateKind::Holding | UpdateKind::HoldingUnacknowledged)
    }

    /// Whether the reader is told that mail works again; none where this says nothing about it.
    pub fn says_it_works(self) -> Option<bool> {
        match self {
            UpdateKind::Works | UpdateKind::Resolution => Some(true),
            UpdateKind::First | UpdateKind::Progress | UpdateKind::Setback => Some(false),
            UpdateKind::Holding
            | UpdateKind::HoldingUnacknowledged
            | UpdateKind::Correction
            | UpdateKind::Digest => None,
        }
    }
}

/// The parts of an incident's home in the chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HomePart {
    /// The line in the operations channel.
    Headline,
    /// The thread of the incident.
    Thread,
    /// The card in the thread.
    Card,
    /// The card's pin.
    Pin,
}

/// Where an event came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A slash command, button, menu or form.
    Chat,
    /// A shell on the host.
    Shell,
    /// A stored due time.
    Timer,
    /// A check.
    Check,
    /// The delivery of something.
    Outbox,
}

/// An event on its way into the store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewEvent {
    /// Whose timeline.
    pub incident: IncidentId,
    /// When it happened: now, or earlier where somebody says so.
    pub happened_at: UtcMs,
    /// Who did it.
    pub actor: Actor,
    /// By which way it came.
    pub origin: Origin,
    /// What.
    pub event: Event,
}

/// An event that is on disk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    /// Place in the one order of all events.
    pub seq: Seq,
    /// Place in the order of its incident, from 1: the incident's version after it.
    pub version: u64,
    /// When it was written down.
    pub recorded_at: UtcMs,
    /// The event.
    #[serde(flatten)]
    pub new: NewEvent,
}
