//! What decisions need to know of the configuration, and nothing more: so that they stay pure and quick to test.

mod configured;
mod reach;
mod review;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDate;
use chrono_tz::Tz;

use crate::book::subscription::Subscriptions;
use crate::capability::RoleTable;
use crate::clock::UtcMs;
use crate::config::{self, Approval, FirstText, Hidden, Home, Hours, Needs, Texts, Tone};
use crate::ids::{
    AudienceName, DestinationName, GuildId, PersonId, PlaceId, ResponderName, RoleId, ServiceName,
};
use crate::incident::{self, Capabilities, Severity, Verdict};
use crate::outbox::Place;
use crate::person::Person;
use crate::proof;
use crate::report::Threshold;
use crate::sop::Procedure;
use crate::update::Languages;
use crate::update::language::SHIPPED;
pub use reach::ReachPolicy;
pub use review::ReviewPolicy;

/// All of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Policy {
    /// The servers of the chat that Watchpost works for.
    pub guilds: BTreeMap<GuildId, GuildPolicy>,
    /// The services that are watched.
    pub services: Vec<ServiceName>,
    /// Who is told.
    pub audiences: Vec<Audience>,
    /// How often, by severity.
    pub cadences: BTreeMap<Severity, Cadence>,
    /// The smallest distance between two texts to the same audience; corrections excepted.
    pub distance: Duration,
    /// The procedure that is followed.
    pub procedure: Arc<Procedure>,
    /// Who outside can help.
    pub contacts: Vec<config::Contact>,
    /// The organisation's time zone.
    pub zone: Tz,
    /// The server in which alarms are posted and incidents declared by themselves: the first of the file.
    pub alarm_guild: Option<GuildId>,
    /// An alarm becomes an incident without waiting for a person.
    pub declares: bool,
    /// How many people who report in how short a time propose an incident.
    pub threshold: Threshold,
    /// How often the dead-man's switch is called.
    pub heartbeat: Option<Duration>,
    /// Who is woken, in this order.
    pub responders: Vec<Responder>,
    /// How they are called.
    pub call: Calling,
    /// Where those who work on it are told that the chat itself cannot be reached: routes that need no chat.
    pub elsewhere: Vec<DestinationName>,
    /// Who is who on the host, for `watchpost ctl`.
    pub at_the_host: Vec<AtTheHost>,
    /// Who wants to be told by direct message or in a further channel. Of the book: the desk keeps it here.
    pub subscriptions: Arc<Subscriptions>,
    /// Channels whose posts are published to those who follow them.
    pub announcements: BTreeSet<PlaceId>,
    /// What closing an incident needs.
    pub proof: proof::Rules,
    /// What people can use meanwhile, the likeliest first.
    pub alternatives: Vec<Alternative>,
    /// How many people have mail at each service.
    pub people: BTreeMap<ServiceName, People>,
    /// Names of hosts that outsiders never read.
    pub hosts: Vec<String>,
    /// Reminders, first texts.
    pub timing: Timing,
    /// The texts of updates.
    pub languages: Languages,
    /// What holds for reviews.
    pub review: ReviewPolicy,
    /// What is done for those whom an update cannot be brought to.
    pub reach: ReachPolicy,
}

/// Somebody who is woken.
#[derive(Debug, Clone, PartialEq)]
pub struct Responder {
    /// Who.
    pub person: Person,
    /// When they may be woken.
    pub duty: Vec<Hours>,
    /// How, one after the other.
    pub routes: Vec<RingRoute>,
}

/// One way to wake somebody, under its name in the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RingRoute {
    /// `mention`, `dm`, or the name of a destination.
    pub name: String,
    /// Where it leads.
    pub way: Way,
}

/// Where a ring goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// A mention in the operations channel.
    Mention,
    /// A direct message.
    Direct,
    /// A destination.
    Place {
        /// Where.
        place: Place,
        /// It keeps an alarm of its own, and must be told that somebody answered.
        keeps_alarm: bool,
    },
}

/// How responders are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calling {
    /// From one ring to the next.
    pub wait: Duration,
    /// How often all are rung.
    pub rounds: u32,
    /// The least bad severity that calls by itself.
    pub severity: Severity,
}

impl Default for Calling {
    fn default() -> Self {
        Calling { wait: Duration::from_secs(120), rounds: 3, severity: Severity::Sev2 }
    }
}

/// Somebody who answers for the service, as the host knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtTheHost {
    /// Their name in the configuration.
    pub name: ResponderName,
    /// Who they are in the chat.
    pub person: PersonId,
    /// Their user number.
    pub uid: Option<u32>,
}

/// Something that people can use while mail is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alternative {
    /// What, as updates say it.
    pub text: String,
    /// The day on which its owner said that it works.
    pub confirmed: NaiveDate,
    /// What must work for it.
    pub needs: Vec<Needs>,
    /// Who is told of it; nobody named: everybody.
    pub audiences: Vec<AudienceName>,
}

impl Alternative {
    /// How long the word of its owner holds.
    const HOLDS: chrono::Days = chrono::Days::new(183);

    /// Whether this audience may be told of it now.
    pub fn holds(&self, audience: &Audience, measured: &Capabilities, now: UtcMs) -> bool {
        let green = |needs: &Needs| incident::reach::measured(*needs, measured) == Verdict::Ok;
        let fresh =
            self.confirmed.checked_add_days(Self::HOLDS).is_none_or(|end| now.to_utc().date_naive() <= end);
        let meant = self.audiences.is_empty() || self.audiences.contains(&audience.name);
        meant && fresh && self.needs.iter().all(green)
    }
}

/// How many people have mail somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct People {
    /// How many, where that is configured.
    pub count: Option<u32>,
    /// What they are called.
    pub label: String,
}

/// Reminders, first texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// How long before a text is due its draft is shown.
    pub reminder: Duration,
    /// Who sends the first text.
    pub first_text: FirstText,
}

impl Default for Timing {
    fn default() -> Self {
        Timing { reminder: Duration::from_secs(300), first_text: FirstText::Automatic }
    }
}

/// One server of the chat.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GuildPolicy {
    /// Where alarms and changes of state are posted.
    pub operations: PlaceId,
    /// Where incidents get their home.
    pub incidents: PlaceId,
    /// What that home is.
    pub home: Home,
    /// The role that is pinged when an incident is declared.
    pub ping: Option<RoleId>,
    /// Who may do what.
    pub roles: RoleTable,
}

/// A group of people who are told.
#[derive(Debug, Clone, PartialEq)]
pub struct Audience {
    /// Its name.
    pub name: AudienceName,
    /// Whose words it reads.
    pub texts: Texts,
    /// In which language.
    pub language: String,
    /// How they sound.
    pub tone: Tone,
    /// What they leave out.
    pub hides: Vec<Hidden>,
    /// When posts are silent.
    pub quiet_hours: Vec<Hours>,
    /// Whether a second person looks at what was typed.
    pub approval: Approval,
    /// Where it reads.
    pub destinations: Vec<Target>,
}

impl Audience {
    /// One that reads these words, with everything else as it is without a word in the configuration.
    pub fn new(name: AudienceName, texts: Texts, destinations: Vec<Target>) -> Self {
        Audience {
            name,
            texts,
            destinations,
            language: SHIPPED.to_owned(),
            tone: Tone::Plain,
            hides: Vec::new(),
            quiet_hours: Vec::new(),
            approval: Approval::None,
        }
    }
}

/// One destination of an audience.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its name.
    pub name: DestinationName,
    /// Where it is.
    pub place: Place,
}

/// How often an audience is told at one severity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cadence {
    /// From the declaration to the first word.
    pub first: Duration,
    /// From one word to the next, by audience. An audience that is missing hears only of changes.
    pub each: BTreeMap<AudienceName, Duration>,
}

impl Policy {
    /// The roles of a server; an unknown server grants nothing.
    pub fn roles(&self, guild: GuildId) -> RoleTable {
        self.guilds.get(&guild).map(|guild| guild.roles.clone()).unwrap_or_default()
    }

    /// The channel in which alarms are posted.
    pub fn alarms(&self) -> Option<PlaceId> {
        self.guilds.get(&self.alarm_guild?).map(|guild| guild.operations)
    }

    /// The role that an alarm calls.
    pub fn alarm_role(&self) -> Option<RoleId> {
        self.guilds.get(&self.alarm_guild?)?.ping
    }

    /// The audience of this name.
    pub fn audience(&self, name: &AudienceName) -> Option<&Audience> {
        self.audiences.iter().find(|audience| audience.name == *name)
    }

    /// From one word to the next for this audience; none where it hears only of changes.
    pub fn interval(&self, severity: Severity, audience: &AudienceName) -> Option<Duration> {
        self.cadences.get(&severity)?.each.get(audience).copied()
    }

    /// From the declaration to the first word; none where this audience hears only of changes. What goes outside the
    /// house by itself goes after one interval: a person may send it earlier, and quiet destinations come first.
    pub fn first(&self, severity: Severity, audience: &AudienceName) -> Option<Duration> {
        let cadence = self.cadences.get(&severity)?;
        let each = *cadence.each.get(audience)?;
        let outside = self.audience(audience).is_some_and(|audience| audience.texts == Texts::Partners);
        Some(if outside { each.max(cadence.first) } else { cadence.first })
    }
}
