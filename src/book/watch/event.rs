//! What can happen to a service and its alarm, and what can be wanted of them.

use serde::{Deserialize, Serialize};

use crate::cause::Cause;
use crate::clock::UtcMs;
use crate::ids::{IncidentId, MessageId, PlaceId, ServiceName};
use crate::incident::LastAssessment;

/// One thing that happened to a service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum WatchEvent {
    /// It is confirmed that a service does not work, or only partly.
    Broke {
        /// When the first failure was seen.
        since: UtcMs,
        /// What was found.
        assessment: LastAssessment,
        /// Causes beside the likely one that do not follow from it.
        #[serde(default)]
        independent: Vec<Cause>,
        /// The alarm that it joins, where it is one with what broke before.
        #[serde(default)]
        joins: Option<u64>,
        /// The window that holds the alarm.
        #[serde(default)]
        held: Option<u64>,
        /// The open incident of this service.
        #[serde(default)]
        incident: Option<IncidentId>,
    },
    /// A second fault, which does not follow from the first.
    Also(Beside),
    /// A service works again.
    Recovered {
        /// Which.
        service: ServiceName,
    },
    /// Nothing can be known of a service from here.
    Blind {
        /// Which.
        service: ServiceName,
    },
    /// It can be seen again.
    Sighted {
        /// Which.
        service: ServiceName,
    },
    /// People report trouble, and the checks find none: it is looked at whole.
    Doubted {
        /// Which service.
        service: ServiceName,
        /// How many people.
        people: u32,
    },
    /// What held an alarm is over, and it is still broken.
    Raised {
        /// Which alarm.
        alarm: u64,
    },
    /// Somebody says that it is no incident.
    Dismissed {
        /// Which alarm.
        alarm: u64,
        /// Why.
        why: String,
    },
    /// Somebody says that it is maintenance: a window holds it from now on.
    Held {
        /// Which alarm.
        alarm: u64,
        /// By which window.
        window: u64,
    },
    /// It became an incident.
    Declared {
        /// Which alarm.
        alarm: u64,
        /// Which incident.
        incident: IncidentId,
    },
    /// The alarm stands in the operations channel.
    Posted(Posted),
    /// Another monitor says that something is wrong, or right again.
    Foreign {
        /// What it says.
        #[serde(flatten)]
        said: Foreign,
        /// The window that holds the alarm.
        #[serde(default)]
        held: Option<u64>,
    },
}

/// What is wanted.
#[derive(Debug, Clone, PartialEq)]
pub enum WatchRequest {
    /// A service broke.
    Broke {
        /// Since when.
        since: UtcMs,
        /// What was found.
        assessment: Box<LastAssessment>,
        /// Causes beside it.
        independent: Vec<Cause>,
        /// The open incident of this service.
        incident: Option<IncidentId>,
    },
    /// A second fault.
    Also(Beside),
    /// A service works again.
    Recovered(ServiceName),
    /// Nothing can be known of it.
    Blind(ServiceName),
    /// It can be seen again.
    Sighted(ServiceName),
    /// People report trouble with it.
    Doubt {
        /// Which service.
        service: ServiceName,
        /// How many people.
        people: u32,
    },
    /// It is no incident.
    Dismiss {
        /// Which alarm.
        alarm: u64,
        /// Why.
        why: String,
    },
    /// It became an incident.
    Declared {
        /// Which alarm.
        alarm: u64,
        /// Which incident.
        incident: IncidentId,
    },
    /// It stands in the operations channel.
    Posted(Posted),
    /// Another monitor speaks.
    Foreign(Foreign),
}

/// A second fault, which does not follow from the first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beside {
    /// Of which service.
    pub service: ServiceName,
    /// What.
    pub cause: Cause,
    /// In words.
    pub summary: String,
}

/// Where an alarm stands in the operations channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posted {
    /// Which alarm.
    pub alarm: u64,
    /// Where.
    pub place: PlaceId,
    /// In which message.
    pub message: MessageId,
}

/// What another monitor says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Foreign {
    /// Of which service.
    pub service: ServiceName,
    /// Which monitor.
    pub source: String,
    /// Names the finding there.
    pub key: String,
    /// What it says.
    pub text: String,
    /// Whether it is wrong now.
    pub firing: bool,
}
