//! The voice for people: why a request was not carried out, and what to do.
//!
//! A refusal is a sentence; a [`Fault`] is for the log, and a person is shown only its number. Which of the two
//! it is, is decided by type, at one boundary: the desk.

use std::hash::{BuildHasher, RandomState};

use watchpost_texts::{say, to_say};

use crate::clock::UtcMs;
use crate::ids::{IncidentId, ServiceName};
use crate::incident::Phase;
use crate::store::StoreError;

/// Why a request was refused. The text says what is wrong, why, and what to do next.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such incident.
    #[error("{}", say!("There is no {0} here. `/incident` without text shows what is open", _0))]
    NoSuchIncident(IncidentId),
    /// No incident was named, and not exactly one is open.
    #[error(
        "{}", say!("{open} incidents are open, so I cannot tell which one you mean. Use the command in the thread of the incident, or name it"))]
    WhichIncident {
        /// How many are open.
        open: usize,
    },
    /// Nothing is open.
    #[error("{}", say!("No incident is open. `/incident text` declares one: one line is enough"))]
    NothingOpen,
    /// A text is missing.
    #[error("{}", say!("The text is empty. Write one line: what is wrong, and for whom"))]
    EmptyText,
    /// A text is too long.
    #[error(
        "{}", say!("The text has {length} characters; {limit} are possible here. Shorten it, or attach the rest as a file"))]
    TooLong {
        /// Characters that were given.
        length: usize,
        /// Characters that are possible.
        limit: usize,
    },
    /// It is over.
    #[error("{}", say!("{id} is {phase}. Reopen it first, if it is not over"))]
    Over {
        /// Which.
        id: IncidentId,
        /// Its phase.
        phase: Phase,
    },
    /// It is not over.
    #[error("{}", say!("{0} is still open; there is nothing to reopen", _0))]
    NotOver(IncidentId),
    /// It is not proved that mail works.
    #[error(
        "{}", say!("{id} is not proved yet, so it stays open. {why} Prove it, or the lead closes it without proof, with the reason"))]
    NotProved {
        /// Which.
        id: IncidentId,
        /// What is not green, in words.
        why: String,
    },
    /// There is nothing that a check could prove.
    #[error(
        "{}", say!("{0} names no service that I watch, so I cannot prove anything. Try it by hand; the lead closes it with the reason", _0))]
    NothingToProve(IncidentId),
    /// It is the lead's word that is asked for.
    #[error(
        "{}", say!("{lead} leads, and only who leads can close it without proof. They can do it, or hand over to you"))]
    OnlyTheLead {
        /// Who leads.
        lead: String,
    },
    /// Somebody else was quicker.
    #[error("{}", say!("{by} has had it since <t:{at}:t>. They can hand it over to you", at = since.seconds()))]
    AlreadyLed {
        /// Who.
        by: String,
        /// Since when.
        since: UtcMs,
    },
    /// Nothing would change.
    #[error("{}", say!("Nothing changes by that: {0}", _0))]
    NothingNew(String),
    /// The service is not configured.
    #[error("{}", say!("“{asked}” is not a service that I watch. {}", known_services(known)))]
    NoSuchService {
        /// What was asked for.
        asked: String,
        /// What there is.
        known: Vec<ServiceName>,
    },
    /// A moment makes no sense here.
    #[error("{}", say!("That time {0}. Give it as `14:05` or `20 minutes ago`", _0))]
    WrongTime(String),
    /// The guild is not configured.
    #[error("{}", say!("I am not set up for this server. Its number must stand in watchpost.toml as `[guild.<id>]`"))]
    UnknownGuild,
    /// Somebody else must agree first.
    #[error(
        "{}", say!("This is risky: a second person must agree to it first. If you are alone, start it with a reason"))]
    NeedsSecondPerson,
    /// Who proposes a change of the procedure does not accept it.
    #[error("{}", say!("You proposed it yourself. Somebody else looks at it and accepts it, or not"))]
    OwnProposal,
    /// It was approved too long ago.
    #[error(
        "{}", say!("“{text}” was approved more than ten minutes ago, and much can change in that time. Have it approved once more, or start it with a reason if you are alone"))]
    ApprovalOver {
        /// What was approved.
        text: String,
    },
    /// Another risky action is under way.
    #[error(
        "{}", say!("“{under_way}” is under way. One risky thing at a time: say first whether that is done or failed"))]
    OneAtATime {
        /// What is under way.
        under_way: String,
    },
    /// Only some people see it.
    #[error(
        "{}", say!("This incident is restricted, so nothing of it is told to stakeholders. Open it first under More…, or declare another one with what may be said"))]
    Restricted,
    /// One person reports too much.
    #[error("{}", say!("I have {most} reports of yours from the last minute, and they count. The next one is taken <t:{at}:R>", at = possible.seconds()))]
    ReportsTooOften {
        /// Reports that are taken in a minute.
        most: usize,
        /// When the next one is taken.
        possible: UtcMs,
    },
    /// More reports at once than can be stored.
    #[error(
        "{}", say!("So many people report at this moment that yours was not stored. Everybody is counted who reports again in a minute; nothing else needs to be done"))]
    ReportsFlood,
    /// The same person said so a moment ago.
    #[error("{}", say!("I have your report, and it is counted. You can report again <t:{at}:R>, or at once if something else is wrong", at = possible.seconds()))]
    ReportedAlready {
        /// When the next one is taken.
        possible: UtcMs,
    },
    /// Too soon after the last one.
    #[error("{}", say!("These people were told something less than {minutes} minutes ago. The next text can go out <t:{at}:R>; a correction can go out at once", at = possible.seconds()))]
    TooSoon {
        /// The smallest distance, in minutes.
        minutes: u64,
        /// When it is possible again.
        possible: UtcMs,
    },
    /// Outsiders would read what they may not.
    #[error(
        "{}", say!("“{what}” is the name of a host, an address or a person, and users and partners would read it. Say what it means for them instead; for the team there is `/log`"))]
    NotForOutsiders {
        /// What stands in the text.
        what: String,
    },
    /// Somebody else must read it first.
    #[error("{}", say!("Somebody else is awake: ask them to press [Approve]. If nobody does, you can send it alone <t:{at}:R>", at = possible.seconds()))]
    NeedsSecondReader {
        /// When the author may send it alone.
        possible: UtcMs,
    },
    /// The incident is young.
    #[error("{}", say!("People who wait for their mail count on these times. They can be told half as often from <t:{at}:t> on, two hours after it began", at = possible.seconds()))]
    TooEarlyToSlow {
        /// From when on it is possible.
        possible: UtcMs,
    },
    /// It was not stored, and the reason is one that a person can do something about.
    #[error("{0}")]
    NotStored(StoreError),
    /// Something that is not the person's business went wrong.
    #[error(
        "{}", say!("Something went wrong on my side, and nothing was recorded. The log has it as {0}; please try once more", _0))]
    Fault(Fault),
}

/// What is said of a request that came once more.
const DONE_ALREADY: &str = to_say!("this was done already");

impl Refusal {
    /// The same request came once more, and was carried out the first time.
    #[must_use]
    pub fn repetition() -> Self {
        Refusal::NothingNew(DONE_ALREADY.to_owned())
    }

    /// Whether it is [`Refusal::repetition`].
    #[must_use]
    pub fn is_repetition(&self) -> bool {
        matches!(self, Refusal::NothingNew(why) if why == DONE_ALREADY)
    }

    /// A name that stays the same, for tests, logs and scripts.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::NoSuchIncident(_) => "no-such-incident",
            Refusal::WhichIncident { .. } => "which-incident",
            Refusal::NothingOpen => "nothing-open",
            Refusal::EmptyText => "empty-text",
            Refusal::TooLong { .. } => "too-long",
            Refusal::Over { .. } => "over",
            Refusal::NotOver(_) => "not-over",
            Refusal::NotProved { .. } => "not-proved",
            Refusal::NothingToProve(_) => "nothing-to-prove",
            Refusal::OnlyTheLead { .. } => "only-the-lead",
            Refusal::AlreadyLed { .. } => "already-led",
            Refusal::NothingNew(_) => "nothing-new",
            Refusal::NoSuchService { .. } => "no-such-service",
            Refusal::WrongTime(_) => "wrong-time",
            Refusal::UnknownGuild => "unknown-guild",
            Refusal::NeedsSecondPerson => "needs-second-person",
            Refusal::OwnProposal => "own-proposal",
            Refusal::ApprovalOver { .. } => "approval-over",
            Refusal::OneAtATime { .. } => "one-at-a-time",
            Refusal::Restricted => "restricted",
            Refusal::ReportsTooOften { .. } => "reports-too-often",
            Refusal::ReportsFlood => "reports-flood",
            Refusal::ReportedAlready { .. } => "reported-already",
            Refusal::TooSoon { .. } => "too-soon",
            Refusal::NotForOutsiders { .. } => "not-for-outsiders",
            Refusal::NeedsSecondReader { .. } => "needs-second-reader",
            Refusal::TooEarlyToSlow { .. } => "too-early-to-slow",
            Refusal::NotStored(_) => "not-stored",
            Refusal::Fault(_) => "fault",
        }
    }
}

impl From<StoreError> for Refusal {
    /// A full disk and the like are told as they are; the rest is a fault.
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full(_) | StoreError::ReadOnly(_) | StoreError::InUse(_) => Refusal::NotStored(error),
            other => Refusal::Fault(Fault::logged(&other)),
        }
    }
}

/// The number under which the log has a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault(pub String);

impl Fault {
    /// Writes the error to the log and gives the number to quote.
    pub fn logged(error: &dyn std::error::Error) -> Self {
        let number = format!("F-{:06x}", RandomState::new().hash_one(0) & 0xff_ffff);
        tracing::error!(fault = %number, %error, "fault");
        Fault(number)
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

fn known_services(known: &[ServiceName]) -> String {
    match known {
        [] => say!("None is configured: add a `[service.<name>]` to watchpost.toml").to_owned(),
        names => {
            let names: Vec<&str> = names.iter().map(ServiceName::as_str).collect();
            say!("I watch: {}", names.join(", "))
        }
    }
}
